import assert from "node:assert/strict";
import fc from "fast-check";
import { safeName } from "./safe_name.ts";
import { tempFolder } from "./temp_folder.ts";

Deno.test("safeName() keeps ordinary names and tames the rest", () => {
  const cases = [
    ["clean_2030-v1.0", "clean_2030-v1.0"],
    ["données", "données"],
    ["a b/c\\d", "a_b_c_d"],
    ["../../etc/passwd", ".._.._etc_passwd"],
    ["", "_"],
    [".", "_"],
    ["..", "__"],
    ["name.", "name_"],
    ["CON", "_CON"],
    ["nul.txt", "_nul.txt"],
    ["com10", "com10"],
    ["<script>'\"\n\0", "_script_____"],
  ];
  for (const [name, wanted] of cases) assert.equal(safeName(name!), wanted);
});

Deno.test("safeName() is one segment of at most 100 bytes for any name, and stays as it is when done twice", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (name) => {
    const safe = safeName(name);
    assert.match(safe, /^[\p{L}\p{N}._-]+$/u);
    assert.ok(new TextEncoder().encode(safe).length <= 100);
    assert.ok(!["", ".", ".."].includes(safe) && !safe.endsWith("."));
    assert.equal(safeName(safe), safe);
  }));
});

Deno.test("safeName() keeps long names apart", async () => {
  await using folder = await tempFolder();
  const names = ["a", "b"].map((end) => safeName("é".repeat(500) + end));
  assert.notEqual(names[0], names[1]);
  for (const name of names) await folder.write(name, "");
  assert.equal((await folder.names()).length, 2);
});
