/** l: the identity of the code or of the config cannot be established: it executes and says why, or is refused with the place. */
import { executes, type Project, type TrustCase } from "../case.ts";

const unknown = (name: string, project: Project, result: unknown, says: RegExp) => executes("l", name, project, result, says);
/** A config that is no plain data is an error: nothing is guessed. */
const refused = (name: string, config: string, says: RegExp, declare = ""): TrustCase => {
  const stage = { expect: "refused", result: "config_not_plain", says } as const;
  return {
    row: "l",
    name,
    where: ["deno run", "kernel", "worker process"],
    stages: [{ declare, body: "return 1;", options: `{ config: ${config} }`, ...stage }, stage],
  };
};

/** Row l. */
export const UNKNOWN: readonly TrustCase[] = [
  unknown("eval", { body: 'return eval("1 + 1");' }, 2, /eval/),
  unknown("new Function", { body: 'return new Function("return 2")();' }, 2, /Function/),
  unknown("import() of a computed name", { body: 'const name = "./lib.ts"; void (() => import(name)); return 2;' }, 2, /import/),
  unknown("a Proxy", { declare: "const veil = new Proxy({ k: 2 }, {});", body: "return veil.k;" }, 2, /Proxy/),
  unknown(
    "a captured query that gives something else each time",
    {
      declare: 'import { sql } from "consist";\nconst drawn = sql`select 2 as v, random() as r`;',
      body: "return (await drawn.rows())[0]!.v;",
    },
    2,
    /drawn/,
  ),
  unknown("a Promise", { declare: "const promised = Promise.resolve(2);", body: "return promised;" }, 2, /Promise/),
  unknown("a WeakMap", { declare: "const key = {};\nconst weak = new WeakMap([[key, 2]]);", body: "return weak.get(key);" }, 2, /weak/),
  unknown("an iterator", { declare: "const running = [2].values();", body: "void running; return 2;" }, 2, /running/),
  unknown(
    "a native handle",
    { declare: "const controller = new AbortController();", body: "return controller.signal.aborted ? 1 : 2;" },
    2,
    /controller/,
  ),
  unknown(
    "a Proxy deep inside a captured object",
    { declare: "const nested = { a: [{ b: new Proxy({ k: 2 }, {}) }] };", body: "return nested.a[0]!.b.k;" },
    2,
    /Proxy/,
  ),
  unknown(
    "a Proxy that a helper uses",
    { declare: "const far = new Proxy({ k: 2 }, {});\nconst takes = () => far.k;", body: "return takes();" },
    2,
    /Proxy/,
  ),
  unknown(
    "what this is in an arrow function that a method made",
    { declare: "class Car { seats = 2; asks() { return () => this.seats; } }\nconst ask = new Car().asks();", body: "return ask();" },
    2,
    /this of an arrow/,
  ),
  unknown(
    "an arrow function of an object, copied to another one",
    {
      declare: "class Car { constructor(public seats: number) {} ask = () => this.seats; }\nconst old = new Car(2);\n" +
        "const car = Object.assign(new Car(3), old, { seats: 4 });",
      body: "return car.ask();",
    },
    2,
    /this of an arrow.*copied/,
  ),
  unknown("a Proxy as the step", { main: "new Proxy(() => 2, {})" }, 2, /Proxy/),
  unknown("eval in a helper", { declare: 'const computed = () => eval("2");', body: "return computed();" }, 2, /eval/),
  unknown(
    "import.meta in the step's file",
    {
      declare: 'import { where } from "./lib.ts";',
      body: "return where().endsWith('lib.ts');",
      files: { "lib.ts": "export const where = () => import.meta.url;\n" },
    },
    true,
    /import\.meta/,
  ),
  unknown(
    "WebAssembly",
    {
      declare:
        "const wasm: any = (await WebAssembly.instantiate(new Uint8Array([0,97,115,109,1,0,0,0,1,5,1,96,0,1,127,3,2,1,0,7,5,1,1,102,0,0,10,6,1,4,0,65,2,11]))).instance.exports.f;",
      body: "return wasm();",
    },
    2,
    /native code/,
  ),
  unknown(
    "source mode does not look further, and says nothing wrong: a native function",
    {
      main: "Math.max",
      options: '{ cacheOptions: { codeIdentity: "source" }, outputs: ["n"] }',
    },
    null,
    /native/,
  ),
  refused("a function in the config", "{ model: { fn: () => 1 } }", /model\.fn/),
  refused("NaN in the config", "{ a: [1, NaN] }", /a\[1\]/),
  refused("an instance of a class in the config", "{ car: new Car() }", /car/, "class Car { seats = 1; }"),
  refused("a symbol in the config", "{ s: Symbol('s') }", /config\.s/),
];
