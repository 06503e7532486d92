import assert from "node:assert/strict";
import { toFileUrl } from "@std/path";
import { flagsIn, namesConfig } from "./own_flags.ts";

const main = toFileUrl("/study/main.ts").href;

Deno.test("flagsIn() keeps what modules resolve by, and nothing of the program's own arguments", () => {
  const words = [
    "deno",
    "run",
    "-A",
    "--config",
    "/study/other.json",
    "--v8-flags=--max-old-space-size=900",
    "--watch",
    "/study/main.ts",
    "--config",
    "mine",
  ];
  assert.deepEqual(flagsIn(words, main), ["--config", "/study/other.json", "--v8-flags=--max-old-space-size=900"]);
  assert.deepEqual(flagsIn(["deno", "run", "--config=a.json", "--no-lock", main, "--no-remote"], main), ["--config=a.json", "--no-lock"]);
  assert.deepEqual(flagsIn(["deno", "test", "-c", "b.json", "tests"], main), ["-c", "b.json"]);
  assert.deepEqual(flagsIn(["deno", "run", "--", "--config", "x"], main), []);
  assert.deepEqual(flagsIn(["deno", "jupyter", "--kernel", "--conn", "file.json"], main), []);
});

Deno.test("namesConfig() knows each spelling", () => {
  assert.deepEqual([["--config", "a"], ["--config=a"], ["-c", "a"], ["--no-config"], ["--no-lock"]].map(namesConfig), [
    true,
    true,
    true,
    true,
    false,
  ]);
});
