/** d: comments, formatting, type annotations changed; unrelated code in the same file changed. */
import { hits, PROGRAMS, type Project, type TrustCase } from "../case.ts";

const same = (name: string, first: Project, edit: Project, result: unknown = 20) => hits("d", name, first, edit, result);
const scale: Project = { declare: "const scale = (x: number) => x * 2;", body: "return scale(10);" };

/** A step with defaults that gives its config's `k`. */
const defined = (defaults: string): string =>
  `import { defineStep } from "consist";\nconst defined: any = defineStep({ ${defaults} }, (_: any, { config }: any) => config.k);`;

/** Row d. */
export const NEUTRAL: readonly TrustCase[] = [
  same("a comment in the step", scale, { body: "// ten times two\n  return scale(10); /* the end */" }),
  same("a comment in a helper", scale, { declare: "/** Doubles. */\nconst scale = (x: number) => /* twice */ x * 2;" }),
  same("spaces and lines", scale, { body: "\n\n    return   scale( 10 )\n" }),
  same("lines of a helper", scale, { declare: "const scale = (\n  x: number,\n) =>\n  x * 2;" }),
  same("line ends of another system", { ...scale, body: "const y = 10;\n  return scale(y);" }, {
    body: "const y = 10;\r\n  return scale(y);",
  }),
  same("parentheses", scale, { body: "return (scale((10)));" }),
  same("semicolons", scale, { body: "return scale(10)" }),
  same("a trailing comma", { body: "return [1, 2];" }, { body: "return [1, 2,];" }, [1, 2]),
  same("quotes", { body: 'return "a";' }, { body: "return 'a';" }, "a"),
  same("how a default of the step is computed", { declare: defined("config: (call) => ({ k: 2 * 10 })"), main: "defined" }, {
    declare: defined("config: { k: 20 }, description: 'said otherwise', tags: (call) => ['t']"),
  }),
  same("a return type", scale, { declare: "const scale = (x: number): number => x * 2;" }),
  same("a parameter's type", scale, { declare: "const scale = (x: 10 | 20) => x * 2;" }),
  same("a cast", scale, { body: "return scale(10 as number) as number;" }),
  same("satisfies", scale, { body: "return scale(10) satisfies number;" }),
  same("an exclamation mark", scale, { body: "return scale(10)!;" }),
  same("generics", scale, { declare: "const scale = <T extends number>(x: T) => x * 2;" }),
  same("an interface beside it", scale, { declare: "interface Row { readonly id: number }\nconst scale = (x: number) => x * 2;" }),
  same("a type renamed", { declare: "type Old = number;\nconst scale = (x: Old) => x * 2;", body: "return scale(10);" }, {
    declare: "type New = number;\nconst scale = (x: New) => x * 2;",
  }),
  same("overloads", { declare: "function overFn(x: number) { return x * 2; }", body: "return overFn(10);" }, {
    declare: "function overFn(x: number): number;\nfunction overFn(x: any) { return x * 2; }",
  }),
  same("readonly and private in a class", {
    declare: "class Plain { k = 20; get() { return this.k; } }",
    body: "return new Plain().get();",
  }, {
    declare: "class Plain { private readonly k: number = 20; public get(): number { return this.k; } }",
  }),
  same("implements", { declare: "class Bare { go() { return 20; } }", body: "return new Bare().go();" }, {
    declare: "interface Goes { go(): number }\nclass Bare implements Goes { go() { return 20; } }",
  }),
  same("an unrelated constant", { ...scale, also: "const unrelated = 1;" }, { also: "const unrelated = 2;" }),
  same("an unrelated function", { ...scale, also: "const otherStep = () => 1;" }, { also: "const otherStep = () => 2;" }),
  same("an unrelated constant that another function uses", { ...scale, also: "const hue = 1;\nconst paint = () => hue;" }, {
    also: "const hue = 2;\nconst paint = () => hue;",
  }),
  same("an unrelated class", { ...scale, also: "class Unrelated { a = 1; }" }, { also: "class Unrelated { a = 2; }" }),
  same("an unrelated global", { ...scale, also: "(globalThis as any).trustNobody = 1;" }, { also: "(globalThis as any).trustNobody = 2;" }),
  same("an unrelated step before it", scale, { declare: "const earlierStep = () => 99;\nconst scale = (x: number) => x * 2;" }),
  same("declarations in another order", { declare: "const one = () => 1;\nconst two = () => 2;", body: "return one() + two();" }, {
    declare: "const two = () => 2;\nconst one = () => 1;",
  }, 3),
  same("a name that is only written to", {
    declare: "let calls = 0;\nconst noted: number[] = [];",
    body: "calls++; noted.push(1); return 20;",
  }, {
    declare: "let calls = 7;\nconst noted: number[] = [5];",
  }),
  same("a step that may print", { body: 'if (inputs === 1) { console.log("a"); console.warn("b"); }\n  return 20;' }, {
    also: "const later = 1;",
  }),
  same("an unused import", scale, { declare: 'import { basename } from "@std/path";\nconst scale = (x: number) => x * 2;' }),
  same("a shadowed constant", { declare: "const hidden = 1;", body: "const hidden = 20; return hidden;" }, {
    declare: "const hidden = 2;",
  }),
  same("an unused member of an imported module", {
    declare: 'import { f } from "./lib.ts";',
    body: "return f(10);",
    files: { "lib.ts": "export const f = (x: number) => x * 2;\nexport const g = 1;\n" },
  }, { files: { "lib.ts": "export const g = 2;\nexport const h = 3;\nexport const f = (x: number) => x * 2;\n" } }),
  same("an unused member of a namespace", {
    declare: 'import * as lib from "./lib.ts";',
    body: "return lib.f(10);",
    files: { "lib.ts": "export const f = (x: number) => x * 2;\nexport const g = 1;\n" },
  }, { files: { "lib.ts": "export const f = (x: number) => x * 2;\nexport const g = 2;\n" } }),
  same("comments and types of an imported module", {
    declare: 'import { f } from "./lib.ts";',
    body: "return f(10);",
    files: { "lib.ts": "export const f = (x: number) => x * 2;\n" },
  }, { files: { "lib.ts": "// Doubles.\nexport const f = (\n  x: number, // anything\n): number => x * 2;\n" } }),
  same("a module that nobody imports", { ...scale, files: { "other.ts": "export const a = 1;\n" } }, {
    files: { "other.ts": "export const a = 2;\n" },
  }),
  same("a helper moved to another module", { declare: "const f = (x: number) => x * 2;", body: "return f(10);" }, {
    declare: 'import { f } from "./lib.ts";',
    files: { "lib.ts": "export const f = (x: number) => x * 2;\n" },
  }),
  same("a module renamed", {
    declare: 'import { f } from "./lib.ts";',
    body: "return f(10);",
    files: { "lib.ts": "export const f = (x: number) => x * 2;\n" },
  }, { declare: 'import { f } from "./library.ts";', files: { "lib.ts": null, "library.ts": "export const f = (x: number) => x * 2;\n" } }),
  same("JSON in another format", {
    declare: 'import table from "./table.json" with { type: "json" };',
    body: "return table.k;",
    files: { "table.json": '{"k":20}' },
  }, { files: { "table.json": '{\n  "k": 20\n}\n' } }),
  hits(
    "d",
    "comments and types of a module behind import()",
    {
      body: 'const { f } = await import("./lib.ts"); return f(10);',
      files: { "lib.ts": "export const f = (x) => x * 2;\n" },
    },
    { files: { "lib.ts": "/** Doubles. */\nexport const f = (x: number): number => (x * 2);\n" } },
    20,
    { where: ["deno run", "kernel", "worker process"] }, // a step cell takes a file that it opens for an input
  ),
  hits(
    "d",
    "plain JavaScript: comments, quotes, parentheses",
    {
      declare: 'import { f } from "./lib.js";',
      body: "return f(10);",
      files: { "lib.js": "export function f(x) { return (x * 2) }\n" },
    },
    { files: { "lib.js": "/* doubles */\nexport function f(x) {\n  return x * 2;\n}\n" } },
    20,
    { where: PROGRAMS },
  ),
  same("the order of config keys", { body: "return step.config.a;", options: "{ config: { a: 20, b: 1 } }" }, {
    options: "{ config: { b: 1, a: 20 } }",
  }),
  same("undefined in the config", { body: "return step.config.a;", options: "{ config: { a: 20 } }" }, {
    options: "{ config: { a: 20, c: undefined } }",
  }),
  same("tags, description and runtime arguments", { body: "return 20;", options: "{ tags: ['one'] }" }, {
    options: "{ tags: ['two'], description: 'other', executionOptions: { runtimeArgs: { n: 1 } } }",
  }),
  same("untracked(...) around a logger", {
    declare: 'import { untracked } from "consist";\nconst logger = untracked({ lines: [] as string[], level: 1 });',
    body: 'logger.lines.push("x"); return 20;',
  }, { declare: 'import { untracked } from "consist";\nconst logger = untracked({ lines: [] as string[], level: 2 });' }),
];
