/** Digests of files, kept in the ledger for the next process. */
import type { DigestStore } from "../artifacts/mod.ts";
import { digestsOf, type Ledger, putDigests } from "../ledger/mod.ts";

/** A digest store over the ledger: read when asked for, written behind the caller's back. */
export function ledgerDigests(ledger: Ledger): DigestStore {
  return {
    get: async (paths: string[]) => {
      const rows = await ledger.lookUp((db) => digestsOf(db, paths), null);
      // A row without time stamps says nothing about the present state of its file.
      const complete = rows.flatMap(({ mtime_ms, ctime_ms, ...row }) =>
        mtime_ms === null || ctime_ms === null ? [] : [{ ...row, mtime_ms, ctime_ms }]
      );
      return new Map(complete.map((row) => [row.path, row]));
    },
    put: (rows) => ledger.later((db) => putDigests(db, rows), { mayStay: true }), // who lacks them computes them anew
  };
}
