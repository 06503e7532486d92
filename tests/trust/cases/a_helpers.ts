/** a: a helper in the same file or in another cell changed. */
import { misses, type TrustCase } from "../case.ts";

/** A helper in two versions, told apart by a number in it. */
const helper = (name: string, declare: (n: number) => string, body: string, results: readonly [unknown, unknown], says?: RegExp) =>
  misses("a", name, { declare: declare(2), body }, { declare: declare(3) }, results, says === undefined ? {} : { says });

/** What an expression gives, where the expression is made of a helper. */
const made = (name: string, declare: (n: number) => string, main: string, results: readonly [unknown, unknown]) =>
  misses("a", name, { declare: declare(2), main }, { declare: declare(3) }, results);

/** A step with defaults. */
const defined = (fn: string, defaults = ""): string =>
  `import { defineStep } from "consist";\nconst defined: any = defineStep({ ${defaults} }, ${fn});`;

/** Row a. */
export const HELPERS: readonly TrustCase[] = [
  misses("a", "the step's own text", { body: "return 1 + 1;" }, { body: "return 1 + 2;" }, [2, 3]),
  helper("an arrow function", (n) => `const scale = (x: number) => x * ${n};`, "return scale(10);", [20, 30], /scale/),
  helper("a function declaration", (n) => `function scaleFn(x: number) { return x * ${n}; }`, "return scaleFn(10);", [20, 30], /scaleFn/),
  helper(
    "a helper of a helper",
    (n) => `const inner = (x: number) => x + ${n};\nconst middle = (x: number) => inner(x) * 2;\nconst outer = (x: number) => middle(x);`,
    "return outer(1);",
    [6, 8],
    /inner/,
  ),
  helper("a default parameter", (n) => `const by = (x: number, factor = ${n}) => x * factor;`, "return by(10);", [20, 30]),
  helper("a default in a destructuring", (n) => `const pick = ({ k = ${n} }: { k?: number } = {}) => k;`, "return pick();", [2, 3]),
  helper(
    "mutual recursion",
    (n) =>
      `const even = (x: number): number => x === 0 ? ${n} : odd(x - 1);\nconst odd = (x: number): number => x === 0 ? 0 : even(x - 1);`,
    "return even(4);",
    [2, 3],
  ),
  helper(
    "a function that calls itself by its own name",
    (n) => `const factorial = function self(x: number): number { return x < 2 ? ${n} : x * self(x - 1); };`,
    "return factorial(3);",
    [12, 18],
  ),
  helper("an async helper", (n) => `const later = async () => { await null; return ${n}; };`, "return later();", [2, 3]),
  helper(
    "a generator",
    (n) => `const counted = function* () { for (let i = 0; i < ${n}; i++) yield i; };`,
    "return [...counted()];",
    [[0, 1], [0, 1, 2]],
  ),
  helper(
    "an async generator",
    (n) => `const counting = async function* () { for (let i = 0; i < ${n}; i++) yield i; };`,
    "const all = []; for await (const i of counting()) all.push(i); return all;",
    [[0, 1], [0, 1, 2]],
  ),
  helper("a method of an object", (n) => `const tools = { scale(x: number) { return x * ${n}; } };`, "return tools.scale(10);", [20, 30]),
  helper("a getter of an object", (n) => `const box = { get k() { return ${n}; } };`, "return box.k;", [2, 3]),
  helper("a method of a class", (n) => `class Model { go() { return ${n}; } }`, "return new Model().go();", [2, 3]),
  helper("a static method", (n) => `class Tools { static go() { return ${n}; } }`, "return Tools.go();", [2, 3]),
  helper("a private method", (n) => `class Hidden { #go() { return ${n}; } go() { return this.#go(); } }`, "return new Hidden().go();", [
    2,
    3,
  ]),
  helper("a field's first value", (n) => `class Field { k = ${n}; }`, "return new Field().k;", [2, 3]),
  helper("a constructor", (n) => `class Made { k: number; constructor() { this.k = ${n}; } }`, "return new Made().k;", [2, 3]),
  helper(
    "a method of the class that it extends",
    (n) => `class Base { go() { return ${n}; } }\nclass Derived extends Base { all() { return [this.go(), super.go()]; } }`,
    "return new Derived().all();",
    [[2, 2], [3, 3]],
  ),
  helper(
    "a method of the class of a captured object",
    (n) => `class Fleet { constructor(readonly size: number) {} total() { return this.size * ${n}; } }\nconst fleet = new Fleet(5);`,
    "return fleet.total();",
    [10, 15],
  ),
  helper(
    "a method that was put on a prototype",
    (n) => `class Patched { go(): number { return 0; } }\n(Patched.prototype as any).go = () => ${n};`,
    "return new Patched().go();",
    [2, 3],
  ),
  helper(
    "a static method that was replaced",
    (n) => `class Replaced { static go(): number { return 0; } }\nReplaced.go = () => ${n};`,
    "return Replaced.go();",
    [2, 3],
  ),
  helper(
    "a getter that was replaced",
    (n) => `class Shown { get k() { return 0; } }\nObject.defineProperty(Shown.prototype, "k", { get: () => ${n} });`,
    "return new Shown().k;",
    [2, 3],
  ),
  helper(
    "Symbol.iterator of a class",
    (n) => `class Steps { *[Symbol.iterator]() { yield* Array(${n}).keys(); } }`,
    "return [...new Steps()];",
    [[0, 1], [0, 1, 2]],
  ),
  helper("valueOf of a captured object", (n) => `const weight = { valueOf: () => ${n} };`, "return +(weight as any);", [2, 3]),
  helper("a tag of a template", (n) => `const tag = (texts: any) => texts[0] + ${n};`, "return tag`t`;", ["t2", "t3"]),
  helper(
    "a function in a list",
    (n) => `const pipeline = [(x: number) => x + 1, (x: number) => x * ${n}];`,
    "return pipeline.reduce((x, f) => f(x), 1);",
    [
      4,
      6,
    ],
  ),
  helper("a function in a map", (n) => `const kinds = new Map([["car", () => ${n}]]);`, 'return kinds.get("car")!();', [2, 3]),
  helper(
    "a function that another one was composed of",
    (n) =>
      `const times = (x: number) => x * ${n};\nconst compose = (f: any, g: any) => (x: number) => f(g(x));\nconst both = compose(times, (x: number) => x + 1);`,
    "return both(1);",
    [4, 6],
  ),
  helper("a callback of an array method", (n) => `const keep = (x: number) => x > ${n};`, "return [1, 2, 3, 4].filter(keep);", [[3, 4], [
    4,
  ]]),
  helper("a helper on globalThis", (n) => `(globalThis as any).trustHelper = () => ${n};`, "return (globalThis as any).trustHelper();", [
    2,
    3,
  ]),
  helper(
    "a bound function's target",
    (n) => `const target = function (x: number) { return x * ${n}; };\nconst fixed = target.bind(null, 10);`,
    "return fixed();",
    [
      20,
      30,
    ],
  ),
  helper("a helper assigned later", (n) => `let assigned = () => 0;\nassigned = () => ${n};`, "return assigned();", [2, 3]),
  helper("a regular expression in a helper", (n) => `const cut = (t: string) => t.replace(/a{${n}}/, "");`, 'return cut("aaaa");', [
    "aa",
    "a",
  ]),
  made("a factory", (n) => `const make = (k: number) => () => k * ${n};`, "make(10)", [20, 30]),
  made("a factory of factories", (n) => `const makeMaker = (k: number) => (j: number) => () => k * j * ${n};`, "makeMaker(5)(2)", [20, 30]),
  made("a decorator around the step", (n) => `const twice = (f: () => number) => () => f() * ${n};`, "twice(() => 10)", [20, 30]),
  made("a method as the step", (n) => `class Runner { go = () => ${n}; }\nconst runner = new Runner();`, "runner.go", [2, 3]),
  made(
    "a bound method as the step",
    (n) => `class Bound { k = ${n}; go() { return this.k; } }\nconst bound = new Bound();`,
    "bound.go.bind(bound)",
    [2, 3],
  ),
  helper("an operator", (n) => `const compare = (x: number) => ${n === 2 ? "x > 2" : "x >= 2"};`, "return compare(2);", [false, true]),
  helper(
    "a branch",
    (n) => `const choose = (x: number) => { if (${n === 2 ? "" : "!"}(x > 2)) return "big"; return "small"; };`,
    "return choose(5);",
    [
      "big",
      "small",
    ],
  ),
  helper(
    "the order of two statements",
    (n) => `const order = () => { let x = 1; ${n === 2 ? "x += 1; x *= 2;" : "x *= 2; x += 1;"} return x; };`,
    "return order();",
    [
      4,
      3,
    ],
  ),
  misses(
    "a",
    "the function of a defined step",
    { declare: defined("(_: any, { config }: any) => config.k * 2"), main: "defined", options: "{ config: { k: 10 } }" },
    { declare: defined("(_: any, { config }: any) => config.k * 3") },
    [20, 30],
  ),
  helper("a defined step that is called", (n) => defined(`(x: number) => x * ${n}`), "return defined(10);", [20, 30]),
  helper(
    "a default of a defined step that is run inside",
    (n) => `import { run } from "consist";\n${defined("(_: any, { config }: any) => config.k", `config: { k: ${n} }, outputs: ["k"]`)}`,
    'return run({ fn: defined, name: "a_default_inside" }).load();',
    [2, 3],
  ),
];
