/** e2, g and l for steps that are programs: executable, arguments, files that they name, environment and folder; another project folder. */
import { executes, hits, misses, type Place, type Project, type TrustCase } from "../case.ts";

const STEP = "(_: unknown, step: { outputPath(key: string, ext: string): string })";
const DECLARE = 'import { command } from "consist";';

/** A command whose shell runs `text`: `$1` is the output, then comes what `more` says. The machine's time zone is left out: it counts too. */
function shell(text: string, { more = "", env = "", rest = "" } = {}): string {
  const argv = `${STEP} => ["sh", "-c", ${JSON.stringify(text)}, "sh", step.outputPath("n", ".txt")${more === "" ? "" : `, ${more}`}]`;
  return `command({ argv: ${argv}, env: { TZ: "UTC"${env === "" ? "" : `, ${env}`} }${rest} })`;
}
const project = (main: string, files: Project["files"] = {}): Project => ({ declare: DECLARE, main, files });

const executable = (text: string) => async ({ dir }: Place): Promise<void> => {
  await Deno.writeTextFile(`${dir}/tool`, `#!/bin/sh\nprintf ${text} > "$1"\n`);
  await Deno.chmod(`${dir}/tool`, 0o755);
};
const TOOL: Project = {
  declare: DECLARE,
  main: `command({ argv: ${STEP} => ["./tool", step.outputPath("n", ".txt")], env: { TZ: "UTC" } })`,
};

/** Rows e2, g and l, of programs. */
export const PROGRAM_STEPS: readonly TrustCase[] = [
  misses("e2", "an argument of a program", project(shell('printf a > "$1"')), { main: shell('printf b > "$1"') }, ["a", "b"], {
    says: /argument 2/,
  }),
  misses(
    "e2",
    "a variable of a program",
    project(shell('printf "$X" > "$1"', { env: 'X: "a"' })),
    { main: shell('printf "$X" > "$1"', { env: 'X: "b"' }) },
    ["a", "b"],
    { says: /environment X/ },
  ),
  misses(
    "e2",
    "the folder of a program",
    project(shell('cat part > "$1"', { rest: ', cwd: "one"' }), { "one/part": "a", "two/part": "b" }),
    { main: shell('cat part > "$1"', { rest: ', cwd: "two"' }) },
    ["a", "b"],
    { says: /working directory/ },
  ),
  misses(
    "e2",
    "a file that an argument names",
    project(shell('cat "$2" > "$1"', { more: '"part.txt"' }), { "part.txt": "a" }),
    { files: { "part.txt": "b" } },
    ["a", "b"],
    { says: /file of argument/ },
  ),
  {
    row: "e2",
    name: "the executable of a program",
    where: ["deno run", "kernel", "worker process"],
    stages: [
      { ...TOOL, act: executable("a"), expect: "miss", result: "a" },
      { expect: "hit", result: "a" },
      { act: executable("b"), expect: "miss", result: "b", says: /executable tool/ },
      { expect: "hit", result: "b" },
      { act: executable("a"), expect: "hit", result: "a" },
    ],
  },
  hits(
    "g",
    "the project's folder moved, with a program that names a file in it",
    project(shell('cat "$2" > "$1"', { more: "`${Deno.cwd()}/part.txt`" }), { "part.txt": "a" }),
    { act: (at) => at.move() },
    "a",
  ),
  executes("l", "a program whose argument names the whole project", project(shell('printf a > "$1"', { more: '"."' })), "a", /argument 5/),
];
