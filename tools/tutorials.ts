/**
 * `deno task tutorials [name...]`: runs the tutorials of `notebooks/` twice in a real kernel, with a fresh ledger each, and prints what they
 * did. Fails where a step of a second run executes, or where a finding is another one.
 */
import { type NotebookReport, testNotebook } from "../testing.ts";
import { prepareTutorial, type TutorialName, TUTORIALS } from "./notebooks.ts";

/** What a notebook says at its end. */
export function findingOf({ cells }: NotebookReport): string {
  const cell = cells.find(({ source }) => source.startsWith("// State the finding"));
  return String(cell?.outputs.at(-1)?.["text/markdown"] ?? "");
}

/** The finding, which the second run has to repeat. */
export function steadyFinding(report: NotebookReport): string {
  const [first, again] = [findingOf(report), findingOf(report.again!)];
  if (first === "") throw new Error("The notebook states no finding.");
  if (first !== again) throw new Error(`The second run found something else: ${again}\nThe first: ${first}`);
  return first.replaceAll("\n", " ");
}

/** What a cell showed last, by the cell's first line. */
export function shownBy({ cells }: NotebookReport, title: string): { readonly [mime: string]: unknown } {
  const cell = cells.find(({ source }) => source.startsWith(`// ${title}`));
  if (cell === undefined) throw new Error(`There is no cell "// ${title}".`);
  return cell.outputs.at(-1) ?? {};
}

/** A line of the table: how the notebook did. */
function line(name: string, pass: string, { cells, runs, seconds }: NotebookReport): string {
  const hits = runs.filter(({ cacheHit }) => cacheHit).length;
  const figures = [cells.length, runs.length - hits, hits, seconds.toFixed(1)].map((figure) => String(figure).padStart(9));
  return `${name.padEnd(18)}${pass.padEnd(8)}${figures.join("")}`;
}

/** Runs one tutorial twice; false where it cannot be run, or does not do the second time what it has to. */
async function runTwice(name: TutorialName): Promise<boolean> {
  try {
    const { path, env } = await prepareTutorial(name);
    const report = await testNotebook(path, { env });
    console.log(line(name, "first", report));
    console.log(line("", "again", report.again!));
    console.log(`${steadyFinding(report)}\n`);
    return true;
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : error}\n`);
    return false;
  }
}

async function main(wanted: readonly string[]): Promise<boolean> {
  const names = Object.keys(TUTORIALS) as TutorialName[];
  const unknown = wanted.find((name) => !names.includes(name as TutorialName));
  if (unknown !== undefined) throw new Error(`There is no tutorial "${unknown}"; there are ${names.join(", ")}.`);
  console.log(`${"".padEnd(26)}${["cells", "executed", "hits", "seconds"].map((title) => title.padStart(9)).join("")}`);
  let ok = true;
  for (const name of wanted.length === 0 ? names : wanted as TutorialName[]) ok = await runTwice(name) && ok;
  return ok;
}

if (import.meta.main) Deno.exit(await main(Deno.args) ? 0 : 1);
