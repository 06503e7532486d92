/** What a run of notebooks shows: on a terminal one line that is written over, elsewhere a line for each cell. */
import { basename } from "@std/path";
import type { CellOutcome, CellStart, NotebookRun, StepNotes } from "../jupyter/mod.ts";

/** How often the line is written anew, in milliseconds. */
const PERIOD_MS = 200;

/** The cell that a notebook is at. */
interface At {
  readonly cell: CellStart;
  readonly since: number;
  steps: StepCounts;
}
/** How many steps ended how. */
export type StepCounts = Pick<StepNotes, "hit" | "executed" | "failed">;

/** Shows where some notebooks are. */
export class NotebookProgress implements Disposable {
  readonly #print: ((line: string) => void) | undefined;
  readonly #isLive: boolean;
  readonly #withNames: boolean;
  readonly #running = new Map<string, At>();
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #isShown = false;

  /** Lines go to `print`, where there is one; the line that is written over goes to stderr, where that is a terminal. */
  constructor({ print, withNames }: { readonly print?: (line: string) => void; readonly withNames: boolean }) {
    this.#print = print;
    this.#withNames = withNames;
    this.#isLive = Deno.stderr.isTerminal();
    this.#timer = this.#isLive ? setInterval(() => this.#show(), PERIOD_MS) : undefined;
  }

  /** A cell of a notebook begins. */
  start(path: string, cell: CellStart): void {
    this.#running.set(path, {
      cell,
      since: performance.now(),
      steps: this.#running.get(path)?.steps ?? { hit: 0, executed: 0, failed: 0 },
    });
    this.#show();
  }

  /** A cell has ended, or was left out. */
  end(path: string, cell: CellOutcome): void {
    const at = this.#running.get(path);
    if (at !== undefined && cell.steps !== undefined) at.steps = sumOf([at.steps, cell.steps]);
    if (!this.#isLive) this.#print?.(`${this.#withNames ? `${basename(path)}  ` : ""}${cellLine(cell)}`);
  }

  /** A notebook has ended. */
  done(path: string, line: string): void {
    this.#running.delete(path);
    this.say(line);
  }

  /** Prints a line of its own. */
  say(line: string): void {
    this.#clear();
    this.#print?.(line);
  }

  /** The line goes away. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  #show(): void {
    if (!this.#isLive || this.#running.size === 0) return;
    const text = [...this.#running].map(([path, at]) => liveText(path, at)).join(" | ");
    this.#write(`\r\x1b[K${text.slice(0, Deno.consoleSize().columns - 1)}`);
    this.#isShown = true;
  }

  #clear(): void {
    if (this.#isShown) this.#write("\r\x1b[K");
    this.#isShown = false;
  }

  #write(text: string): void {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  }
}

function liveText(path: string, { cell, since, steps }: At): string {
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  return [basename(path), `cell ${cell.number} of ${cell.of}`, titleOf(cell.source), `${seconds} s`, countsText(steps)].filter(Boolean)
    .join("  ");
}

function cellLine({ number, of, source, status, seconds, steps }: CellOutcome): string {
  const head = `${`${number}/${of}`.padStart(7)}   ${titleOf(source).slice(0, 44).padEnd(46)}${status.padEnd(9)}`;
  return `${head}${seconds.toFixed(2).padStart(7)} s  ${steps === undefined ? "" : countsText(steps)}`.trimEnd();
}

/** A cell's first line, or the one after its options, without what makes it a comment; control characters would move the cursor. */
function titleOf(source: string): string {
  const lines = source.trim().split("\n");
  const line = lines.find((line) => !/^\s*\/\/\|/.test(line) && line.trim() !== "") ?? lines[0]!;
  return line.trim().replace(/^\/\/\|?\s*/, "").replace(/\p{Cc}/gu, " ").slice(0, 60);
}

/** `2 hits, 1 executed`; nothing where no step ran. */
function countsText({ hit, executed, failed }: StepCounts): string {
  const parts = [
    hit === 0 ? "" : hit === 1 ? "1 hit" : `${hit} hits`,
    executed === 0 ? "" : `${executed} executed`,
    failed === 0 ? "" : `${failed} failed`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** The counts together. */
function sumOf(counts: readonly StepCounts[]): StepCounts {
  const total = { hit: 0, executed: 0, failed: 0 };
  for (const { hit, executed, failed } of counts) {
    total.hit += hit;
    total.executed += executed;
    total.failed += failed;
  }
  return total;
}

/** The steps of all cells of a notebook. */
export function stepsOf({ cells }: NotebookRun): StepCounts {
  return sumOf(cells.flatMap(({ steps }) => steps ?? []));
}

/** What a notebook did, in one line. */
export function notebookLine(report: NotebookRun, places: readonly string[]): string {
  const ran = report.cells.filter(({ status }) => status !== "skipped").length;
  const failed = report.cells.filter(({ status }) => status === "failed").length;
  const cells = `${ran} of ${report.cells.length} cells in ${report.seconds.toFixed(1)} s`;
  const state = report.ok ? "" : failed === 0 ? "failed" : failed === 1 ? "1 cell failed" : `${failed} cells failed`;
  const what = [cells, state, countsText(stepsOf(report))].filter(Boolean).join(", ");
  return `${basename(report.path)}: ${what}${places.length === 0 ? "" : ` → ${places.join(", ")}`}`;
}
