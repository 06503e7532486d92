/** The command line: which command, with which arguments, and how it ends. */
import { ConsistError, OptionError } from "../errors.ts";
import { call, type Ended } from "./application.ts";
import type { Output } from "./output.ts";

/** Runs a command line and gives its exit code: 0 where all went well, 1 where the work failed, 2 where it was called wrongly. */
export async function main(args: readonly string[], version: string): Promise<number> {
  const { words, colour, json } = general(args);
  const output = () => outputFor(colour, json);
  try {
    const ended = await call(words, { version, write: (text) => write(Deno.stdout, text), output });
    return "error" in ended ? await failed(ended, output) : words.length === 0 ? 2 : ended.ok ? 0 : 1;
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return 0; // whoever reads has seen enough, as `head` has
    throw error;
  }
}

/** What holds for every command. What comes after `--` is never an option. */
function general(args: readonly string[]): { words: readonly string[]; colour: boolean; json: boolean } {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const [options, rest] = [args.slice(0, end), args.slice(end)];
  const words = [...options.filter((word) => word !== "--no-color"), ...rest];
  const asked = words[0] === "help" ? [...words.slice(1), "--help"] : words;
  return { words: asked, colour: options.every((word) => word !== "--no-color"), json: options.includes("--json") };
}

async function failed({ error }: Ended, output: () => Promise<Output>): Promise<number> {
  if (error instanceof Deno.errors.BrokenPipe) throw error;
  if (!(error instanceof ConsistError)) throw error;
  const exitCode = error instanceof OptionError ? 2 : 1;
  (await output()).failure(error, exitCode);
  return exitCode;
}

/** Loaded with the first command that speaks. */
async function outputFor(colour: boolean, json: boolean): Promise<Output> {
  const { Output } = await import("./output.ts");
  const mayColour = colour && !Deno.noColor && Deno.env.get("TERM") !== "dumb";
  return new Output({
    out: (text) => write(Deno.stdout, text),
    err: (text) => write(Deno.stderr, text),
    colourOut: mayColour && Deno.stdout.isTerminal(),
    colourErr: mayColour && Deno.stderr.isTerminal(),
    outIsTerminal: Deno.stdout.isTerminal(),
    errIsTerminal: Deno.stderr.isTerminal(),
    endsProcess: true,
    asks: Deno.stdin.isTerminal() && Deno.stderr.isTerminal(),
  }, json);
}

function write(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length;) done += stream.writeSync(bytes.subarray(done));
}
