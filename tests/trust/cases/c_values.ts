/** c: a captured or global constant, or the content of a captured object, changed. */
import { misses, PROGRAMS, type TrustCase } from "../case.ts";

/** A value in two versions. */
const value = (
  name: string,
  declare: (n: number) => string,
  body = "return k;",
  results: readonly [unknown, unknown] = [2, 3],
  says?: RegExp,
) => misses("c", name, { declare: declare(2), body }, { declare: declare(3) }, results, says === undefined ? {} : { says });

const polars = 'import pl from "polars";\n';

/** Row c. */
export const VALUES: readonly TrustCase[] = [
  value("a number", (n) => `const k = ${n};`, "return k;", [2, 3], /\bk\b.*2 → 3/),
  value("a text", (n) => `const k = "t${n}";`, "return k;", ["t2", "t3"]),
  value("a boolean", (n) => `const k = ${n === 2};`, "return k;", [true, false]),
  value("a big integer", (n) => `const k = ${n}n;`, "return String(k);", ["2", "3"]),
  value("null and undefined", (n) => `const k = ${n === 2 ? "null" : "undefined"};`, "return String(k);", ["null", "undefined"]),
  value("0 and -0", (n) => `const k = ${n === 2 ? "0" : "-0"};`, "return 1 / k > 0;", [true, false]),
  value("NaN and Infinity", (n) => `const k = ${n === 2 ? "NaN" : "Infinity"};`, "return String(k);", ["NaN", "Infinity"]),
  value("one of two native functions of one name", (n) => `const k: any = ${n === 2 ? "isNaN" : "Number.isNaN"};`, 'return k("x");', [
    true,
    false,
  ]),
  value(
    "what this is in an arrow function of an object",
    (n) => `class Car { seats = ${n}; ask = () => this.seats; }\nconst k = new Car();`,
    "return k.ask();",
  ),
  value(
    "what this is in an arrow function of a class",
    (n) => `class Car { static seats = ${n}; static ask = () => this.seats; }`,
    "return Car.ask();",
  ),
  value(
    "what this is in a private arrow function",
    (n) => `class Car { seats = ${n}; #ask = () => this.seats; asked() { return this.#ask(); } }\nconst k = new Car();`,
    "return k.asked();",
  ),
  value("a method of the console, replaced", (n) => `console.dirxml = (() => ${n}) as any;`, "return (console as any).dirxml();"),
  value(
    "a method of the console, bound",
    (n) => `console.dirxml = (function (this: any) { return this.n; }).bind({ n: ${n} });`,
    "return (console as any).dirxml();",
  ),
  value("a number and its text", (n) => `const k: any = ${n === 2 ? "7" : '"7"'};`, "return typeof k;", ["number", "string"]),
  value("a template text", (n) => `const part = ${n};\nconst k = \`t\${part}\`;`, "return k;", ["t2", "t3"]),
  value("a regular expression", (n) => `const k = /a{${n}}/;`, 'return "aaa".match(k)![0];', ["aa", "aaa"]),
  value("flags of a regular expression", (n) => `const k = /A/${n === 2 ? "" : "i"};`, 'return k.test("a");', [false, true]),
  value("a Date", (n) => `const k = new Date(${n});`, "return k.getTime();"),
  value("a member of a list", (n) => `const k = [1, [${n}]];`, "return k;", [[1, [2]], [1, [3]]]),
  value("the length of a list", (n) => `const k = Array(${n}).fill(0);`, "return k.length;"),
  value("one of 1,000 numbers", (n) => `const k = Array.from({ length: 1000 }, (_, i) => i === 777 ? ${n} : i);`, "return k[777];"),
  value("a hole in a list", (n) => `const k = ${n === 2 ? "[, 1]" : "[undefined, 1]"};`, "return 0 in k;", [false, true]),
  value("a property of an object", (n) => `const k = { a: { b: ${n} } };`, "return k.a.b;", [2, 3], /\bk\b/),
  value("the name of a property", (n) => `const k = { a${n}: 1 };`, "return Object.keys(k);", [["a2"], ["a3"]]),
  value("the order of properties", (n) => `const k = ${n === 2 ? "{ a: 1, b: 2 }" : "{ b: 2, a: 1 }"};`, "return Object.keys(k);", [
    ["a", "b"],
    ["b", "a"],
  ]),
  value(
    "a property by symbol",
    (n) => `const key = Symbol("key");\nconst k = { [key]: ${n} };`,
    "return (k as any)[Object.getOwnPropertySymbols(k)[0]!];",
  ),
  value("an object without a prototype", (n) => `const k = Object.assign(Object.create(null), { a: ${n} });`, "return k.a;"),
  value("a frozen object", (n) => `const k = Object.freeze({ a: ${n} });`, "return k.a;"),
  value("a Map", (n) => `const k = new Map([["a", ${n}]]);`, 'return k.get("a");'),
  value("a key of a Map", (n) => `const k = new Map([[${n}, "a"]]);`, "return [...k.keys()];", [[2], [3]]),
  value("a Set", (n) => `const k = new Set([${n}]);`, "return [...k];", [[2], [3]]),
  value("a typed array", (n) => `const k = new Float64Array([1, ${n}]);`, "return k[1];"),
  value("the kind of a typed array", (n) => `const k = new ${n === 2 ? "Uint8Array" : "Int8Array"}([200]);`, "return k[0];", [200, -56]),
  value("bytes of a buffer", (n) => `const k = new Uint8Array([${n}]).buffer;`, "return new Uint8Array(k)[0];"),
  value("a URL", (n) => `const k = new URL("https://example.org/${n}");`, "return k.pathname;", ["/2", "/3"]),
  value("an Error's message", (n) => `const k = new Error("e${n}");`, "return k.message;", ["e2", "e3"]),
  value("a field of an instance", (n) => `class Car { constructor(public seats: number) {} }\nconst k = new Car(${n});`, "return k.seats;"),
  value(
    "a private field",
    (n) => `class Safe { #n: number; constructor(n: number) { this.#n = n; } get() { return this.#n; } }\nconst k = new Safe(${n});`,
    "return k.get();",
  ),
  value("a static field", (n) => `class Config { static k = ${n}; }`, "return Config.k;"),
  value("a static private field", (n) => `class Vault { static #k = ${n}; static get() { return Vault.#k; } }`, "return Vault.get();"),
  value(
    "the class of an object",
    (n) => `class One { go() { return 2; } }\nclass Two { go() { return 3; } }\nconst k = new ${n === 2 ? "One" : "Two"}();`,
    "return k.go();",
  ),
  value("a property of a function", (n) => `const k = Object.assign(() => 0, { a: ${n} });`, "return k.a;"),
  value("what a constant was made from", (n) => `const base = ${n};\nconst k = base * 10;`, "return k;", [20, 30]),
  value("a destructured constant", (n) => `const { k } = { k: ${n} };`),
  value("a constant that a helper uses", (n) => `const k = ${n};\nconst uses = () => k;`, "return uses();"),
  value("a constant as a default parameter", (n) => `const k = ${n};\nconst uses = (x = k) => x;`, "return uses();"),
  value("a constant as a computed key", (n) => `const k = "a${n}";`, "return Object.keys({ [k]: 1 });", [["a2"], ["a3"]]),
  value("a constant that a class uses", (n) => `const k = ${n};\nclass Uses { go() { return k; } }`, "return new Uses().go();"),
  value(
    "a constant in a static block",
    (n) => `const k = ${n};\nclass Block { static v: number; static { Block.v = k; } }`,
    "return Block.v;",
  ),
  value("a let that was assigned", (n) => `let letK = 0;\nletK = ${n};`, "return letK;"),
  value("a var", (n) => `var varK = ${n};`, "return varK;"),
  // a cell that declares an enum again adds to the one that is there: there is no way back in one kernel
  misses("c", "an enum", { declare: "enum Kind { A = 2 }", body: "return Kind.A;" }, { declare: "enum Kind { A = 3 }" }, [2, 3], {
    back: false,
  }),
  // Deno's kernel loses it between two cells
  misses(
    "c",
    "a const enum",
    { declare: "const enum Fixed { A = 2 }", body: "return Fixed.A;" },
    { declare: "const enum Fixed { A = 3 }" },
    [2, 3],
    { where: PROGRAMS },
  ),
  value("a global", (n) => `(globalThis as any).trustGlobal = ${n};`, "return (globalThis as any).trustGlobal;"),
  value("a global by its bare name", (n) => `(globalThis as any).trustBare = ${n};\ndeclare const trustBare: number;`, "return trustBare;"),
  value(
    "the content of a global",
    (n) => `(globalThis as any).trustStore = { list: [${n}] };`,
    "return (globalThis as any).trustStore.list[0];",
  ),
  value("an object with a cycle", (n) => `const k: any = { a: ${n} };\nk.self = k;`, "return k.self.self.a;"),
  value(
    "one object in two places, or two equal ones",
    (n) => `const one = { a: 1 };\nconst k = [one, ${n === 2 ? "one" : "{ a: 1 }"}];`,
    "return k[0] === k[1];",
    [true, false],
  ),
  value("what a list got later", (n) => `const k: number[] = [];\nk.push(${n});`, "return k;", [[2], [3]]),
  misses(
    "c",
    "a list that later code changes in place",
    { declare: "const grown = [1];", body: "return [...grown];" },
    { also: "grown.push(2);" },
    [[1], [1, 2]],
    {
      back: false,
    },
  ),
  misses(
    "c",
    "a Map that later code changes in place",
    { declare: "const places = new Map<string, number>();", body: 'return places.get("a") ?? 0;' },
    {
      also: 'places.set("a", 1);',
    },
    [0, 1],
    { back: false },
  ),
  value("the value that a getter gives", (n) => `const k = ${n};\nconst box = { get v() { return k; } };`, "return box.v;"),
  value("what a closure captured", (n) => `const makeK = (n: number) => () => n;\nconst k = makeK(${n});`, "return k();"),
  value(
    "what two closures share",
    (n) =>
      `const shared = (n: number) => { const set = { n }; return [() => set.n, (m: number) => { set.n = m; }] as const; };\nconst [get, put] = shared(0);\nput(${n});`,
    "return get();",
  ),
  value(
    "what a bound function was bound to",
    (n) => `const target = function (this: { n: number }) { return this.n; };\nconst k = target.bind({ n: ${n} });`,
    "return k();",
  ),
  value("a bound argument", (n) => `const target = (n: number) => n;\nconst k = target.bind(null, ${n});`, "return k();"),
  value("a constant of a block", (n) => `let ofBlock: () => number;\n{ const inner = ${n}; ofBlock = () => inner; }`, "return ofBlock();"),
  value(
    "a loop's variable",
    (n) => `const made: (() => number)[] = [];\nfor (let i = 0; i < 5; i++) made.push(() => i);\nconst k = made[${n}]!;`,
    "return k();",
  ),
  misses("c", "what a factory was given", { declare: "const make = (k: number) => () => k;", main: "make(2)" }, { main: "make(3)" }, [
    2,
    3,
  ]),
  misses(
    "c",
    "an object that a factory was given",
    { declare: "const makeFrom = (k: { a: number }) => () => k.a;", main: "makeFrom({ a: 2 })" },
    { main: "makeFrom({ a: 3 })" },
    [2, 3],
  ),
  misses("c", "a bound step's argument", { declare: "const target = (n: number) => n;", main: "target.bind(null, 2)" }, {
    main: "target.bind(null, 3)",
  }, [2, 3]),
  value("a DataFrame", (n) => `${polars}const k = pl.DataFrame({ a: [1, ${n}] });`, 'return k.getColumn("a").sum();', [3, 4]),
  value("a column's name of a DataFrame", (n) => `${polars}const k = pl.DataFrame({ a${n}: [1] });`, "return k.columns;", [["a2"], ["a3"]]),
  value(
    "a polars expression",
    (n) => `${polars}const k = pl.col("a").gt(${n - 1});\nconst frame = pl.DataFrame({ a: [1, 2, 3] });`,
    "return frame.filter(k).height;",
    [2, 1],
  ),
  value(
    "a LazyFrame",
    (n) => `${polars}const k = pl.DataFrame({ a: [1, ${n}] }).lazy();`,
    'return (await k.collect()).getColumn("a").sum();',
    [3, 4],
  ),
  value("a zod schema", (n) => `import { z } from "zod";\nconst k = z.number().max(${n});`, "return k.safeParse(3).success;", [
    false,
    true,
  ]),
  value(
    "a function inside a zod schema",
    (n) => `import { z } from "zod";\nconst k = z.number().transform((v) => v * ${n});`,
    "return k.parse(1);",
  ),
  value("a number format", (n) => `const k = new Intl.NumberFormat("en", { minimumFractionDigits: ${n} });`, "return k.format(1);", [
    "1.00",
    "1.000",
  ]),
  value(
    "an earlier run's result",
    (n) =>
      `import { run } from "consist";\nconst earlier = await run({ name: "c_captured_result", fn: (_: any, { config }: any) => config.n, config: { n: ${n} }, outputs: ["v"] });`,
    "return earlier.load();",
  ),
  value(
    "an earlier run's artifact",
    (n) =>
      `import { run } from "consist";\nconst { outputs: { v: kept } } = await run({ name: "c_captured_artifact", fn: (_: any, { config }: any) => config.n, config: { n: ${n} }, outputs: ["v"] });`,
    "return kept.load();",
  ),
  value(
    "a captured query",
    (n) => `import { sql } from "consist";\nconst kept = sql\`select ${n} as v\`;`,
    "return (await kept.rows())[0]!.v;",
    [2, 3],
    /captured kept/,
  ),
  value(
    "a parameter of a query that a captured one is made from",
    (n) => `import { sql } from "consist";\nconst inner = sql\`select \${${n}} as v\`;\nconst kept = sql\`select v from \${inner}\`;`,
    "return (await kept.rows())[0]!.v;",
  ),
  value(
    "a DataFrame in a captured query",
    (n) => `import { sql } from "consist";\n${polars}const kept = sql\`select max(v) as v from \${pl.DataFrame({ v: [1, ${n}] })}\`;`,
    "return (await kept.rows())[0]!.v;",
  ),
];
