import assert from "node:assert/strict";
import { basename, join } from "@std/path";
import { findProgram, interpretersOf } from "./find_program.ts";

const isWindows = Deno.build.os === "windows";

async function folder(files: Record<string, { text: string; mode?: number }>): Promise<string> {
  const dir = await Deno.makeTempDir();
  for (const [name, { text, mode = 0o755 }] of Object.entries(files)) await Deno.writeTextFile(join(dir, name), text, { mode });
  return dir;
}

Deno.test("findProgram() takes the first folder of the search path that has it", { ignore: isWindows }, async () => {
  const [one, two] = [await folder({ other: { text: "" } }), await folder({ tool: { text: "2" } })];
  const three = await folder({ tool: { text: "3" } });
  assert.equal(await findProgram("tool", { cwd: one, path: `${one}/none::${one}:${two}:${three}` }), join(two, "tool"));
  assert.equal(await findProgram("tool", { cwd: one, path: "" }), undefined);
});

Deno.test("findProgram() takes a name with a slash from the folder that the program runs in", { ignore: isWindows }, async () => {
  const dir = await folder({ tool: { text: "" } });
  assert.equal(await findProgram("./tool", { cwd: dir, path: "" }), join(dir, "tool"));
  assert.equal(await findProgram("./tool", { cwd: `${dir}/..`, path: dir }), undefined);
});

Deno.test("findProgram() passes over what cannot be executed, and refuses hostile names", { ignore: isWindows }, async () => {
  const dir = await folder({ text: { text: "", mode: 0o644 } });
  for (const name of ["text", "", "a\0b", "."]) assert.equal(await findProgram(name, { cwd: dir, path: dir }), undefined);
});

Deno.test("interpretersOf() names what runs a script", { ignore: isWindows }, async () => {
  const dir = await folder({
    shell: { text: "#!/bin/sh\necho" },
    env: { text: "#!/usr/bin/env -S A=1 sh -e\n" },
    binary: { text: "\x7fELF" },
    empty: { text: "" },
  });
  const names = async (name: string) =>
    (await interpretersOf(join(dir, name), { cwd: dir, path: "/bin:/usr/bin" })).map((path) => basename(path));
  assert.deepEqual([await names("shell"), await names("env"), await names("binary"), await names("empty")], [
    ["sh"],
    ["env", "sh"],
    [],
    [],
  ]);
});
