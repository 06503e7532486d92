/** Accepted differences of code, and what cards say of them. */
import type { AcceptedRow } from "../ledger/mod.ts";
import { localTime } from "../notebook/mod.ts";
import type { Change, Run } from "../types.ts";

/** A difference of a step's code that was accepted: the results of the one code stand for the other. */
export interface Acceptance {
  /** Its id, to take it back. */
  readonly id: string;
  /** The step. */
  readonly step: string;
  /** The run of the new code that was looked at. */
  readonly run: string;
  /** The run of the old code with which its outputs were compared. */
  readonly standsFor: string;
  /** Why the old results may stand. */
  readonly reason: string;
  /** Who said so, as `user@machine`. */
  readonly by: string;
  /** When. */
  readonly at: Date;
  /** What differs between the two codes. */
  readonly changes: readonly Change[];
  /** The first difference of an output, where outputs differ and it was accepted all the same. */
  readonly differingOutput?: string;
  /** Who took it back, and when. */
  readonly revoked?: { readonly by: string; readonly at: Date };
}

/** An acceptance from its row. */
export function acceptanceOf(row: AcceptedRow): Acceptance {
  return {
    ...{ id: row.id, step: row.step, run: row.run_id ?? "", standsFor: row.other_run_id ?? "", reason: row.reason },
    ...{ by: row.accepted_by ?? "unknown", at: row.accepted_at, changes: row.differences as Change[] },
    ...(row.differing_output === null ? {} : { differingOutput: row.differing_output }),
    ...(row.revoked_at === null ? {} : { revoked: { by: row.revoked_by ?? "unknown", at: row.revoked_at } }),
  };
}

/** Why a hit was given although the code differs, as a sentence for each acceptance that led to it. */
export function acceptedWords(acceptances: readonly Acceptance[]): string {
  const each = acceptances.map(({ changes, by, at, reason, differingOutput, revoked }) => {
    const names = changes.slice(0, 4).map(({ name }) => name).join(", ");
    const more = changes.length > 4 ? ` and ${changes.length - 4} more` : "";
    const known = differingOutput === undefined ? "" : ` Outputs are known to differ: ${differingOutput}.`;
    const over = revoked === undefined ? "" : ` It was taken back by ${revoked.by} on ${localTime(revoked.at)}.`;
    return `The code differs (${names}${more}), which ${by} accepted on ${localTime(at)}: ${reason}.${known}${over}`;
  });
  return ["Config and inputs are the same.", ...each].join(" ").replaceAll(/([.!?])\.(?= |$)/g, "$1");
}

/** What the card of a run says whose inputs were served so, or were made from what was. */
export function restingWords({ step, by, at, reason, id, revoked }: Acceptance): string {
  const over = revoked === undefined ? "" : `; taken back by ${revoked.by} on ${localTime(revoked.at)}`;
  return `an input rests on results of other code of step ${step}, which ${by} accepted on ${localTime(at)}: ${reason} (${id}${over})`;
}

/** The ids of the acceptances on which a run rests by itself: by which it was served, or its inputs were. */
export function restsOn({ meta }: Pick<Run, "meta">): { readonly accepted: readonly string[]; readonly inputs: readonly string[] } {
  const ids = (value: unknown): string[] => Array.isArray(value) ? value.filter((id) => typeof id === "string") : [];
  return { accepted: ids(meta.accepted), inputs: ids(meta.rests_on) };
}
