/** The tracker that options mean. */
import { servicesOf, Tracker } from "../tracker/mod.ts";
import { heldArtifact, type Reading } from "../query/mod.ts";
import type { LedgerFlags } from "./flags.ts";
import { placeThatIs } from "./place.ts";

/** A tracker that may do everything, whatever programs may do. */
export function trackerFor({ db, runDir }: Omit<LedgerFlags, "json">): Tracker {
  return new Tracker({ enabled: true, ...(db === undefined ? {} : { dbPath: db }), ...(runDir === undefined ? {} : { runDir }) });
}

/** A tracker of a ledger that is there, which leaves it as it is. */
export async function readerFor(flags: Omit<LedgerFlags, "json">): Promise<Tracker> {
  return new Tracker({ enabled: true, accessMode: "read_only", ...await placeThatIs(flags) });
}

/** What reading takes; an artifact whose address is refused is listed all the same. */
export function readingOf(tracker: Tracker): Reading {
  const services = servicesOf(tracker);
  return { ...services, artifactOf: (row) => heldArtifact(services, row) };
}
