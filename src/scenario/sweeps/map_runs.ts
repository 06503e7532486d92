/** A run for each row: in order, some at once, with what came of each. */
import { ConsistError } from "../../errors.ts";
import { JSON } from "../../intrinsics.ts";
import { interruptSignal } from "../../notebook/mod.ts";
import type { Executor } from "../../executors/mod.ts";
import {
  activeRun,
  Ahead,
  isRehearsal,
  type RunPlace,
  type RunServices,
  runStep,
  SHORT_STEP_SECONDS,
  type StepRequest,
  workerPool,
} from "../../run/mod.ts";
import { rowAt } from "../../schemas/mod.ts";
import type { Run, RunResult } from "../../types.ts";
import { planSweep, type RawMapOptions, type SweepPlan } from "./map_options.ts";
import { type Outcome, SweepResult } from "./map_result.ts";
import { Handover } from "./handover.ts";
import type { Member } from "./map_rows.ts";
import { SweepProgress } from "./sweep_progress.ts";

/** Runs a step for each row. A row that fails is in the result; options that are wrong are thrown before anything is run. */
export async function mapRuns(
  services: RunServices,
  options: unknown,
  place: RunPlace,
  onResult?: (result: RunResult) => void,
): Promise<SweepResult> {
  if (!isRehearsal()) services.access.toRecord("run a step for each row"); // else each row would be told of alone
  const plan = planSweep((options ?? {}) as RawMapOptions, place);
  const { onOutput: _, ...alone } = place; // rows have one output under the same key each: none of them is the coupler's
  return await new Sweep(services, plan, alone, onResult).run(plan.members);
}

/** So many rows of which the function has ended may wait for the ledger, while the next one executes. */
const UNRECORDED = 16;
/** And so many may wait for the disk: till then what they returned is in memory. */
const UNSTORED = 2;

/** What has not ended yet; none of it fails. */
class Pending {
  readonly #each = new Set<Promise<void>>();

  add(work: Promise<void>): void {
    this.#each.add(work);
    void work.then(() => this.#each.delete(work)); // an outcome holds its error
  }

  async atMost(count: number): Promise<void> {
    while (this.#each.size > count) await Promise.race(this.#each);
  }
}

/** A row on its way. */
interface Row {
  readonly row: Handover<StepRequest>;
  /** Resolves when it is known what became of it. */
  readonly whole: Promise<void>;
}

/** The sweep was cancelled before a row's turn came. */
class RowCancelled extends Error {}

/** One pass over some rows. */
class Sweep {
  readonly #services: RunServices;
  readonly #plan: SweepPlan;
  readonly #place: RunPlace;
  readonly #onResult: ((result: RunResult) => void) | undefined;
  readonly #abort = new AbortController();
  #isCancelled = false;
  /** How long the last row took, in seconds. */
  #took: number | undefined;
  /** Was a row looked up too soon? The next one would be as well. */
  #wasInVain = false;

  constructor(services: RunServices, plan: SweepPlan, place: RunPlace, onResult: ((result: RunResult) => void) | undefined) {
    [this.#services, this.#plan, this.#place, this.#onResult] = [services, plan, place, onResult];
  }

  async run(members: readonly Member[]): Promise<SweepResult> {
    const { step, executor, concurrency } = this.#plan;
    const pool = executor === "worker" ? workerPool(concurrency) : undefined;
    const where = pool ?? (typeof executor === "string" ? undefined : executor);
    const slots = concurrency ?? where?.slots ?? 1;
    const progress = new SweepProgress(step, members.length, Math.min(slots, Math.max(1, members.length)));
    const outcomes = new Map<Member, Outcome>();
    const pending = members[Symbol.iterator](); // a list's iterator goes on where the last loop over it stopped
    let left = members.length;
    const isAlone = where === undefined && slots === 1 && this.#mayLookAhead();
    // A row begins when the function of the one before has ended: then that one is recorded, and others where the ledger rests.
    const next = async (): Promise<void> => {
      const unrecorded = new Pending();
      const unstored = new Pending();
      const begin = (before: Row | undefined, turn?: Promise<StepRequest | undefined>): Row | undefined => {
        const { value: member, done } = pending.next();
        if (done) return undefined;
        left--;
        const row = new Handover<StepRequest>(before?.row);
        if (where !== undefined) row.follow(); // other processes have threads of their own
        const whole = this.#outcome(member, where, progress, row, left / slots, turn).then((outcome) => void outcomes.set(member, outcome));
        unrecorded.add(whole);
        unstored.add(Promise.race([row.stored, whole]));
        return { row, whole };
      };
      let last: Row | undefined;
      for (let current = begin(undefined); current !== undefined;) {
        const { row, whole } = current;
        const turn = Promise.withResolvers<StepRequest | undefined>();
        const ahead = isAlone && await this.#isUnderWay(current) ? begin(current, turn.promise) : undefined;
        const steady = await (where === undefined ? Promise.race([row.executed, whole]) : whole) ?? undefined;
        row.begins();
        await unstored.atMost(UNSTORED + Number(ahead !== undefined));
        await unrecorded.atMost(UNRECORDED);
        turn.resolve(steady);
        last = current;
        current = ahead ?? begin(current);
      }
      last?.row.follow();
      await unrecorded.atMost(0);
    };
    const over = this.#listen();
    progress.begin();
    try {
      await Promise.all(Array.from({ length: Math.min(inFlight(slots, where), members.length) }, next));
    } finally {
      over();
      await pool?.close();
      await progress.end(this.#isCancelled ? "cancelled" : "done");
    }
    const again = (rows: readonly Member[]): Promise<SweepResult> =>
      new Sweep(this.#services, this.#plan, this.#place, this.#onResult).run(rows);
    return new SweepResult(step, members.map((member) => outcomes.get(member)!), again);
  }

  /** May rows be looked up before their turn? Not where a row may change by itself what the next one is given. */
  #mayLookAhead(): boolean {
    const { tracking } = this.#services;
    return tracking.isOn && !isRehearsal() && activeRun() === undefined && this.#place.coupler === undefined && this.#plan.isPlain;
  }

  /** Does a short row's function execute, and leave this thread free? Then there is time to look the next one up. */
  async #isUnderWay({ row, whole }: Row): Promise<boolean> {
    if (this.#took === undefined || this.#took > SHORT_STEP_SECONDS || this.#wasInVain) return false;
    let isOver = false;
    const over = (): void => void (isOver = true);
    whole.then(over);
    row.executed.then(over);
    await Promise.race([row.begun, row.executed, whole]);
    if (!isOver) await new Promise((resolve) => setTimeout(resolve, 0));
    return !isOver;
  }

  /** What becomes of a row; where there is a `turn` to wait for it is looked up before. */
  async #outcome(
    member: Member,
    where: Executor | undefined,
    progress: SweepProgress,
    row: Row["row"],
    rowsAfter: number,
    turn?: Promise<StepRequest | undefined>,
  ): Promise<Outcome> {
    const { index } = member;
    let began = performance.now();
    const begin = (): void => {
      if (this.#isCancelled) throw new RowCancelled();
      progress.started(index, member.name);
      began = performance.now();
    };
    let executed: number | undefined;
    let saved = 0;
    let ofHit: number | null = null;
    const seconds = (): number => executed ?? (performance.now() - began) / 1000;
    const place: RunPlace = {
      ...this.#place,
      isRow: true,
      ...(this.#took === undefined ? {} : { expectedSeconds: this.#took }),
      ...(where === undefined ? { rowsAfter } : {}),
      signal: this.#abort.signal,
      onSaved: (seconds, took) => {
        saved = Math.max(0, seconds);
        ofHit = took ?? null;
      },
      onWaiting: (who) => {
        row.begins(); // it may wait for the row before
        progress.waits(index, who);
      },
      onStored: () => row.isStored(),
      onBegins: () => row.begins(),
      handedOver: () => row.handedOver(),
      onProgress: (_, state) => progress.progress(index, state),
      onExecuted: (took, steady) => {
        executed = this.#took = took;
        row.ends(steady);
      },
      onPrint: (stream, line) => progress.print(stream, line),
    };
    const run = async (ahead: Pick<RunPlace, "ahead"> = {}): Promise<RunResult> =>
      await runStep(this.#services, this.#plan.optionsOf(member, where), { ...place, ...ahead }) as RunResult;
    try {
      const result = turn === undefined ? (begin(), await run()) : await this.#ahead(turn, begin, run);
      progress.ended(index, result.cacheHit ? "hit" : "executed", seconds(), saved);
      this.#onResult?.(result);
      return { member, seconds: seconds(), executed: result.cacheHit ? ofHit : seconds(), result };
    } catch (thrown) {
      if (thrown instanceof RowCancelled) {
        progress.ended(index, "cancelled", 0);
        return { member, seconds: 0, error: cancelled(member), isCancelled: true };
      }
      const took = seconds();
      if (this.#plan.cancelPendingOnFailure) this.#isCancelled = true;
      progress.ended(index, "failed", took);
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      const run = await this.#runOf(error);
      return { member, seconds: took, error, isCancelled: false, ...(run === undefined ? {} : { run }) };
    }
  }

  /** Looks a row up before its turn. Where that does not hold when the turn comes, it runs as if nothing had been looked up. */
  async #ahead(
    turn: Promise<StepRequest | undefined>,
    begin: () => void,
    run: (ahead?: Pick<RunPlace, "ahead">) => Promise<RunResult>,
  ): Promise<RunResult> {
    const ahead = new Ahead(turn.then((steady) => (begin(), steady)));
    try {
      return await run({ ahead });
    } catch (error) {
      if (ahead.holds || error instanceof RowCancelled) throw error;
    }
    // Whatever was wrong may be right by now.
    await turn;
    if (this.#isCancelled) throw new RowCancelled();
    this.#wasInVain = true;
    return await run();
  }

  /** The failed run as the ledger has it. */
  async #runOf(error: Error): Promise<Run | undefined> {
    if (!(error instanceof ConsistError) || error.run === undefined) return undefined;
    try {
      const { getRun } = await import("../../query/answers/mod.ts");
      return await getRun(this.#services, error.run);
    } catch {
      // The row's own error is the one to be told; a ledger that cannot be read makes the next row fail as well.
      return undefined;
    }
  }

  /** Cancels when the caller, the run around or the keyboard says so. */
  #listen(): () => void {
    const outer = [this.#plan.signal, this.#place.signal].filter((signal) => signal !== undefined);
    const cancel = (): void => this.#cancel();
    if (outer.some(({ aborted }) => aborted)) cancel();
    for (const signal of outer) signal.addEventListener("abort", cancel);
    const unlisten = activeRun() === undefined ? onInterrupt(() => this.#interrupt()) : () => {};
    return () => {
      for (const signal of outer) signal.removeEventListener("abort", cancel);
      unlisten();
    };
  }

  #interrupt(): void {
    this.#cancel();
    this.#services.warn(
      `the sweep of "${this.#plan.step}" was interrupted: rows that have not begun are not run. Interrupt again to end the program at once.`,
    );
  }

  #cancel(): void {
    this.#isCancelled = true;
    this.#abort.abort(new DOMException("The sweep was cancelled.", "AbortError"));
  }
}

/** While a row is recorded its worker has the next one already. */
function inFlight(slots: number, where: Executor | undefined): number {
  return where === undefined ? slots : slots + Math.min(Math.max(slots, 2), 8);
}

/** Ctrl-C on a terminal, or a notebook's interrupt: once; the next one does what it always does. */
function onInterrupt(listener: () => void): () => void {
  const cell = interruptSignal();
  const off = (): void => {
    if (isOver) return;
    isOver = true;
    Deno.removeSignalListener("SIGINT", once);
    cell?.removeEventListener("abort", once);
  };
  const once = (): void => {
    off();
    listener();
  };
  let isOver = false;
  Deno.addSignalListener("SIGINT", once);
  cell?.addEventListener("abort", once);
  return off;
}

function cancelled(member: Member): ConsistError {
  return new ConsistError("cancelled", {
    problem: `The run of ${rowAt(member.index)}, ${JSON.stringify(member.name)}, did not begin: the sweep was cancelled.`,
    why: "It was interrupted, its signal was aborted, or a row failed and cancelPendingOnFailure is set.",
    fix: "Call retry() of the result, or mapRuns again: rows that are done are hits.",
    step: member.name,
  });
}
