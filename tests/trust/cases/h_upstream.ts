/** h: an upstream step executed again and made identical bytes. */
import { hits, misses, type Project, type TrustCase } from "../case.ts";

/** The upstream step executes again because its config changed, and makes the same. */
const again = (name: string, project: Project, upstream: (n: number) => string, result: unknown): TrustCase =>
  hits("h", name, { ...project, upstream: upstream(1) }, { upstream: upstream(2), upstreamHit: false }, result);

/** Row h. */
export const UPSTREAM: readonly TrustCase[] = [
  again("a value", { body: "return inputs.made.k;" }, (n) => `{ fn: () => ({ k: 5 }), config: { n: ${n} } }`, 5),
  again("a text", { body: "return inputs.made;" }, (n) => `{ fn: () => "t", config: { n: ${n} } }`, "t"),
  again("bytes", { body: "return inputs.made[1];" }, (n) => `{ fn: () => new Uint8Array([1, 2]), config: { n: ${n} } }`, 2),
  again(
    "a DataFrame",
    { declare: 'import pl from "polars";', body: 'return inputs.made.getColumn("a").sum();' },
    (n) => `{ fn: () => pl.DataFrame({ a: [1, 2] }), config: { n: ${n} } }`,
    3,
  ),
  again(
    "a relation that it returns",
    { declare: 'import { sql } from "consist";', body: 'return Number(inputs.made.getColumn("a").sum());' },
    (n) => `{ fn: () => sql\`select 1 as a union all select 2 order by 1\`, config: { n: ${n} } }`,
    3,
  ),
  again(
    "a file that it wrote",
    {
      declare:
        'import { file } from "consist";\nconst writes = (_: any, step: any) => { Deno.writeTextFileSync(step.outputPath("made", "txt"), "t"); return file(step.outputPath("made", "txt")); };',
      body: "return inputs.made;",
    },
    (n) => `{ fn: writes, config: { n: ${n} } }`,
    "t",
  ),
  hits("h", "the upstream's code changed and gives the same", { body: "return inputs.made;", upstream: "{ fn: () => 2 * 3 }" }, {
    upstream: "{ fn: () => 3 * 2 }",
    upstreamHit: false,
  }, 6),
  hits(
    "h",
    "the upstream's input changed and gives the same",
    {
      body: "return inputs.made;",
      upstream: '{ fn: ({ raw }: any) => raw.trim(), inputs: { raw: "raw.txt" } }',
      files: { "raw.txt": "a" },
    },
    { files: { "raw.txt": "a\n\n" }, upstreamHit: false },
    "a",
  ),
  misses(
    "h",
    "the upstream gives something else",
    { body: "return inputs.made;", upstream: "{ fn: () => 2 }" },
    { upstream: "{ fn: () => 3 }", upstreamHit: false },
    [2, 3],
    {
      says: /made/,
    },
  ),
];
