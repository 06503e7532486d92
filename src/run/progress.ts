/** How far one step is, shown while it runs: what it says of itself, what its program prints, else the clock. */
import { crypto } from "../intrinsics.ts";
import { duration, LiveDisplay, type LivePicture, type LivePlace, rateText } from "../notebook/mod.ts";

/** How far a step is. */
export interface ProgressState {
  /** How much is done. */
  readonly done: number;
  /** How much there is. */
  readonly total?: number;
  /** What is being done. */
  readonly note?: string;
}

/** A step that says nothing of itself shows that it runs after this long. */
const LONG_SECONDS = 1;

/** The live display of one run. */
export class StepProgress {
  readonly #run: { readonly id: string; readonly step: string; readonly startedAt: Date };
  readonly #expected: number | undefined;
  readonly #live: LiveDisplay;
  #state: ProgressState | undefined;
  #printed: (() => string) | undefined;
  /** Runs inside of it that said how far they are. */
  readonly #inner = new Map<string, ProgressState>();

  /** `expected` is how long the step took the last time, in seconds. */
  constructor(
    run: { readonly id: string; readonly step: string; readonly startedAt: Date },
    expected: number | undefined,
    place?: LivePlace,
  ) {
    [this.#run, this.#expected] = [run, expected];
    this.#live = new LiveDisplay(run.id, (seconds) => this.#picture(seconds), place);
  }

  /** The step begins. */
  begin(): void {
    this.#live.begin();
  }

  /** Looks at the clock. */
  tick(): void {
    this.#live.tick();
  }

  /** Takes how far the step is. */
  update(state: ProgressState): void {
    this.#state = state;
    this.#live.news();
  }

  /** Takes how far a run inside of it is; nothing where that has ended. */
  inner(name: string, state: ProgressState | undefined): void {
    if (state !== undefined) this.#inner.set(name, state);
    else if (!this.#inner.delete(name)) return;
    this.#live.news();
  }

  /** Takes what the step's program printed last. */
  printed(tail: () => string): void {
    this.#printed = tail;
    this.#live.news();
  }

  /** Shows how it ended, if anything was shown: a static copy of the notebook keeps it. */
  async end(how: "done" | "failed"): Promise<void> {
    await this.#live.end((seconds) => {
      const line = this.#words(this.#state, how === "failed" ? ["failed", duration(seconds)] : [duration(seconds)]);
      return ofLine(line);
    }, false);
  }

  #picture(seconds: number): LivePicture | undefined {
    const [state, printed] = [this.#state, this.#printed?.()];
    const inner = [...this.#inner].map(([name, { done, total }]) => `${name} ${shareOf(done, total)}`);
    if (state === undefined && printed === undefined && inner.length === 0 && seconds < LONG_SECONDS) return undefined;
    const pace = [...inner, ...this.#pace(seconds)];
    const note = [...(state?.note === undefined ? [] : [state.note]), ...pace].join(", ");
    const view = { ...this.#run, status: "running", why: state === undefined ? pace.join(", ") : "", seconds, printed } as const;
    const progress = state === undefined ? undefined : { ...state, note: note === "" ? undefined : note };
    return {
      card: ({ renderRunCard }) =>
        renderRunCard({ ...view, progress, tags: [], config: [], inputs: [], outputs: [], changes: [], warnings: [] }),
      line: this.#words(state, [duration(seconds), ...pace]),
    };
  }

  /** How fast it goes, and how much time is left: as fast as it went so far, else as long as the last time. */
  #pace(seconds: number): string[] {
    const { done = 0, total } = this.#state ?? {};
    const rate = done > 0 && seconds > 0 ? done / seconds : undefined;
    const left = rate !== undefined && total !== undefined ? (total - done) / rate : (this.#expected ?? 0) - seconds;
    return [...(rate === undefined ? [] : [rateText(rate)]), ...(left > 0 ? [`about ${duration(left)} left`] : [])];
  }

  #words(state: ProgressState | undefined, more: readonly string[]): string {
    const { done, total, note } = state ?? {};
    const share = state === undefined ? [] : [shareOf(done!, total)];
    return `${this.#run.step}: ${[...share, ...(note === undefined ? [] : [note]), ...more].join(", ")}`;
  }
}

/** A step that waits for whoever computes it shows for whom. */
export class WaitProgress {
  readonly #live: LiveDisplay;
  readonly #step: string;
  readonly #who: string;

  /** `who` computes the step. */
  constructor(step: string, who: string, place?: LivePlace) {
    [this.#step, this.#who] = [step, who];
    const picture = (seconds: number): LivePicture =>
      ofLine(`waiting for step "${this.#step}", which ${this.#who} is computing, ${duration(seconds)}`);
    this.#live = new LiveDisplay(`wait-${crypto.randomUUID()}`, (seconds) => seconds < LONG_SECONDS ? undefined : picture(seconds), place);
  }

  /** It begins to wait. */
  begin(): void {
    this.#live.begin();
  }

  /** Looks at the clock. */
  tick(): void {
    this.#live.tick();
  }

  /** It need not wait any more. */
  async end(): Promise<void> {
    await this.#live.end((seconds) => ofLine(`waited ${duration(seconds)} for step "${this.#step}", which ${this.#who} computed`), false);
  }
}

const shareOf = (done: number, total: number | undefined): string => total === undefined ? String(done) : `${done} of ${total}`;
const ofLine = (line: string): LivePicture => ({ card: ({ renderNote }) => renderNote(line), line });
