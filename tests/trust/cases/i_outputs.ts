/** i: an output was removed, truncated, edited, replaced by bytes of the same size. */
import type { Place, Project, Stage, TrustCase } from "../case.ts";
import { EVERYWHERE } from "../case.ts";

const json: Project = { body: 'return { k: "aaaa" };' };
const table: Project = { declare: 'import pl from "polars";', body: 'return pl.DataFrame({ a: [1, 2], t: ["x", "y"] });' };
const TABLE = [{ a: 1, t: "x" }, { a: 2, t: "y" }];

/** Harm, the right result all the same, and hits from then on. */
function harmed(name: string, project: Project, result: unknown, act: (at: Place) => unknown, says?: RegExp): TrustCase {
  const stages: Stage[] = [
    { ...project, expect: "miss", result },
    { expect: "hit", result },
    { expect: "right", result, act, ...(says === undefined ? {} : { says }) },
    { expect: "hit", result },
  ];
  return { row: "i", name, where: EVERYWHERE, stages };
}

const only = ({ outputs }: Place) => Object.values(outputs)[0]!;
/** Other bytes in the same number, and the old times. */
async function forge(path: string, change: (bytes: Uint8Array) => Uint8Array): Promise<void> {
  const [bytes, { atime, mtime }] = [await Deno.readFile(path), await Deno.stat(path)];
  await Deno.writeFile(path, change(bytes.slice()));
  await Deno.utime(path, atime!, mtime!);
}
const flip = (bytes: Uint8Array) => bytes.map((byte) => byte === 97 ? 98 : byte);

/** Row i. */
export const OUTPUTS: readonly TrustCase[] = [
  harmed("removed", json, { k: "aaaa" }, (at) => Deno.remove(only(at))),
  harmed("truncated", json, { k: "aaaa" }, (at) => Deno.truncate(only(at), 3)),
  harmed("emptied", json, { k: "aaaa" }, (at) => Deno.truncate(only(at), 0)),
  harmed("garbage", json, { k: "aaaa" }, (at) => Deno.writeFile(only(at), crypto.getRandomValues(new Uint8Array(50)))),
  harmed("appended to", json, { k: "aaaa" }, (at) => Deno.writeTextFile(only(at), "\n", { append: true })),
  harmed("valid, but something else", json, { k: "aaaa" }, (at) => Deno.writeTextFile(only(at), '{"k":"other"}')),
  harmed("valid bytes of the same size, with the times put back", json, { k: "aaaa" }, (at) => forge(only(at), flip)),
  harmed("replaced by a folder", json, { k: "aaaa" }, async (at) => {
    await Deno.remove(only(at));
    await Deno.mkdir(only(at));
  }),
  harmed("replaced by a link to something else", json, { k: "aaaa" }, async (at) => {
    await Deno.writeTextFile(`${at.dir}/other.json`, '{"k":"bbbb"}');
    await Deno.remove(only(at));
    await Deno.symlink(`${at.dir}/other.json`, only(at));
  }),
  harmed("its folder removed", json, { k: "aaaa" }, (at) => Deno.remove(only(at).replace(/[/\\][^/\\]*$/, ""), { recursive: true })),
  harmed(
    "two outputs that swap their files",
    { body: "return { a: 1, b: 2 };", options: '{ outputs: ["a", "b"] }' },
    { a: 1, b: 2 },
    async ({ outputs }) => {
      const [one, two] = [await Deno.readFile(outputs.a!), await Deno.readFile(outputs.b!)];
      await Deno.writeFile(outputs.a!, two);
      await Deno.writeFile(outputs.b!, one);
    },
  ),
  harmed(
    "one of two outputs removed",
    { body: "return { a: 1, b: 2 };", options: '{ outputs: ["a", "b"] }' },
    { a: 1, b: 2 },
    ({ outputs }) => Deno.remove(outputs.b!),
  ),
  harmed("a table truncated", table, TABLE, (at) => Deno.truncate(only(at), 100)),
  harmed("a table with a byte changed", table, TABLE, (at) =>
    forge(only(at), (bytes) => {
      bytes[20]! ^= 1;
      return bytes;
    })),
  harmed(
    "a table replaced by another one",
    { ...table, upstream: "{ fn: () => pl.DataFrame({ a: [8, 9], t: ['x', 'y'] }), outputs: ['made'] }", body: table.body! },
    TABLE,
    async (at) => {
      const folder = only(at).split(/[/\\]/).slice(0, -2).join("/");
      for await (const { name } of Deno.readDir(folder)) {
        if (!name.startsWith(at.dir.split("/").at(-1)! + "_upstream")) continue;
        await Deno.copyFile(`${folder}/${name}/made.parquet`, only(at));
      }
    },
  ),
  harmed("the artifact of an upstream step removed", { body: "return inputs.made;", upstream: "{ fn: () => 7 }" }, 7, async (at) => {
    await Deno.remove(only(at));
  }),
  harmed(
    "an upstream artifact edited",
    { body: "return inputs.made.k;", upstream: '{ fn: () => ({ k: "aaaa" }) }' },
    "aaaa",
    async (at) => {
      const folder = only(at).split(/[/\\]/).slice(0, -2).join("/");
      for await (const { name } of Deno.readDir(folder)) {
        if (name.startsWith(at.dir.split("/").at(-1)! + "_upstream")) await forge(`${folder}/${name}/made.json`, flip);
      }
    },
  ),
];
