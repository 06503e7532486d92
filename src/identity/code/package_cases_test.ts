import assert from "node:assert/strict";
import { type IdentityCase, packageFiles, pair, Project, step, testCases } from "./case_harness_test.ts";

/** A step that uses a package of node_modules, in some version. */
const withPackage = (version: string, index: string, body: string, head: string, file = "index.js") => ({
  "main.ts": step(body, head),
  ...packageFiles("pack", version, index, file),
});
const usePack = 'import pack from "./node_modules/pack/index.js";';
const ms = (version: string) => withPackage(version, "export default (text) => parseInt(text) * 864e5", 'return pack("1d")', usePack);
/** A CommonJS package whose exports object has functions that hold state. */
const FLOW = `
let calls = 0;
exports.uniqueId = () => ++calls;
exports.map = (list, fn) => list.map(fn);
exports.identity = (x) => x;
exports.flow = (fns) => (x) => fns.reduce((value, fn) => fn(value), x);
`;
const useFlow = 'import _ from "./node_modules/pack/index.cjs";';
const flow = (body: string, head: string, version = "4.17.21") => withPackage(version, FLOW, body, `${useFlow} ${head}`, "index.cjs");
/** A package that needs another one, which its own version does not say. */
const needing = (version: string, more: object = {}) => ({
  "main.ts": step("return pack(1)", usePack),
  "node_modules/pack/package.json": JSON.stringify({
    name: "pack",
    version: "1.0.0",
    main: "index.js",
    dependencies: { inner: "^1.0.0", none: "*" },
  }),
  "node_modules/pack/index.js": 'import { f } from "../inner/index.js"; export default (x) => f(x)',
  "node_modules/inner/package.json": JSON.stringify({
    name: "inner",
    version: "1.0.0",
    exports: { ".": { import: "./index.js" } },
    dependencies: { deep: "1" },
  }),
  "node_modules/inner/index.js": "export const f = (x) => x",
  "node_modules/deep/package.json": JSON.stringify({ name: "deep", version, dependencies: { pack: "1" }, ...more }),
});
const lookalike = (path: string, value: number) => ({
  "main.ts": step("return f()", `import { f } from "./${path}"`),
  [path]: `export const f = () => ${value}`,
});
const passedOn = (value: number) => ({
  ...withPackage("1.0.0", "export const f = () => 1", "return m", 'import * as m from "./lib.ts"'),
  "lib.ts": `export { f } from "./node_modules/pack/index.js"; export const k = ${value}`,
});

testCases([
  ["package version", "different", ms("2.1.3"), ms("2.1.2")],
  ["version of a package that a package needs", "different", needing("1.0.0"), needing("1.0.1")],
  ["version of a package that a package needs: again", "same", needing("1.0.0"), needing("1.0.0")],
  ["version of what a package needs on one system only", "same", needing("1.0.0", { os: ["linux"] }), needing("1.0.1", { os: ["linux"] })],
  ...[[1, 2, "different"], [1, 1, "same"]].map(([before, after, expected]) => {
    const clone = "export const clone = (k) => { const f = () => f.k; f.k = k; return f }";
    const cloned = (k: number) =>
      withPackage("1.0.0", clone, "return f()", `import { clone } from "./node_modules/pack/index.js"; const f = clone(${k});`);
    const name = `a setting on a function that a package made: ${expected}`;
    return [name, expected, cloned(before as number), cloned(after as number)] as IdentityCase;
  }),
  ["package: again", "same", ms("2.1.3"), ms("2.1.3")],
  [
    "user function inside a package's closure: changed",
    "different",
    flow("return h(1)", "const h = _.flow([(v: number) => v + 1]);"),
    flow("return h(1)", "const h = _.flow([(v: number) => v + 2]);"),
  ],
  [
    "user function inside a package's closure: loaded again",
    "same",
    flow("return h(1)", "const h = _.flow([(v: number) => v + 1]);"),
    flow("return h(1)", "const h = _.flow([(v: number) => v + 1]);"),
  ],
  [
    "CommonJS package as a whole, used in between",
    "same",
    flow("return _.map([1], _.identity)", ""),
    flow("return _.map([1], _.identity)", "_.uniqueId(); _.map([1], String);"),
  ],
  ["CommonJS package as a whole, another version", "different", flow("return _", ""), flow("return _", "", "4.17.20")],
  [
    "a folder that only looks like a package is the user's",
    "different",
    lookalike("npm/host/pack/1.0.0/f.ts", 1),
    lookalike("npm/host/pack/1.0.0/f.ts", 2),
  ],
  [
    "a folder in node_modules without package.json is the user's",
    "different",
    lookalike("node_modules/mine/f.ts", 1),
    lookalike("node_modules/mine/f.ts", 2),
  ],
  ["a local module that passes a package on and adds to it, used as a whole", "different", passedOn(1), passedOn(2)],
  ...pair(
    "zod schema's content",
    (x) => `import { z } from "npm:zod@4.6.7"; const S = z.object({ a: z.number().min(${x}) });`,
    "return S.parse(input)",
  ),
  ...pair(
    "user function inside a zod schema",
    (x) => `import { z } from "npm:zod@4.6.7"; const S = z.string().refine((v) => v.length > ${x});`,
    "return S.parse(input)",
  ),
  ...pair("polars DataFrame", (x) => `import pl from "npm:nodejs-polars@0.25.2"; const df = pl.DataFrame({ a: [${x}] });`, "return df"),
  ...pair("polars expression", (x) => `import pl from "npm:nodejs-polars@0.25.2"; const e = pl.col("a").gt(${x});`, "return e"),
  ...pair(
    "polars LazyFrame",
    (x) => `import pl from "npm:nodejs-polars@0.25.2"; const e = pl.DataFrame({ a: [${x}] }).lazy();`,
    "return e",
  ),
  [
    "polars used",
    "same",
    step('return pl.col("a").sum()', 'import pl from "npm:nodejs-polars@0.25.2"'),
    step('return pl.col("a").sum()', 'import pl from "npm:nodejs-polars@0.25.2"; pl.col("b");'),
  ],
]);

Deno.test("codeIdentity() of a package goes by what its own copy needs, also while another copy of its version is loaded", async () => {
  await using one = await Project.load(needing("1.0.0"));
  const { hash } = await one.identity();
  await using other = await Project.load(needing("1.0.1"));
  assert.notEqual((await other.identity()).hash, hash);
  assert.equal((await one.identity()).hash, hash);
});
