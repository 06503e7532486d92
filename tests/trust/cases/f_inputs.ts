/** f: the content of an input changed, its size and its modification time did not. */
import { EVERYWHERE, misses, type Place, type Project, type TrustCase } from "../case.ts";

/** Writes other bytes of the same length and puts the times back. */
export const secretly = (...edits: readonly (readonly [file: string, text: string])[]) => async ({ dir }: Place): Promise<void> => {
  for (const [file, text] of edits) {
    const path = `${dir}/${file}`;
    const { mtime, atime, size } = await Deno.stat(path);
    if (new TextEncoder().encode(text).length !== size) throw new Error(`the edit of ${file} changes its size`);
    await Deno.writeTextFile(path, text);
    await Deno.utime(path, atime!, mtime!);
  }
};

const CSV = "id,v\n1,2\n", OTHER = "id,v\n1,3\n";
const consist = (names: string) => `import { ${names} } from "consist";`;

/** A secret edit of one file; the way back is another one. */
function edited(
  name: string,
  file: string,
  project: Project,
  results: readonly [unknown, unknown],
  [before, after]: readonly [before: string, after: string] = [CSV, OTHER],
): TrustCase {
  const { stages, ...rest } = misses(
    "f",
    name,
    { ...project, files: { [file]: before, ...project.files } },
    { act: secretly([file, after]) },
    results,
    { back: false, where: EVERYWHERE },
  );
  return { ...rest, stages: [...stages, { expect: "hit", result: results[0], act: secretly([file, before]) }] };
}

/** Row f. */
export const INPUTS: readonly TrustCase[] = [
  edited("a table as data", "raw.csv", { body: "return inputs.raw.toRecords();", options: '{ inputs: { raw: "raw.csv" } }' }, [[{
    id: 1,
    v: 2,
  }], [{ id: 1, v: 3 }]]),
  edited("a text", "raw.txt", { body: "return inputs.raw;", options: '{ inputs: { raw: "raw.txt" } }' }, ["a", "b"], ["a", "b"]),
  edited("JSON", "raw.json", { body: "return inputs.raw.k;", options: '{ inputs: { raw: "raw.json" } }' }, [2, 3], ['{"k":2}', '{"k":3}']),
  edited("bytes", "raw.bin", { body: "return inputs.raw[0];", options: '{ inputs: { raw: "raw.bin" } }' }, [97, 98], ["a", "b"]),
  edited("a path", "raw.csv", {
    body: "return Deno.readTextFileSync(inputs.raw);",
    options: '{ inputs: { raw: "raw.csv" }, executionOptions: { inputBinding: "paths" } }',
  }, [CSV, OTHER]),
  edited(
    "a URL",
    "raw.txt",
    { body: "return inputs.raw;", options: "{ inputs: { raw: new URL(`file://${Deno.cwd()}/raw.txt`) } }", declare: "" },
    ["a", "b"],
    ["a", "b"],
  ),
  edited("a lazy table", "raw.csv", {
    declare: consist("lazy"),
    body: "return (await inputs.raw.collect()).toRecords();",
    options: '{ inputs: { raw: lazy("raw.csv") } }',
  }, [[{ id: 1, v: 2 }], [{ id: 1, v: 3 }]]),
  edited("a relation", "raw.csv", {
    declare: consist("relation"),
    body: "return (await inputs.raw.rows()).map((row: any) => Number(row.v));",
    options: '{ inputs: { raw: relation("raw.csv") } }',
  }, [[2], [3]]),
  edited(
    "a file in a folder",
    "in/deep/raw.txt",
    {
      body: "return inputs.all.map((path: string) => Deno.readTextFileSync(path));",
      options: '{ inputs: { all: "in" } }',
      files: { "in/first.txt": "x" },
    },
    [["a", "x"], ["b", "x"]],
    ["a", "b"],
  ),
  edited(
    "a hidden file in a folder",
    "in/.raw",
    {
      body: "return inputs.all.map((path: string) => Deno.readTextFileSync(path)).sort();",
      options: '{ inputs: { all: "in" } }',
      files: { "in/first.txt": "x" },
    },
    [["a", "x"], ["b", "x"]],
    ["a", "b"],
  ),
  edited(
    "a file of a glob",
    "in/raw.txt",
    {
      body: "return inputs.all.map((path: string) => Deno.readTextFileSync(path));",
      options: '{ inputs: { all: "in/*.txt" } }',
      files: { "in/zz.txt": "x" },
    },
    [["a", "x"], ["b", "x"]],
    ["a", "b"],
  ),
  edited(
    "a file of a list",
    "raw.txt",
    {
      body: "return inputs.all.map((path: string) => Deno.readTextFileSync(path));",
      options: '{ inputs: { all: ["raw.txt", "zz.txt"] } }',
      files: { "zz.txt": "x" },
    },
    [["a", "x"], ["b", "x"]],
    ["a", "b"],
  ),
  edited("a file of a lazy glob", "in/raw.csv", {
    declare: consist("lazy"),
    body: 'return (await inputs.all.collect()).getColumn("v").sum();',
    options: '{ inputs: { all: lazy("in/*.csv") } }',
    files: { "in/zz.csv": "id,v\n9,10\n" },
  }, [12, 13]),
  edited(
    "a file behind dependsOn",
    "tool.yaml",
    { body: 'return Deno.readTextFileSync("tool.yaml");', options: '{ dependsOn: ["tool.yaml"] }' },
    ["a", "b"],
    ["a", "b"],
  ),
  edited(
    "a file behind codeIdentityExtraDeps",
    "model.bin",
    {
      body: 'return Deno.readTextFileSync("model.bin");',
      options: '{ cacheOptions: { codeIdentityExtraDeps: ["model.bin"] } }',
    },
    ["a", "b"],
    ["a", "b"],
  ),
  edited(
    "a file among folders of codeIdentityExtraDeps",
    "models/deep/m.bin",
    {
      body: 'return Deno.readTextFileSync("models/deep/m.bin");',
      options: '{ cacheOptions: { codeIdentityExtraDeps: ["models"] } }',
    },
    ["a", "b"],
    ["a", "b"],
  ),
  misses(
    "f",
    "two inputs that swap their content",
    {
      body: "return [inputs.one, inputs.two];",
      options: '{ inputs: { one: "one.txt", two: "two.txt" } }',
      files: { "one.txt": "a", "two.txt": "b" },
    },
    { act: secretly(["one.txt", "b"], ["two.txt", "a"]) },
    [["a", "b"], ["b", "a"]],
    { back: false },
  ),
  misses(
    "f",
    "two files of a folder that swap their names",
    {
      body: "return inputs.all.map((path: string) => Deno.readTextFileSync(path));",
      options: '{ inputs: { all: "in" } }',
      files: { "in/one.txt": "a", "in/two.txt": "b" },
    },
    { act: secretly(["in/one.txt", "b"], ["in/two.txt", "a"]) },
    [["a", "b"], ["b", "a"]],
    { back: false },
  ),
  misses(
    "f",
    "an input replaced by another file with its times",
    {
      body: "return inputs.raw;",
      options: '{ inputs: { raw: "raw.txt" } }',
      files: { "raw.txt": "a", "other.txt": "b" },
    },
    {
      act: async ({ dir }) => {
        const { mtime, atime } = await Deno.stat(`${dir}/raw.txt`);
        await Deno.utime(`${dir}/other.txt`, atime!, mtime!);
        await Deno.rename(`${dir}/other.txt`, `${dir}/raw.txt`);
      },
    },
    ["a", "b"],
    { back: false },
  ),
  misses(
    "f",
    "a link that points to another file",
    {
      body: "return inputs.raw;",
      options: '{ inputs: { raw: "raw.txt" } }',
      files: { "one.txt": "a", "two.txt": "b", "raw.txt": null },
      ...{ act: ({ dir }: Place) => Deno.symlink("one.txt", `${dir}/raw.txt`) },
    },
    {
      act: async ({ dir }) => {
        await Deno.remove(`${dir}/raw.txt`);
        await Deno.symlink("two.txt", `${dir}/raw.txt`);
      },
    },
    ["a", "b"],
    { back: false },
  ),
  misses(
    "f",
    "a link to a folder in a folder",
    {
      body: "return Deno.readTextFileSync(`${inputs.all}/current/x.txt`);",
      options: '{ inputs: { all: "in" }, executionOptions: { inputBinding: "paths" } }',
      files: { "in/one/x.txt": "a", "in/two/x.txt": "b" },
      ...{ act: ({ dir }: Place) => Deno.symlink("one", `${dir}/in/current`) },
    },
    {
      act: async ({ dir }) => {
        await Deno.remove(`${dir}/in/current`);
        await Deno.symlink("two", `${dir}/in/current`);
      },
    },
    ["a", "b"],
    { back: false },
  ),
  misses(
    "f",
    "an empty folder in a folder",
    {
      body: "return [...Deno.readDirSync(String(inputs.all))].length;",
      options: '{ inputs: { all: "in" }, executionOptions: { inputBinding: "paths" } }',
      files: { "in/one.txt": "a" },
    },
    { act: ({ dir }) => Deno.mkdir(`${dir}/in/empty`) },
    [1, 2],
    { back: false },
  ),
  edited("a file that polars reads", "raw.csv", {
    declare: 'import pl from "polars";',
    body: 'return pl.readCSV("raw.csv").getColumn("v").sum();',
    options: "{ inputs: {} }",
  }, [2, 3]),
  misses(
    "f",
    "a file added to a folder",
    {
      body: "return inputs.all.length;",
      options: '{ inputs: { all: "in" } }',
      files: { "in/one.txt": "a" },
    },
    { files: { "in/two.txt": "a" } },
    [1, 2],
  ),
  misses(
    "f",
    "a file taken out of a glob",
    {
      body: "return inputs.all.length;",
      options: '{ inputs: { all: "in/*.txt" } }',
      files: { "in/one.txt": "a", "in/two.txt": "a" },
    },
    { files: { "in/two.txt": null } },
    [2, 1],
  ),
  misses(
    "f",
    "a value in memory",
    {
      declare: consist("value"),
      body: "return inputs.x;",
      options: "{ inputs: { x: value([1, 2]) } }",
    },
    { options: "{ inputs: { x: value([1, 3]) } }" },
    [[1, 2], [1, 3]],
  ),
  misses(
    "f",
    "a DataFrame in memory",
    {
      declare: 'import pl from "polars";',
      body: 'return inputs.t.getColumn("a").sum();',
      options: "{ inputs: { t: pl.DataFrame({ a: [1, 2] }) } }",
    },
    { options: "{ inputs: { t: pl.DataFrame({ a: [1, 3] }) } }" },
    [3, 4],
  ),
];
