/** The commands of documents on notebooks, and what each of them prints. The commands of a page run one after the other, in one folder. */
import { fromFileUrl, join } from "@std/path";

/** A block of commands on a page: each line begins with `consist`. */
export interface CommandBlock {
  /** The line of the page on which they begin. */
  readonly line: number;
  /** The commands, without `consist`. */
  readonly commands: readonly string[];
  /** What the page says that they print: the text block that follows. */
  readonly printed?: string;
}

const ROOT = new URL("../", import.meta.url);
const BLOCK = /^```sh\n((?:consist .*\n)+)```\n(?:\s*^```text\n([^]*?)^```\n)?/gm;

/** The pages whose commands are run, each with the notebook that stands beside it. */
export const COMMAND_PAGES: { readonly [page: string]: string } = { "docs/guide/running_notebooks.md": "docs/guide/study.ipynb" };

/** The commands of a page. */
export function commandsOf(text: string): CommandBlock[] {
  return [...text.matchAll(BLOCK)].map(({ 1: commands, 2: printed, index }) => ({
    line: text.slice(0, index).split("\n").length + 1,
    commands: commands!.trimEnd().split("\n").map((line) => line.slice("consist ".length)),
    ...(printed === undefined ? {} : { printed: printed.trimEnd() }),
  }));
}

/** Runs the commands of a page; gives what each block printed, by its line. */
export async function runCommands(notebook: string, blocks: readonly CommandBlock[]): Promise<ReadonlyMap<number, string>> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.copyFile(new URL(notebook, ROOT), join(folder, notebook.split("/").at(-1)!));
    await Deno.writeTextFile(join(folder, "deno.json"), importsOf(JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)))));
    const printed = new Map<number, string>();
    for (const { line, commands } of blocks) {
      const texts: string[] = [];
      for (const command of commands) texts.push(await printedBy(command.split(" "), folder));
      printed.set(line, texts.join("").replaceAll(`${folder}/`, "").trimEnd());
    }
    return printed;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The names of packages that the library needs where it is imported from its files. */
function importsOf({ imports, links }: { readonly imports: Record<string, string>; readonly links: readonly string[] }): string {
  const at = (path: string) => path.startsWith("./") ? fromFileUrl(new URL(path, ROOT)) : path;
  const names = Object.fromEntries(Object.entries(imports).map(([name, path]) => [name, at(path)]));
  return JSON.stringify({ imports: names, links: links.map(at), nodeModulesDir: "none", lock: false });
}

/** What a command prints; one that watches gets a notebook that is saved after its first run, and then Ctrl-C. */
async function printedBy(args: readonly string[], folder: string): Promise<string> {
  const config = fromFileUrl(new URL("deno.json", ROOT));
  const words = ["run", "-A", "--no-check", "--config", config, fromFileUrl(new URL("cli.ts", ROOT)), ...args];
  const options = { args: words, cwd: folder, stdin: "null", stdout: "piped", stderr: "piped", env: { NO_COLOR: "1" } } as const;
  const process = new Deno.Command(Deno.execPath(), options).spawn();
  const complaints = new Response(process.stderr).text();
  let out = "";
  let runs = 0;
  for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
    out += text;
    if (args[1] !== "watch" || out.split(/ cells in .*\n/).length - 1 === runs) continue;
    if (++runs === 1) await save(join(folder, args[2]!));
    else process.kill("SIGINT");
  }
  await process.status;
  return out + await complaints;
}

/** Saves the notebook with another forecast. */
async function save(path: string): Promise<void> {
  const text = await Deno.readTextFile(path);
  const changed = text.replace("config.rate", "(config.rate + 0.001)");
  if (changed === text) throw new Error(`${path} has no "config.rate" to change.`);
  await Deno.writeTextFile(path, changed);
}

/** The page with what its commands printed, where it says something else. */
export function withPrinted(text: string, printed: ReadonlyMap<number, string>, steady: (text: string) => string): string {
  return text.replaceAll(BLOCK, (whole: string, _commands: string, said: string | undefined, index: number) => {
    const now = printed.get(text.slice(0, index).split("\n").length + 1);
    if (now === undefined || said === undefined || steady(said) === steady(now)) return whole;
    return `${whole.slice(0, whole.lastIndexOf("```text\n"))}\`\`\`text\n${now}\n\`\`\`\n`;
  });
}
