/** The guide as programs: each runs by itself, in a folder of its own, and says ok. */
import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";

const config = fromFileUrl(new URL("../deno.json", import.meta.url));
const programs = [...Deno.readDirSync(new URL("./guide/", import.meta.url))].map((entry) => entry.name).filter((name) =>
  name.endsWith(".ts")
).sort();

for (const program of programs) {
  Deno.test(`guide program ${program} prints ok`, async () => {
    const path = fromFileUrl(new URL(`./guide/${program}`, import.meta.url));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--config", config, path],
      stdin: "null",
    }).output();
    const [printed, complaints] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.equal(code, 0, complaints);
    assert.equal(printed!.trimEnd().split("\n").at(-1), `ok ${program.replace(/\.ts$/, "")}`);
  });
}

Deno.test("the guide has programs", () => assert.ok(programs.length >= 5, programs.join()));
