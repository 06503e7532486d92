import assert from "node:assert/strict";
import { capturedSince, snapshotFolder } from "./capture.ts";
import { tempFolder } from "./temp_folder.ts";

Deno.test("capturedSince() finds new and changed files by the stem of their names, sorted", async () => {
  await using folder = await tempFolder();
  await folder.write("old.csv", "1");
  await folder.write("same.csv", "1");
  const before = await snapshotFolder(folder.path);
  await folder.write("old.csv", "longer");
  await folder.write("new.tar.gz", "");
  await folder.write(".env", "");
  await folder.write("sub/deep.csv", "");
  assert.deepEqual(await capturedSince(before), [
    { key: ".env", path: `${folder.path}/.env` },
    { key: "new.tar", path: `${folder.path}/new.tar.gz` },
    { key: "old", path: `${folder.path}/old.csv` },
  ]);
});

Deno.test("capturedSince() notices a same-size edit that left every time stamp as it was", async () => {
  await using folder = await tempFolder();
  const path = await folder.write("x.csv", "one");
  const { mtime } = await Deno.stat(path);
  const before = await snapshotFolder(folder.path);
  await Deno.writeTextFile(path, "two");
  await Deno.utime(path, mtime!, mtime!);
  assert.deepEqual(await capturedSince(before), [{ key: "x", path }]);
});

Deno.test("capturedSince() takes what matches the pattern, below too where it is asked to", async () => {
  await using folder = await tempFolder();
  const keys = async (options: { pattern?: string; recursive?: boolean }) => {
    const before = { dir: folder.path, files: new Map() };
    return (await capturedSince(before, options)).map(({ key }) => key);
  };
  for (const name of ["a.csv", "b.txt", "sub/c.csv", "sub/deep/it's\n.csv"]) await folder.write(name, "");
  assert.deepEqual(await keys({ pattern: "*.csv" }), ["a"]);
  assert.deepEqual(await keys({ pattern: "*.csv", recursive: true }), ["a", "c", "it's\n"]);
  assert.deepEqual(await keys({ pattern: "sub/*.csv" }), ["c"]);
  assert.deepEqual(await keys({ pattern: "*.{csv,txt}" }), ["a", "b"]);
});

Deno.test("capturedSince() refuses two files with one key and names them", async () => {
  await using folder = await tempFolder();
  const before = await snapshotFolder(folder.path);
  const [csv, txt] = [await folder.write("a.csv", ""), await folder.write("a.txt", "")];
  await assert.rejects(capturedSince(before), (error: unknown) => {
    assert.equal((error as { code: string }).code, "output_mismatch");
    assert.ok(String(error).includes(csv) && String(error).includes(txt));
    return true;
  });
});

Deno.test("snapshotFolder() makes a missing folder, which yields nothing", async () => {
  await using folder = await tempFolder();
  const before = await snapshotFolder(`${folder.path}/not/yet`);
  assert.deepEqual(await capturedSince(before), []);
  await assert.rejects(snapshotFolder(`${await folder.write("file", "")}/below`), { code: "storage_failed" });
});

Deno.test("capturedSince() passes over files that are gone and links to nothing", async () => {
  await using folder = await tempFolder();
  const gone = await folder.write("gone.csv", "");
  const before = await snapshotFolder(folder.path);
  await Deno.remove(gone);
  await Deno.symlink("nowhere", `${folder.path}/link.csv`);
  assert.deepEqual(await capturedSince(before), []);
});
