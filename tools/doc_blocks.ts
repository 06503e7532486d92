/** The code blocks of the documents, and what each of them prints. A block is a whole program: it runs in an empty folder of its own. */
import { fromFileUrl, join } from "@std/path";
import { COMMAND_PAGES, commandsOf, runCommands, withPrinted } from "./doc_commands.ts";

/** A code block of a page. */
export interface Block {
  /** The line of the page on which its code begins. */
  readonly line: number;
  /** The program. */
  readonly code: string;
  /** What the page says that it prints: the text block that follows it. */
  readonly printed?: string;
  /** Set where it needs what is not everywhere, such as a kernel or a container: `ts ignore`. It is checked, and not run. */
  readonly ignored?: true;
}
/** What came of a block. */
export interface Outcome {
  /** The line of the page on which its code begins. */
  readonly line: number;
  /** What it printed. */
  readonly printed: string;
  /** The error that it ended with. */
  readonly failure?: string;
}

const ROOT = new URL("../", import.meta.url);
const CONFIG = fromFileUrl(new URL("deno.json", ROOT));
const BLOCK = /^```ts( ignore)?\n([^]*?)^```\n(?:\s*^```text\n([^]*?)^```\n)?/gm;

/** The pages of the repository whose blocks are programs, by their paths. */
export function pages(): string[] {
  return ["README.md", ...pagesIn("docs")].sort();
}

function pagesIn(folder: string): string[] {
  return [...Deno.readDirSync(new URL(`${folder}/`, ROOT))].flatMap(({ name, isDirectory }) =>
    isDirectory ? pagesIn(`${folder}/${name}`) : name.endsWith(".md") ? [`${folder}/${name}`] : []
  );
}

/** The text of a page. */
export function readPage(page: string): Promise<string> {
  return Deno.readTextFile(new URL(page, ROOT));
}

/** The programs of a page; a block that imports nothing and is not run is a part of one. */
export function blocksOf(text: string): Block[] {
  return [...text.matchAll(BLOCK)].map(({ 1: ignored, 2: code, 3: printed, index }) => ({
    line: text.slice(0, index).split("\n").length + 1,
    code: code!,
    ...(printed === undefined ? {} : { printed: printed.trimEnd() }),
    ...(ignored === undefined ? {} : { ignored: true } as const),
  })).filter(({ ignored, code }) => ignored === undefined || code.includes("import "));
}

/** Those that are run. The doc tests of Deno look at README.md as well, and would run its blocks in a folder that others use: it says ignore. */
export function runnable(page: string, blocks: readonly Block[]): Block[] {
  return blocks.filter(({ ignored }) => ignored === undefined || page === "README.md");
}

/** Writes the programs of pages into a folder, and gives their paths. */
export async function writeBlocks(folder: string, page: string, blocks: readonly Block[]): Promise<string[]> {
  const name = page.replaceAll(/\W+/g, "_");
  return await Promise.all(blocks.map(async ({ line, code }) => {
    const path = join(folder, `${name}_line_${line}.ts`);
    await Deno.writeTextFile(path, `${code}\nexport {};\n`);
    return path;
  }));
}

/** Runs the programs of a page one after the other, in a process of their own. */
export async function runBlocks(page: string, blocks: readonly Block[]): Promise<Outcome[]> {
  const folder = await Deno.makeTempDir();
  try {
    const paths = await writeBlocks(folder, page, blocks);
    const program = fromFileUrl(new URL("tools/run_doc_blocks.ts", ROOT));
    const args = ["run", "-A", "--no-check", "--config", CONFIG, program, ...paths];
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: folder, env: { NO_COLOR: "1" } }).output();
    if (!success) throw new Error(`The blocks of ${page} ended their process: ${new TextDecoder().decode(stderr)}`);
    const outcomes: Omit<Outcome, "line">[] = JSON.parse(new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1)!);
    return outcomes.map((outcome, at) => ({ line: blocks[at]!.line, ...outcome }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The compiler's complaints about programs; none where they fit. */
export async function typeErrors(paths: readonly string[]): Promise<string> {
  const args = ["check", "--config", CONFIG, ...paths];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } }).output();
  return success ? "" : new TextDecoder().decode(stderr);
}

/** A printed text without what differs from run to run: times, ids, temporary folders, and spaces that line columns up. */
export function steady(printed: string): string {
  return printed
    .replaceAll(/\b\d+(\.\d+)? (µs|ms|s|min|h)\b( \d+ (s|min)\b)?/g, "<time>")
    .replaceAll(", saved <time>", "")
    .replaceAll(/"(, "\w+"){7} and \d+ more/g, "<names>")
    .replaceAll(/_[0-9a-f]{12}\b/g, "_<id>")
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "<uuid>")
    .replaceAll(/\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?Z?)?/g, "<date>")
    .replaceAll(/[ ─═]+/g, " ")
    .trim();
}

/** The page with what its blocks printed, where it says something else. */
export function withOutcomes(text: string, outcomes: readonly Outcome[]): string {
  const byLine = new Map(outcomes.map((outcome) => [outcome.line, outcome]));
  return text.replaceAll(
    BLOCK,
    (whole: string, _ignored: string | undefined, _code: string, printed: string | undefined, index: number) => {
      const outcome = byLine.get(text.slice(0, index).split("\n").length + 1);
      if (outcome === undefined || printed === undefined || steady(printed) === steady(outcome.printed)) return whole;
      return whole.slice(0, whole.lastIndexOf("```text\n")) + `\`\`\`text\n${outcome.printed}\n\`\`\`\n`;
    },
  );
}

/** The page with what its commands print. */
async function withCommands(page: string, text: string): Promise<string> {
  const notebook = COMMAND_PAGES[page];
  return notebook === undefined ? text : withPrinted(text, await runCommands(notebook, commandsOf(text)), steady);
}

/** `deno task docs [page …]`: writes what the blocks and the commands print into the pages. */
async function main(): Promise<void> {
  for (const page of Deno.args.length > 0 ? Deno.args : pages()) {
    const text = await readPage(page);
    const blocks = runnable(page, blocksOf(text));
    if (blocks.length === 0 && !(page in COMMAND_PAGES)) continue;
    const outcomes = blocks.length === 0 ? [] : await runBlocks(page, blocks);
    for (const { line, failure } of outcomes) if (failure !== undefined) console.error(`${page}:${line}: ${failure}`);
    const written = await withCommands(page, withOutcomes(text, outcomes));
    if (written !== text) await Deno.writeTextFile(new URL(page, ROOT), written);
    console.log(`${page}: ${blocks.length} blocks${written === text ? "" : ", written"}`);
  }
}

if (import.meta.main) await main();
