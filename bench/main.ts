/** `deno task bench [hit] [kernel] [pivot] [sweep] [views] [cli] [hashing] [--write]`: measures, prints a table, and with `--write` keeps it in its section of docs/benchmarks.md. */
import { putSection } from "../tools/page_section.ts";
import { commandLine } from "./command_line.ts";
import { hashing } from "./hashing.ts";
import { hitAndMiss } from "./hit_and_miss.ts";
import { kernelCost } from "./kernel_cost.ts";
import { kernelHit } from "./kernel_hit.ts";
import { type Measure, tableOf } from "./measure.ts";
import { pivot } from "./pivot.ts";
import { sweep } from "./sweep.ts";
import { views } from "./views.ts";

const PARTS: { readonly [name: string]: () => Promise<Measure[]> } = {
  hit: async () => [...await hitAndMiss(100), ...await hitAndMiss(100_000)],
  kernel: async () => [...await kernelHit(), ...await kernelCost()],
  pivot,
  sweep,
  views,
  cli: commandLine,
  hashing,
};

/** Says that one part is measured, and its measures are told as JSON. */
const ALONE = "--alone";

/** Measures a part in a process of its own: memory that another part has had is given out sooner than memory that nobody has had. */
async function alone(name: string): Promise<Measure[]> {
  const args = ["run", "-A", import.meta.filename!, name, ALONE];
  const { success, stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
  if (!success) throw new Error(`The bench "${name}" failed.`);
  return JSON.parse(new TextDecoder().decode(stdout)) as Measure[];
}

const wanted = Deno.args.filter((arg) => !arg.startsWith("--"));
const unknown = wanted.find((name) => !(name in PARTS));
if (unknown !== undefined) {
  console.error(`There is no bench "${unknown}". There are: ${Object.keys(PARTS).join(", ")}.`);
  Deno.exit(2);
}
if (Deno.args.includes(ALONE)) {
  console.log(JSON.stringify(await PARTS[wanted[0]!]!()));
  Deno.exit(0);
}
const measures: Measure[] = [];
for (const name of Object.keys(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.error(`measuring ${name} …`);
  measures.push(...await alone(name));
}
const { hardwareConcurrency: cores } = navigator;
const machine = `Deno ${Deno.version.deno}, ${Deno.build.os} ${Deno.build.arch}, ${cores} cores, ${new Date().toISOString().slice(0, 10)}`;
const text = `${machine}\n\n${tableOf(measures)}\n`;
console.log(text);
if (Deno.args.includes("--write")) {
  const page = new URL("../docs/benchmarks.md", import.meta.url);
  await Deno.writeTextFile(page, putSection(await Deno.readTextFile(page), "own", text));
}
