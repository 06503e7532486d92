/** `consist sql`: a question to the ledger, and to files. */
import { renderTable } from "../notebook/render/mod.ts";
import { type Head, textRelation } from "../relations/mod.ts";
import { csvText } from "./csv.ts";
import type { LedgerFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { readerFor, readingOf } from "./tracker.ts";

/** What it takes. */
export interface SqlFlags extends LedgerFlags {
  /** All rows as CSV. */
  readonly csv?: boolean;
  /** At most so many rows. */
  readonly limit?: number;
}

const SHOWN = 20;
const ALL = Number.MAX_SAFE_INTEGER;

/** Does it. The ledger is open so that nothing can be written to it. */
export async function sql(output: Output, flags: SqlFlags, query: string): Promise<boolean> {
  await using tracker = readerFor(flags);
  const { ledger } = readingOf(tracker);
  const head = await textRelation(() => ledger, query).head(flags.limit ?? (output.json || flags.csv === true ? ALL : SHOWN));
  if (flags.csv === true && !output.json) output.raw(csvText(head.columns.map(({ name }) => name), cells(head)));
  else {output.answer({
      json: () => head,
      text: () => renderTable({ columns: head.columns, rows: cells(head), total: head.total, textWidth: 60 }),
    });}
  return true;
}

const cells = ({ columns, rows }: Head): unknown[][] => rows.map((row) => columns.map(({ name }) => row[name]));
