import assert from "node:assert/strict";
import { codeIdentity } from "../code.ts";
import { type Files, glanceAt, packageFiles, Project, step, withLib } from "./case_harness_test.ts";

const TOLD: readonly (readonly [name: string, files: Files])[] = [
  ["nothing captured", step("return input.n")],
  ["a number and a text", step("return [threshold, label]", 'const threshold = 0.5, label = "low"')],
  ["a name that is assigned later", step("return count", "let count = 1; count = 2")],
  ["a helper, and one of its own", step("return f(1)", "const f = (x: number) => g(x) + 1; function g(x: number) { return x * 2 }")],
  ["a helper of another file", withLib("export const f = (x: number) => x + 1")],
  ["a number of another file", withLib("export let f = 5; f = 6", "return f")],
  ["a class", step("return new Point(1).x", "class Point { x: number; constructor(x: number) { this.x = x } }")],
  ["the runtime's own functions", step("setTimeout(() => {}, 0); return structuredClone(input)")],
  ["the language's own", step("return [Math.max(1, 2), JSON.stringify(input), new Map()]")],
  ["a class whose name is no text", step("return Odd.n", "class Odd { static n = 1; static get name(): string { throw new Error() } }")],
  ["nothing at all yet", step("return later", "let later: number | undefined")],
];

for (const [name, files] of TOLD) {
  Deno.test(`a glance tells a step with ${name} as a long look does`, async () => {
    await using project = await Project.load(files);
    const glanced = await glanceAt(project.main);
    assert.notEqual(glanced, undefined);
    assert.deepEqual(glanced, await project.identity());
  });
}

const NOT_TOLD: readonly (readonly [name: string, files: Files])[] = [
  ["an object", step("return held.n", "const held = { n: 1 }")],
  ["a list", step("return held[0]", "const held = [1]")],
  ["a module as a whole", withLib("export const f = 1", "return lib", 'import * as lib from "./lib.ts"')],
  ["a module of the runtime's", step("return fs.existsSync", 'import fs from "node:fs"')],
  ["an import() of its own", withLib("export const f = 1", 'return import("./lib.ts")', "")],
  [
    "a package's function",
    {
      "main.ts": step("return f(1)", 'import { f } from "./node_modules/tiny-lib/index.js"'),
      ...packageFiles("tiny-lib", "1.0.0", "export const f = (x) => x + 1"),
    },
  ],
  ["what a helper has captured", step("return f()", "const held = { n: 1 }; const f = () => held.n")],
  ["an instance with private fields", step("return f.total()", "class Sum { #n = 1; total() { return this.#n } } const f = new Sum()")],
];

for (const [name, files] of NOT_TOLD) {
  Deno.test(`a glance is not enough for a step with ${name}`, async () => {
    await using project = await Project.load(files);
    assert.equal(await glanceAt(project.main), undefined);
    assert.equal(typeof (await project.identity()).hash, "string");
  });
}

for (const url of ["ext:core/ops.js", "node:fs", `file://${Deno.cwd()}/src/run/run.ts`, "https://jsr.io/@std/path/1.0.0/mod.ts"]) {
  Deno.test(`a glance does not believe evaluated text that it is ${url.replace(/\/\/.*\/src/, "//src")}`, async () => {
    const made = (n: number) => (0, eval)(`(function setTimeout() { return ${n} })\n//# sourceURL=${url}`) as () => number;
    const original = globalThis.setTimeout;
    const identities = [];
    for (const n of [1, 2]) {
      const own = made(n);
      globalThis.setTimeout = own as unknown as typeof setTimeout; // as a global of the runtime's name
      try {
        assert.equal(await glanceAt(() => own()), undefined);
        assert.equal(await glanceAt(() => setTimeout(() => {}, 0)), undefined);
        identities.push(await codeIdentity(() => own()));
      } finally {
        globalThis.setTimeout = original;
      }
    }
    assert.notEqual(identities[0]!.hash, identities[1]!.hash);
  });
}
