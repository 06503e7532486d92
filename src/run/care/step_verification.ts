/** A verification with the first difference of each output, and its card. */
import { differenceWords, type FirstDifference } from "../../artifacts/mod.ts";
import { DISPLAY, INSPECT } from "../../notebook/mod.ts";
import { renderDiffCard } from "../../notebook/render/mod.ts";
import type { MimeBundle, Run } from "../../types.ts";
import type { Verification } from "../verification.ts";

/** An output that differs. */
export interface OutputDifference extends FirstDifference {
  readonly key: string;
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
