/** Random notebooks, whose cells run in a random order and some of them again: the same values in our kernel as in Deno's, whatever hits. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { KernelProcess } from "../../src/kernels/mod.ts";
import { Notebook } from "./notebook.ts";

/** Cells of a notebook whose names begin with `P`; lists are of numbers, so that nothing is shared by what a step makes anew. */
const CELLS = [
  "const Plist = [3, 1, 2];",
  "let Pcount = 1;",
  "Pcount = Pcount + 1;",
  "Plist.push(Pcount);",
  "const Padd = (xs: number[]) => xs.map((x) => x + Pcount);",
  "const Pgrow = (xs: number[]) => { xs.push(7); return xs.length; };",
  "const Plater = () => Pdoubled.length + Pcount;",
  "//| step: Pdoubled\nconst Pdoubled = Plist.map((n: number) => n * 2);",
  "//| step: Psum\nlet Psum = Pdoubled.reduce((a: number, b: number) => a + b, 0) + Pcount;",
  "//| step: Padded\n//| outputs: Padded\nconst local = Padd(Pdoubled);\nconst Padded = [...local, Psum];",
  "//| step: Psorted\nconst Psorted = Pdoubled.sort((a: number, b: number) => a - b).slice();",
  "//| step: Pgrown\nconst Pgrown = Pgrow(Pdoubled) + Pgrow(Plist);",
  "//| step: Pasked\nconst Pasked = Plater() * 10;",
  "//| step: Pwritten\nconst Pwritten = ++Pcount;",
  "Psum = Psum * 2;",
  "Pdoubled.pop();",
  "Pdoubled.length + Padded.length;",
  "const Pdoubled = [9];",
  "for (const x of Padded) Pcount += x % 2;",
];
const NAMES = ["Plist", "Pcount", "Pdoubled", "Psum", "Padded", "Psorted", "Pgrown", "Pasked", "Pwritten"];

/** First most cells from above, as "Run All" does, then any. A cell may fail, as one that names what no cell has declared: then in both. */
const orders = fc.tuple(
  fc.subarray(CELLS.map((_, cell) => cell), { minLength: 10 }),
  fc.array(fc.nat(CELLS.length - 1), { maxLength: 16 }),
).map(([all, more]) => [...all, ...more]);

const readCode = (prefix: string): string =>
  `[${NAMES.map((name) => `(() => { try { return ${name.replace("P", prefix)}; } catch { return "unset"; } })()`).join()}]`;

Deno.test("random notebooks have the values of Deno's own kernel, executed and from the cache", async () => {
  await using notebook = await Notebook.in();
  await using plain = await KernelProcess.start({ cwd: notebook.dir });
  const wanted = new Map<string, unknown>();
  const runs = fc.sample(orders, { numRuns: Number(Deno.env.get("CONSIST_RANDOM_NOTEBOOKS") ?? 8), ...seed() });
  const named = (code: string, at: number) => code.replaceAll(/\bP(?=[a-z])/g, `p${at}_`);
  for (const [at, order] of runs.entries()) {
    for (const cell of order) await plain.execute(named(CELLS[cell]!, at), { timeout: 20_000 });
    wanted.set(String(at), await plain.ask(readCode(`p${at}_`)));
  }
  for (const round of ["executed", "from the cache"]) {
    for (const [at, order] of runs.entries()) {
      for (const cell of order) await notebook.cell(named(CELLS[cell]!, at), `${at}/${cell}`);
      const { texts } = await notebook.cell(`console.log(JSON.stringify(${readCode(`p${at}_`)}))`);
      const about = `${round}:\n${order.map((cell) => CELLS[cell]).join("\n---\n")}`;
      assert.deepEqual(JSON.parse(texts[0]!), wanted.get(String(at)), about);
    }
    await notebook.restart();
  }
});

function seed(): { seed?: number } {
  const given = Deno.env.get("CONSIST_RANDOM_SEED");
  return given === undefined ? {} : { seed: Number(given) };
}
