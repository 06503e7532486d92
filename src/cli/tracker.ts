/** The tracker that options mean. */
import { Tracker } from "../tracker/mod.ts";
import type { LedgerFlags } from "./flags.ts";

/** A tracker that may do everything, whatever programs may do. */
export function trackerFor({ db, runDir }: Omit<LedgerFlags, "json">): Tracker {
  return new Tracker({ enabled: true, ...(db === undefined ? {} : { dbPath: db }), ...(runDir === undefined ? {} : { runDir }) });
}
