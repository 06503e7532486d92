/** How far a step is, shown while it runs: one display in a notebook, one line on a terminal, nothing where neither is. */
import { currentKernel, duration, type Kernel, renderNote, renderRunCard, unheard } from "../notebook/mod.ts";

/** How far a step is. */
export interface ProgressState {
  /** How much is done. */
  readonly done: number;
  /** How much there is. */
  readonly total?: number;
  /** What is being done. */
  readonly note?: string;
}

/** Where progress is shown; tests give their own. */
export interface ProgressPlace {
  /** The notebook, where there is one. */
  readonly kernel?: Pick<Kernel, "display" | "update"> | undefined;
  /** Writes to the terminal, where there is one. */
  readonly terminal?: ((text: string) => void) | undefined;
  /** Milliseconds that only grow. */
  readonly clock: () => number;
}

/** A step that is done sooner shows no progress. */
const QUIET_MS = 300;
/** At most five pictures a second. */
const PAUSE_MS = 200;

/** The live display of one run. */
export class StepProgress {
  readonly #place: ProgressPlace;
  readonly #run: { readonly id: string; readonly step: string; readonly startedAt: Date };
  readonly #began: number;
  #latest: ProgressState | undefined;
  #shownAt = -Infinity;
  #displayed: Promise<void> | undefined;

  /** Shows nothing before the first `update`. */
  constructor(run: { readonly id: string; readonly step: string; readonly startedAt: Date }, place: ProgressPlace = hereAndNow()) {
    this.#place = place;
    this.#run = run;
    this.#began = place.clock();
  }

  /** Notes how far the step is; shows it unless it was shown just now. */
  update(state: ProgressState): void {
    this.#latest = state;
    const now = this.#place.clock();
    if (now - this.#began < QUIET_MS || now - this.#shownAt < PAUSE_MS) return;
    this.#shownAt = now;
    this.#show(state, now);
  }

  /** Shows the last state, if any was shown: a static copy of the notebook keeps it. */
  async end(): Promise<void> {
    if (this.#shownAt === -Infinity || this.#latest === undefined) return;
    this.#place.terminal?.("\r\x1b[K");
    await this.#displayed;
    await this.#place.kernel?.update(this.#run.id, renderNote(this.#words(this.#latest, this.#place.clock())));
  }

  #show(state: ProgressState, now: number): void {
    this.#place.terminal?.(`\r\x1b[K${this.#words(state, now)}`);
    const { kernel } = this.#place;
    if (kernel === undefined) return;
    const { id, step, startedAt } = this.#run;
    const view = { id, step, startedAt, progress: state, status: "running", why: "", seconds: (now - this.#began) / 1000 } as const;
    const card = renderRunCard({ ...view, tags: [], config: [], inputs: [], outputs: [], changes: [], warnings: [] });
    const before = this.#displayed;
    this.#displayed = before === undefined ? kernel.display(card, { id }) : before.then(() => kernel.update(id, card));
  }

  #words({ done, total, note }: ProgressState, now: number): string {
    const share = total === undefined ? String(done) : `${done} of ${total}`;
    return [`${this.#run.step}: ${share}`, ...(note === undefined ? [] : [note]), duration((now - this.#began) / 1000)].join(", ");
  }
}

/** The notebook or the terminal that this process has. */
export function hereAndNow(): ProgressPlace {
  const kernel = currentKernel();
  const terminal = kernel === undefined && Deno.stderr.isTerminal()
    ? (text: string) => unheard(() => void Deno.stderr.writeSync(new TextEncoder().encode(text)))
    : undefined;
  return { kernel, terminal, clock: () => performance.now() };
}
