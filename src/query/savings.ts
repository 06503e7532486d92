/** What the cache saved over time, as a chart. */
import { listNames, nearestName, OptionError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import type { SavingsPeriod } from "../notebook/mod.ts";
import { viewChart } from "../relations/mod.ts";
import type { Chart } from "../types.ts";
import type { Reading } from "./reading.ts";

/** What savings to show. */
export interface SavingsOptions {
  /** How long a stretch of time is that they are summed up over. @default what gives between 3 and 100 of them */
  readonly by?: "hour" | "day" | "week";
  /** Of this scenario alone. */
  readonly scenario?: string;
  /** Of this step alone. */
  readonly step?: string;
}

const PERIODS: readonly SavingsPeriod[] = ["hour", "day", "week"];

/**
 * A chart of what hits saved: the time that their original runs took, less their own. The ledger is asked when it is shown.
 *
 * @throws {OptionError} `unknown_option` or `option_invalid`
 */
export function savings(reading: Pick<Reading, "ledger">, options: SavingsOptions = {}): Chart {
  checkOptions(options);
  return viewChart(async () => {
    const { savingsView } = await import("./answers/mod.ts");
    return await savingsView(reading, options);
  });
}

function checkOptions(options: SavingsOptions): void {
  const known = ["by", "scenario", "step"];
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined) throw wrong("unknown_option", "option", unknown, known);
  const { by } = options;
  if (by !== undefined && !PERIODS.includes(by)) throw wrong("option_invalid", "period", String(by), PERIODS);
}

function wrong(code: "unknown_option" | "option_invalid", what: string, name: string, known: readonly string[]): OptionError {
  const near = nearestName(name, known);
  return new OptionError(code, {
    problem: `savings() has no ${what} ${JSON.stringify(name)}.`,
    why: `There are ${listNames(known)}.`,
    fix: near === undefined ? "Use one of these." : `Did you mean ${JSON.stringify(near)}?`,
    path: code === "unknown_option" ? name : "by",
  });
}
