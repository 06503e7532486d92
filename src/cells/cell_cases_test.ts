/** Cells, and what becomes of them: the corpus of the analysis. */

/** A cell with what is expected of it. */
export interface CellCase {
  /** What it shows. */
  readonly name: string;
  /** Names that step cells before it made. */
  readonly made?: readonly string[];
  /** Names of other cells that are lists or maps. */
  readonly collections?: readonly string[];
  /** The cell. */
  readonly code: string;
  /** A step, with its outputs as they are declared and its inputs among `made`. */
  readonly step?: { readonly name: string; readonly outputs: readonly string[]; readonly inputs?: readonly string[] };
  /** A plain cell that says why. */
  readonly plain?: RegExp;
  /** A plain cell that says nothing. */
  readonly silent?: true;
  /** An error instead. */
  readonly refused?: RegExp;
}

const step = (name: string, outputs: readonly string[], inputs: readonly string[] = []) => ({ step: { name, outputs, inputs } });

/** All of them. */
export const CELL_CASES: readonly CellCase[] = [
  // options
  {
    name: "a step with a name and an output",
    code: `//| step: clean\n//| outputs: cleaned\nconst cleaned = 1;`,
    ...step("clean", ["const cleaned"]),
  },
  {
    name: "step alone: all declarations",
    code: `//| step\nconst a = 1; let b = 2; var c = 3;`,
    ...step("a_b_c", ["const a", "let b", "var c"]),
  },
  { name: "step alone with a colon", code: `//| step:\nconst a = 1;`, ...step("a", ["const a"]) },
  { name: "step alone with a comment", code: `//| step # the rows\nconst a = 1;`, ...step("a", ["const a"]) },
  { name: "step with a semicolon", code: `//| step;\nconst a = 1;`, refused: /They are no YAML/ },
  { name: "step: true", code: `//| step: true\nconst a = 1;`, ...step("a", ["const a"]) },
  { name: "step: false is no step", code: `//| step: false\nconst a = 1;`, silent: true },
  {
    name: "the label is the name",
    code: `//| label: fig-rain\n//| step\nconst a = 1, b = 2;`,
    ...step("fig-rain", ["const a", "const b"]),
  },
  {
    name: "a list in flow form",
    code: `//| step: s\n//| outputs: [a, b]\nconst a = 1, b = 2, c = 3;`,
    ...step("s", ["const a", "const b"]),
  },
  {
    name: "a list in block form",
    code: `//| step: s\n//| outputs:\n//|   - a\n//|   - b\nconst a = 1, b = 2;`,
    ...step("s", ["const a", "const b"]),
  },
  { name: "a list with commas", code: `//| step: s\n//| outputs: a, b\nconst a = 1, b = 2;`, ...step("s", ["const a", "const b"]) },
  { name: "no outputs", code: `//| step: report\n//| outputs: []\nconst a = 1; console.log(a);`, ...step("report", []) },
  { name: "nothing declared, with a name", code: `//| step: report\nconsole.log(1);`, ...step("report", []) },
  { name: "nothing declared, without a name", code: `//| step\nconsole.log(1);`, refused: /has no name/ },
  { name: "empty lines before the options", code: `\n\n//| step: s\nconst a = 1;`, ...step("s", ["const a"]) },
  { name: "Windows' ends of lines", code: `//| step: s\r\n//| outputs: a\r\nconst a = 1;\r\n`, ...step("s", ["const a"]) },
  { name: "no space behind the bar", code: `//|step: s\n//|outputs: a\nconst a = 1;`, ...step("s", ["const a"]) },
  { name: "options below code are comments", code: `const a = 1;\n//| step: s`, silent: true },
  {
    name: "Quarto's own options",
    code: `//| step: s\n//| echo: false\n//| fig-cap: "A: figure"\n//| tags: [x]\n//| warning: false\nconst a = 1;`,
    ...step("s", ["const a"]),
  },
  { name: "Quarto's options without a step", code: `//| label: fig-x\n//| echo: false\nconst a = 1;`, silent: true },
  {
    name: "an option that is nearly one",
    code: `//| step: s\n//| ouputs: a\nconst a = 1;`,
    refused: /no option "ouputs"[^]*Did you mean "outputs"/,
  },
  { name: "output for outputs", code: `//| step: s\n//| output: a\nconst a = 1;`, refused: /Did you mean "outputs"/ },
  { name: "Quarto's output", code: `//| step: s\n//| output: false\nconst a = 1;`, ...step("s", ["const a"]) },
  { name: "an option that nobody knows", code: `//| step: s\n//| colour: red\nconst a = 1;`, refused: /no option "colour"/ },
  { name: "no YAML", code: `//| step: s\n//| outputs: [a\nconst a = 1;`, refused: /They are no YAML/ },
  {
    name: "a step without its colon",
    code: `//| step clean\nconst a = 1;`,
    refused: /A colon stands behind the name: "\/\/\| step: clean"/,
  },
  {
    name: "the same before other options",
    code: `//| step clean\n//| outputs: a\nconst a = 1;`,
    refused: /A colon stands behind the name: "\/\/\| step: clean"/,
  },
  { name: "an option twice", code: `//| step: s\n//| step: t\nconst a = 1;`, refused: /no YAML[^]*unique/ },
  { name: "a year that is none", code: `//| step: s\n//| year: soon\nconst a = 1;`, refused: /"year"[^]*whole number/ },
  { name: "a cache that is none", code: `//| step: s\n//| cache: maybe\nconst a = 1;`, refused: /"cache"[^]*true or false/ },
  { name: "a facet that is none", code: `//| step: s\n//| facet: blue\nconst a = 1;`, refused: /"facet"[^]*mapping/ },
  { name: "outputs that are no names", code: `//| step: s\n//| outputs: [a-b]\nconst a = 1;`, refused: /"outputs"[^]*names/ },
  {
    name: "an output that is not declared",
    code: `//| step: s\n//| outputs: cleand\nconst cleaned = 1;`,
    refused: /"cleand"[^]*declares "cleaned"[^]*Did you mean "cleaned"/,
  },
  { name: "options of ours without a step", code: `//| outputs: a\nconst a = 1;`, plain: /"outputs" and no option "step"/ },
  { name: "nearly a step", code: `//| setp: a\nconst a = 1;`, plain: /Did you mean "step"\?$/ },
  // declarations
  {
    name: "destructuring",
    code: `//| step: s\nconst { a, b: { c }, ...rest } = data; const [d, , e = 3] = list;`,
    ...step("s", ["const a", "const c", "const rest", "const d", "const e"]),
  },
  { name: "one name of a pattern", code: `//| step: s\n//| outputs: c\nconst { a, b: { c } } = data;`, ...step("s", ["const c"]) },
  {
    name: "types, generics, assertions",
    code:
      `//| step: s\ntype A<T> = { a: T };\ninterface B extends A<number> { b: string }\nconst id = <T,>(x: T): T => x;\n//\nconst a = id<number>(1) as unknown as B satisfies B;`,
    plain: /"id" is a function/,
  },
  {
    name: "types beside an output",
    code: `//| step: s\n//| outputs: a\ntype A<T> = { a: T };\nconst id = <T,>(x: T): T => x;\nconst a: A<number> = { a: id<number>(1)! };`,
    ...step("s", ["const a"]),
  },
  {
    name: "an enum is an object",
    code: `//| step: s\nenum Colour { Red = 1, Green, Blue = "}" as never }\nconst a = Colour.Red;`,
    ...step("s", ["var Colour", "const a"]),
  },
  {
    name: "a const enum",
    code: `//| step: s\n//| outputs: a\nconst enum Colour { Red = 1, // }\n  Green }\nconst a = Colour.Green;`,
    ...step("s", ["const a"]),
  },
  { name: "declare is only a type", code: `//| step: s\ndeclare const x: number;\nconst a = x;`, ...step("s", ["const a"]) },
  {
    name: "a namespace",
    code: `//| step: s\nnamespace N { export const x = 1 }\nconst a = N.x;`,
    plain: /cannot be read here \(a TypeScript namespace is more than a type/,
  },
  {
    name: "a parameter property",
    code: `//| step: s\nclass P { constructor(private x: number) {} }\nconst a = 1;`,
    plain: /parameter property/,
  },
  { name: "JSX", code: `//| step: s\nconst a = <div>x</div>;`, plain: /cannot be read/ },
  { name: "a decorator", code: `//| step: s\n//| outputs: a\n@dec class X {}\nconst a = 1;`, plain: /cannot be read/ },
  { name: "exports", code: `//| step: s\nexport const a = 1;\nexport let b = 2;`, ...step("s", ["const a", "let b"]) },
  { name: "another export", code: `//| step: s\nconst a = 1;\nexport { a };`, plain: /exports something else/ },
  {
    name: "loops and blocks",
    code:
      `//| step: s\nlet sum = 0;\nfor (const x of list) { const y = x * 2; sum += y; }\nwhile (sum > 10) sum--;\nlabel: for (;;) break label;`,
    ...step("s", ["let sum"]),
  },
  { name: "var in a block is a name of the cell", code: `//| step: s\nif (flag) { var a = 1; }`, ...step("s", ["var a"]) },
  {
    name: "await, try and classes of its own",
    code:
      `//| step: s\n//| outputs: a\nclass P { #x = 1; static make() { return new P(); } get x() { return this.#x; } }\nlet a;\ntry { a = (await load()).x; } catch { a = P.make().x; }`,
    ...step("s", ["let a"]),
  },
  {
    name: "imports are no outputs",
    code:
      `//| step: s\nimport { readFile, type Stats } from "node:fs/promises";\nimport type { X } from "./nowhere.ts";\nimport path, * as all from "node:path";\nconst a = path.basename("x");`,
    ...step("s", ["const a"]),
  },
  {
    name: "names with a dollar and letters of other languages",
    code: `//| step: s\nconst $x = 1, größe = 2, 数 = 3;`,
    ...step("s", ["const $x", "const größe", "const 数"]),
  },
  { name: "a function as output", code: `//| step: s\nfunction f() {}\nconst a = f();`, plain: /"f" is a function/ },
  { name: "a class as output", code: `//| step: s\nclass K {}`, plain: /"K" is a class/ },
  { name: "a class expression as output", code: `//| step: s\nconst K = class {};`, plain: /"K" is a class/ },
  { name: "an arrow as output", code: `//| step: s\nconst f = async () => 1;`, plain: /"f" is a function/ },
  { name: "a Proxy as output", code: `//| step: s\nconst p = new Proxy({}, {});`, plain: /"p" is a Proxy/ },
  {
    name: "a function that is no output",
    code: `//| step: s\n//| outputs: a\nfunction f() { return 1; }\nconst a = f();`,
    ...step("s", ["const a"]),
  },
  // what it uses
  {
    name: "outputs of other steps are inputs",
    made: ["raw", "other"],
    code: `//| step: s\nconst a = raw.length;`,
    ...step("s", ["const a"], ["raw"]),
  },
  {
    name: "an input in a function",
    made: ["raw"],
    code: `//| step: s\n//| outputs: a\nconst f = () => raw;\nconst a = f();`,
    ...step("s", ["const a"], ["raw"]),
  },
  {
    name: "a shadowed name is no input",
    made: ["raw"],
    code: `//| step: s\n//| outputs: a\nconst f = (raw) => raw; const a = f(1);`,
    ...step("s", ["const a"]),
  },
  { name: "a name in a type is no input", made: ["raw"], code: `//| step: s\nconst a: typeof raw = 1 as any;`, ...step("s", ["const a"]) },
  {
    name: "a member's name is no input",
    made: ["raw"],
    code: `//| step: s\nconst a = x.raw + ({ raw: 1 }).raw;`,
    ...step("s", ["const a"]),
  },
  {
    name: "shorthand and template texts",
    made: ["raw", "other"],
    code: "//| step: s\nconst a = { raw, b: `${other}` };",
    ...step("s", ["const a"], ["other", "raw"]),
  },
  { name: "its own output is no input", made: ["a"], code: `//| step: s\nconst a = 1;`, ...step("s", ["const a"]) },
  {
    name: "its import is no input",
    made: ["raw"],
    code: `//| step: s\nimport { raw } from "./raw.ts";\nconst a = raw;`,
    ...step("s", ["const a"]),
  },
  // what a hit would leave undone
  { name: "assigning to a name of another cell", code: `//| step: s\nconst a = 1; total = a;`, plain: /assigns to "total"/ },
  { name: "counting in another cell", code: `//| step: s\nconst a = n++;`, plain: /assigns to "n"/ },
  {
    name: "a destructuring assignment",
    code: `//| step: s\nconst a = 1; [total, other.x] = [a, a];`,
    plain: /assigns to "total"|changes "other"/,
  },
  { name: "assigning to a member", code: `//| step: s\nconst a = 1; state.a = a;`, plain: /changes "state"/ },
  { name: "deleting a member", code: `//| step: s\nconst a = delete state.a;`, plain: /changes "state"/ },
  { name: "pushing to a list of another cell", code: `//| step: s\nconst a = 1; list.push(a);`, plain: /changes "list"/ },
  { name: "sorting a list of another cell", collections: ["list"], code: `//| step: s\nconst a = list.sort();`, plain: /changes "list"/ },
  { name: "sorting a frame of another cell", code: `//| step: s\nconst a = frame.sort("x");`, ...step("s", ["const a"]) },
  {
    name: "sorting an input is seen when it happens",
    made: ["raw"],
    code: `//| step: s\nconst a = raw.sort();`,
    ...step("s", ["const a"], ["raw"]),
  },
  { name: "a list of its own", code: `//| step: s\nconst a = []; a.push(1); a.sort(); a[0] = 3;`, ...step("s", ["const a"]) },
  {
    name: "Object.assign to another cell's",
    code: `//| step: s\nconst a = Object.assign(state, { b: 1 });`,
    plain: /changes "state" by Object.assign/,
  },
  { name: "Object.assign to its own", code: `//| step: s\nconst a = Object.assign({}, state);`, ...step("s", ["const a"]) },
  { name: "a global", code: `//| step: s\nglobalThis.a = 1; const b = 2;`, plain: /it changes globalThis\.a, which other cells see/ },
  {
    name: "a global in a function",
    code: `//| step: s\nconst b = [1].map((x) => { window.seen.last = x; return x; });`,
    plain: /changes window\.seen\.last/,
  },
  { name: "a global by a computed name", code: `//| step: s\nconst b = 1; globalThis[key] = b;`, plain: /changes a member of globalThis/ },
  { name: "a global that is deleted", code: `//| step: s\nconst b = delete globalThis.x;`, plain: /changes globalThis\.x/ },
  { name: "reading a global", code: `//| step: s\nconst a = globalThis.setting;`, ...step("s", ["const a"]) },
  { name: "the global object as a whole", code: `//| step: s\nconst a = Object.keys(globalThis);`, plain: /uses "globalThis" itself/ },
  { name: "waiting", code: `//| step: s\nawait new Promise((resolve) => setTimeout(resolve, 10));\nconst a = 1;`, plain: /setTimeout/ },
  {
    name: "waiting by node's timers",
    code: `//| step: s\nimport { setTimeout as sleep } from "node:timers/promises";\nawait sleep(10);\nconst a = 1;`,
    plain: /"sleep" of node:timers/,
  },
  { name: "eval", code: `//| step: s\nconst a = eval("1");`, plain: /builds code at run time/ },
  { name: "new Function", code: `//| step: s\nconst a = new Function("return 1")();`, plain: /builds code at run time/ },
  { name: "using", code: `//| step: s\n//| outputs: a\nusing file = open();\nconst a = 1;`, plain: /"file" is declared with using/ },
  {
    name: "await using in a block is its own affair",
    code: `//| step: s\n//| outputs: a\nlet a;\n{ await using file = open(); a = 1; }`,
    ...step("s", ["let a"]),
  },
  { name: "asking the user", code: `//| step: s\nconst a = prompt("?");`, plain: /asks the user/ },
  { name: "changing the folder", code: `//| step: s\nDeno.chdir("x"); const a = 1;`, plain: /Deno\.chdir/ },
  { name: "setting the environment", code: `//| step: s\nDeno.env.set("x", "y"); const a = 1;`, plain: /Deno\.env\.set/ },
  { name: "reading the environment", code: `//| step: s\nconst a = Deno.env.get("x");`, ...step("s", ["const a"]) },
  { name: "serving", code: `//| step: s\nconst a = Deno.serve(() => new Response("x"));`, plain: /Deno\.serve/ },
  {
    name: "setting the tracker",
    code: `//| step: s\nimport { useTracker } from "consist";\nuseTracker(tracker); const a = 1;`,
    plain: /useTracker/,
  },
  {
    name: "reading a file of its text",
    code: `//| step: s\nconst path = "a.csv";\n//\nconst a = pl.readCSV(path).height + Deno.readTextFileSync("b.txt").length;`,
    ...step("s", ["const path", "const a"]),
  },
  { name: "reading a file that another cell names", code: `//| step: s\nconst a = pl.scanParquet(place);`, ...step("s", ["const a"]) },
  {
    name: "reading a file that only the run tells",
    code: "//| step: s\nconst a = [2030].map((year) => pl.readCSV(`rain_${year}.csv`));",
    plain: /reads a file by pl\.readCSV/,
  },
  {
    name: "the same with its files told",
    code: "//| step: s\n//| inputs: rain_*.csv\nconst a = [2030].map((year) => pl.readCSV(`rain_${year}.csv`));",
    ...step("s", ["const a"]),
  },
  { name: "the same where it reads none", code: "//| step: s\n//| inputs: []\nconst a = pl.readCSV(texts[0]);", ...step("s", ["const a"]) },
  {
    name: "reading by node's functions",
    code: `//| step: s\nimport { readFile } from "node:fs/promises";\nconst a = await readFile(paths[0]);`,
    plain: /reads a file by readFile/,
  },
  {
    name: "reading by a module of another cell",
    code: `//| step: s\nconst a = fs.readFileSync(paths[0]);`,
    plain: /reads a file by fs\.readFileSync/,
  },
  { name: "the same where the text tells", code: `//| step: s\nconst a = fs.promises.readFile("a.txt");`, ...step("s", ["const a"]) },
  {
    name: "reading by a function that got another name",
    code: `//| step: s\nconst read = Deno.readTextFile; const a = 1;`,
    plain: /readTextFile/,
  },
  {
    name: "reading by a function taken out of Deno",
    code: `//| step: s\nconst { readTextFile } = Deno; const a = 1;`,
    plain: /reads a file by readTextFile/,
  },
  { name: "reading by a function taken out of polars", code: `//| step: s\nconst { readCSV: r } = pl; const a = r(x);`, plain: /readCSV/ },
  {
    name: "reading by a computed member",
    code: `//| step: s\nconst a = Deno["readTextFile"](path());`,
    plain: /reads a file by readTextFile/,
  },
  {
    name: "reading by an imported name",
    code: `//| step: s\nimport { readCSV as r } from "polars";\nconst a = paths.map(r);`,
    plain: /reads a file by r/,
  },
  {
    name: "reading a path whose name means something else inside",
    code:
      `//| step: s\n//| outputs: a\nconst path = "a.csv"; const read = (path) => Deno.readTextFile(path); const a = await read(places[0]);`,
    plain: /reads a file by Deno\.readTextFile/,
  },
  {
    name: "the same with a name of another cell",
    code: `//| step: s\nconst a = path.length; for (const path of places) console.log(await Deno.readTextFile(path));`,
    plain: /reads a file by Deno\.readTextFile/,
  },
  {
    name: "listing a folder",
    code: `//| step: s\nconst a = [...Deno.readDirSync("data")].length;`,
    plain: /reads a file by Deno\.readDirSync/,
  },
  {
    name: "the same with its files told",
    code: `//| step: s\n//| inputs: data/*\nconst a = [...Deno.readDirSync("data")].length;`,
    ...step("s", ["const a"]),
  },
  {
    name: "writing a file",
    code: `//| step: s\nconst a = 1; await Deno.writeTextFile("x", "y");`,
    plain: /writes files by Deno\.writeTextFile/,
  },
  { name: "writing a frame", code: `//| step: s\nconst a = 1; frame.writeCSV("x.csv");`, plain: /writes files by frame\.writeCSV/ },
  {
    name: "writing by node",
    code: `//| step: s\nimport { rm as away } from "node:fs/promises";\nconst a = await away("x");`,
    plain: /writes files by away/,
  },
  {
    name: "writing by all of node:fs",
    code: `//| step: s\nimport fs from "node:fs";\nconst a = fs.mkdirSync("x");`,
    plain: /writes files by fs\.mkdirSync/,
  },
  {
    name: "reading by node",
    code: `//| step: s\nimport fs from "node:fs";\nconst a = fs.readFileSync("x", "utf8");`,
    ...step("s", ["const a"]),
  },
  { name: "removing from a list of its own", code: `//| step: s\nconst a = tree.remove(1);`, ...step("s", ["const a"]) },
  {
    name: "keeping something in a store",
    code: `//| step: s\nlocalStorage.setItem("a", "b"); const a = 1;`,
    plain: /localStorage\.setItem/,
  },
  { name: "a syntax error", code: `//| step: s\nconst = 1;`, plain: /cannot be read here/ },
];
