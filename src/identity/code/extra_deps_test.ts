import assert from "node:assert/strict";
import { join } from "@std/path";
import { codeIdentity } from "../code.ts";

Deno.test("codeIdentity() counts extraDeps by content: files, folders, and what is missing", async () => {
  const baseDir = await Deno.makeTempDir();
  try {
    const step = () => 1;
    const hash = async (...extraDeps: string[]) => (await codeIdentity(step, { mode: "source", extraDeps, baseDir })).hash;
    const seen = [await hash(), await hash("dep.txt")];
    const write = (path: string, text: string) => Deno.writeTextFile(join(baseDir, path), text);
    await write("dep.txt", "a");
    seen.push(await hash("dep.txt"));
    await write("dep.txt", "b");
    seen.push(await hash("dep.txt"));
    await Deno.mkdir(join(baseDir, "folder/sub"), { recursive: true });
    await write("folder/a", "bc");
    seen.push(await hash("folder"));
    await write("folder/sub/.hidden", "");
    seen.push(await hash("folder"), await hash("folder", "dep.txt"));
    await Deno.rename(join(baseDir, "folder/a"), join(baseDir, "folder/b"));
    seen.push(await hash("folder"));
    assert.equal(new Set(seen).size, seen.length);
    assert.equal(await hash("dep.txt", "folder"), await hash("folder", "dep.txt", "folder"));
    const { parts } = await codeIdentity(step, { mode: "source", extraDeps: ["gone/../x", "dep.txt"], baseDir });
    assert.deepEqual(parts.slice(1).map(({ kind, name, hash }) => [kind, name, hash === "MISSING"]), [["file", "dep.txt", false], [
      "file",
      "gone/../x",
      true,
    ]]);
  } finally {
    await Deno.remove(baseDir, { recursive: true });
  }
});

Deno.test("codeIdentity() counts what links in a folder of extraDeps lead to", async () => {
  const baseDir = await Deno.makeTempDir();
  try {
    const hash = async () => (await codeIdentity(() => 1, { mode: "source", extraDeps: ["lib"], baseDir })).hash;
    await Deno.mkdir(join(baseDir, "lib"));
    await Deno.mkdir(join(baseDir, "shared"));
    await Deno.writeTextFile(join(baseDir, "shared/a.txt"), "1");
    await Deno.symlink("../shared/a.txt", join(baseDir, "lib/a.txt"));
    await Deno.symlink("../shared", join(baseDir, "lib/shared"));
    await Deno.symlink("..", join(baseDir, "lib/around"));
    await Deno.symlink("nowhere", join(baseDir, "lib/broken"));
    const before = await hash();
    assert.equal(await hash(), before);
    await Deno.writeTextFile(join(baseDir, "shared/a.txt"), "2");
    assert.notEqual(await hash(), before);
  } finally {
    await Deno.remove(baseDir, { recursive: true });
  }
});

Deno.test("codeIdentity() gives no hash to a native function because of its extraDeps", async () => {
  assert.equal((await codeIdentity(Math.max, { mode: "source", extraDeps: ["x"], baseDir: "/" })).hash, null);
});

Deno.test("codeIdentity() counts empty folders and patterns of extraDeps, and does not wait for pipes", async () => {
  const baseDir = await Deno.makeTempDir();
  try {
    const hash = async (...extraDeps: string[]) => (await codeIdentity(() => 1, { mode: "source", extraDeps, baseDir })).hash;
    const write = (path: string, text: string) => Deno.writeTextFile(join(baseDir, path), text);
    await Deno.mkdir(join(baseDir, "lib"));
    await write("lib/a.py", "1");
    const [folder, pattern, none] = [await hash("lib"), await hash("lib/*.py"), await hash("lib/*.r")];
    await Deno.mkdir(join(baseDir, "lib/empty/deep"), { recursive: true });
    assert.notEqual(await hash("lib"), folder);
    assert.equal(await hash("lib/*.py"), pattern);
    await Deno.remove(join(baseDir, "lib/empty"), { recursive: true });
    assert.equal(await hash("lib"), folder);
    await write("lib/b.py", "1");
    const two = await hash("lib/*.py");
    await write("lib/b.py", "2");
    assert.equal(new Set([pattern, two, await hash("lib/*.py")]).size, 3);
    assert.equal(await hash("lib/*.r"), none);
    if (Deno.build.os === "windows") return;
    await new Deno.Command("mkfifo", { args: [join(baseDir, "lib/pipe")] }).output();
    assert.notEqual(await hash("lib"), folder);
  } finally {
    await Deno.remove(baseDir, { recursive: true });
  }
});

Deno.test("codeIdentity() refuses a folder of extraDeps with a name that is not UTF-8", { ignore: Deno.build.os !== "linux" }, async () => {
  const baseDir = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(baseDir, "lib"));
    await new Deno.Command("sh", { args: ["-c", "printf 1 > lib/$(printf 'caf\\351')"], cwd: baseDir }).output();
    const identity = codeIdentity(() => 1, { mode: "source", extraDeps: ["lib"], baseDir });
    await assert.rejects(identity, { code: "input_unreadable", why: /not UTF-8/ });
  } finally {
    await Deno.remove(baseDir, { recursive: true });
  }
});
