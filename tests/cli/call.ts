/** Commands called in this process. It has no tests of its own. */
import { join } from "@std/path";
import { ConsistError, OptionError } from "../../src/errors.ts";
import { call } from "../../src/cli/application.ts";
import { Output } from "../../src/cli/output.ts";

/** What came of a call. */
export interface Called {
  /** Its exit code. */
  readonly code: number;
  /** What it gave. */
  readonly out: string;
  /** What it said beside it. */
  readonly err: string;
}

/** How the call is made. */
export interface CallOptions {
  /** What the user answers; without it nobody is there. */
  readonly answer?: boolean;
  /** Is there colour? */
  readonly colour?: boolean;
}

// Times are shown in the machine's zone.
Deno.env.set("TZ", "UTC");

/** Calls a command on the ledger of a folder. Paths below it begin with `<dir>` in what comes out. */
export async function callIn(dir: string, ...words: readonly string[]): Promise<Called> {
  return await callWith(dir, words);
}

/** The same, with a user or colour. */
export async function callWith(dir: string, words: readonly string[], { answer, colour = false }: CallOptions = {}): Promise<Called> {
  let [out, err] = ["", ""];
  const parts = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    colourOut: colour,
    colourErr: colour,
  };
  const output = new Output({ ...parts, outIsTerminal: false, errIsTerminal: false, asks: answer !== undefined }, words.includes("--json"));
  if (answer !== undefined) output.agrees = () => answer;
  const db = words.includes("--db") || words[0] === "kernel" ? [] : ["--db", join(dir, "provenance.duckdb")];
  const ended = await call([...words, ...db], { version: "0.0.0", write: parts.out, output: () => Promise.resolve(output) });
  const code = "error" in ended ? failed(ended.error, output) : ended.ok ? 0 : 1;
  return { code, out: out.replaceAll(dir, "<dir>"), err: err.replaceAll(dir, "<dir>") };
}

function failed(error: unknown, output: Output): number {
  if (!(error instanceof ConsistError)) throw error;
  const code = error instanceof OptionError ? 2 : 1;
  output.failure(error, code);
  return code;
}
