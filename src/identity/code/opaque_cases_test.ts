import { type IdentityCase, pair, step, testCases, withLib } from "./case_harness_test.ts";

testCases([
  [
    "built-ins by name",
    "same",
    step("return [Math.max(1), fetch, Deno.cwd, console, JSON, structuredClone, setTimeout, new Map()]"),
    step("return [Math.max(1), fetch, Deno.cwd, console, JSON, structuredClone, setTimeout, new Map()]"),
  ],
  ["eval", "same", step('return eval("1")'), step('return eval("1")'), "eval"],
  ["new Function", "same", step('return new Function("return 1")()'), step('return new Function("return 1")()'), "new Function"],
  ["import() of a computed name", "same", step("return import(String(input))"), step("return import(String(input))"), "computed"],
  ["Proxy", "same", step("return P", "const P = new Proxy({}, {})"), step("return P", "const P = new Proxy({}, {})"), "Proxy"],
  [
    "Promise, WeakMap",
    "same",
    step("return [P, W]", "const P = Promise.resolve(1), W = new WeakMap()"),
    step("return [P, W]", "const P = Promise.resolve(1), W = new WeakMap()"),
    "Promise",
  ],
  [
    "native object",
    "same",
    step("return P", "const P = new AbortController()"),
    step("return P", "const P = new AbortController()"),
    "native",
  ],
  ...pair("function made by new Function", (x) => `const h = new Function("return ${x}") as () => number;`, "return h()"),
  ["array iterator", "same", step("return K", "const K = [1].values()"), step("return K", "const K = [1].values()"), "iterator"],
  [
    "a long list is reported, not crashed on",
    "different",
    step("return K", "let K: any = null; for (let i = 0; i < 1e5; i++) K = { K };"),
    step("return K", "let K: any = null; for (let i = 0; i < 1e5; i++) K = { K };"),
    "deeply",
  ],
  [
    "WebAssembly export",
    "same",
    step(
      "return f()",
      "const f = (await WebAssembly.instantiate(new Uint8Array([0,97,115,109,1,0,0,0,1,5,1,96,0,1,127,3,2,1,0,7,5,1,1,102,0,0,10,6,1,4,0,65,1,11]))).instance.exports.f as any",
    ),
    step(
      "return f()",
      "const f = (await WebAssembly.instantiate(new Uint8Array([0,97,115,109,1,0,0,0,1,5,1,96,0,1,127,3,2,1,0,7,5,1,1,102,0,0,10,6,1,4,0,65,1,11]))).instance.exports.f as any",
    ),
    "native code",
  ],
  [
    "namespace that exports itself",
    "different",
    withLib('import * as self from "./lib.ts"; export { self }; export const f = 1', "return m", 'import * as m from "./lib.ts"'),
    withLib('import * as self from "./lib.ts"; export { self }; export const f = 2', "return m", 'import * as m from "./lib.ts"'),
  ],
  [
    "an object that says what it is",
    "same",
    step("return K", 'class T { n = 1; [Symbol.for("consist.identity")]() { return "tracker" } } const K = new T();'),
    step("return K", 'class T { n = 2; [Symbol.for("consist.identity")]() { return "tracker" } } const K = new T();'),
  ],
  ["import.meta", "same", step("return import.meta.url"), step("return import.meta.url"), "import.meta"],
  ...pair("what the user put on a class of the language", (x) => `(Array as any).most = ${x};`, "return (Array as any).most"),
  ["eval by another way", "same", step('return (0, eval)("1")'), step('return (0, eval)("1")'), "eval"],
  [
    "require() in the step",
    "same",
    step('return require("./x.cjs")', 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'),
    step('return require("./x.cjs")', 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'),
    "require",
  ],
  ["a Worker", "same", step('return new Worker("x")'), step('return new Worker("x")'), "Worker"],
  ...["import(name)", 'createRequire("x")', 'new Worker("x")'].map((d): IdentityCase => {
    const files = { "main.ts": step('return import("./d.ts")'), "d.ts": `export const f = (name: any) => ${d};` };
    return [`${d} behind import()`, "same", files, files, "computed name, or in a worker"];
  }),
  ...pair(
    "built-in replaced by the user",
    (x) => `Math.max = ((o) => (...a: number[]) => o(...a) + ${x})(Math.min);`,
    "return Math.max(1)",
  ),
]);
