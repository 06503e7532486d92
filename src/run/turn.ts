/** Whose turn is it to compute a signature? One executes; the others wait, and look again. */
import { type Claim, claimsOf, type Holder } from "./claim.ts";
import { hereAndNow } from "../notebook/mod.ts";
import { WaitProgress } from "./progress.ts";
import type { RunServices, StepRequest } from "./request.ts";

/** After this long the user is told for whom a step waits. */
const TOLD_AFTER_MS = 1_000;

/** Something that changes whenever a run with a signature may have been completed. */
export function seenSoFar(services: RunServices): string {
  return `${claimsOf(services.runDir).released} ${services.ledger.foreignWrites()}`;
}

/** A step's way to its turn. */
export class Turn {
  readonly #services: RunServices;
  readonly #request: StepRequest;
  #waitedSince: number | undefined;
  #isTold = false;

  constructor(services: RunServices, request: StepRequest) {
    this.#services = services;
    this.#request = request;
  }

  /**
   * The claim on the signature; `waited` where another one had it and may have ended; `undefined` where the step executes without one: it
   * has no signature, its result is not for others, or its body runs in any case. A step that makes a result anew claims what is free, so
   * that others wait for it, and waits for nobody. One that records nothing waits for others, and lets nobody wait.
   */
  async take(signature: string | null): Promise<Claim | "waited" | undefined> {
    const mode = this.#request.cache.cacheMode ?? "reuse";
    if (signature === null || mode === "off" || this.#request.mode === "trace") return undefined;
    const claims = claimsOf(this.#services.runDir);
    const found = mode === "readonly" ? claims.holder(signature) : claims.take(signature);
    this.#sayWhyNot();
    if (found === undefined || "release" in found) return found;
    if (mode === "overwrite") return undefined;
    await this.#wait(found);
    return "waited";
  }

  /** Nobody keeps the ledger while waiting. */
  async #wait(holder: Holder): Promise<void> {
    const shown = this.#show(nameOf(holder));
    try {
      await this.#services.ledger.release();
      await holder.over();
    } finally {
      await shown();
    }
  }

  /** Shows for whom the step waits: in the sweep that it belongs to, in a notebook, on a terminal; else it is told once. */
  #show(who: string): () => Promise<void> | void {
    const { name, place: { onWaiting } } = this.#request;
    if (onWaiting !== undefined) return onWaiting(who), () => onWaiting(undefined);
    const { kernel, terminal } = hereAndNow();
    if (kernel !== undefined || terminal !== undefined) {
      const live = new WaitProgress(name, who);
      live.begin();
      return () => live.end();
    }
    const now = performance.now();
    this.#waitedSince ??= now;
    const timer = this.#isTold ? undefined : setTimeout(() => this.#tell(who), this.#waitedSince + TOLD_AFTER_MS - now);
    return () => clearTimeout(timer);
  }

  #tell(who: string): void {
    this.#isTold = true;
    this.#services.warn(`waiting for step "${this.#request.name}", which ${who} is computing`);
  }

  /** Steps that cannot be claimed execute as if alone; the user is told once. */
  #sayWhyNot(): void {
    const claims = claimsOf(this.#services.runDir);
    if (claims.refused === undefined || claims.isTold) return;
    claims.isTold = true;
    this.#services.warn(
      `processes that ask for the same step at once may each execute it, since it cannot be claimed in ${claims.folder}: ${claims.refused.message}`,
    );
  }
}

function nameOf({ pid }: Holder): string {
  return pid === undefined ? "another process" : pid === Deno.pid ? "this process" : `process ${pid}`;
}
