/** e: the version of an imported package changed, or of the library that reads an input or writes an output. */
import { EVERYWHERE, hits, misses, type Project, type TrustCase } from "../case.ts";

/** A package as it lies in node_modules. */
const pack = (version: string, index: string, name = "pack") => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, version, type: "module", main: "index.js" }),
  [`node_modules/${name}/index.js`]: index,
});
const DOUBLE = "export const f = (x) => x * 2;\n";
const usesPack: Project = { declare: 'import { f } from "./node_modules/pack/index.js";', body: "return f(10);" };

/** A driver of the user's, at a version of its library, which decides what it reads and writes. */
const driver = (version: number, accepts = "false", name = "trusted") =>
  `import { registerDriver } from "consist";
registerDriver({
  name: "${name}", extensions: ["${name}"], formatVersion: 1,
  libraryVersion: () => Promise.resolve("${version}.0"),
  accepts: (value) => ${accepts},
  write: (value, path) => Deno.writeTextFile(path, String(value) + "|${version}"),
  read: async (path) => "${version}:" + await Deno.readTextFile(path),
});`;

/** Row e. */
export const VERSIONS: readonly TrustCase[] = [
  misses("e", "a package, the same code in it", { ...usesPack, files: pack("1.0.0", DOUBLE) }, { files: pack("1.0.1", DOUBLE) }, [20, 20], {
    says: /pack.*1\.0\.0 → 1\.0\.1/,
  }),
  misses("e", "a package, other code in it", { ...usesPack, files: pack("1.0.0", DOUBLE) }, {
    files: pack("2.0.0", DOUBLE.replace("2", "3")),
  }, [20, 30]),
  misses(
    "e",
    "a package with a scope",
    {
      declare: 'import { f } from "./node_modules/@team/pack/index.js";',
      body: "return f(10);",
      files: pack("1.0.0", DOUBLE, "@team/pack"),
    },
    { files: pack("1.0.1", DOUBLE, "@team/pack") },
    [20, 20],
  ),
  misses(
    "e",
    "a package that an imported module uses",
    {
      declare: 'import { g } from "./lib.ts";',
      body: "return g(10);",
      files: {
        "lib.ts": 'import { f } from "./node_modules/pack/index.js";\nexport const g = (x: number) => f(x);\n',
        ...pack("1.0.0", DOUBLE),
      },
    },
    { files: pack("1.0.1", DOUBLE) },
    [20, 20],
  ),
  misses(
    "e",
    "a package that a package needs",
    {
      ...usesPack,
      files: {
        "node_modules/pack/package.json": JSON.stringify({
          name: "pack",
          version: "1.0.0",
          type: "module",
          main: "index.js",
          dependencies: { inner: "^1.0.0" },
        }),
        "node_modules/pack/index.js": 'import { f as g } from "../inner/index.js";\nexport const f = (x) => g(x);\n',
        ...pack("1.0.0", DOUBLE, "inner"),
      },
    },
    { files: pack("1.1.0", DOUBLE.replace("2", "3"), "inner") },
    [20, 30],
  ),
  misses(
    "e",
    "a class of a package",
    {
      declare: 'import { PackModel } from "./node_modules/pack/index.js";',
      body: "return new PackModel().go();",
      files: pack("1.0.0", "export class PackModel { go() { return 1 } }\n"),
    },
    { files: pack("1.0.1", "export class PackModel { go() { return 2 } }\n") },
    [1, 2],
  ),
  misses(
    "e",
    "an object that a package made",
    {
      declare: 'import { make } from "./node_modules/pack/index.js";\nconst thing = make();',
      body: "return thing.go();",
      files: pack("1.0.0", "class Thing { go() { return 1 } }\nexport const make = () => new Thing();\n"),
    },
    { files: pack("1.0.1", "class Thing { go() { return 2 } }\nexport const make = () => new Thing();\n") },
    [1, 2],
  ),
  misses(
    "e",
    "a package's default export",
    {
      declare: 'import f from "./node_modules/pack/index.js";',
      body: "return f(10);",
      files: pack("1.0.0", "export default (x) => x * 2;\n"),
    },
    { files: pack("1.0.1", "export default (x) => x * 2;\n") },
    [20, 20],
  ),
  misses(
    "e",
    "a package's namespace",
    {
      declare: 'import * as all from "./node_modules/pack/index.js";',
      body: "return all.f(10);",
      files: pack("1.0.0", DOUBLE),
    },
    { files: pack("1.0.1", DOUBLE) },
    [20, 20],
  ),
  misses(
    "e",
    "a package behind import() in the step",
    {
      body: 'const { f } = await import("./node_modules/pack/index.js"); return f(10);',
      files: pack("1.0.0", DOUBLE),
    },
    { files: pack("1.0.1", DOUBLE.replace("2", "3")) },
    [20, 30],
  ),
  misses(
    "e",
    "npm:ms 2.1.2 → 2.1.3",
    { declare: 'import ms from "npm:ms@2.1.2";', body: 'return ms("1d");' },
    { declare: 'import ms from "npm:ms@2.1.3";' },
    [864e5, 864e5],
    {
      says: /ms.*2\.1\.2 → 2\.1\.3/,
    },
  ),
  misses("e", "npm:acorn 8.14.0 → 8.15.0, inside a helper", {
    declare: 'import { parse } from "npm:acorn@8.14.0";\nconst size = (text: string) => parse(text, { ecmaVersion: 2022 }).body.length;',
    body: 'return size("a; b");',
  }, {
    declare: 'import { parse } from "npm:acorn@8.15.0";\nconst size = (text: string) => parse(text, { ecmaVersion: 2022 }).body.length;',
  }, [2, 2]),
  hits("e", "an unused package's version does not count", {
    declare: 'import ms from "npm:ms@2.1.2";\nconst unusedMs = () => ms;',
    body: "return 1;",
  }, {
    declare: 'import ms from "npm:ms@2.1.3";\nconst unusedMs = () => ms;',
  }, 1),
  misses(
    "e",
    "the library that reads an input",
    {
      declare: driver(1),
      body: "return inputs.raw;",
      options: '{ inputs: { raw: "raw.trusted" } }',
      files: { "raw.trusted": "x" },
    },
    { declare: driver(2) },
    ["1:x", "2:x"],
    { says: /raw/ },
  ),
  misses(
    "e",
    "the library that reads an artifact",
    {
      declare: driver(1, "false", "trustedtwo"),
      upstream: '{ fn: () => "x", outputs: { made: { driver: "trustedtwo" } } }',
      body: "return inputs.made.slice(0, 2);",
    },
    { declare: driver(2, "false", "trustedtwo") },
    ["1:", "2:"],
  ),
  misses(
    "e",
    "the library that writes an output",
    {
      declare: driver(1, "false", "trustedthree"),
      body: 'return "x";',
      options: '{ outputs: { n: { driver: "trustedthree" } } }',
    },
    { declare: driver(2, "false", "trustedthree") },
    ["1:x|1", "2:x|2"],
    { back: false },
  ),
  misses(
    "e",
    "the library that writes an output whose driver nobody named",
    {
      declare: `class Four {}\n${driver(1, "value instanceof Four", "trustedfour")}`,
      body: "return new Four();",
    },
    { declare: `class Four {}\n${driver(2, "value instanceof Four", "trustedfour")}` },
    ["1:[object Object]|1", "2:[object Object]|2"],
    { back: false },
  ),
  misses(
    "e",
    "the version of a driver's format",
    {
      declare: driver(1, "false", "trustedfive"),
      body: "return inputs.raw;",
      options: '{ inputs: { raw: "raw.trustedfive" } }',
      files: { "raw.trustedfive": "x" },
    },
    { declare: driver(1, "false", "trustedfive").replace("formatVersion: 1", "formatVersion: 2") },
    ["1:x", "1:x"],
    { where: EVERYWHERE },
  ),
];
