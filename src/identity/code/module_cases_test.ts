import { type IdentityCase, step, testCases, withLib } from "./case_harness_test.ts";

testCases([
  ["imported function", "different", withLib("export const f = (x: number) => x;"), withLib("export const f = (x: number) => x + 1;")],
  [
    "imported by an import",
    "different",
    withLib('import { k } from "./d.ts"; export const f = (x: number) => x * k', undefined, undefined, { "d.ts": "export const k = 2" }),
    withLib('import { k } from "./d.ts"; export const f = (x: number) => x * k', undefined, undefined, { "d.ts": "export const k = 3" }),
  ],
  [
    "re-export",
    "different",
    withLib('export * from "./d.ts"', undefined, undefined, { "d.ts": "export const f = (x: number) => x" }),
    withLib('export * from "./d.ts"', undefined, undefined, { "d.ts": "export const f = (x: number) => x * 3" }),
  ],
  [
    "default export",
    "different",
    withLib("export default (x: number) => x", undefined, 'import f from "./lib.ts"'),
    withLib("export default (x: number) => -x", undefined, 'import f from "./lib.ts"'),
  ],
  [
    "namespace: used member",
    "different",
    withLib("export const f = (x: number) => x", "return m.f(1)", 'import * as m from "./lib.ts"'),
    withLib("export const f = (x: number) => -x", "return m.f(1)", 'import * as m from "./lib.ts"'),
  ],
  [
    "namespace: unused member",
    "same",
    withLib("export const f = (x: number) => x; export const g = 1", "return m.f(1)", 'import * as m from "./lib.ts"'),
    withLib("export const f = (x: number) => x; export const g = 2", "return m.f(1)", 'import * as m from "./lib.ts"'),
  ],
  [
    "namespace: used as a value",
    "different",
    withLib(
      "export const f = (x: number) => x; export const g = 1",
      "return Object.keys(m).map((k) => (m as any)[k])",
      'import * as m from "./lib.ts"',
    ),
    withLib(
      "export const f = (x: number) => x; export const g = 2",
      "return Object.keys(m).map((k) => (m as any)[k])",
      'import * as m from "./lib.ts"',
    ),
  ],
  ["JSON import", "different", { "main.ts": step("return j.a", 'import j from "./j.json" with { type: "json" }'), "j.json": '{"a":1}' }, {
    "main.ts": step("return j.a", 'import j from "./j.json" with { type: "json" }'),
    "j.json": '{"a":2}',
  }],
  ["dynamic import, literal", "different", {
    "main.ts": step('return import("./d.ts")'),
    "d.ts": 'import { k } from "./e.ts"; export { k }',
    "e.ts": "export const k = 1",
  }, { "main.ts": step('return import("./d.ts")'), "d.ts": 'import { k } from "./e.ts"; export { k }', "e.ts": "export const k = 2" }],
  ...([
    ["a comment between", 'import {\n  k, // the constant\n} from "./e.ts"; export { k }'],
    ["a block comment between", 'import { /* the constant */ k } from "./e.ts"; export { k }'],
    ["two on a line", 'import "./f.ts"; import { k } from "./e.ts"; export { k }'],
    ["a comment before", '/* the constant */ export * from "./e.ts"'],
    ["a name in quotes", 'export { k as "the constant" } from "./e.ts"'],
    ["minified", 'import"./f.ts";import{k}from"./e.ts";export{k}'],
    ["a template", "export const k = await import(`./e.ts`)"],
    ["a comment that speaks of it", '/**\n * import(it)\n */\n// import(it)\nexport { k } from "./e.ts"'],
    ["a comment in the call", 'export const k = await import(/* lazily */ "./e.ts")'],
  ] as const).map(([name, d]): IdentityCase => {
    const files = (k: number) => ({ "main.ts": step('return import("./d.ts")'), "d.ts": d, "e.ts": `export const k = ${k}`, "f.ts": "" });
    return [`dynamic import, deeper, ${name}`, "different", files(1), files(2)];
  }),
  [
    "dynamic import, deeper, of the web", // in a comment, so that nothing is fetched for this test
    "different",
    { "main.ts": step('return import("./d.ts")'), "d.ts": '/*\nimport "https://example.com/x.ts";\n*/' },
    { "main.ts": step('return import("./d.ts")'), "d.ts": '/*\nimport "https://example.com/y.ts";\n*/' },
    "has no version",
  ],
  ["dynamic import, literal: again", "same", { "main.ts": step('return import("./d.ts")'), "d.ts": "export const k = 1" }, {
    "main.ts": step('return import("./d.ts")'),
    "d.ts": "export const k = 1",
  }],
  ...([
    ["comments and lines", "same", "export const k = 1;", "// a comment\nexport const k =\n  (1) /* one */;"],
    ["types", "same", "export const f = (x) => x as any;", "type T = number;\nexport const f = <U>(x: U): U => x satisfies U;"],
    ["types beside an enum", "same", "export enum E { A = 1 }", "export type T = E; /* an enum */ export enum E { A = 1 }"],
    ["an enum", "different", "export enum E { A = 1 }", "export enum E { A = 2 }"],
    ["a const enum", "different", "export const enum E { A = 1 }", "export const enum E { A = 2 }"],
    [
      "a const enum beside another one",
      "different",
      "export const enum E { A = 1 } enum F { A }",
      "export const enum E { A = 2 } enum F { A }",
    ],
    ["a parameter property", "different", "export class A { constructor(public a = 1) {} }", "export class A { constructor(a = 1) {} }"],
    [
      "types beside a parameter property",
      "same",
      "export class A { constructor(public a = 1) {} }",
      "export class A { constructor(public readonly a: number = 1) {} } // a",
    ],
    ["a namespace", "different", "export namespace N { export const a = 1 }", "export namespace N { export const a = 2 }"],
    ["a field that is only declared", "different", "export class A { a?: 1 }", "export class A { declare a?: 1 }"],
    [
      "a field that is only declared, beside an enum",
      "different",
      "export enum E { A } export class A { a?: 1 }",
      "export enum E { A } export class A { declare a?: 1 }",
    ],
    ["a text that looks like a comment", "different", 'export const k = "// 1"', 'export const k = "// 2"'],
    [
      "what cannot be read as TypeScript",
      "different",
      "export const k = <1>1; @(() => {}) class A {}",
      "export const k = <2>2; @(() => {}) class A {}",
    ],
  ] as const).map(([name, expected, before, after]): IdentityCase => {
    const files = (d: string) => ({ "main.ts": step('return import("./d.ts")'), "d.ts": d });
    return [`dynamic import: ${name}`, expected, files(before), files(after)];
  }),
  ...([
    ["as text", 'return import("./d.ts", { with: { type: "text" } })', ""],
    [
      "as text by a module behind it",
      'return import("./lib.ts")',
      'import d from "./d.ts" with { type: "text" };\nexport const f = () => d;',
    ],
    [
      "as bytes behind it, and as code",
      'return import("./lib.ts")',
      'import "./d.ts";\nimport d from "./d.ts"\n  with { type: "bytes" };\nexport { d };',
    ],
    [
      "as text by an import() behind it",
      'return import("./lib.ts")',
      'export const f = () => import("./d.ts", { with: { type: "text" } });',
    ],
  ] as const).map(([name, body, lib]): IdentityCase => {
    const files = (d: string) => ({ "main.ts": step(body), "lib.ts": lib, "d.ts": d });
    return [
      `dynamic import: a comment in a module that is taken ${name}`,
      "different",
      files("// 1\nexport {};"),
      files("// 2\nexport {};"),
    ];
  }),
  ...(["jsxFactory", "experimentalDecorators", "strict"] as const).map((option): IdentityCase => {
    const files = (value: unknown) => ({
      "main.ts": step('return import("./d.tsx")'),
      "d.tsx": "export const k = 1;",
      "deno.json": JSON.stringify({ compilerOptions: { [option]: value } }),
    });
    return [`dynamic import: the compiler's option ${option}`, option === "strict" ? "same" : "different", files(true), files(false)];
  }),
  [
    "data: module",
    "different",
    step("return f()", 'import { f } from "data:text/javascript,export const f = () => 1"'),
    step("return f()", 'import { f } from "data:text/javascript,export const f = () => 2"'),
  ],
  [
    "dynamic import of a name that an import map's scopes may lead elsewhere",
    "same",
    { "main.ts": step('return import("acorn")'), "deno.json": '{ "scopes": {} }' },
    { "main.ts": step('return import("acorn")'), "deno.json": '{ "scopes": {} }' },
    "import map has scopes",
  ],
]);
