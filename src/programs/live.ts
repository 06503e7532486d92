/** What a program prints, shown while it runs: one display in a notebook, lines on standard error elsewhere. */
import { currentKernel, type Kernel, renderNote, renderRunCard, unheard } from "../notebook/mod.ts";

/** Where it is shown; tests give their own. */
export interface LivePlace {
  /** The notebook, where there is one. */
  readonly kernel?: Pick<Kernel, "display" | "update"> | undefined;
  /** Writes a line elsewhere. */
  readonly line?: ((text: string) => void) | undefined;
  /** Milliseconds that only grow. */
  readonly clock: () => number;
}

/** What is running. */
export interface LiveRun {
  /** The run's id. */
  readonly id: string;
  /** The step's name. */
  readonly step: string;
}

/** A program that is done sooner shows nothing in a notebook. */
const QUIET_MS = 300;
/** At most five pictures a second. */
const PAUSE_MS = 200;
/** How many lines of one program a terminal gets; the rest is in the log. */
const LINES = 500;

/** The live view of one program. */
export class Live {
  readonly #place: LivePlace;
  readonly #run: LiveRun;
  readonly #began: number;
  readonly #startedAt = new Date();
  readonly #rest = new Map<string, string>();
  #lines = 0;
  #shownAt = -Infinity;
  #displayed: Promise<void> | undefined;

  /** Shows nothing before the program prints. */
  constructor(run: LiveRun, place: LivePlace = hereAndNow()) {
    this.#place = place;
    this.#run = run;
    this.#began = place.clock();
  }

  /** Takes what was printed; `tail` is the end of all of it. */
  add(text: string, stream: string, tail: () => string): void {
    if (this.#place.line !== undefined) this.#addLines(text, stream);
    const now = this.#place.clock();
    if (this.#place.kernel === undefined || now - this.#began < QUIET_MS || now - this.#shownAt < PAUSE_MS) return;
    this.#shownAt = now;
    this.#show(tail(), now);
  }

  #addLines(text: string, stream: string): void {
    const lines = ((this.#rest.get(stream) ?? "") + text).split("\n");
    this.#rest.set(stream, lines.pop()!.slice(-1000));
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    if (this.#lines > LINES) return;
    this.#lines++;
    const more = this.#lines > LINES;
    this.#place.line?.(`${this.#run.step} | ${more ? "… the rest is in its log" : line.slice(0, 1000)}`);
  }

  #show(printed: string, now: number): void {
    const { kernel } = this.#place;
    const view = { ...this.#run, startedAt: this.#startedAt, status: "running", why: "", seconds: (now - this.#began) / 1000 } as const;
    const card = renderRunCard({ ...view, tags: [], config: [], inputs: [], outputs: [], changes: [], warnings: [], printed });
    const id = this.#displayId;
    const before = this.#displayed;
    this.#displayed = before === undefined ? kernel!.display(card, { id }) : before.then(() => kernel!.update(id, card));
  }

  get #displayId(): string {
    return `${this.#run.id}.printed`;
  }

  /** The program has ended: the live view makes room for the run's card, or for the table of the sweep that the run belongs to. */
  async end(): Promise<void> {
    for (const rest of this.#rest.values()) if (rest !== "") this.#line(rest);
    if (this.#displayed === undefined) return;
    await this.#displayed;
    await this.#place.kernel?.update(this.#displayId, renderNote(""));
  }
}

function hereAndNow(): LivePlace {
  const kernel = currentKernel();
  const line = kernel === undefined
    ? (text: string) => unheard(() => void Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`)))
    : undefined;
  return { kernel, line, clock: () => performance.now() };
}
