/** How far a sweep has come, shown while it runs: one display in a notebook, one line on a terminal, nothing where neither is. */
import { renderSweepProgress, sweepLine, type SweepProgressView, unheard } from "../notebook/mod.ts";
import { hereAndNow, type ProgressPlace, type ProgressState } from "../run/mod.ts";

/** A sweep that is done sooner shows no progress. */
const QUIET_MS = 300;
/** At most five pictures a second. */
const PAUSE_MS = 200;
/** Without news it is shown this often, for the clock. */
const LONGEST_MS = 1_000;

/** How a row ended. */
export type RowEnd = "executed" | "hit" | "failed" | "cancelled";

/** The live display of one sweep. */
export class SweepProgress {
  readonly #place: ProgressPlace;
  readonly #name: string;
  readonly #total: number;
  readonly #began: number;
  readonly #id = `sweep-${crypto.randomUUID()}`;
  readonly #ended: Record<RowEnd, number> = { executed: 0, hit: 0, failed: 0, cancelled: 0 };
  readonly #running = new Map<number, { readonly name: string; state?: ProgressState }>();
  /** Seconds that executed rows took together. */
  #executing = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isNews = false;
  #shownAt = -Infinity;
  #displayed: Promise<void> | undefined;
  #concurrency: number;

  /** Shows nothing before `begin`. */
  constructor(name: string, total: number, concurrency: number, place: ProgressPlace = hereAndNow()) {
    [this.#name, this.#total, this.#concurrency, this.#place] = [name, total, concurrency, place];
    this.#began = place.clock();
  }

  /** Looks at the clock from time to time, where there is anything to show it on. */
  begin(): void {
    if (this.#place.kernel === undefined && this.#place.terminal === undefined) return;
    this.#timer = setInterval(() => this.tick(), PAUSE_MS);
  }

  /** A row begins. */
  started(index: number, name: string): void {
    this.#running.set(index, { name });
    this.#news();
  }

  /** A row is so far. */
  progress(index: number, state: ProgressState): void {
    const row = this.#running.get(index);
    if (row !== undefined) row.state = state;
    this.#news();
  }

  /** A line that a row printed in another process: above the line of the sweep. */
  print(stream: "stdout" | "stderr", line: string): void {
    if (this.#shownAt !== -Infinity) this.#place.terminal?.("\r\x1b[K");
    unheard(() => stream === "stdout" ? console.log(line) : console.error(line)); // the row has heard it
  }

  /** A row has ended. */
  ended(index: number, how: RowEnd, seconds: number): void {
    this.#running.delete(index);
    this.#ended[how]++;
    if (how === "executed" || how === "failed") this.#executing += seconds;
    this.#news();
  }

  /** Shows what is new, unless something was shown just now. */
  tick(): void {
    const now = this.#place.clock();
    const since = now - this.#shownAt;
    if (now - this.#began < QUIET_MS || since < PAUSE_MS || (!this.#isNews && since < LONGEST_MS)) return;
    this.#shownAt = now;
    this.#isNews = false;
    const view = this.#view("running", now);
    this.#place.terminal?.(`\r\x1b[K${sweepLine(view)}`);
    const { kernel } = this.#place;
    if (kernel === undefined) return;
    const [id, card, before] = [this.#id, renderSweepProgress(view), this.#displayed];
    this.#displayed = before === undefined ? kernel.display(card, { id }) : before.then(() => kernel.update(id, card));
  }

  /** Shows the last state, if any was shown, and leaves it there. */
  async end(state: "done" | "cancelled"): Promise<void> {
    clearInterval(this.#timer);
    if (this.#shownAt === -Infinity) return;
    const view = this.#view(state, this.#place.clock());
    this.#place.terminal?.(`\r\x1b[K${sweepLine(view)}\n`);
    await this.#displayed;
    await this.#place.kernel?.update(this.#id, renderSweepProgress(view));
  }

  #news(): void {
    this.#isNews = true;
    if (this.#timer !== undefined) this.tick();
  }

  #view(state: SweepProgressView["state"], now: number): SweepProgressView {
    const { executed, hit, failed, cancelled } = this.#ended;
    const done = executed + hit + failed;
    const seconds = (now - this.#began) / 1000;
    const left = state === "running" ? this.#left(this.#total - done - cancelled) : undefined;
    return {
      name: this.#name,
      state,
      total: this.#total,
      done,
      hits: hit,
      failed,
      running: Math.min(this.#running.size, this.#concurrency),
      seconds,
      rows: [...this.#running.values()].slice(0, this.#concurrency).map(rowText),
      ...(cancelled === 0 ? {} : { cancelled }),
      ...(done === 0 || seconds === 0 ? {} : { rate: done / seconds }),
      ...(left === undefined ? {} : { left }),
    };
  }

  /** As if each row that is left takes as long as those that executed so far. */
  #left(rows: number): number | undefined {
    const executed = this.#ended.executed + this.#ended.failed;
    return executed === 0 ? undefined : rows * (this.#executing / executed) / this.#concurrency;
  }
}

function rowText({ name, state }: { readonly name: string; readonly state?: ProgressState }): string {
  if (state === undefined) return name;
  const { done, total, note } = state;
  return `${name}: ${total === undefined ? done : `${done} of ${total}`}${note === undefined ? "" : `, ${note}`}`;
}
