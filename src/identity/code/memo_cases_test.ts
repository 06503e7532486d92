import assert from "node:assert/strict";
import { codeIdentity } from "../code.ts";
import { Project, testBetween } from "./case_harness_test.ts";
import { STEP } from "./functions.ts";

testBetween("let of the module", "different", "let k = 1; export const main = () => k; export const go = () => { k = 2 }", "go");
testBetween(
  "let of a closure",
  "different",
  "function mk() { let k = 1; return [() => k, () => { k++ }] } export const [main, go] = mk();",
  "go",
);
testBetween(
  "let two helpers deep",
  "different",
  "let k = 1; const g = () => k, h = () => g(); export const main = () => h(); export const go = () => { k = 2 }",
  "go",
);
testBetween(
  "content of an object",
  "different",
  "const k = { a: [1] }; export const main = () => k; export const go = () => { k.a.push(2) }",
  "go",
);
testBetween(
  "property of an imported object",
  "different",
  'const k = new Map(); export const main = () => k; export const go = () => k.set("a", 1)',
  "go",
);
testBetween(
  "helper replaced",
  "different",
  "let h = () => 1; export const main = () => h(); export const go = () => { h = () => 2 }",
  "go",
);
testBetween(
  "private field",
  "different",
  "class A { #v = 1; up() { this.#v++ } get() { return this.#v } } const a = new A(); export const main = () => a.get(); export const go = () => a.up()",
  "go",
);
testBetween(
  "zod schema used",
  "same",
  'import { z } from "npm:zod@4.6.7"; const S = z.object({ a: z.string().min(2).optional(), b: z.array(z.number()) }); export const main = () => S; export const go = () => S.safeParse({ a: "xx", b: [1] })',
  "go",
);
testBetween(
  "polars frame and expression used",
  "same",
  'import pl from "npm:nodejs-polars@0.25.2"; const df = pl.DataFrame({ a: [1, 2] }), e = pl.col("a").sum(); export const main = () => df.select(e); export const go = () => main()',
  "go",
);
testBetween(
  "polars frame changed in place",
  "different",
  'import pl from "npm:nodejs-polars@0.25.2"; const df = pl.DataFrame({ a: [1, 2] }); export const main = () => df; export const go = () => { df.columns = ["b"] }',
  "go",
);
testBetween(
  "exported function replaced",
  "different",
  'import { f, go } from "data:text/javascript,export function f() { return 1 } export const go = () => { f = () => 2 }"; export { go }; export const main = () => f()',
  "go",
);
testBetween(
  "var in a loop",
  "different",
  "const fs: any[] = []; export const go = () => { for (let i = 0; i < 2; i++) { var x = i; fs.push(() => x) } }; for (let i = 5; i < 7; i++) { var x = i; } export const main = () => x; export const g2 = () => {}; "
    .replace("fs.push(() => x)", "x2(i)") + "function x2(i: number) { x = i }",
  "go",
);
testBetween(
  "loop variable captured",
  "same",
  "const fs: any[] = []; for (let i = 0; i < 3; i++) fs.push(() => i); export const main = fs[1]; export const go = () => {}",
  "go",
);
testBetween(
  "let changed by direct eval",
  "different",
  "let k = 1; export const main = () => k; export const go = () => { eval('k = 2') }",
  "go",
);
testBetween(
  "closure made by direct eval",
  "different",
  "function mk() { let k = 1; const go = () => { k = 2 }; return [eval('() => k'), go] } export const [main, go] = mk();",
  "go",
);
testBetween(
  "eval with a sourceURL",
  "different",
  "function mk() { let k = 1; const go = () => { k = 2 }; return [eval('() => k\\n//# sourceURL=file:///x.js'), go] } export const [main, go] = mk();",
  "go",
);
testBetween(
  "global",
  "different",
  "(globalThis as any).gk = 1; declare const gk: number; export const main = () => gk; export const go = () => { (globalThis as any).gk = 2 }",
  "go",
);
testBetween(
  "nothing changed",
  "same",
  "let k = 1; export const main = () => k; export const go = () => {}; export const z = () => { k = 1 }",
  "go",
);
testBetween("step changes what it only writes", "same", "let n = 0; export const main = () => { n++; return 1 }", "main");
testBetween("step changes what it reads", "different", "let n = 0; export const main = () => n++", "main");

testBetween("an imported let that its module assigns later", "different", {
  "main.ts": 'import { kk } from "./l.ts"; export { go } from "./l.ts"; export const main = () => kk;',
  "l.ts": "let k = 1; export { k as kk }; export const go = () => { k = 2 }",
}, "go");
testBetween("an imported let that stands second in its declaration", "different", {
  "main.ts": 'import { k } from "./l.ts"; export { go } from "./l.ts"; export const main = () => k;',
  "l.ts": "export let a = 1, k = 1; export const go = () => { k = 2 }",
}, "go");
testBetween("an imported let that is taken out of an object", "different", {
  "main.ts": 'import { k } from "./l.ts"; export { go } from "./l.ts"; export const main = () => k;',
  "l.ts": "export let { k } = { k: 1 }; export const go = () => { k = 2 }",
}, "go");
testBetween("an imported default function that its module replaces", "different", {
  "main.ts": 'import k from "./l.ts"; export { go } from "./l.ts"; export const main = () => k();',
  "l.ts": "export default function k(): number { return 1 } export const go = () => { (k as any) = () => 2 }",
}, "go");
testBetween("an imported let that its module assigns in a loop", "different", {
  "main.ts": 'import { k } from "./l.ts"; export { go } from "./l.ts"; export const main = () => k;',
  "l.ts": "export let k = 1; export const go = () => { for (k of [2]); }",
}, "go");
testBetween("an imported let that its module assigns by eval", "different", {
  "main.ts": 'import { k } from "./l.ts"; export { go } from "./l.ts"; export const main = () => k;',
  "l.ts": "export let k = 1; export const go = () => { eval('k = 2') }",
}, "go");
testBetween(
  "an object that is replaced in globalThis",
  "different",
  "(globalThis as any).gg = [1]; export const main = () => (globalThis as any).gg; export const go = () => { (globalThis as any).gg = [2] }",
  "go",
);
testBetween(
  "a package that was loaded, changed by nobody",
  "same",
  "export const main = () => [structuredClone, Array.from]; export const go = () => main()",
  "go",
);

Deno.test("codeIdentity() in one process: a const asked for before it is set, and after", async () => {
  const global = globalThis as { early?: (fn: () => unknown) => Promise<void> };
  let early: string | null = "";
  global.early = async (fn) => void (early = (await codeIdentity(fn)).hash);
  await using project = await Project.load("export function main() { return k }; await (globalThis as any).early(main); const k = 1;");
  delete global.early;
  assert.notEqual((await project.identity()).hash, early);
});

Deno.test("codeIdentity() in one process: fifty at once", async () => {
  const make = () => {
    let k = 3;
    k += 0;
    return () => k;
  };
  const identities = await Promise.all(Array.from({ length: 50 }, () => codeIdentity(make())));
  assert.equal(new Set(identities.map(({ hash }) => hash)).size, 1);
});

Deno.test("codeIdentity() in one process: two closures of one factory are two steps", async () => {
  const make = (k: number) => () => k;
  assert.notEqual((await codeIdentity(make(1))).hash, (await codeIdentity(make(2))).hash);
});

Deno.test("codeIdentity() in one process: a module of a blob", async () => {
  const url = URL.createObjectURL(new Blob(["export const f = (k => () => k)(7)"], { type: "text/javascript" }));
  const { parts } = await codeIdentity((await import(url)).f);
  URL.revokeObjectURL(url);
  assert.deepEqual(parts.map(({ kind, name, text }) => [kind, name, text]), [["function", "step", "() => k"], ["value", "k", "7"]]);
});

Deno.test("codeIdentity() in one process: a wrapper of ours does not count", async () => {
  const inner = () => 1;
  const wrapper = Object.assign(() => inner(), { options: { a: 1 }, [STEP]: inner });
  assert.deepEqual(await codeIdentity(wrapper), await codeIdentity(inner));
});
