import assert from "node:assert/strict";
import { join } from "@std/path";
import { removeEmptySteps, removeRunFolder } from "./run_folders.ts";

Deno.test("removeEmptySteps() removes folders of steps in which nothing is left, and no other folder, link or file", async () => {
  const dir = await Deno.makeTempDir({ prefix: "consist_folders_" });
  try {
    const at = (...names: string[]) => join(dir, "outputs", ...names);
    for (const folder of [["done", "a"], ["left", "a"], ["left", "b"]]) await Deno.mkdir(at(...folder), { recursive: true });
    await Deno.mkdir(join(dir, "elsewhere"));
    await Deno.symlink(join(dir, "elsewhere"), at("link"));
    await Deno.writeTextFile(at("file"), "mine");
    for (const folder of ["done/a", "left/a", "link/a", "file/a"]) removeRunFolder(dir, folder);
    assert.deepEqual([...Deno.readDirSync(at())].map(({ name }) => name).sort(), ["done", "file", "left", "link"]);
    removeEmptySteps(dir, ["done/a", "done/z", "left/a", "link/a", "file/a", "gone/a"]);
    assert.deepEqual([...Deno.readDirSync(at())].map(({ name }) => name).sort(), ["file", "left", "link"]);
    assert.deepEqual([...Deno.readDirSync(at("left"))].map(({ name }) => name), ["b"]);
    removeEmptySteps(join(dir, "nothing"), ["a/b"]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
