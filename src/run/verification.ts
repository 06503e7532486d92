/** What came of executing a recorded step again: the verdict, and how it is told. */
import { localTime } from "../notebook/mod.ts";
import type { Run } from "../types.ts";

/** What came of executing a recorded step again beside the original. */
export interface Verification {
  /** The outputs have the same content, other content, or the step cannot be executed again. */
  readonly verdict: "equal" | "different" | "not_repeatable";
  /** The run that executed first. */
  readonly original: Run;
  /** The execution beside it. The ledger has no row of it; where something differs, `meta.outputs` says where its files are. */
  readonly repeated?: Run;
  /** The outputs with other content, each with its first difference. */
  readonly differences: readonly {
    /** The output. */
    readonly key: string;
    /** Where it differs first, and both values. */
    readonly first: string;
  }[];
  /** Likely causes of a difference, or why the step cannot be executed again. */
  readonly reason?: string;
}

/** The verdict as it is kept with the original run. */
export interface Verdict {
  readonly verdict: "equal" | "different";
  /** When, as ISO text. */
  readonly at: string;
  readonly differences: Verification["differences"];
}

/** A verdict in one line, for the notes of a card. */
export function verdictNote({ verdict, at, differences }: Verdict): string {
  const where = differences.slice(0, 3).map(({ key, first }) => `output "${key}", ${first}`);
  const more = differences.length > 3 ? ` and ${differences.length - 3} more` : "";
  return `verified: ${verdict} on ${localTime(new Date(at)).slice(0, 10)}${where.length === 0 ? "" : ` (${where.join("; ")}${more})`}`;
}
