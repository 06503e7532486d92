/** Tests that change the working directory. All files of a parallel run share it with each other, so that these have a process of their own. */
import assert from "node:assert/strict";
import { fromFileUrl, join } from "@std/path";

const FOLDER = fromFileUrl(new URL("./working_directory/", import.meta.url));
const CONFIG = fromFileUrl(new URL("../deno.json", import.meta.url));

for (const { name } of Deno.readDirSync(FOLDER)) {
  Deno.test(`in a process of its own: ${name}`, async () => {
    const args = ["test", "-A", "--no-check", "--config", CONFIG, `${FOLDER}${name}`];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.equal(code, 0, said);
    assert.match(said, /ok \| [1-9]\d* passed/, said);
  });
}

Deno.test("no other test file changes the working directory", async () => {
  const changing: string[] = [];
  const look = async (folder: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory) await look(path);
      else if (name.endsWith("_test.ts") && /^\s*Deno\.chdir\(/m.test(await Deno.readTextFile(path))) changing.push(path);
    }
  };
  for (const folder of ["src", "tests", "tools"]) await look(fromFileUrl(new URL(`../${folder}`, import.meta.url)));
  assert.deepEqual(changing, []);
});
