/** Who is compared: this library in Deno, and the peers in a Python of their own under `.cache/`. */
import { fromFileUrl, join } from "@std/path";

const here = (file: string) => fromFileUrl(new URL(file, import.meta.url));
const venv = here("../../.cache/peers-venv");
const python = join(venv, Deno.build.os === "windows" ? "Scripts/python.exe" : "bin/python");
const PACKAGES = ["consist[ingest]==0.3.3", "pytz", "duckdb<2", "joblib==1.6.0", "diskcache==5.6.3"];

/** The languages that steps are written in. */
export type Language = "py" | "ts";

/** Somebody who keeps the results of steps. */
export interface Contender {
  /** What it is called in tables. */
  readonly name: string;
  /** Its steps' language. */
  readonly language: Language;
  /** Does it want a repository? */
  readonly git?: true;
}

/** This library. */
export const OURS: Contender = { name: "ours", language: "ts" };
/** All of them, ours first. */
export const CONTENDERS: readonly Contender[] = [
  OURS,
  { name: "consist, module", language: "py" },
  { name: "consist, git", language: "py", git: true },
  { name: "consist, source", language: "py" },
  { name: "joblib, content", language: "py" },
  { name: "joblib, path", language: "py" },
  { name: "diskcache, content", language: "py" },
  { name: "diskcache, path", language: "py" },
];

/** Makes the peers' Python, once. */
export async function preparePeers(): Promise<void> {
  const mark = join(venv, "packages.txt");
  const wanted = PACKAGES.join("\n");
  if (await Deno.readTextFile(mark).catch(() => "") === wanted) return;
  console.error(`installing ${PACKAGES.join(", ")} into .cache/peers-venv …`);
  await succeed("python3", ["-m", "venv", venv]);
  await succeed(python, ["-m", "pip", "install", "--quiet", ...PACKAGES]);
  await Deno.writeTextFile(mark, wanted);
}

/** Runs a program, and demands that it succeeds. */
export async function succeed(program: string, args: readonly string[], cwd?: string): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args], ...(cwd === undefined ? {} : { cwd }) }).output();
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} failed with ${code}: ${new TextDecoder().decode(stderr).slice(-1000)}`);
  return new TextDecoder().decode(stdout);
}

/** What a task gave: numbers, or the error that a user would see. */
export interface Answer {
  readonly error?: string;
  readonly n?: number;
  readonly ms?: number;
  readonly harmed?: number;
  readonly miss?: number;
  readonly hit?: number;
  readonly big?: number;
  readonly walls?: readonly number[];
}

/** A task in a fresh process, in a folder; with how long the process took in all. */
export async function perform(
  { name, language }: Contender,
  dir: string,
  task: string,
  ...args: string[]
): Promise<Answer & { wall: number }> {
  const began = performance.now();
  const command = language === "ts"
    ? [Deno.execPath(), "run", "-A", "--config", here("../../deno.json"), here("./ours.ts"), task, ...args]
    : [python, here("./peer.py"), name, task, ...args];
  const { stdout, stderr } = await new Deno.Command(command[0]!, { args: command.slice(1), cwd: dir, stdin: "null" }).output();
  const wall = performance.now() - began;
  const line = new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1)!;
  try {
    return { ...JSON.parse(line) as Answer, wall };
  } catch {
    return { error: new TextDecoder().decode(stderr).slice(-300), wall }; // it died before it could say anything
  }
}

/** A folder of its own for a piece of work. */
export async function inFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "consist-peers-" }));
  try {
    return await work(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
