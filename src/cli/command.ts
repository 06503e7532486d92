/** What a command is: what it takes, what the help says of it, and the module that does it, loaded when it is called. */
import {
  type BaseArgs,
  type BaseFlags,
  buildCommand,
  type Command as BuiltCommand,
  type CommandContext,
  type TypedCommandParameters,
} from "@stricli/core";
import type { LedgerFlags } from "./flags.ts";
import type { Output } from "./output.ts";

/** What a command is called with, beside its arguments. */
export interface Call extends CommandContext {
  /** Where it says what it has to say. */
  readonly output: () => Promise<Output>;
  /** Takes how it ended: `false` is exit code 1. */
  readonly ended: (ok: boolean) => void;
}

/** The work of a command; `false` where something is not as it should be. */
export type Action<Flags extends BaseFlags, Args extends BaseArgs> = (output: Output, flags: Flags, ...args: Args) => Promise<boolean>;
/** The work of one that says nothing by itself. */
export type Program<Flags extends BaseFlags, Args extends BaseArgs> = (flags: Flags, ...args: Args) => Promise<boolean>;

/** A command line that shows a use. */
export interface Example {
  /** The words after `consist`. */
  readonly line: string;
  /** What it does. */
  readonly does: string;
}

/** One command, as it is called and as the reference describes it. */
export interface Command {
  /** The words that call it. */
  readonly words: readonly string[];
  /** What it does, in one line. */
  readonly brief: string;
  /** Uses of it. */
  readonly examples: readonly Example[];
  /** Name of the shape that it prints with `--json`, if it does: see `json_shapes.ts`. */
  readonly json: string | undefined;
  /** Names of its options. */
  readonly options: readonly string[];
  /** The same for the parser. */
  readonly built: BuiltCommand<Call>;
}

/** What a command is made from. */
export interface CommandParts<Flags extends BaseFlags, Args extends BaseArgs> {
  /** What it does, in one line. */
  readonly brief: string;
  /** More about it, a paragraph each. */
  readonly about?: readonly string[];
  /** Uses of it: the words after `consist`, and what they do. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** Name of the shape that it prints with `--json`. */
  readonly json?: string;
  /** Does it only read a ledger? Then the file is opened while the module is loaded that does it. @default false */
  readonly reads?: boolean;
  /** What it takes. */
  readonly takes: NoInfer<TypedCommandParameters<Flags, Args, Call>>;
}

type AnyFlags<Flags> = Readonly<Partial<Record<keyof Flags, unknown>>>;

/** A command that is called by these words. What does it is loaded then: a kernel starts without the ledger. */
export function command<const Flags extends AnyFlags<Flags>, const Args extends BaseArgs>(
  words: string,
  load: () => Promise<Action<Flags, Args>>,
  parts: CommandParts<Flags, Args>,
): Command {
  return built(words, parts, async ({ output }, flags, ...args) => {
    const opened = parts.reads === true ? (await import("./place.ts")).openSoon(flags as LedgerFlags) : undefined;
    try {
      const action = await load();
      return await action(await output(), flags, ...args);
    } finally {
      await opened; // DuckDB does not survive the end of a process while it opens a file
    }
  });
}

/** The same for one that is a program of its own and says nothing. */
export function program<const Flags extends AnyFlags<Flags>, const Args extends BaseArgs>(
  words: string,
  load: () => Promise<Program<Flags, Args>>,
  parts: CommandParts<Flags, Args>,
): Command {
  return built(words, parts, async (_call, flags, ...args) => await (await load())(flags, ...args));
}

function built<const Flags extends AnyFlags<Flags>, const Args extends BaseArgs>(
  words: string,
  { brief, about = [], examples, json, takes }: CommandParts<Flags, Args>,
  act: (call: Call, flags: Flags, ...args: Args) => Promise<boolean>,
): Command {
  const shown = examples.map(([line, does]) => ({ line, does }));
  const docs = { brief, fullDescription: [`${brief}.`, ...about, examplesText(shown)].join("\n\n") };
  async function func(this: Call, flags: Flags, ...args: Args): Promise<void> {
    this.ended(await act(this, flags, ...args));
  }
  const made = buildCommand<Flags, Args, Call>({ docs, parameters: takes, func });
  return { words: words.split(" "), brief, examples: shown, json, options: Object.keys(takes.flags ?? {}), built: made };
}

function examplesText(examples: readonly Example[]): string {
  return ["EXAMPLES", ...examples.map(({ line, does }) => `  consist ${line}\n    ${does}`)].join("\n");
}
