/** How far a sweep has come, shown while it runs: one display in a notebook, one line on a terminal, nothing where neither is. */
import { crypto } from "../../intrinsics.ts";
import { LiveDisplay, type LivePicture, type LivePlace, sweepLine, type SweepProgressView, unheard } from "../../notebook/mod.ts";
import type { ProgressState } from "../../run/mod.ts";

/** How a row ended. */
export type RowEnd = "executed" | "hit" | "failed" | "cancelled";

/** A row on its way. */
interface Row {
  readonly name: string;
  state?: ProgressState;
  /** Who computes it, where it waits for that. */
  waitsFor?: string | undefined;
}

/** The live display of one sweep. */
export class SweepProgress {
  readonly #name: string;
  readonly #total: number;
  readonly #concurrency: number;
  readonly #live: LiveDisplay;
  readonly #ended: Record<RowEnd, number> = { executed: 0, hit: 0, failed: 0, cancelled: 0 };
  readonly #running = new Map<number, Row>();
  /** Seconds that executed rows took together. */
  #executing = 0;
  /** Seconds that hits did not take. */
  #saved = 0;

  /** Shows nothing before `begin`. */
  constructor(name: string, total: number, concurrency: number, place?: LivePlace) {
    [this.#name, this.#total, this.#concurrency] = [name, total, concurrency];
    this.#live = new LiveDisplay(`sweep-${crypto.randomUUID()}`, (seconds) => this.#picture("running", seconds), place);
  }

  /** Looks at the clock from time to time. */
  begin(): void {
    this.#live.begin();
  }

  /** A row begins. */
  started(index: number, name: string): void {
    this.#running.set(index, { name });
    this.#live.news();
  }

  /** A row is so far. */
  progress(index: number, state: ProgressState): void {
    const row = this.#running.get(index);
    if (row !== undefined) row.state = state;
    this.#live.news();
  }

  /** A row waits for somebody who computes it, or no longer. */
  waits(index: number, who: string | undefined): void {
    const row = this.#running.get(index);
    if (row !== undefined) row.waitsFor = who;
    this.#live.news();
  }

  /** A line that a row printed in another process. The row has heard it. */
  print(stream: "stdout" | "stderr", line: string): void {
    unheard(() => stream === "stdout" ? console.log(line) : console.error(line));
  }

  /** A row has ended; `saved` are the seconds that a hit did not take. */
  ended(index: number, how: RowEnd, seconds: number, saved = 0): void {
    this.#running.delete(index);
    this.#ended[how]++;
    if (how === "executed" || how === "failed") this.#executing += seconds;
    this.#saved += saved;
    this.#live.news();
  }

  /** Shows what is new, unless something was shown just now. */
  tick(): void {
    this.#live.tick();
  }

  /** Shows the last state, if any was shown, and leaves it there. */
  async end(state: "done" | "cancelled"): Promise<void> {
    await this.#live.end((seconds) => this.#picture(state, seconds), true);
  }

  #picture(state: SweepProgressView["state"], seconds: number): LivePicture {
    const view = this.#view(state, seconds);
    return { card: ({ renderSweepProgress }) => renderSweepProgress(view), line: sweepLine(view) };
  }

  #view(state: SweepProgressView["state"], seconds: number): SweepProgressView {
    const { executed, hit, failed, cancelled } = this.#ended;
    const done = executed + hit + failed;
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
      ...(this.#saved < 1 ? {} : { saved: this.#saved }),
    };
  }

  /** As if each row that is left takes as long as those that executed so far. */
  #left(rows: number): number | undefined {
    const executed = this.#ended.executed + this.#ended.failed;
    return executed === 0 ? undefined : rows * (this.#executing / executed) / this.#concurrency;
  }
}

function rowText({ name, state, waitsFor }: Row): string {
  if (waitsFor !== undefined) return `${name}: waiting for ${waitsFor}`;
  if (state === undefined) return name;
  const { done, total, note } = state;
  return `${name}: ${total === undefined ? done : `${done} of ${total}`}${note === undefined ? "" : `, ${note}`}`;
}
