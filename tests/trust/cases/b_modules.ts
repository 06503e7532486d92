/** b: a helper in an imported module, or in a module that one imports, changed. */
import { misses, type Project, type TrustCase } from "../case.ts";

const number = (n: number) => `export const f = (x: number) => x * ${n};\n`;

/** One file in two versions. */
const file = (
  name: string,
  project: Project,
  changed: string,
  text: (n: number) => string,
  results: readonly [unknown, unknown],
  says?: RegExp,
) =>
  misses(
    "b",
    name,
    { ...project, files: { ...project.files, [changed]: text(2) } },
    { files: { [changed]: text(3) } },
    results,
    says === undefined ? {} : { says },
  );

const fromLib: Project = { declare: 'import { f } from "./lib.ts";', body: "return f(10);" };

/** Row b. */
export const MODULES: readonly TrustCase[] = [
  file("a function", fromLib, "lib.ts", number, [20, 30], /\bf\b/),
  file(
    "a helper of an imported function",
    fromLib,
    "lib.ts",
    (n) => `const g = (x: number) => x * ${n};\nexport const f = (x: number) => g(x);\n`,
    [20, 30],
    /\bg\b/,
  ),
  file("a constant of an imported function", fromLib, "lib.ts", (n) => `const k = ${n};\nexport const f = (x: number) => x * k;\n`, [
    20,
    30,
  ]),
  file(
    "a module that the imported one imports",
    {
      ...fromLib,
      files: { "lib.ts": 'import { k } from "./deep.ts";\nexport const f = (x: number) => x * k;\n' },
    },
    "deep.ts",
    (n) => `export const k = ${n};\n`,
    [20, 30],
    /\bk\b/,
  ),
  file(
    "four modules deep",
    {
      ...fromLib,
      files: {
        "lib.ts": 'import { g } from "./one.ts";\nexport const f = (x: number) => g(x);\n',
        "one.ts": 'import { h } from "./sub/two.ts";\nexport const g = (x: number) => h(x);\n',
        "sub/two.ts": 'import { k } from "../three.ts";\nexport const h = (x: number) => x * k();\n',
      },
    },
    "three.ts",
    (n) => `export const k = () => ${n};\n`,
    [20, 30],
  ),
  file(
    "a re-export",
    { ...fromLib, files: { "lib.ts": 'export { g as f } from "./deep.ts";\n' } },
    "deep.ts",
    (n) => `export const g = (x: number) => x * ${n};\n`,
    [20, 30],
  ),
  file("export *", { ...fromLib, files: { "lib.ts": 'export * from "./deep.ts";\n' } }, "deep.ts", number, [20, 30]),
  file(
    "a default export",
    { declare: 'import scale from "./lib.ts";', body: "return scale(10);" },
    "lib.ts",
    (n) => `export default (x: number) => x * ${n};\n`,
    [20, 30],
  ),
  file("a member of a namespace", { declare: 'import * as lib from "./lib.ts";', body: "return lib.f(10);" }, "lib.ts", number, [20, 30]),
  file(
    "a member of a namespace by a computed name",
    { declare: 'import * as lib from "./lib.ts";', body: 'const name = "f"; return (lib as any)[name](10);' },
    "lib.ts",
    number,
    [20, 30],
  ),
  file(
    "a namespace inside a namespace",
    {
      declare: 'import { deep } from "./lib.ts";',
      body: "return deep.f(10);",
      files: { "lib.ts": 'import * as deep from "./deep.ts";\nexport { deep };\n' },
    },
    "deep.ts",
    number,
    [20, 30],
  ),
  file(
    "a class that is extended in another module",
    {
      declare: 'import { Heir } from "./lib.ts";',
      body: "return new Heir().go();",
      files: { "lib.ts": 'import { Ancestor } from "./deep.ts";\nexport class Heir extends Ancestor {}\n' },
    },
    "deep.ts",
    (n) => `export class Ancestor { go() { return ${n}; } }\n`,
    [2, 3],
  ),
  file(
    "an object",
    { declare: 'import { settings } from "./lib.ts";', body: "return settings.deep.k;" },
    "lib.ts",
    (n) => `export const settings = { deep: { k: ${n} } };\n`,
    [2, 3],
  ),
  file(
    "JSON",
    { declare: 'import table from "./table.json" with { type: "json" };', body: "return table.k;" },
    "table.json",
    (n) => JSON.stringify({ k: n }),
    [2, 3],
  ),
  file(
    "JSON that an imported module reads",
    {
      declare: 'import { f } from "./lib.ts";',
      body: "return f();",
      files: { "lib.ts": 'import table from "./table.json" with { type: "json" };\nexport const f = () => table.rows[1].k;\n' },
    },
    "table.json",
    (n) => JSON.stringify({ rows: [{ k: 0 }, { k: n }] }),
    [2, 3],
  ),
  file("import() in the step", { body: 'const { f } = await import("./lib.ts"); return f(10);' }, "lib.ts", number, [20, 30]),
  file(
    "a module behind import() in the step",
    {
      body: 'const { f } = await import("./lib.ts"); return f(10);',
      files: { "lib.ts": 'import { k } from "./deep.ts";\nexport const f = (x: number) => x * k;\n' },
    },
    "deep.ts",
    (n) => `export const k = ${n};\n`,
    [20, 30],
  ),
  file(
    "a module of plain JavaScript",
    { declare: 'import { f } from "./lib.js";', body: "return f(10);" },
    "lib.js",
    (n) => `export function f(x) { return x * ${n} }\n`,
    [20, 30],
  ),
  file(
    "two modules that import each other",
    {
      declare: 'import { even } from "./even.ts";',
      body: "return even(4);",
      files: { "even.ts": 'import { odd } from "./odd.ts";\nexport const even = (x: number): number => x === 0 ? 1 : odd(x - 1);\n' },
    },
    "odd.ts",
    (n) => `import { even } from "./even.ts";\nexport const odd = (x: number): number => x === 0 ? 0 : even(x - 1) * ${n};\n`,
    [4, 9],
  ),
  file(
    "a module that only sets a global",
    {
      declare: 'import "./setup.ts";',
      body: "return (globalThis as any).trustSetup;",
    },
    "setup.ts",
    (n) => `(globalThis as any).trustSetup = ${n};\n`,
    [2, 3],
  ),
  file(
    "a factory of another module",
    { declare: 'import { make } from "./lib.ts";', main: "make(10)" },
    "lib.ts",
    (n) => `export const make = (k: number) => () => k * ${n};\n`,
    [20, 30],
  ),
  file(
    "the step itself stands in another module",
    { declare: 'import { go } from "./lib.ts";', main: "go" },
    "lib.ts",
    (n) => `export const go = () => ${n};\n`,
    [2, 3],
  ),
  file(
    "an enum",
    { declare: 'import { Mode } from "./lib.ts";', body: "return Mode.Bus;" },
    "lib.ts",
    (n) => `export enum Mode { Car = 1, Bus = ${n} }\n`,
    [2, 3],
  ),
  file(
    "a list of functions",
    { declare: 'import { steps } from "./lib.ts";', body: "return steps.map((f) => f(10));" },
    "lib.ts",
    (n) => `export const steps = [(x: number) => x, (x: number) => x * ${n}];\n`,
    [
      [10, 20],
      [10, 30],
    ],
  ),
  file(
    "a top-level await",
    { declare: 'import { k } from "./lib.ts";', body: "return k;" },
    "lib.ts",
    (n) => `export const k = await Promise.resolve(${n});\n`,
    [2, 3],
  ),
];
