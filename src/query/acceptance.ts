/** Accepted differences of code, and what cards say of them. */
import { acceptancesOf, type AcceptedRow } from "../ledger/mod.ts";
import { DISPLAY, INSPECT, localTime, renderTable } from "../notebook/mod.ts";
import type { Change, MimeBundle, Run } from "../types.ts";
import type { Reading } from "./reading.ts";

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

/** All acceptances, the newest first; those that were taken back too. */
export async function acceptances({ ledger }: Pick<Reading, "ledger">, step?: string): Promise<AcceptanceList> {
  return AcceptanceList.from((await ledger.read((db) => acceptancesOf(db, step))).map(acceptanceOf));
}

/** A list of acceptances that shows itself as a table. */
export class AcceptanceList extends Array<Acceptance> {
  /** The list of some acceptances. */
  static override from(rows: readonly Acceptance[]): AcceptanceList {
    const list = new AcceptanceList();
    list.push(...rows);
    return list;
  }

  /** What is done with it is an ordinary array. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** As a table in a notebook. */
  [DISPLAY](): MimeBundle {
    const columns = ["id", "step", "difference", "because", "by", "on", "revoked"].map((name) => ({ name }));
    const rows = this.map(({ id, step, changes, reason, by, at, revoked }) => [
      id,
      step,
      changes.map(({ name }) => name).join(", "),
      reason,
      by,
      localTime(at),
      revoked === undefined ? "" : localTime(revoked.at),
    ]);
    return renderTable({ columns, rows, caption: "accepted differences of code" });
  }

  /** As text in a terminal. */
  [INSPECT](): string {
    return String(this[DISPLAY]()["text/plain"]);
  }
}
