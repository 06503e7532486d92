/** The numbers of two runs side by side: scalar outputs, and the means of tables' columns. */
import { isTableDriver, loadFrame } from "../../artifacts/mod.ts";
import type { QuantityView } from "../../notebook/mod.ts";
import { beforeAfterChart } from "../../notebook/render/mod.ts";
import { viewChart } from "../../relations/mod.ts";
import type { Chart, DataFrame, Run } from "../../types.ts";
import { artifactsForRun } from "./artifacts_for_run.ts";
import type { Reading } from "../reading.ts";

/** A chart of what both runs have in numbers. Tables are read when it is shown; one that is gone is left out. */
export function beforeAfter(reading: Pick<Reading, "ledger" | "artifactOf">, before: Run, after: Run): Chart {
  return viewChart(async () => {
    const [one, other] = [await numbersOf(reading, before), await numbersOf(reading, after)];
    const names = [...new Set([...one.keys(), ...other.keys()])];
    const quantities = names.map((name): QuantityView => ({ name, before: one.get(name), after: other.get(name) }));
    return beforeAfterChart({ before: before.id, after: after.id, quantities });
  });
}

async function numbersOf(reading: Pick<Reading, "ledger" | "artifactOf">, run: Run): Promise<Map<string, number>> {
  const numbers = new Map<string, number>();
  for (const [key, value] of Object.entries((run.meta.output_values ?? {}) as object)) {
    if (typeof value === "number" || typeof value === "boolean") numbers.set(key, Number(value));
  }
  const { outputs } = await artifactsForRun(reading, run);
  for (const [key, artifact] of Object.entries(outputs)) {
    if (!isTableDriver(artifact.driver)) continue;
    const frame = await loadFrame(artifact).catch(() => undefined); // gone or damaged: loading it says so, a chart of the rest need not
    for (const [column, mean] of frame === undefined ? [] : meansOf(frame)) numbers.set(`mean of ${key}.${column}`, mean);
  }
  return numbers;
}

function meansOf(frame: DataFrame): [column: string, mean: number][] {
  if (frame.height === 0) return [];
  const [means] = frame.mean().toRecords() as { [column: string]: unknown }[];
  return Object.entries(means ?? {}).flatMap(([column, mean]) => {
    const number = typeof mean === "bigint" ? Number(mean) : mean;
    return typeof number === "number" && Number.isFinite(number) ? [[column, number]] : [];
  });
}
