import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { LedgerError } from "../errors.ts";
import { copyFile, publish } from "./publish.ts";
import { tempFolder } from "./temp_folder.ts";

const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");

Deno.test("publish() writes, hashes and counts, and leaves nothing else", async () => {
  await using folder = await tempFolder();
  const target = `${folder.path}/a/b/x.txt`;
  assert.deepEqual(await publish(target, (path) => Deno.writeTextFile(path, "hello")), { bytes: 5, hash: sha256("hello") });
  assert.deepEqual((await Array.fromAsync(Deno.readDir(`${folder.path}/a/b`))).map(({ name }) => name), ["x.txt"]);
});

Deno.test("publish() hashes content that is read at once, and that is longer than a piece", async () => {
  await using folder = await tempFolder();
  for (const length of [0, 1, 65_535, 65_536, 65_537, 262_143, 262_144, 262_145, 1_000_000]) {
    const content = new Uint8Array(length).map((_, index) => index % 251);
    assert.deepEqual(await publish(`${folder.path}/x`, (path) => Deno.writeFile(path, content)), { bytes: length, hash: sha256(content) });
  }
});

Deno.test("publish() shows the old file until the new one is whole", async () => {
  await using folder = await tempFolder();
  const target = await folder.write("x.txt", "old");
  await publish(target, async (path) => {
    assert.notEqual(path, target);
    await Deno.writeTextFile(path, "new");
    assert.equal(await Deno.readTextFile(target), "old");
  });
  assert.equal(await Deno.readTextFile(target), "new");
});

Deno.test("publish() keeps the old file and removes the half-written one when writing fails", async () => {
  await using folder = await tempFolder();
  const target = await folder.write("x.txt", "old");
  const failing = publish(target, async (path) => {
    await Deno.writeTextFile(path, "half");
    throw new RangeError("too odd");
  });
  await assert.rejects(failing, new RangeError("too odd"));
  assert.deepEqual(await folder.names(), ["x.txt"]);
  assert.equal(await Deno.readTextFile(target), "old");
});

Deno.test("publish() works under names that are hostile or as long as a name can be", async () => {
  await using folder = await tempFolder();
  const names = ["a'b\"; rm -rf", "new\nline", "%2e%2e", "x".repeat(255), "é".repeat(127), "<b>"];
  for (const name of names) await publish(`${folder.path}/${name}`, (path) => Deno.writeTextFile(path, name));
  assert.deepEqual(await folder.names(), names.toSorted());
});

Deno.test("publish() lets many writers of one file each win whole", async () => {
  await using folder = await tempFolder();
  const texts = Array.from({ length: 12 }, (_, index) => String(index).repeat(50_000));
  await Promise.all(texts.map((text) => publish(`${folder.path}/x`, (path) => Deno.writeTextFile(path, text))));
  assert.ok(texts.includes(await Deno.readTextFile(`${folder.path}/x`)));
  assert.deepEqual(await folder.names(), ["x"]);
});

for (
  const [label, cause, why] of [
    ["a full disk", Object.assign(new Error("write failed"), { code: "ENOSPC" }), "The disk is full."],
    ["a full disk in a library's words", new Error("parquet: No space left on device (os error 28)"), "The disk is full."],
    ["a read-only disk", Object.assign(new Error("x"), { code: "EROFS" }), "The file system is read-only."],
    ["a closed folder", new Deno.errors.PermissionDenied("Permission denied (os error 13)"), "Writing there is not permitted."],
    ["a program without the right", new Deno.errors.NotCapable("Requires write access"), "This program may not write there."],
  ] as const
) {
  Deno.test(`publish() calls ${label} storage_failed`, async () => {
    await using folder = await tempFolder();
    const failing = publish(`${folder.path}/x`, async (path) => {
      await Deno.writeTextFile(path, "half");
      throw cause;
    });
    await assert.rejects(failing, (error: unknown) => {
      assert.ok(error instanceof LedgerError);
      assert.deepEqual([error.code, error.why, error.cause, error.path], ["storage_failed", why, cause, `${folder.path}/x`]);
      return true;
    });
    assert.deepEqual(await folder.names(), []);
  });
}

Deno.test("publish() calls a target that is a folder, or lies below a file, storage_failed", async () => {
  await using folder = await tempFolder();
  await folder.write("dir/y", "");
  const write = (path: string) => Deno.writeTextFile(path, "x");
  await assert.rejects(publish(`${folder.path}/dir`, write), { code: "storage_failed" });
  await assert.rejects(publish(`${folder.path}/dir/y/z`, write), { code: "storage_failed" });
  assert.deepEqual(await folder.names(), ["dir"]);
});

Deno.test("publish() calls a writer that wrote nothing storage_failed", async () => {
  await using folder = await tempFolder();
  await assert.rejects(publish(`${folder.path}/x`, () => {}), { code: "storage_failed" });
});

Deno.test("copyFile() makes a file of its own that can be written to", async () => {
  await using folder = await tempFolder();
  const from = await folder.write("from", "content");
  await Deno.chmod(from, 0o444);
  const to = `${folder.path}/sub/to`;
  assert.deepEqual(await copyFile(from, to), { bytes: 7, hash: sha256("content") });
  assert.notEqual((await Deno.stat(to)).ino, (await Deno.stat(from)).ino);
  await Deno.writeTextFile(to, "other");
  assert.equal(await Deno.readTextFile(from), "content");
  assert.notEqual(((await Deno.stat(to)).mode ?? 0) & 0o200, 0);
});

Deno.test("copyFile() copies what a link points to and replaces a link without touching its target", async () => {
  await using folder = await tempFolder();
  const target = await folder.write("target", "precious");
  await Deno.symlink(target, `${folder.path}/link`);
  await copyFile(`${folder.path}/link`, `${folder.path}/copy`);
  assert.ok((await Deno.lstat(`${folder.path}/copy`)).isFile);
  await copyFile(await folder.write("other", "other"), `${folder.path}/link`);
  assert.equal(await Deno.readTextFile(target), "precious");
});

Deno.test("copyFile() of a missing file fails and leaves nothing", async () => {
  await using folder = await tempFolder();
  await assert.rejects(copyFile(`${folder.path}/none`, `${folder.path}/to`), Deno.errors.NotFound);
  assert.deepEqual(await folder.names(), []);
});
