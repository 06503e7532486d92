/** The ledger for whoever asks it something. */
import type { Ledger } from "../ledger/mod.ts";
import { readsOfActiveRun } from "../run/mod.ts";

/** The ledger for readers: a run inside which it is read depends on more than can be told. */
export function notedLedger(ledger: Ledger): Ledger {
  const read: Ledger["read"] = (work) => {
    readsOfActiveRun()?.ledger();
    return ledger.read(work);
  };
  return new Proxy(ledger, {
    get: (target, name) => {
      const member: unknown = name === "read" ? read : Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}
