/** Long work that shows itself while it goes on: one display in a notebook, one line on a terminal, nothing where neither is. */
import type { MimeBundle } from "../types.ts";
import { currentKernel, type Kernel } from "./kernel.ts";
import { type TerminalLine, terminalLine } from "./terminal_line.ts";

/** What draws for notebooks. */
export type Drawing = typeof import("./render/mod.ts");

/** Where it is shown; tests give their own. */
export interface LivePlace {
  /** The notebook, where there is one. */
  readonly kernel?: Pick<Kernel, "display" | "update" | "sent"> | undefined;
  /** The terminal, where there is one. */
  readonly terminal?: Pick<TerminalLine, "show" | "end"> | undefined;
  /** What draws for the notebook, where that is at hand; else it is loaded when the work begins. */
  readonly drawing?: Drawing;
  /** Milliseconds that only grow. */
  readonly clock: () => number;
}

/** How the work looks at a moment. */
export interface LivePicture {
  /** In a notebook. */
  readonly card: (draw: Drawing) => MimeBundle;
  /** On a terminal. */
  readonly line: string;
}

/** Work that is done sooner shows nothing. */
const QUIET_MS = 300;
/** At most five pictures a second. */
const PAUSE_MS = 200;
/** Without news it is shown this often, for the clock. */
const LONGEST_MS = 1_000;

/** The display of one piece of work. */
export class LiveDisplay {
  readonly #place: LivePlace;
  readonly #id: string;
  readonly #draw: (seconds: number) => LivePicture | undefined;
  readonly #began: number;
  #drawing: Drawing | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isNews = false;
  #shownAt = -Infinity;

  /** `draw` makes a picture from the seconds that have passed; none where there is nothing worth showing yet. */
  constructor(id: string, draw: (seconds: number) => LivePicture | undefined, place: LivePlace = hereAndNow()) {
    [this.#id, this.#draw, this.#place] = [id, draw, place];
    this.#drawing = place.drawing;
    this.#began = place.clock();
  }

  /** Was anything shown? */
  get isShown(): boolean {
    return this.#shownAt !== -Infinity;
  }

  /** Looks at the clock from time to time, where there is anything to show it on. It keeps no program running. */
  begin(): void {
    if (this.#place.kernel === undefined && this.#place.terminal === undefined) return;
    if (this.#place.kernel !== undefined && this.#drawing === undefined) this.#load();
    this.#timer = setInterval(() => this.tick(), PAUSE_MS);
    Deno.unrefTimer(this.#timer as unknown as number);
  }

  /** Something is new: shown at once, or soon. */
  news(): void {
    this.#isNews = true;
    this.tick();
  }

  /** Shows what is new, unless something was shown just now. */
  tick(): void {
    const now = this.#place.clock();
    const since = now - this.#shownAt;
    if (now - this.#began < QUIET_MS || since < PAUSE_MS || (!this.#isNews && since < LONGEST_MS)) return;
    if (this.#place.kernel !== undefined && this.#drawing === undefined) return; // the next look finds it
    const picture = this.#draw((now - this.#began) / 1000);
    if (picture === undefined) return;
    this.#send(picture.card);
    this.#place.terminal?.show(this, picture.line);
    [this.#shownAt, this.#isNews] = [now, false];
  }

  /** Shows the last picture in the place of the others, if any was shown. On a terminal it stays where `stays` says so. */
  async end(draw: (seconds: number) => LivePicture, stays: boolean): Promise<void> {
    clearInterval(this.#timer);
    if (!this.isShown) return;
    const { card, line } = draw((this.#place.clock() - this.#began) / 1000);
    this.#place.terminal?.end(this, stays ? line : undefined);
    this.#send(card);
    await this.#place.kernel?.sent(1);
  }

  /** Work does not fail because nobody can be shown it. */
  #load(): void {
    void import("./render/mod.ts").then((drawing) => void (this.#drawing = drawing), () => {});
  }

  /** Messages keep their order. Work does not fail because nobody can be shown it. */
  #send(card: LivePicture["card"]): void {
    const { kernel } = this.#place;
    if (kernel === undefined || this.#drawing === undefined) return;
    const drawn = card(this.#drawing);
    (this.isShown ? kernel.update(this.#id, drawn) : kernel.display(drawn, { id: this.#id })).catch(() => {});
  }
}

/** The notebook or the terminal that this process has. */
export function hereAndNow(): LivePlace {
  const kernel = currentKernel();
  return { kernel, terminal: kernel === undefined ? terminalLine() : undefined, clock: () => performance.now() };
}
