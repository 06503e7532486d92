/** In a worker process that executes steps nobody opens a ledger: the coordinator alone reads and writes it. */
import { LedgerError } from "../errors.ts";
import type { Ledger } from "./ledger.ts";

const KEY: unique symbol = Symbol.for("consist.step_worker") as never;

/** Says that this process executes steps for another one. */
export function enterStepWorker(): void {
  (globalThis as { [KEY]?: boolean })[KEY] = true;
}

/** Does this process execute steps for another one? */
export function isStepWorker(): boolean {
  return (globalThis as { [KEY]?: boolean })[KEY] === true;
}

/** A ledger that may be named and closed, and that nobody may use. */
export function refusingLedger(path: string): Ledger {
  const harmless: { readonly [name: string]: unknown } = {
    path,
    foreignWrites: () => 0,
    isOwn: () => false,
    otherWrites: () => undefined,
    prepare: () => {},
    state: () => undefined,
    close: () => Promise.resolve(),
    flush: () => Promise.resolve(),
    release: () => Promise.resolve(),
    leave: () => Promise.resolve(),
    serving: () => [],
    isDueWithin: () => false,
    rest: () => Promise.resolve(),
    then: undefined,
  };
  const refuse = (): never => {
    throw new LedgerError("ledger_locked", {
      problem: `Cannot use the ledger "${path}" in a worker process.`,
      why:
        "Only the program that started the worker reads and writes the ledger: a step that executes here cannot run others, or ask for runs.",
      fix: "Run the step in_process, or find what it needs before, and give it as an input.",
      path,
    });
  };
  return new Proxy({}, { get: (_, name) => (Object.hasOwn(harmless, name) ? harmless[String(name)] : refuse) }) as Ledger;
}
