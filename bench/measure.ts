/** How long something takes: medians with their spread, side by side. */

/** One measured thing. */
export interface Measure {
  /** What was measured. */
  readonly name: string;
  /** Median, in milliseconds. */
  readonly median: number;
  /** The tenth and the ninetieth percentile, in milliseconds. */
  readonly spread: readonly [low: number, high: number];
  /** What it is to be at most, in milliseconds. */
  readonly budget?: number;
  /** As a multiple of another one measured in the same run. */
  readonly ratio?: { readonly to: string; readonly value: number; readonly budget?: number };
}

/** Times `work` `times` times after `warmUp` rounds that do not count. */
export async function measure(
  name: string,
  times: number,
  work: (round: number) => unknown,
  warmUp = Math.ceil(times / 10),
): Promise<Measure> {
  const taken: number[] = [];
  for (let round = -warmUp; round < times; round++) {
    const began = performance.now();
    await work(round + warmUp);
    if (round >= 0) taken.push(performance.now() - began);
  }
  return summary(name, taken);
}

/** The median and spread of what was taken. */
export function summary(name: string, taken: readonly number[]): Measure {
  const sorted = taken.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return { name, median: at(0.5), spread: [at(0.1), at(0.9)] };
}

/** Two things in turn, so that whatever else the machine does hits both alike. */
export async function interleave(
  names: readonly [string, string],
  times: number,
  works: readonly [() => unknown, () => unknown],
): Promise<[Measure, Measure]> {
  const taken: [number[], number[]] = [[], []];
  for (let round = -2; round < times; round++) {
    for (const side of round % 2 === 0 ? [0, 1] as const : [1, 0] as const) {
      const began = performance.now();
      await works[side]();
      if (round >= 0) taken[side].push(performance.now() - began);
    }
  }
  return [summary(names[0], taken[0]), summary(names[1], taken[1])];
}

/** The measures as a table of Markdown. */
export function tableOf(measures: readonly Measure[]): string {
  const rows = measures.map(({ name, median, spread, budget, ratio }) => [
    name,
    `${number(median)} ms`,
    `${number(spread[0])} – ${number(spread[1])}`,
    budget === undefined ? "" : `≤ ${budget} ms`,
    ratio === undefined ? "" : `${ratio.value.toFixed(2)} × ${ratio.to}${ratio.budget === undefined ? "" : ` (≤ ${ratio.budget})`}`,
  ]);
  const head = ["what", "median", "10 % – 90 %", "budget", "beside"];
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

const number = (value: number): string => value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
