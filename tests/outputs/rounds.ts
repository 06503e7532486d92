/** A notebook of 10 cells with 300 outputs, run again and again: is each output under the cell that made it? */
import { kernelspec } from "../../src/jupyter/kernelspec.ts";
import type { Message } from "../../src/kernels/wire.ts";
import { Frontend, type KernelCommand, type Under } from "./frontend.ts";

/** The kernels, and how each is started. */
export const COMMANDS: { readonly [name in "Deno" | "Deno (Consist)"]: KernelCommand } = {
  "Deno": (file) => [Deno.execPath(), "jupyter", "--kernel", "--conn", file],
  "Deno (Consist)": (file) => kernelspec().argv.map((word) => word.replace("{connection_file}", file)),
};

/** What became of the outputs. */
export interface Figures {
  /** How often all cells were run. */
  rounds: number;
  /** How many outputs there had to be. */
  outputs: number;
  /** Shown under no cell, in this round or a later one. */
  lost: number;
  /** Shown under another cell than the one that made them. */
  misplaced: number;
  /** Shown more than once. */
  repeated: number;
  /** Shown under their cell, and after one that was made later. */
  disordered: number;
  /** How long it took, without the kernel's start. */
  seconds: number;
}

/** What each output holds: its round and its cell, its number in the cell. */
export const MARK = /‹(\d+\/\d+)\/(\d+)›/g;
const CELLS = 10;
const EACH = 30;

/** The cells of a round; the last one fails where that is wanted, which is an output too. */
export function cellsOf(round: number, { failing }: { readonly failing: boolean }): string[] {
  return Array.from({ length: CELLS }, (_, cell) => cellOf(round, cell, failing && cell === CELLS - 1));
}

/** A cell with 30 outputs of all kinds, each with a mark of its own. */
function cellOf(round: number, cell: number, fails: boolean): string {
  const mark = (n: number | string) => `‹${round}/${cell}/${n}›`;
  const show = (n: number) =>
    [
      `await Deno.jupyter.display({ "text/plain": "${mark(n)}" }, { raw: true });`,
      `console.log("${mark(n)}");`,
      `await Deno.jupyter.display(Deno.jupyter.html\`<b>${mark(n)}</b>\`);`,
      `console.error("${mark(n)}");`,
      `await Deno.jupyter.broadcast("display_data", { data: { "text/html": "<i>${
        mark(n)
      }</i>", "text/plain": "" }, metadata: {}, transient: {} });`,
    ][n % 5];
  const last = mark(EACH - 1);
  const end = fails ? `throw new Error("${last}");` : `"${last}"`;
  return [...Array.from({ length: EACH - 1 }, (_, n) => show(n)), end].join("\n");
}

/** Runs all cells so many times in one kernel. */
export async function runRounds(command: KernelCommand, rounds: number): Promise<Figures> {
  const figures: Figures = { rounds, outputs: rounds * CELLS * EACH, lost: 0, misplaced: 0, repeated: 0, disordered: 0, seconds: 0 };
  await using frontend = await Frontend.start(command);
  const began = performance.now();
  const seen = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    count(figures, seen, round, await frontend.runAll(cellsOf(round, { failing: true })));
  }
  figures.lost = figures.outputs - seen.size;
  figures.seconds = (performance.now() - began) / 1000;
  return figures;
}

/** Counts what is not where it has to be. */
function count(figures: Figures, seen: Set<string>, round: number, cells: readonly Under[]): void {
  for (const [cell, under] of cells.entries()) {
    let latest = -1;
    for (const [mark, madeIn, n] of under.flatMap(marksIn)) {
      if (madeIn !== `${round}/${cell}`) figures.misplaced++;
      if (seen.has(mark)) figures.repeated++;
      else if (madeIn === `${round}/${cell}` && n < latest) figures.disordered++;
      seen.add(mark);
      latest = Math.max(latest, n);
    }
  }
}

/** The marks in what is shown; those in the code of a cell, and in the stack of an error, are none. */
function marksIn({ header, content }: Message): (readonly [mark: string, cell: string, n: number])[] {
  const { data, text, evalue } = content as { data?: unknown; text?: string; evalue?: string };
  if (!["stream", "display_data", "execute_result", "error"].includes(header.msg_type)) return [];
  return [...JSON.stringify([data, text, evalue]).matchAll(MARK)].map(([mark, cell, n]) => [mark, cell!, Number(n)] as const);
}
