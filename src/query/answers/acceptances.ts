/** The accepted differences of code, as a list that shows itself. */
import { acceptancesOf } from "../../ledger/mod.ts";
import { DISPLAY, INSPECT, localTime } from "../../notebook/mod.ts";
import { renderTable } from "../../notebook/render/mod.ts";
import type { MimeBundle } from "../../types.ts";
import { type Acceptance, acceptanceOf } from "../acceptance.ts";
import type { Reading } from "../reading.ts";

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
