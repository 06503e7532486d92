/** Who is compared: this library in Deno, and the peers in a Python of their own under `.cache/`. */
import { fromFileUrl, join } from "@std/path";
import { PYTHON_CONSIST, pythonVenv } from "../../tools/python_venv.ts";

export { succeed } from "../../tools/python_venv.ts";

const here = (file: string) => fromFileUrl(new URL(file, import.meta.url));
const venv = here("../../.cache/peers-venv");
const python = join(venv, Deno.build.os === "windows" ? "Scripts/python.exe" : "bin/python");
const PACKAGES = [...PYTHON_CONSIST, "joblib==1.6.0", "diskcache==5.6.3"];

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
  await pythonVenv("peers-venv", PACKAGES);
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
