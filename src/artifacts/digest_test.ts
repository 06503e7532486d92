import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { digestFile, digestFiles } from "./digest.ts";
import { DigestMemo, type DigestStore, type FileStat, type StoredDigest } from "./digest_memo.ts";
import { hashSmall } from "./hash_file.ts";
import { tempFolder } from "./temp_folder.ts";

const sha256 = (content: string) => createHash("sha256").update(content).digest("hex");
const OLD = Date.UTC(2020, 0, 1);
/** More than is read at once. */
const LARGE = "x".repeat(100_000);

/** A memo whose files look as the test says, on a clock of its own. */
function rig(options: { store?: DigestStore; capacity?: number } = {}) {
  const state = { now: OLD + 60_000, stat: { mtimeMs: OLD, ctimeMs: OLD, inode: "1" } as Partial<FileStat>, stats: 0 };
  const memo = new DigestMemo({
    ...options,
    clock: () => state.now,
    stat: async (path) => {
      state.stats++;
      const { size, isFile, isDirectory } = await Deno.stat(path);
      return { size, isFile, isDirectory, mtimeMs: OLD, ctimeMs: OLD, inode: "1", ...state.stat };
    },
  });
  return { memo, state };
}

/** A store in memory that counts what is asked of it. */
function memoryStore() {
  const rows = new Map<string, StoredDigest>();
  const asked: string[][] = [];
  const store: DigestStore = {
    get(paths) {
      asked.push(paths);
      return Promise.resolve(new Map(paths.flatMap((path) => rows.has(path) ? [[path, rows.get(path)!]] : [])));
    },
    put: (more) => more.forEach((row) => rows.set(row.path, row)),
  };
  return { store, rows, asked };
}

Deno.test("digestFile() is the file's SHA-256", async () => {
  await using folder = await tempFolder();
  for (const content of ["", "hello", "x".repeat(600_000)]) {
    assert.equal(await digestFile(await folder.write("x", content), new DigestMemo()), sha256(content));
  }
});

Deno.test("digestFile() does not read an unchanged file again", async () => {
  await using folder = await tempFolder();
  const path = await folder.write("x", "one");
  const { memo } = rig();
  assert.equal(await digestFile(path, memo), sha256("one"));
  await Deno.writeTextFile(path, "two"); // the rig says that nothing moved
  assert.equal(await digestFile(path, memo), sha256("one"));
});

for (
  const [label, change] of Object.entries({
    "its modification time moved": { mtimeMs: OLD + 1 },
    "its modification time went back": { mtimeMs: OLD - 5000 },
    "its change time moved": { ctimeMs: OLD + 1000 },
    "it is another file": { inode: "2" },
    "nobody knows which file it is": { inode: null },
  })
) {
  Deno.test(`digestFile() reads a file again when ${label}`, async () => {
    await using folder = await tempFolder();
    const path = await folder.write("x", "one");
    const { memo, state } = rig();
    await digestFile(path, memo);
    await Deno.writeTextFile(path, "two");
    state.stat = { ...state.stat, ...change };
    assert.equal(await digestFile(path, memo), sha256("two"));
  });
}

Deno.test("digestFile() reads a file again when its size changed", async () => {
  await using folder = await tempFolder();
  const { memo } = rig();
  await digestFile(await folder.write("x", "one"), memo);
  assert.equal(await digestFile(await folder.write("x", "longer"), memo), sha256("longer"));
});

for (
  const [label, stat, now] of [
    ["just modified", { mtimeMs: OLD, ctimeMs: OLD - 60_000 }, OLD + 1999],
    ["just changed, with its modification time set back", { mtimeMs: OLD - 60_000, ctimeMs: OLD }, OLD + 1999],
    ["modified in the future of a clock that was set back", { mtimeMs: OLD, ctimeMs: OLD }, OLD - 3_600_000],
    ["of unknown change time", { mtimeMs: OLD - 60_000, ctimeMs: null }, OLD],
  ] as const
) {
  Deno.test(`digestFile() does not remember a file ${label}`, async () => {
    await using folder = await tempFolder();
    const path = await folder.write("x", "one");
    const { store, rows } = memoryStore();
    const { memo, state } = rig({ store });
    Object.assign(state, { stat: { ...stat, inode: "1" }, now });
    await digestFile(path, memo);
    await Deno.writeTextFile(path, "two");
    assert.equal(await digestFile(path, memo), sha256("two"));
    assert.equal(rows.size, 0);
  });
}

Deno.test("digestFile() remembers a file that rested for two seconds", async () => {
  await using folder = await tempFolder();
  const { store, rows } = memoryStore();
  const { memo, state } = rig({ store });
  state.now = OLD + 2000;
  const path = await folder.write("x", LARGE);
  await digestFile(path, memo);
  assert.deepEqual([...rows.values()], [
    { path, size: LARGE.length, mtime_ms: OLD, ctime_ms: OLD, inode: "1", digest: sha256(LARGE), taken_at: new Date(OLD + 2000) },
  ]);
});

Deno.test("digestFile() remembers a small file in memory alone: reading it is quicker than asking the store", async () => {
  await using folder = await tempFolder();
  const { store, rows, asked } = memoryStore();
  const { memo } = rig({ store });
  const path = await folder.write("x", "one");
  assert.equal(await digestFile(path, memo), sha256("one"));
  await Deno.writeTextFile(path, "two");
  assert.equal(await digestFile(path, memo), sha256("one"), "the state is the same, so it is not read again");
  assert.deepEqual([asked, [...rows]], [[], []]);
});

Deno.test("digestFile() notices a same-size edit whose modification time was set back", async () => {
  await using folder = await tempFolder();
  const path = await folder.write("x", "one");
  const memo = new DigestMemo();
  await digestFile(path, memo);
  const { mtime } = await Deno.stat(path);
  await Deno.writeTextFile(path, "two");
  await Deno.utime(path, mtime!, mtime!);
  assert.equal(await digestFile(path, memo), sha256("two"));
});

Deno.test("digestFiles() asks the store once, and a new process reads nothing that it knows", async () => {
  await using folder = await tempFolder();
  const { store, asked } = memoryStore();
  const contents = ["a", "b", "c"].map((name) => name + LARGE);
  const paths = await Promise.all(contents.map((content) => folder.write(content[0]!, content)));
  await digestFiles(paths, rig({ store }).memo);
  for (const path of paths) await Deno.writeTextFile(path, `?${LARGE}`);
  asked.length = 0;
  const { memo } = rig({ store });
  const found = await digestFiles([...paths, paths[0]!], memo);
  assert.deepEqual(found.map(({ digest }) => digest), [...contents, contents[0]!].map(sha256));
  assert.deepEqual(asked.map((each) => each.sort()), [paths]);
  await digestFiles(paths, memo);
  assert.equal(asked.length, 1);
});

Deno.test("digestFile() does not ask the store for a file that is too fresh to be in it, whatever it would say", async () => {
  await using folder = await tempFolder();
  const path = await folder.write("x", LARGE);
  const { store, rows, asked } = memoryStore();
  rows.set(path, { path, size: LARGE.length, mtime_ms: OLD, ctime_ms: OLD, inode: "1", digest: sha256("lie"), taken_at: new Date() });
  const { memo, state } = rig({ store });
  state.now = OLD + 1_999;
  assert.equal(await digestFile(path, memo), sha256(LARGE));
  assert.deepEqual(asked, []);
  state.now = OLD + 2_000;
  assert.equal(await digestFile(path, memo), sha256("lie"), "a settled one is asked for");
});

Deno.test("digestFile() does not believe a store's row for another state", async () => {
  await using folder = await tempFolder();
  const path = await folder.write("x", "one");
  const { store, rows } = memoryStore();
  rows.set(path, { path, size: 3, mtime_ms: OLD, ctime_ms: OLD, inode: "2", digest: sha256("lie"), taken_at: new Date() });
  assert.equal(await digestFile(path, rig({ store }).memo), sha256("one"));
});

Deno.test("digestFile() forgets in memory what was not asked for longest", async () => {
  await using folder = await tempFolder();
  const [a, b, c] = await Promise.all(["a", "b", "c"].map((name) => folder.write(name, name)));
  const { memo } = rig({ capacity: 2 });
  await digestFile(a!, memo);
  await digestFile(b!, memo);
  await digestFile(a!, memo);
  await digestFile(c!, memo);
  for (const path of [a!, b!]) await Deno.writeTextFile(path, "?");
  assert.equal(await digestFile(a!, memo), sha256("a"));
  assert.equal(await digestFile(b!, memo), sha256("?"));
});

Deno.test("digestFile() reads again what changes while it is read, and gives up on what never rests", async () => {
  await using folder = await tempFolder();
  const path = await folder.write("x", "one");
  const restless = new DigestMemo({ stat: unsteady(() => true) });
  await assert.rejects(digestFile(path, restless), { code: "input_unreadable", path, why: /changed each of the 3 times/ });
  const settling = new DigestMemo({ stat: unsteady((time) => time < 3) });
  assert.equal(await digestFile(path, settling), sha256("one"));
});

function unsteady(moves: (time: number) => boolean) {
  let time = 0;
  return async (path: string): Promise<FileStat> => {
    const { size } = await Deno.stat(path);
    if (moves(time)) time++;
    return { size, mtimeMs: OLD + time, ctimeMs: OLD, inode: "1", isFile: true, isDirectory: false };
  };
}

Deno.test("digestFile() names a path that is missing, a folder or no ordinary file", async () => {
  await using folder = await tempFolder();
  const memo = new DigestMemo();
  const none = `${folder.path}/it's "gone"\n<b>`;
  await assert.rejects(digestFile(none, memo), { code: "input_missing", path: none });
  await assert.rejects(digestFile(`${await folder.write("x", "")}/below`, memo), { code: "input_missing" });
  await assert.rejects(digestFile(folder.path, memo), { code: "input_unreadable", why: /folder/ });
  await Deno.symlink(`${folder.path}/nowhere`, `${folder.path}/link`);
  await assert.rejects(digestFile(`${folder.path}/link`, memo), { code: "input_missing" });
  if (Deno.build.os === "linux") await assert.rejects(digestFile("/dev/zero", memo), { code: "input_unreadable", why: /no ordinary file/ });
});

Deno.test("digestFiles() gives the first failure and closes what it opened", async () => {
  await using folder = await tempFolder();
  const paths = await Promise.all(Array.from({ length: 20 }, (_, index) => folder.write(`f${index}`, "x".repeat(300_000))));
  await assert.rejects(digestFiles([...paths, `${folder.path}/none`], new DigestMemo()), { code: "input_missing" });
});

Deno.test("digestFile() counts a link by what it points to", async () => {
  await using folder = await tempFolder();
  const [a, b, link] = [await folder.write("a", "a"), await folder.write("b", "b"), `${folder.path}/link`];
  const memo = new DigestMemo();
  await Deno.symlink(a, link);
  assert.equal(await digestFile(link, memo), sha256("a"));
  await Deno.remove(link);
  await Deno.symlink(b, link);
  assert.equal(await digestFile(link, memo), sha256("b"));
});

Deno.test("digestFile() hashes files of every size around the one up to which they are read at once", async () => {
  await using folder = await tempFolder();
  for (const size of [0, 1, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1]) {
    const content = "x".repeat(size);
    assert.equal(await digestFile(await folder.write(`f${size}`, content), new DigestMemo()), sha256(content), `of ${size} bytes`);
  }
});

Deno.test("hashSmall() reads no more than one byte beyond the size that it is told", async () => {
  await using folder = await tempFolder();
  const path = await folder.write("grown", "abcdef");
  assert.deepEqual(await hashSmall(path, 6), { bytes: 6, hash: sha256("abcdef") });
  assert.deepEqual(await hashSmall(path, 3), { bytes: 4, hash: sha256("abcd") });
  assert.deepEqual(await hashSmall(path, 100), { bytes: 6, hash: sha256("abcdef") });
  await assert.rejects(hashSmall(`${folder.path}/none`, 0), Deno.errors.NotFound);
});
