/** e2: output keys, driver, schema, input binding, capture pattern changed. Programs have a file of their own. */
import { hits, misses, type Project, type TrustCase } from "../case.ts";

const CSV = "id,v\n1,2\n3,4\n";
const csv = (body: string): Project => ({ body, files: { "raw.csv": CSV } });
const polars = 'import pl from "polars";\n';
const reads = (binding: string) => `{ inputs: { raw: "raw.csv" }, executionOptions: { inputBinding: "${binding}" } }`;
const kind = "return inputs.raw === undefined ? 'nothing' : typeof inputs.raw === 'string' ? 'path' : 'data';";

/** Row e2. */
export const CALLS: readonly TrustCase[] = [
  misses("e2", "output keys", { body: "return { a: 1 };", options: '{ outputs: ["a"] }' }, { options: '{ outputs: ["whole"] }' }, [1, {
    a: 1,
  }]),
  misses("e2", "one output more", {
    body: "return { a: 1, b: 2 };",
    options: '{ outputs: ["a"], outputPolicy: { outputMismatch: "ignore" } }',
  }, {
    options: '{ outputs: ["a", "b"] }',
  }, [{ a: 1, b: 2 }, { a: 1, b: 2 }]),
  misses("e2", "the driver of an output", {
    declare: polars,
    body: "return pl.DataFrame({ a: [1.5] });",
    options: '{ outputs: { n: { driver: "parquet" } } }',
  }, {
    options: '{ outputs: { n: { driver: "csv" } } }',
  }, [[{ a: 1.5 }], [{ a: 1.5 }]]),
  misses("e2", "an output's driver by type, or named", { body: 'return "t";' }, { options: '{ outputs: { n: { driver: "json" } } }' }, [
    "t",
    "t",
  ]),
  misses(
    "e2",
    "the schema of an output",
    {
      declare: `${polars}import { z } from "zod";\nconst table = pl.DataFrame({ a: [1] });`,
      body: "return table;",
      options: "{ outputs: { n: { schema: z.object({ a: z.number() }) } } }",
    },
    { options: "{ outputs: { n: { schema: z.object({ a: z.number(), b: z.string().optional() }) } } }" },
    [[{ a: 1 }], [{ a: 1 }]],
  ),
  misses("e2", "data or path", { ...csv(kind), options: reads("loaded") }, { options: reads("paths") }, ["data", "path"], { says: /raw/ }),
  misses("e2", "path or nothing", { ...csv(kind), options: reads("paths") }, { options: reads("none") }, ["path", "nothing"]),
  misses(
    "e2",
    "data or lazy",
    {
      declare: 'import { lazy } from "consist";',
      ...csv("return typeof inputs.raw.collect === 'function';"),
      options: '{ inputs: { raw: "raw.csv" } }',
    },
    { options: '{ inputs: { raw: lazy("raw.csv") } }' },
    [false, true],
  ),
  misses(
    "e2",
    "lazy or relation",
    {
      declare: 'import { lazy, relation } from "consist";',
      ...csv("return typeof inputs.raw.collect === 'function';"),
      options: '{ inputs: { raw: lazy("raw.csv") } }',
    },
    { options: '{ inputs: { raw: relation("raw.csv") } }' },
    [true, false],
  ),
  misses("e2", "an input's key", { ...csv("return Object.keys(inputs);"), options: '{ inputs: { raw: "raw.csv" } }' }, {
    options: '{ inputs: { rows: "raw.csv" } }',
  }, [["raw"], [
    "rows",
  ]]),
  misses(
    "e2",
    "the capture pattern",
    {
      body:
        'await Deno.mkdir("out", { recursive: true }); await Deno.writeTextFile("out/a.txt", "a"); await Deno.writeTextFile("out/b.json", "1");',
      options: '{ outputs: [], captureDir: "out", capturePattern: "*.txt" }',
    },
    { options: '{ outputs: [], captureDir: "out", capturePattern: "*.json" }' },
    ["a", 1],
  ),
  misses(
    "e2",
    "the captured folder",
    {
      body:
        'for (const dir of ["one", "two"]) { await Deno.mkdir(dir, { recursive: true }); await Deno.writeTextFile(`${dir}/a.txt`, dir); }',
      options: '{ outputs: [], captureDir: "one" }',
    },
    { options: '{ outputs: [], captureDir: "two" }' },
    ["one", "two"],
  ),
  misses("e2", "config", { body: "return step.config.k;", options: "{ config: { k: 2 } }" }, { options: "{ config: { k: 3 } }" }, [2, 3], {
    says: /k: 2 → 3/,
  }),
  misses("e2", "config, deep", { body: "return step.config.a.b[1].k;", options: "{ config: { a: { b: [0, { k: 2 }] } } }" }, {
    options: "{ config: { a: { b: [0, { k: 3 }] } } }",
  }, [2, 3]),
  misses("e2", "config: a number or its text", { body: "return typeof step.config.k;", options: "{ config: { k: 2 } }" }, {
    options: '{ config: { k: "2" } }',
  }, ["number", "string"]),
  misses("e2", "config: null or absent", { body: 'return "k" in step.config;', options: "{ config: { k: null } }" }, {
    options: "{ config: {} }",
  }, [true, false]),
  misses("e2", "config: the order of a list", { body: "return step.config.k;", options: "{ config: { k: [1, 2] } }" }, {
    options: "{ config: { k: [2, 1] } }",
  }, [[1, 2], [2, 1]]),
  misses("e2", "the year", { body: "return step.year;", options: "{ year: 2020 }" }, { options: "{ year: 2030 }" }, [2020, 2030]),
  misses("e2", "the iteration", { body: "return step.iteration;", options: "{ iteration: 1 }" }, { options: "{ iteration: 2 }" }, [1, 2]),
  misses("e2", "cacheVersion", { body: "return 1;", options: "{ cacheOptions: { cacheVersion: 1 } }" }, {
    options: "{ cacheOptions: { cacheVersion: 2 } }",
  }, [1, 1]),
  misses(
    "e2",
    "codeIdentityExtraDeps: a file's content",
    {
      body: 'return Deno.readTextFileSync("model.bin");',
      options: '{ cacheOptions: { codeIdentityExtraDeps: ["model.bin"] } }',
      files: { "model.bin": "one" },
    },
    { files: { "model.bin": "two" } },
    ["one", "two"],
  ),
  misses(
    "e2",
    "dependsOn: a file's content",
    {
      body: 'return Deno.readTextFileSync("tool.yaml");',
      options: '{ dependsOn: ["tool.yaml"] }',
      files: { "tool.yaml": "one" },
    },
    { files: { "tool.yaml": "two" } },
    ["one", "two"],
  ),
  hits("e2", "the order of outputs does not count", { body: "return { a: 1, b: 2 };", options: '{ outputs: ["a", "b"] }' }, {
    options: '{ outputs: ["b", "a"] }',
  }, { a: 1, b: 2 }),
];
