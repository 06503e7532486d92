/** What takes space in the folder of runs, and what that saves. */
import { join } from "@std/path";
import { JSON } from "../../intrinsics.ts";
import { safeName } from "../../artifacts/mod.ts";
import { allRunIds, type UsedRun, usedRuns } from "../../ledger/mod.ts";
import { byteSize, count, countOf, DISPLAY, duration, INSPECT, localTime, type TableView } from "../../notebook/mod.ts";
import { renderTable } from "../../notebook/render/mod.ts";
import type { MimeBundle } from "../../types.ts";
import { lastUse } from "./prune_choice.ts";
import type { RunServices } from "../request.ts";
import { folderOfRun, type FolderSize, runFolders } from "../run_folders.ts";

/** The cached files of one step in one scenario. */
export interface CacheUse {
  /** The step. */
  readonly step: string;
  /** The scenario in which its runs executed. */
  readonly scenario?: string;
  /** How many runs executed and have files. */
  readonly runs: number;
  /** What these take, in bytes. */
  readonly bytes: number;
  /** How often the step's runs were hits, those whose files are gone included. */
  readonly hits: number;
  /** What that saved, in seconds. */
  readonly savedSeconds: number;
  /** When one of them executed or was a hit last. */
  readonly lastUsedAt: Date;
}

/** What is known of the cache. */
export interface CacheStatusParts {
  readonly runDir: string;
  readonly uses: readonly CacheUse[];
  readonly pruned: number;
  readonly unknown: { readonly paths: readonly string[]; readonly bytes: number };
}

/** What takes space, and what that saves. */
export class CacheStatus {
  /** The folder of runs. */
  readonly runDir: string;
  /** Each step in each scenario, the largest first. */
  readonly uses: readonly CacheUse[];
  /** How many runs have files. */
  readonly runs: number;
  /** What all cached files take, in bytes. */
  readonly bytes: number;
  /** How often runs were hits. */
  readonly hits: number;
  /** What that saved, in seconds. */
  readonly savedSeconds: number;
  /** How many runs are pruned: they are on record, and hit no more. */
  readonly pruned: number;
  /** What lies among the folders of runs and belongs to no run of this ledger, with what it takes. It is never pruned. */
  readonly unknown: { readonly paths: readonly string[]; readonly bytes: number };

  /** Made by `cacheStatus`. */
  constructor({ runDir, uses, pruned, unknown }: CacheStatusParts) {
    [this.runDir, this.uses, this.pruned, this.unknown] = [runDir, uses, pruned, unknown];
    this.runs = total(uses, ({ runs }) => runs);
    this.bytes = total(uses, ({ bytes }) => bytes) + unknown.bytes;
    this.hits = total(uses, ({ hits }) => hits);
    this.savedSeconds = total(uses, ({ savedSeconds }) => savedSeconds);
  }

  /** What it comes to, in words. */
  get summary(): string {
    const { paths, bytes } = this.unknown;
    return [
      `${byteSize(this.bytes)} of ${countOf(this.runs, "run")}, ${countOf(this.hits, "hit")} that saved ${duration(this.savedSeconds)}`,
      ...(this.pruned === 0 ? [] : [`${countOf(this.pruned, "run")} pruned`]),
      ...(paths.length === 0 ? [] : [`${byteSize(bytes)} in ${countOf(paths.length, "place")} that no run knows`]),
    ].join("; ");
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

const total = (uses: readonly CacheUse[], of: (use: CacheUse) => number): number => uses.reduce((sum, use) => sum + of(use), 0);

function viewOf({ uses, summary }: CacheStatus): TableView {
  const columns = ["step", "scenario", "size", "runs", "hits", "saved", "last used"].map((name) => ({ name }));
  const rows = uses.map((use) => [
    use.step,
    use.scenario ?? "",
    byteSize(use.bytes),
    count(use.runs),
    count(use.hits),
    duration(use.savedSeconds),
    localTime(use.lastUsedAt),
  ]);
  return { columns, rows, caption: summary };
}

/** Looks at the ledger and at the folder of runs. Nothing is changed. */
export async function cacheStatus(services: RunServices): Promise<CacheStatus> {
  const [runs, ids] = await services.ledger.read(async (db) => [await usedRuns(db), await allRunIds(db)] as const);
  await services.ledger.release();
  const { sizes, others } = await runFolders(services.runDir);
  const known = new Set(ids.map(safeName));
  const isKnown = (folder: string): boolean => known.has(folder.slice(folder.indexOf("/") + 1));
  const strange = [...[...sizes].filter(([folder]) => !isKnown(folder)), ...others];
  return new CacheStatus({
    runDir: services.runDir,
    uses: usesOf(runs, sizes),
    pruned: runs.filter(({ state }) => state !== null).length,
    unknown: {
      paths: strange.map(([folder]) => join(services.runDir, "outputs", ...folder.split("/"))),
      bytes: strange.reduce((sum, [, { bytes }]) => sum + bytes, 0),
    },
  });
}

function usesOf(runs: readonly UsedRun[], sizes: ReadonlyMap<string, FolderSize>): CacheUse[] {
  const groups = Map.groupBy(runs, ({ step, scenario }) => JSON.stringify([step, scenario]));
  const uses = [...groups.values()].map((same): CacheUse => {
    const { step, scenario } = same[0]!;
    const found = same.flatMap((run) => sizes.get(folderOfRun(run)) ?? []);
    return {
      step,
      ...(scenario === null ? {} : { scenario }),
      runs: found.length,
      bytes: found.reduce((sum, { bytes }) => sum + bytes, 0),
      hits: same.reduce((sum, { hits }) => sum + hits, 0),
      savedSeconds: same.reduce((sum, { saved }) => sum + saved, 0),
      lastUsedAt: new Date(same.reduce((latest, run) => Math.max(latest, lastUse(run)), -Infinity)),
    };
  });
  return uses.sort((a, b) => b.bytes - a.bytes || b.hits - a.hits || (a.step < b.step ? -1 : 1));
}
