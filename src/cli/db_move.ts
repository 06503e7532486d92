/** `consist db compact`, `export` and `merge`: a ledger in another file. */
import { exists } from "@std/fs";
import { resolve } from "@std/path";
import { OptionError } from "../errors.ts";
import { realPathOf } from "../ledger/mod.ts";
import { compactLedger, type ExportFormat, exportLedger, type Merged, mergeLedger, withChildren } from "../ledger/maintenance/mod.ts";
import { byteSize, count, countOf } from "../notebook/mod.ts";
import { namedRun } from "../query/answers/mod.ts";
import { servicesOf, type Tracker } from "../tracker/mod.ts";
import type { LedgerFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { placeThatIs } from "./place.ts";
import { readerFor, readingOf, trackerFor } from "./tracker.ts";

/** Writes the ledger anew without unused room. */
export async function dbCompact(output: Output, flags: LedgerFlags): Promise<boolean> {
  placeThatIs(flags);
  await using tracker = trackerFor(flags);
  using progress = output.progress();
  const { before, after, lostViews } = await compactLedger(
    servicesOf(tracker).ledger,
    (done, total, what) => progress.show(done, total, what),
  );
  progress.end();
  output.answer({
    json: () => ({ before, after, lostViews }),
    text: () =>
      [
        ...lostViews.map((name) => `left out: the view ${name}, whose files are gone; the program that made it makes it again`),
        `${byteSize(before)} before, ${byteSize(after)} now`,
      ].join("\n"),
  });
  return true;
}

/** What the export takes. */
export interface ExportFlags extends LedgerFlags {
  /** The form of the files. */
  readonly format?: ExportFormat;
  /** Only these runs, with what ran inside of them. */
  readonly run?: readonly string[];
  /** Only the runs that are named, without what ran inside of them. */
  readonly noChildren?: boolean;
}

/** Writes each table into a file of a new folder. */
export async function dbExport(output: Output, flags: ExportFlags, folder: string): Promise<boolean> {
  await using tracker = readerFor(flags);
  const runs = await runsToExport(tracker, flags.run ?? [], flags.noChildren ?? false);
  using progress = output.progress();
  const format = flags.format ?? "parquet";
  const path = resolve(folder);
  const tables = await exportLedger(servicesOf(tracker).ledger, path, format, {
    ...(runs === undefined ? {} : { runs }),
    onProgress: (done, total, what) => progress.show(done, total, what),
  });
  progress.end();
  output.answer({
    json: () => ({ folder: path, format, tables }),
    text: () =>
      [
        ...tables.filter(({ rows }) => rows > 0).map(({ table, rows }) => `${table}  ${count(rows)}`),
        `${countOf(tables.length, "table")} in ${path}`,
      ].join("\n"),
  });
  return true;
}

/** Those that are named, with the steps of scenarios and what ran inside of steps. */
async function runsToExport(tracker: Tracker, names: readonly string[], noChildren: boolean): Promise<readonly string[] | undefined> {
  if (names.length === 0) return undefined;
  const ids = await Promise.all(names.map(async (name) => (await namedRun(readingOf(tracker), name)).id));
  return noChildren ? ids : await servicesOf(tracker).ledger.read((db) => withChildren(db, ids));
}

/** What a merge takes. */
export interface MergeFlags extends LedgerFlags {
  /** Do nothing. */
  readonly dryRun?: boolean;
}

/** Takes in the rows of another ledger; `false` where both have different runs of one id. */
export async function dbMerge(output: Output, flags: MergeFlags, file: string): Promise<boolean> {
  const { dbPath } = placeThatIs(flags);
  const other = resolve(file);
  if (!await exists(other) || realPathOf(other) === realPathOf(dbPath)) throw notOther(other, await exists(other));
  await using tracker = trackerFor(flags);
  using progress = output.progress();
  const { dryRun = false } = flags;
  const merged = await mergeLedger(servicesOf(tracker).ledger, other, {
    dryRun,
    onProgress: (done, total, what) => progress.show(done, total, what),
  });
  progress.end();
  output.answer({ json: () => ({ dryRun, ...merged }), text: () => mergedText(merged, dryRun, other) });
  return merged.conflicts.length === 0;
}

function mergedText({ rows, conflicts, leftBehind }: Merged, dryRun: boolean, other: string): string {
  const words = Object.entries(rows).map(([table, n]) => `${table}  ${count(n)}`);
  return [
    ...words,
    ...conflicts.map((run) => `wrong  ${run} is another run in ${other}: this ledger's stays`),
    ...leftBehind.map((table) => `left behind: the ingested rows of ${table}`),
    `${countOf(rows.run ?? 0, "run")} ${dryRun ? "would come" : "came"} in`,
  ].join("\n");
}

function notOther(path: string, isThere: boolean): OptionError {
  return new OptionError("option_invalid", {
    problem: `Cannot merge "${path}".`,
    why: isThere ? "It is the ledger itself." : "There is no such file.",
    fix: "Give the file of another ledger.",
    path,
  });
}
