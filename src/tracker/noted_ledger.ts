/** The ledger for whoever asks it something. */
import type { Ledger } from "../ledger/mod.ts";
import { readsOfActiveRun } from "../run/mod.ts";

/** What tells of the ledger: also that nothing changed since an answer that is kept. */
const TELLING: readonly (string | symbol)[] = ["read", "state"] satisfies (keyof Ledger)[];

/** The ledger for readers: a run inside which it is read depends on more than can be told. */
export function notedLedger(ledger: Ledger): Ledger {
  return new Proxy(ledger, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      if (!TELLING.includes(name)) return member.bind(target);
      return (...args: unknown[]) => {
        readsOfActiveRun()?.ledger();
        return member.apply(target, args);
      };
    },
  });
}
