import assert from "node:assert/strict";
import { join } from "@std/path";
import { LedgerError } from "../errors.ts";
import { failureOf, holderOf, openFailure } from "./failures.ts";
import { type Db, insertRuns, type Ledger, openLedger } from "./mod.ts";
import { program, runRow, said, tempDir } from "./support_test.ts";

const count = async (db: Db): Promise<number> => (await db.all<{ n: number }>("SELECT count(*) AS n FROM run"))[0]!.n;

/** The error of a ledger that cannot be read. */
async function refusal(ledger: Ledger, work: (db: Db) => Promise<unknown> = () => Promise.resolve()): Promise<LedgerError> {
  try {
    await ledger.read(work);
  } catch (error) {
    assert.ok(error instanceof LedgerError, String(error));
    return error;
  } finally {
    await ledger.close();
  }
  throw new Error("The ledger was opened.");
}

Deno.test("a ledger that another process keeps is an error that names its program and PID", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "a.duckdb");
  const child = program(
    `const l = ledger.openLedger(args[0], { stretchMs: 60_000 });
await l.lookUp(async () => { console.log("held"); await Deno.stdin.read(new Uint8Array(1)); }); await l.close();`,
    [path],
  );
  const reader = await said(child, "held");
  const ledger = openLedger(path, { waitMs: 200 });
  const error = await refusal(ledger);
  assert.equal(error.code, "ledger_locked");
  assert.match(error.why, new RegExp(`held by .*deno.* \\(PID ${child.pid}\\), and was not given back within 0\\.\\d s`));
  assert.match(error.fix, new RegExp(`PID ${child.pid}`));
  assert.match(String((error.cause as Error).message), /lock/i);
  await child.stdin.close();
  await reader.cancel();
  await child.stderr.cancel();
  await child.status;
  assert.equal(await ledger.read(count), 0);
  await ledger.close();
});

Deno.test("queued writes are kept while another process has the ledger, and are there afterwards", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "a.duckdb");
  const child = program(
    `const l = ledger.openLedger(args[0], { stretchMs: 60_000 });
await l.lookUp(async () => { console.log("held"); await Deno.stdin.read(new Uint8Array(1)); }); await l.close();`,
    [path],
  );
  const reader = await said(child, "held");
  const ledger = openLedger(path, { waitMs: 100 });
  ledger.later((db) => insertRuns(db, [runRow("patient")]));
  await assert.rejects(ledger.close(), { code: "ledger_locked" });
  await child.stdin.close();
  await reader.cancel();
  await child.stderr.cancel();
  await child.status;
  assert.equal(await ledger.read(count), 1);
  await ledger.close();
});

for (const [what, bytes] of [["garbage", 5_000], ["an empty file", 0]] as const) {
  Deno.test(`${what} in place of a ledger is an error, and the file is left as it is`, async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "a.duckdb");
    const content = crypto.getRandomValues(new Uint8Array(bytes));
    await Deno.writeFile(path, content);
    const error = await refusal(openLedger(path));
    assert.equal(error.code, "ledger_unreadable");
    assert.match(error.why, /not a valid DuckDB database file/);
    assert.ok(error.cause instanceof Error);
    assert.deepEqual(await Deno.readFile(path), content);
  });
}

Deno.test("a ledger that was cut off or damaged is an error, and the file is left as it is", async () => {
  await using dir = await tempDir();
  const whole = await Deno.readFile(new URL("../../tests/fixtures/ledger-v1.duckdb", import.meta.url));
  for (const [name, content] of [["cut", whole.slice(0, 20_000)], ["header", whole.slice(0, 100)], ["rot", rotten(whole)]] as const) {
    const path = join(dir.path, `${name}.duckdb`);
    await Deno.writeFile(path, content);
    const error = await refusal(openLedger(path), (db) => db.all("SELECT * FROM run, deno_run, artifact"));
    assert.equal(error.code, "ledger_unreadable", name);
    assert.deepEqual(await Deno.readFile(path), content);
  }
});

/** The file with every byte behind its headers turned. */
const rotten = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => bytes.map((byte, index) => index < 12_288 ? byte : byte ^ 0x5a);

Deno.test("a ledger of a newer DuckDB is an error that names the cause and the fix", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "newer.duckdb");
  const bytes = await Deno.readFile(new URL("../../tests/fixtures/ledger-v1.duckdb", import.meta.url));
  const header = new DataView(bytes.buffer, 0, 4096);
  assert.equal(header.getBigUint64(0, true), checksum(bytes.subarray(8, 4096)), "the checksum is understood");
  header.setBigUint64(12, 999n, true);
  header.setBigUint64(0, checksum(bytes.subarray(8, 4096)), true);
  await Deno.writeFile(path, bytes);
  const error = await refusal(openLedger(path));
  assert.equal(error.code, "ledger_too_new");
  assert.match(error.why, /newer DuckDB.*version number 999/);
  assert.match(error.fix, /STORAGE_VERSION 'v1\.0\.0'/);
});

/** DuckDB's checksum of a block. */
function checksum(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let sum = 5381n;
  for (let index = 0; index < bytes.length; index += 8) sum ^= BigInt.asUintN(64, view.getBigUint64(index, true) * 0xbf58476d1ce4e5b9n);
  return sum;
}

Deno.test("a folder that cannot be written is an error that says so", async () => {
  await using dir = await tempDir();
  const file = join(dir.path, "file");
  await Deno.writeTextFile(file, "");
  for (const path of [join(file, "a.duckdb"), join(file, "deep", "a.duckdb"), dir.path]) {
    const error = await refusal(openLedger(path));
    assert.equal(error.code, "storage_failed", error.message);
    assert.match(error.why, /cannot be written/);
    assert.ok(error.cause instanceof Error);
  }
});

Deno.test("a read-only file system is an error that says so, for a new ledger and for one that is there", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "disk", "a.duckdb");
  await Deno.mkdir(join(dir.path, "disk"));
  const there = openLedger(path);
  await there.write((db) => insertRuns(db, [runRow("a")]));
  await there.close();
  const disk = join(dir.path, "disk");
  await mount(["--bind", disk, disk], disk, async () => {
    await shell("mount", "-o", "remount,ro,bind", disk);
    assert.equal((await refusal(openLedger(path))).code, "storage_failed");
    assert.equal((await refusal(openLedger(join(disk, "new.duckdb")))).code, "storage_failed");
  });
  assert.equal(await there.read(count), 1);
  await there.close();
});

Deno.test("a full disk is an error that says so, and what was recorded before is whole", async () => {
  await using dir = await tempDir();
  const disk = join(dir.path, "disk");
  await Deno.mkdir(disk);
  await mount(["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], disk, async () => {
    const ledger = openLedger(join(disk, "a.duckdb"));
    await ledger.write((db) => insertRuns(db, [runRow("before")]));
    let written = 0;
    const text = Array.from(crypto.getRandomValues(new Uint8Array(50_000))).join("");
    const failing = async () => {
      for (; written < 100; written++) await ledger.write((db) => insertRuns(db, [runRow(`r${written}`, { meta: { text } })]));
    };
    await assert.rejects(failing(), (error: LedgerError) => {
      assert.equal(error.code, "storage_failed", String(error));
      assert.match(error.why, /disk is full/i);
      assert.ok(error.cause instanceof Error);
      return true;
    });
    assert.ok(written > 0);
    assert.equal(await ledger.read(count), written + 1);
    ledger.later((db) => insertRuns(db, [runRow("queued", { meta: { text } })]));
    await assert.rejects(ledger.flush(), { code: "storage_failed" });
    await shell("mount", "-o", "remount,size=40m", disk);
    await ledger.write((db) => insertRuns(db, [runRow("after")]));
    assert.equal(await ledger.read(count), written + 3);
    await ledger.close();
  });
});

Deno.test("a new ledger on a full disk is an error, and leaves nothing behind", async () => {
  await using dir = await tempDir();
  const disk = join(dir.path, "disk");
  await Deno.mkdir(disk);
  await mount(["-t", "tmpfs", "-o", "size=200k", "tmpfs", disk], disk, async () => {
    const error = await refusal(openLedger(join(disk, "a.duckdb")));
    assert.equal(error.code, "storage_failed", error.message);
    assert.deepEqual([...Deno.readDirSync(disk)], []);
  });
});

/** Does something while a file system is mounted; this needs root, and fails without it. */
async function mount(args: readonly string[], where: string, work: () => Promise<void>): Promise<void> {
  await shell("mount", ...args);
  try {
    await work();
  } finally {
    await shell("umount", where);
  }
}

async function shell(command: string, ...args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

Deno.test("failureOf() knows what DuckDB says on each system", () => {
  const texts = {
    locked: [
      'IO Error: Could not set lock on file "/a": Conflicting lock is held in /usr/bin/python3.11 (PID 42). See also https://…',
      'IO Error: Cannot open file "c:\\a": The process cannot access the file because it is being used by another process.\n\nFile is already open in \nC:\\deno.exe (PID 42)',
    ],
    too_new: ["IO Error: Trying to read a database file with version number 999, but we can only read versions between 64 and 68."],
    full: ['IO Error: Could not write file "/a": No space left on device', "IO Error: There is not enough space on the disk."],
    refused: ['IO Error: Cannot open file "/a": Permission denied', 'IO Error: Cannot open file "/a": Read-only file system'],
    unreadable: ['IO Error: The file "/a" exists, but it is not a valid DuckDB database file!'],
  };
  for (const [kind, examples] of Object.entries(texts)) {
    for (const text of examples) assert.equal(failureOf(new Error(text)), kind, text);
  }
  assert.equal(failureOf(new Error("Binder Error: no such column")), undefined);
  assert.deepEqual(holderOf(texts.locked[0]!), { program: "/usr/bin/python3.11", pid: 42 });
  assert.deepEqual(holderOf(texts.locked[1]!), { program: "C:\\deno.exe", pid: 42 });
  assert.equal(holderOf("nobody"), undefined);
});

Deno.test("messages of each failure are golden", async (t) => {
  const causes = [
    'IO Error: Could not set lock on file "/p/a.duckdb": Conflicting lock is held in /usr/bin/python3.11 (PID 42). See also https://…',
    "IO Error: Trying to read a database file with version number 999, but we can only read versions between 64 and 68.",
    'IO Error: Could not write file "/p/a.duckdb": No space left on device',
    'IO Error: Cannot open file "/p/a.duckdb": Permission denied',
    'IO Error: The file "/p/a.duckdb" exists, but it is not a valid DuckDB database file!',
    "Something unheard of",
  ];
  await t.assertSnapshot(causes.map((text) => openFailure("/p/a.duckdb", new Error(text), 30_000).message));
});
