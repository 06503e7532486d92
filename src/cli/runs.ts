/** `consist runs`: the runs of a ledger as a table. */
import { openLedger } from "../ledger/mod.ts";
import { renderRunTable } from "../notebook/render/mod.ts";
import { lineOf } from "../query/mod.ts";
import { listRuns } from "../query/answers/mod.ts";
import type { LedgerFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { placeThatIs } from "./place.ts";

/** What it takes. */
export interface RunsFlags extends LedgerFlags {
  /** Only runs of this scenario. */
  readonly scenario?: string;
  /** Only runs of this step. */
  readonly step?: string;
  /** Only runs that ended so. */
  readonly status?: string;
  /** Only runs of this year. */
  readonly year?: number;
  /** Only runs of this iteration. */
  readonly iteration?: number;
  /** Only runs with all these tags. */
  readonly tag?: readonly string[];
  /** At most so many. */
  readonly limit?: number;
  /** Every run ever recorded. */
  readonly history?: boolean;
}

/** As many as a terminal shows with their heading. */
const SHOWN = 40;

/** Does it. A tracker is not needed, and would take its time to load. */
export async function runs(output: Output, flags: RunsFlags): Promise<boolean> {
  const { scenario, step, status, year, iteration, tag, history = false } = flags;
  const ledger = openLedger(placeThatIs(flags).dbPath, { onlyReads: true });
  const limit = flags.limit ?? (output.json ? Number.MAX_SAFE_INTEGER : SHOWN);
  const found = await listRuns({ ledger }, { scenario, step, status, year, iteration, tags: tag, history }, limit);
  output.answer({
    json: () => found.runs,
    text: () => renderRunTable({ runs: found.runs.map(lineOf), total: found.total }),
  });
  await output.close(ledger);
  return true;
}
