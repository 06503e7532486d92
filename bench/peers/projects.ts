/** One project in two languages: a step with a helper, a constant and an imported module; a step that reads what another one made. */
import type { Contender, Language } from "./contenders.ts";
import { succeed } from "./contenders.ts";

/** The parts of the project that are edited. */
export type Part = "helper" | "constant" | "module" | "comment";

const SOURCES: { readonly [L in Language]: (edited: Part | undefined) => Readonly<Record<string, string>> } = {
  py: (edited) => ({
    "step.py": `
import time
from pathlib import Path
import pandas
import shared

SCALE = ${edited === "constant" ? 3 : 2}

def helper(x):
    return x * SCALE * ${edited === "helper" ? 5 : 1}

def noted(name):
    with open("executed.log", "a") as log:
        log.write(name + "\\n")

def content(raw):
    return raw if isinstance(raw, bytes) else Path(raw).read_bytes()

def main(raw, k):
${edited === "comment" ? "    # a comment\n" : ""}    noted("main")
    if Path("slow").exists():
        time.sleep(1.5)
    n = helper(k) * shared.factor() + content(raw)[0]
    return pandas.DataFrame({"n": [n] * 20000})

def upstream(raw):
    noted("upstream")
    return pandas.DataFrame({"n": [len(content(raw).strip())] * 3})

def reader(made):
    noted("reader")
    return pandas.DataFrame({"n": [int(made["n"].iloc[0]) + 1]})
`,
    "shared.py": `def factor():\n    return ${edited === "module" ? 7 : 1}\n`,
  }),
  ts: (edited) => ({
    "step.ts": `
import { factor } from "./shared.ts";

const SCALE = ${edited === "constant" ? 3 : 2};

const helper = (x: number) => x * SCALE * ${edited === "helper" ? 5 : 1};

const noted = (name: string) => Deno.writeTextFileSync("executed.log", name + "\\n", { append: true });

const isThere = (path: string) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
};

export async function main({ raw }: { raw: string }, { config }: { config: { k: number } }) {
${edited === "comment" ? "  // a comment\n" : ""}  noted("main");
  if (isThere("slow")) await new Promise((done) => setTimeout(done, 1500));
  const n = helper(config.k) * factor() + Deno.readFileSync(raw)[0]!;
  return { n: Array(20_000).fill(n) };
}

export function upstream({ raw }: { raw: string }) {
  noted("upstream");
  return { n: Array(3).fill(Deno.readTextFileSync(raw).trim().length) };
}

export function reader({ made }: { made: { n: number[] } }) {
  noted("reader");
  return { n: [made.n[0]! + 1] };
}
`,
    "shared.ts": `export const factor = () => ${edited === "module" ? 7 : 1};\n`,
  }),
};

/** Writes the project's sources. */
export async function writeSources(dir: string, { language }: Contender, edited?: Part): Promise<void> {
  for (const [name, text] of Object.entries(SOURCES[language](edited))) await Deno.writeTextFile(`${dir}/${name}`, text);
}

/** Writes the project as it is at first; where somebody wants a repository, it is one, and all is committed. */
export async function writeProject(dir: string, contender: Contender): Promise<void> {
  await writeSources(dir, contender);
  await Deno.writeTextFile(`${dir}/raw.csv`, "a\n");
  if (!contender.git) return;
  await Deno.writeTextFile(`${dir}/.gitignore`, "runs\nprovenance.duckdb*\nexecuted.log\n__pycache__\nslow\n");
  const identity = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"];
  for (const args of [["init", "-q"], ["add", "."], [...identity, "commit", "-q", "-m", "first"]]) await succeed("git", args, dir);
}

/** How often a step was executed. */
export async function executions(dir: string, step: string): Promise<number> {
  const text = await Deno.readTextFile(`${dir}/executed.log`).catch(() => "");
  return text.split("\n").filter((line) => line === step).length;
}
