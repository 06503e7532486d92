/**
 * What was accepted and what was pruned, in small files beside the snapshots: a ledger that is rebuilt from these knows it again. They lie in
 * a folder of their own, since the Python library takes every JSON file among the snapshots for one.
 */
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { crypto } from "../../intrinsics.ts";
import { acceptancesById, acceptancesOf, type AcceptedRow, insertAcceptance } from "../acceptances.ts";
import type { Db } from "../connection.ts";
import { jsonText, parseJson } from "../json.ts";
import { insertRows } from "../insert.ts";
import { prunedAmong, type PrunedRow } from "../prunes.ts";
import { SNAPSHOTS } from "../snapshot.ts";
import { textList, texts } from "../json_lists.ts";
import { writeWhole } from "../whole_file.ts";

/** A run whose files were pruned. */
export type PrunedMark = Omit<PrunedRow, "state" | "result">;

/** What a file of marks holds. */
export interface Marks {
  /** Accepted differences of code, also those that were taken back. */
  readonly accepted?: readonly AcceptedRow[];
  /** Runs whose files are gone. */
  readonly pruned?: readonly PrunedMark[];
  /** Name of the ledger's file: two ledgers may have one folder of runs. */
  readonly ledger?: string;
}

const folderOf = (runDir: string): string => join(runDir, SNAPSHOTS, "marks");
const TIMES = ["accepted_at", "revoked_at", "pruned_at"];

/** Keeps an acceptance, in the place of what was kept of it before. */
export async function keepAcceptance(runDir: string, row: AcceptedRow, ledger: string): Promise<void> {
  const name = row.id.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 60);
  const text = jsonText({ accepted: [row], ledger } satisfies Marks);
  await writeWhole(join(folderOf(runDir), `${name}_${createHash("sha256").update(row.id).digest("hex").slice(0, 8)}.json`), text);
}

/** Keeps that runs were pruned; many of them in one file. */
export async function keepPruned(runDir: string, rows: readonly PrunedMark[], ledger: string): Promise<void> {
  if (rows.length === 0) return;
  const pruned = rows.map(({ run_id, pruned_at, pruned_by, hits, bytes }) => ({ run_id, pruned_at, pruned_by, hits, bytes }));
  await writeWhole(join(folderOf(runDir), `pruned_${crypto.randomUUID()}.json`), jsonText({ pruned, ledger } satisfies Marks));
}

/** All that is kept, and the files that cannot be read. */
export async function readMarks(runDir: string): Promise<{ readonly marks: readonly Marks[]; readonly unreadable: readonly string[] }> {
  const [marks, unreadable]: [Marks[], string[]] = [[], []];
  for (const path of await filesOf(folderOf(runDir))) {
    try {
      marks.push(marksOf(parseJson(await Deno.readTextFile(path))));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      unreadable.push(path);
    }
  }
  return { marks, unreadable };
}

async function filesOf(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.filter(({ name, isFile }) => isFile && name.endsWith(".json") && !name.startsWith(".")).map(({ name }) =>
      join(folder, name)
    )
      .sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function marksOf(value: unknown): Marks {
  const { accepted = [], pruned = [], ledger } = (value ?? {}) as { [name in keyof Marks]: unknown };
  if (!Array.isArray(accepted) || !Array.isArray(pruned)) throw new SyntaxError("It has no lists.");
  return {
    accepted: rowsOf<AcceptedRow>(accepted, ["id", "step", "model", "mode", "code", "stands_for", "reason", "accepted_at"]),
    pruned: rowsOf<PrunedMark>(pruned, ["run_id", "pruned_at"]),
    ...(typeof ledger === "string" ? { ledger } : {}),
  };
}

function rowsOf<Row>(rows: readonly unknown[], needed: readonly string[]): Row[] {
  return rows.map((row) => {
    const fields = Object.entries((row ?? {}) as object).map(([name, value]) =>
      TIMES.includes(name) && typeof value === "string" ? [name, new Date(value)] : [name, value]
    );
    const whole = Object.fromEntries(fields);
    const isWhole = needed.every((name) =>
      typeof whole[name] === "string" || (TIMES.includes(name) && Number.isFinite(Number(whole[name])))
    );
    if (!isWhole) throw new SyntaxError("It lacks a field.");
    return whole as Row;
  });
}

/** Inserts what the ledger lacks of it: acceptances, and the marks of runs that came back from snapshots, which serve nothing. Belongs into a transaction. */
export async function restoreMarks(db: Db, marks: readonly Marks[], runs: readonly string[]): Promise<void> {
  const accepted = new Map(marks.flatMap(({ accepted = [] }) => accepted).map((row) => [row.id, row]));
  const known = new Set((await acceptancesById(db, [...accepted.keys()])).map(({ id }) => id));
  for (const row of accepted.values()) if (!known.has(row.id)) await insertAcceptance(db, row);
  const back = new Set(runs);
  const pruned = new Map(
    marks.flatMap(({ pruned = [] }) => pruned).filter(({ run_id }) => back.has(run_id)).map((row) => [row.run_id, row]),
  );
  if (pruned.size === 0) return;
  const marked = new Set((await prunedAmong(db, [...pruned.keys()])).map(({ run_id }) => run_id));
  const fresh = [...pruned.values()].filter(({ run_id }) => !marked.has(run_id));
  await insertRows(db, "deno_pruned", fresh.map((row) => ({ ...row, state: "done", result: null })));
  await db.run(`UPDATE deno_run SET result = NULL WHERE result IS NOT NULL AND run_id IN (SELECT ${texts(1)})`, [
    textList([...pruned.keys()]),
  ]);
}

/** Writes the files of what is on record and has none, or is on record otherwise. */
export async function keepMissingMarks(db: Db, runDir: string, ledger: string): Promise<void> {
  const { marks } = await readMarks(runDir);
  const kept = new Map(marks.flatMap(({ accepted = [] }) => accepted).map((row) => [row.id, row.revoked_at !== null]));
  for (const row of await acceptancesOf(db)) {
    const isRevoked = kept.get(row.id);
    if (isRevoked === undefined || (!isRevoked && row.revoked_at !== null)) await keepAcceptance(runDir, row, ledger);
  }
  const told = new Set(marks.flatMap(({ pruned = [] }) => pruned).map(({ run_id }) => run_id));
  const gone = await db.all<PrunedRow>("SELECT * FROM deno_pruned WHERE state = 'done'");
  await keepPruned(runDir, gone.filter(({ run_id }) => !told.has(run_id)), ledger);
}
