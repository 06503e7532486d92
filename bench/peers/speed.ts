/** How long the same steps take under each contender, in the same run. */
import { type Contender, CONTENDERS, inFolder, OURS, perform } from "./contenders.ts";

/** Python Consist keeps three kinds of code identity; one is enough where time is measured. */
const TIMED = CONTENDERS.filter(({ name }) => !name.startsWith("consist,") || name === "consist, module");
const ROUNDS = 20;
const PROCESSES = 5;
/** A contender whose cases take half a minute has one. */
const MOTIVATION_PROCESSES = 5;

const MEASURES = [
  "miss of a tiny step",
  "warm hit",
  "first hit of a fresh process, from spawn to exit",
  "warm hit, 100 MB input",
  "first hit of a fresh process, 100 MB input, the call alone",
];

/** Gives a table of Markdown: milliseconds, and multiples of ours. */
export async function speedTable(): Promise<string> {
  const columns: (readonly number[])[] = [];
  for (const contender of TIMED) {
    console.error(`measuring ${contender.name} …`);
    columns.push(await inFolder((dir) => measured(contender, dir)));
  }
  return table(MEASURES, columns);
}

async function measured(contender: Contender, dir: string): Promise<readonly number[]> {
  await Deno.writeTextFile(`${dir}/raw.csv`, "a\n");
  await Deno.writeFile(`${dir}/big.bin`, new Uint8Array(100_000_000).fill(97));
  const { miss, hit, big, error } = await perform(contender, dir, "speed", String(ROUNDS));
  if (error !== undefined) throw new Error(`${contender.name} failed: ${error}`);
  const walls: number[] = [], firsts: number[] = [];
  for (let process = 0; process < PROCESSES; process++) {
    walls.push((await perform(contender, dir, "one_hit", "raw.csv", "-1")).wall);
    firsts.push((await perform(contender, dir, "one_hit", "big.bin", "-2")).ms!);
  }
  return [miss!, hit!, median(walls), big!, median(firsts)];
}

const CASES = [["land-use sensitivity, 40 combinations", 2250], ["calibration, 5 iterations of 3 steps", 1150], [
  "ensemble of 9 scenarios",
  3600,
]] as const;

/** The guide's three cases, a minute as 10 ms: wall time, and its multiple of the ideal. */
export async function motivationTable(): Promise<string> {
  const contenders = TIMED.filter(({ name }) => !name.endsWith(", path"));
  const alone = await wallsOf(OURS, "alone", 1);
  const walls: (readonly number[])[] = [];
  for (const contender of contenders) {
    console.error(`motivation cases under ${contender.name} …`);
    walls.push(await wallsOf(contender, "motivation", contender.name.startsWith("consist,") ? 1 : MOTIVATION_PROCESSES));
  }
  const head = ["", "ideal", "the steps alone, in Deno", ...contenders.map(({ name }) => name)];
  const ratioTo = (ideal: number, ms: number) => `${shown(ms)} (${(ms / ideal).toFixed(2)} ×)`;
  const lines = CASES.map(([name, ideal], row) => [
    name,
    shown(ideal),
    ...[alone, ...walls].map((taken) => ratioTo(ideal, taken[row]!)),
  ]);
  return markdown([head, ...lines]);
}

/** The median walls of so many processes, case by case. */
async function wallsOf(contender: Contender, task: string, processes: number): Promise<readonly number[]> {
  const walls: (readonly number[])[] = [];
  for (let process = 0; process < processes; process++) {
    const { walls: taken, error } = await inFolder((dir) => perform(contender, dir, task));
    if (taken === undefined) throw new Error(`${contender.name} failed: ${error}`);
    walls.push(taken);
  }
  return CASES.map((_, row) => median(walls.map((taken) => taken[row]!)));
}

function table(names: readonly string[], columns: readonly (readonly number[])[]): string {
  const lines = names.map((name, row) => [
    name,
    ...columns.map((column, index) =>
      index === 0 ? shown(column[row]!) : `${shown(column[row]!)} (${ratio(column[row]!, columns[0]![row]!)})`
    ),
  ]);
  return markdown([["", ...TIMED.map(({ name }) => name === OURS.name ? "ours" : name)], ...lines]);
}

const markdown = ([head, ...lines]: readonly (readonly string[])[]): string =>
  [`| ${head!.join(" | ")} |`, `|${head!.map(() => "---|").join("")}`, ...lines.map((line) => `| ${line.join(" | ")} |`)].join("\n");
const median = (taken: readonly number[]) => taken.toSorted((a, b) => a - b)[taken.length >> 1]!;
const shown = (ms: number) =>
  ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2)} ms`;
const ratio = (theirs: number, ours: number) => `${theirs / ours >= 10 ? (theirs / ours).toFixed(0) : (theirs / ours).toFixed(2)} ×`;
