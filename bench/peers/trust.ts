/** What each contender does after an edit between two fresh processes. */
import { type Contender, CONTENDERS, inFolder, perform } from "./contenders.ts";
import { executions, type Part, writeProject, writeSources } from "./projects.ts";

/** `ok`; S: a stale result shown as current; W: a wrong value; E: an error; R: works again needlessly; both: both processes execute. */
type Mark = "ok" | "S" | "W" | "E" | "R" | "both";
type Trial = (dir: string, contender: Contender) => Promise<Mark>;

/** What the step gives at first, and after each edit. */
const FIRST = 6 + 97;
const AFTER: { readonly [P in Part]: number } = { helper: 30 + 97, constant: 9 + 97, module: 42 + 97, comment: FIRST };

const ROWS: readonly (readonly [name: string, trial: Trial])[] = [
  ["a helper in the same file changed", edit("helper")],
  ["a global constant changed", edit("constant")],
  ["a helper in an imported module changed", edit("module")],
  ["a comment changed", edit("comment")],
  ["input content changed, size and time kept", secretInput],
  ["input touched, the same content", touchedInput],
  ["the same bytes upstream, the reader stays cached", sameUpstream],
  ["output deleted", harmed("deleted")],
  ["output is garbage", harmed("garbage")],
  ["output is valid, but something else", harmed("forged")],
  ["two processes, one step", together],
];

/** Gives a table of Markdown. */
export async function trustTable(): Promise<string> {
  const lines: string[] = [];
  for (const [name, trial] of ROWS) {
    const marks: Mark[] = [];
    for (const contender of CONTENDERS) {
      marks.push(
        await inFolder(async (dir) => {
          await writeProject(dir, contender);
          return await trial(dir, contender);
        }),
      );
    }
    console.error(`${name}: ${marks.join(", ")}`);
    lines.push(`| ${[name, ...marks].join(" | ")} |`);
  }
  const head = ["", ...CONTENDERS.map(({ name }) => name)];
  return [`| ${head.join(" | ")} |`, `|${head.map(() => "---|").join("")}`, ...lines].join("\n");
}

/** The first run, which has to be right: else the comparison says nothing. */
async function first(dir: string, contender: Contender): Promise<void> {
  const { n, error } = await perform(contender, dir, "project");
  if (n !== FIRST) throw new Error(`The first run under ${contender.name} gave ${n ?? error}, and ${FIRST} was wanted.`);
}

async function again(dir: string, contender: Contender, wanted: number, old: number): Promise<Mark> {
  const before = await executions(dir, "main");
  const { n, error } = await perform(contender, dir, "project");
  if (error !== undefined) return "E";
  if (n !== wanted) return n === old ? "S" : "W";
  const isNeedless = wanted === old && await executions(dir, "main") > before;
  return isNeedless ? "R" : "ok";
}

function edit(part: Part): Trial {
  return async (dir, contender) => {
    await first(dir, contender);
    await writeSources(dir, contender, part);
    return await again(dir, contender, AFTER[part], FIRST);
  };
}

async function secretInput(dir: string, contender: Contender): Promise<Mark> {
  await first(dir, contender);
  const { atime, mtime } = await Deno.stat(`${dir}/raw.csv`);
  await Deno.writeTextFile(`${dir}/raw.csv`, "b\n");
  await Deno.utime(`${dir}/raw.csv`, atime!, mtime!);
  return await again(dir, contender, FIRST + 1, FIRST);
}

async function touchedInput(dir: string, contender: Contender): Promise<Mark> {
  await first(dir, contender);
  await Deno.utime(`${dir}/raw.csv`, 1, 1);
  return await again(dir, contender, FIRST, FIRST);
}

/** The upstream step executes again, since its input changed, and makes the same. */
async function sameUpstream(dir: string, contender: Contender): Promise<Mark> {
  await perform(contender, dir, "reader");
  await Deno.writeTextFile(`${dir}/raw.csv`, "a\n\n");
  const { n, error } = await perform(contender, dir, "reader");
  if (error !== undefined) return "E";
  if (n !== 2) return "W";
  return await executions(dir, "reader") > 1 ? "R" : "ok";
}

function harmed(kind: string): Trial {
  return async (dir, contender) => {
    await first(dir, contender);
    const { harmed = 0, error } = await perform(contender, dir, "harm", kind);
    if (harmed === 0) throw new Error(`Nothing was harmed under ${contender.name}: ${error ?? "it has no output files"}.`);
    const { n, error: failure } = await perform(contender, dir, "project");
    return failure !== undefined ? "E" : n === FIRST ? "ok" : "W";
  };
}

async function together(dir: string, contender: Contender): Promise<Mark> {
  await Deno.writeTextFile(`${dir}/slow`, "");
  const answers = await Promise.all([perform(contender, dir, "project"), perform(contender, dir, "project")]);
  if (answers.some(({ error }) => error !== undefined)) return "E";
  if (answers.some(({ n }) => n !== FIRST)) return "W";
  return await executions(dir, "main") === 1 ? "ok" : "both";
}
