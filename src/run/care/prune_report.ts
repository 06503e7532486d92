/** What a prune did, or would do: a list of runs that shows itself as a table. */
import { byteSize, countOf, DISPLAY, INSPECT, localTime, type TableView } from "../../notebook/mod.ts";
import { renderTable } from "../../notebook/render/mod.ts";
import type { MimeBundle } from "../../types.ts";

/** A run whose cached files were deleted, or would be. */
export interface PrunedRun {
  /** Its id. */
  readonly run: string;
  /** Its step. */
  readonly step: string;
  /** The scenario in which it executed. */
  readonly scenario?: string;
  /** What its files take, in bytes. */
  readonly bytes: number;
  /** When it ended. */
  readonly endedAt: Date;
  /** When it executed or was a hit last. */
  readonly lastUsedAt: Date;
  /** How often it was a hit. */
  readonly hits: number;
}

/** What a report is made from. */
export interface PruneParts {
  readonly dryRun: boolean;
  readonly runs: readonly PrunedRun[];
  readonly before?: number;
  readonly inUse?: number;
  readonly needed?: number;
  readonly failures?: readonly string[];
}

/** So many runs are shown; all of them are in `runs`. */
const SHOWN = 40;

/** What a prune did, or would do. */
export class PruneReport {
  /** Was nothing deleted, so that this is what would be? */
  readonly dryRun: boolean;
  /** The runs whose cached files went, or would go, newest first. */
  readonly runs: readonly PrunedRun[];
  /** What their files took, in bytes. */
  readonly bytes: number;
  /** What the whole cache took before, in bytes. */
  readonly before: number;
  /** How many more the rules meant that stay, since something which executes needs them, or just used them. */
  readonly inUse: number;
  /** How many more the rules meant that stay, since a run which stays was made from them. */
  readonly needed: number;
  /** What could not be deleted, in words: it is served no more, and the next prune tries again. */
  readonly failures: readonly string[];

  /** Made by `pruneCache`. */
  constructor({ dryRun, runs, before = 0, inUse = 0, needed = 0, failures = [] }: PruneParts) {
    this.dryRun = dryRun;
    this.runs = runs;
    this.bytes = runs.reduce((sum, { bytes }) => sum + bytes, 0);
    [this.before, this.inUse, this.needed, this.failures] = [before, inUse, needed, failures];
  }

  /** What it comes to, in words. */
  get summary(): string {
    const what = `${countOf(this.runs.length, "run")} with ${byteSize(this.bytes)} of ${byteSize(this.before)}`;
    const stay = [
      this.needed === 0 ? "" : `${this.needed} more stay because runs that stay were made from them`,
      this.inUse === 0 ? "" : `${this.inUse} more stay because they are in use`,
    ].filter(Boolean);
    return [this.dryRun ? `would delete the cached files of ${what}` : `deleted the cached files of ${what}`, ...stay].join("; ");
  }

  /** As a table in a notebook. */
  [DISPLAY](): MimeBundle {
    return renderTable(viewOf(this));
  }

  /** As text in a terminal. */
  [INSPECT](): string {
    return String(renderTable(viewOf(this))["text/plain"]);
  }
}

function viewOf({ runs, summary }: PruneReport): TableView {
  const columns = ["step", "run", "scenario", "size", "hits", "ended", "last used"].map((name) => ({ name }));
  const rows = runs.slice(0, SHOWN).map((run) => [
    run.step,
    run.run,
    run.scenario ?? "",
    byteSize(run.bytes),
    run.hits,
    localTime(run.endedAt),
    localTime(run.lastUsedAt),
  ]);
  return { columns, rows, total: runs.length, caption: summary };
}
