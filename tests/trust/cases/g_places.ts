/** g: an input was touched, its content is the same; a file or the whole project lies elsewhere. */
import { hits, type Place, type Project, type TrustCase } from "../case.ts";

const reads: Project = { body: "return inputs.raw;", options: '{ inputs: { raw: "raw.txt" } }', files: { "raw.txt": "a" } };
const folder: Project = {
  body: "return inputs.all.map((path: string) => Deno.readTextFileSync(path));",
  options: '{ inputs: { all: "in" } }',
  files: { "in/one.txt": "a", "in/deep/two.txt": "b" },
};
const touch = (file: string) => ({ dir }: Place) => Deno.utime(`${dir}/${file}`, 1, 1);
const same = (name: string, first: Project, edit: Project & { act?: (at: Place) => unknown }, result: unknown = "a") =>
  hits("g", name, first, edit, result);

/** Row g; that a moved ledger serves its runs is seen at the end of the matrix in programs. */
export const PLACES: readonly TrustCase[] = [
  same("an input touched", reads, { act: touch("raw.txt") }),
  same("an input written again", reads, { act: ({ dir }) => Deno.writeTextFile(`${dir}/raw.txt`, "a") }),
  same("an input replaced by an equal file", reads, {
    act: async ({ dir }) => {
      await Deno.copyFile(`${dir}/raw.txt`, `${dir}/copy.txt`);
      await Deno.remove(`${dir}/raw.txt`);
      await Deno.rename(`${dir}/copy.txt`, `${dir}/raw.txt`);
    },
  }),
  same("an input renamed", reads, { options: '{ inputs: { raw: "other.txt" } }', files: { "raw.txt": null, "other.txt": "a" } }),
  same("an input moved into a folder", reads, {
    options: '{ inputs: { raw: "./data/raw.txt" } }',
    files: { "raw.txt": null, "data/raw.txt": "a" },
  }),
  same("an absolute path", reads, { options: "{ inputs: { raw: `${Deno.cwd()}/raw.txt` } }" }),
  same("a URL", reads, { options: "{ inputs: { raw: new URL(`file://${Deno.cwd()}/raw.txt`) } }" }),
  same("a link to the file", reads, {
    options: '{ inputs: { raw: "link.txt" } }',
    act: ({ dir }) => Deno.symlink("raw.txt", `${dir}/link.txt`),
  }),
  same(
    "another order of the inputs",
    {
      body: "return [inputs.one, inputs.two];",
      options: '{ inputs: { one: "one.txt", two: "two.txt" } }',
      files: { "one.txt": "a", "two.txt": "b" },
    },
    { options: '{ inputs: { two: "two.txt", one: "one.txt" } }' },
    ["a", "b"],
  ),
  same("files of a folder touched", folder, { act: touch("in/deep/two.txt") }, ["b", "a"]),
  same("a folder renamed", folder, {
    options: '{ inputs: { all: "elsewhere" } }',
    act: ({ dir }) => Deno.rename(`${dir}/in`, `${dir}/elsewhere`),
  }, ["b", "a"]),
  same("a file beside a glob's", { ...folder, options: '{ inputs: { all: "in/*.txt" } }' }, { files: { "in/three.csv": "c" } }, ["a"]),
  same("dependsOn touched", { body: "return 1;", options: '{ dependsOn: ["tool.yaml"] }', files: { "tool.yaml": "a" } }, {
    act: touch("tool.yaml"),
  }, 1),
  same(
    "codeIdentityExtraDeps touched",
    {
      body: "return 1;",
      options: '{ cacheOptions: { codeIdentityExtraDeps: ["model.bin"] } }',
      files: { "model.bin": "a" },
    },
    { act: touch("model.bin") },
    1,
  ),
  same("the project's folder moved", reads, { act: (at) => at.move() }),
  same("the project's folder moved, with an imported module", {
    declare: 'import { f } from "./lib.ts";',
    body: "return f(inputs.raw);",
    options: '{ inputs: { raw: "raw.txt" } }',
    files: { "raw.txt": "a", "lib.ts": "export const f = (x: string) => x;\n" },
  }, { act: (at) => at.move(), files: {} }),
  same("the project's folder moved, with a folder as an input", folder, { act: (at) => at.move() }, ["b", "a"]),
];
