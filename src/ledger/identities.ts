/** The table `deno_identity`: the parts of a run's identity, from which a miss is explained. Long texts are kept once, in `deno_text`. */
import { createHash } from "node:crypto";
import type { Db } from "./connection.ts";
import { insertRows } from "./insert.ts";
import { rowsAmong } from "./select.ts";

/** A row of `deno_identity`; each column is plain JSON. */
export interface IdentityRow {
  /** The run. */
  readonly run_id: string;
  /** The whole config. */
  readonly config: unknown;
  /** The code: its parts, with their texts. */
  readonly code: unknown;
  /** What else decides the result: outputs, drivers, bindings. */
  readonly call: unknown;
  /** Each input. */
  readonly inputs: unknown;
  /** Each output. */
  readonly outputs: unknown;
}

/** Texts from this length on are kept once for all runs: a hundred thousand runs of one step share its source. */
const LONG = 120;
/** The only key of an object that stands for a text elsewhere. */
const REFERENCE = "$deno_text";

/** Inserts rows; a run has one identity, and a second one is an error. */
export async function insertIdentities(db: Db, rows: readonly IdentityRow[]): Promise<void> {
  const texts = new Map<string, string>();
  const short = rows.map((row) => ({ ...row, code: shorten(row.code, texts), call: shorten(row.call, texts) }));
  await insertRows(db, "deno_text", [...texts].map(([hash, text]) => ({ hash, text })), "ignore");
  await insertRows(db, "deno_identity", short);
}

/** The identities of these runs; a run that was a hit has none of its own. */
export async function identitiesOf(db: Db, runIds: readonly string[]): Promise<IdentityRow[]> {
  const rows = await rowsAmong<IdentityRow>(db, "deno_identity", "run_id", runIds);
  const hashes = new Set<string>();
  for (const row of rows) {
    collect(row.code, hashes);
    collect(row.call, hashes);
  }
  const found = await rowsAmong<{ hash: string; text: string }>(db, "deno_text", "hash", [...hashes]);
  const texts = new Map(found.map((row) => [row.hash, row.text]));
  return rows.map((row) => ({ ...row, code: restore(row.code, texts), call: restore(row.call, texts) }));
}

/** `code` and `call` hold what the library itself wrote, so that no user's object can look like a reference. */
function shorten(value: unknown, texts: Map<string, string>): unknown {
  if (typeof value === "string") return value.length < LONG ? value : refer(value, texts);
  return mapped(value, (item) => shorten(item, texts));
}

function refer(text: string, texts: Map<string, string>): { [REFERENCE]: string } {
  const hash = createHash("sha256").update(text).digest("hex");
  texts.set(hash, text);
  return { [REFERENCE]: hash };
}

function collect(value: unknown, hashes: Set<string>): void {
  const hash = referenceIn(value);
  if (hash !== undefined) hashes.add(hash);
  else mapped(value, (item) => collect(item, hashes));
}

function restore(value: unknown, texts: ReadonlyMap<string, string>): unknown {
  const hash = referenceIn(value);
  return hash === undefined ? mapped(value, (item) => restore(item, texts)) : texts.get(hash) ?? value;
}

function referenceIn(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !(REFERENCE in value)) return undefined;
  return typeof value[REFERENCE] === "string" ? value[REFERENCE] : undefined;
}

function mapped(value: unknown, change: (item: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(change);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item)]));
}
