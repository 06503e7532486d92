/** The ledger that options mean. */
import { existsSync } from "@std/fs";
import { basename, dirname } from "@std/path";
import { LedgerError, OptionError } from "../errors.ts";
import { hasJournal, type LedgerPlace, ledgerPlace, openLedger } from "../ledger/mod.ts";
import type { LedgerFlags } from "./flags.ts";

/**
 * The place of a ledger that is there: the command line makes none, but where a first run has begun and left word of it.
 *
 * @throws {OptionError} where `--db` names no file
 * @throws {LedgerError} where there is no ledger
 */
export function placeThatIs({ db, runDir }: Omit<LedgerFlags, "json">): LedgerPlace {
  const place = ledgerPlace(db, runDir);
  if (existsSync(place.dbPath) || existsSync(`${place.dbPath}.wal`) || hasJournal(place.dbPath)) return place;
  const named = { problem: `There is no ledger at "${place.dbPath}".`, path: place.dbPath };
  if (db !== undefined) throw new OptionError("option_invalid", { ...named, why: "--db names no file.", fix: "Check the path." });
  throw new LedgerError("ledger_unreadable", {
    ...named,
    why: `A ledger is called ${basename(place.dbPath)} unless a program says otherwise, and ${dirname(place.dbPath)} has none.`,
    fix: "Go to the folder of the ledger, or name it: --db FILE.",
  });
}

/** Others who have the ledger, or wait for it, are waited for so long: the command itself has more patience. */
const SOON_MS = 300;

/** Opens the ledger to read it, as the command will that is loaded meanwhile. It resolves when that is over, and says nothing of what failed. */
export async function openSoon(flags: Omit<LedgerFlags, "json">): Promise<void> {
  try {
    const { dbPath } = placeThatIs(flags);
    await openLedger(dbPath, { onlyReads: true, waitMs: SOON_MS }).lookUp(() => Promise.resolve());
  } catch {
    // the command needs the ledger, too, and says why it cannot be had
  }
}
