/** What came of executing a recorded step again: the verdict, the first difference of each output, and a card. */
import { differenceWords, type FirstDifference } from "../artifacts/mod.ts";
import { DISPLAY, INSPECT, localTime, renderDiffCard } from "../notebook/mod.ts";
import type { MimeBundle, Run } from "../types.ts";

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

/** An output that differs. */
export interface OutputDifference extends FirstDifference {
  readonly key: string;
}

/** A verdict in one line, for the notes of a card. */
export function verdictNote({ verdict, at, differences }: Verdict): string {
  const where = differences.slice(0, 3).map(({ key, first }) => `output "${key}", ${first}`);
  const more = differences.length > 3 ? ` and ${differences.length - 3} more` : "";
  return `verified: ${verdict} on ${localTime(new Date(at)).slice(0, 10)}${where.length === 0 ? "" : ` (${where.join("; ")}${more})`}`;
}

/** A verification that shows itself. */
export class StepVerification implements Verification {
  readonly verdict: Verification["verdict"];
  readonly original: Run;
  declare readonly repeated?: Run;
  readonly differences: Verification["differences"];
  declare readonly reason?: string;
  readonly #found: readonly OutputDifference[];

  constructor(
    verdict: Verification["verdict"],
    original: Run,
    more: { readonly repeated?: Run; readonly found?: readonly OutputDifference[]; readonly reason?: string },
  ) {
    this.verdict = verdict;
    this.original = original;
    this.#found = more.found ?? [];
    this.differences = this.#found.map((found) => ({ key: found.key, first: differenceWords(found) }));
    if (more.repeated !== undefined) this.repeated = more.repeated;
    if (more.reason !== undefined) this.reason = more.reason;
  }

  [DISPLAY](): MimeBundle {
    return renderDiffCard({
      title: `Step "${this.original.model}" executed again`,
      verdict: this.verdict === "not_repeatable" ? "not repeatable" : this.verdict,
      left: this.original.id,
      right: this.repeated?.id ?? "nothing",
      changes: this.#found.map(({ key, place, before, after }) => ({ name: `output ${key}, ${place}`, before, after })),
      ...(this.reason === undefined ? {} : { why: this.reason }),
    });
  }

  [INSPECT](): string {
    return String(this[DISPLAY]()["text/plain"]);
  }
}
