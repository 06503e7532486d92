/** The parser: the commands as a tree, and its complaints as errors of ours. */
import {
  AliasNotFoundError,
  type Application,
  type ApplicationText,
  ArgumentParseError,
  ArgumentScannerError,
  buildApplication,
  buildRouteMap,
  EnumValidationError,
  FlagNotFoundError,
  type RouteMap,
  run,
  text_en,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
} from "@stricli/core";
import { listNames, nearestName, OptionError } from "../errors.ts";
import type { Call, Command } from "./command.ts";
import { COMMANDS, GROUPS } from "./commands.ts";
import type { Output } from "./output.ts";

/** How a call ended. */
export interface Ended {
  /** Was all as it should be? */
  readonly ok: boolean;
  /** What was thrown, or is wrong with the call. */
  readonly error?: unknown;
}

/** Where help and what commands say goes. */
export interface Channels {
  /** The library's version. */
  readonly version: string;
  /** Writes the help. */
  readonly write: (text: string) => void;
  /** Makes what commands speak through. */
  readonly output: () => Promise<Output>;
}

/** Calls the command that some words name. */
export async function call(words: readonly string[], { version, write, output }: Channels): Promise<Ended> {
  let ended: Ended = { ok: true };
  const failed = (error: unknown): string => {
    ended = "error" in ended ? ended : { ok: false, error };
    return "";
  };
  const context: Call = {
    process: { stdout: { write }, stderr: { write: () => {} } },
    output,
    ended: (ok) => ended = { ok },
  };
  await run(application({ version, failed, words }), words, context);
  return ended;
}

/** What the program is made from. */
export interface ApplicationParts {
  /** The library's version. */
  readonly version: string;
  /** Takes what goes wrong. */
  readonly failed: (error: unknown) => string;
  /** The words of the call. */
  readonly words: readonly string[];
}

/** All commands as one program. */
export function application({ version, failed, words }: ApplicationParts): Application<Call> {
  const text: ApplicationText = {
    ...text_en,
    noCommandRegisteredForInput: ({ input }) => failed(unknownCommand(input, words)),
    exceptionWhileParsingArguments: (error) => failed(badCall(error, words)),
    exceptionWhileLoadingCommandFunction: failed,
    exceptionWhileRunningCommand: failed,
    commandErrorResult: failed,
  };
  return buildApplication(tree(), {
    name: "consist",
    versionInfo: { currentVersion: version },
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { caseStyle: "convert-camel-to-kebab", disableAnsiColor: true },
    localization: { text },
  });
}

/** The commands by their first word; those of one group by their second. */
function tree(): RouteMap<Call> {
  const groups = Map.groupBy(COMMANDS, ({ words }) => words[0]!);
  const routes = [...groups].map((
    [word, commands],
  ) => [word, commands[0]!.words.length === 1 ? commands[0]!.built : group(word, commands)]);
  return buildRouteMap<string, Call>({
    routes: Object.fromEntries(routes),
    docs: { brief: "What ran, on what, and why", fullDescription: GENERAL },
  });
}

function group(word: string, commands: readonly Command[]): RouteMap<Call> {
  return buildRouteMap<string, Call>({
    routes: Object.fromEntries(commands.map(({ words, built }) => [words[1]!, built])),
    docs: { brief: GROUPS[word]! },
  });
}

const GENERAL = `What ran, on what, and why.

Exit codes: 0 all is well, 1 the work failed or something is not as it should be, 2 it was called wrongly.
--no-color, or NO_COLOR in the environment, prints without colour.`;

// ── what is wrong with a call ───────────────────────────────────────────────────────────────────────────────────────────────

/** The command that some words begin with. */
export function commandOf(words: readonly string[]): Command | undefined {
  return COMMANDS.find((command) => command.words.every((word, index) => words[index] === word));
}

function unknownCommand(input: string, words: readonly string[]): OptionError {
  const at = words.indexOf(input);
  const before = words.slice(0, at);
  const names = [
    ...new Set(COMMANDS.filter((command) => before.every((word, index) => command.words[index] === word)).map((each) => each.words[at]!)),
  ];
  const near = nearestName(input, names) ?? nearestName([...before, input].join(" "), COMMANDS.map((each) => each.words.join(" ")));
  const called = ["consist", ...before].join(" ");
  return new OptionError("unknown_option", {
    problem: `There is no command "${[...before, input].join(" ")}".`,
    why: `After ${called} comes one of ${names.map((name) => JSON.stringify(name)).join(", ")}.`,
    fix: near === undefined ? `See ${called} --help.` : `Did you mean "${near}"?`,
    path: input,
  });
}

function badCall(error: unknown, words: readonly string[]): OptionError {
  const command = commandOf(words);
  const name = command === undefined ? "consist" : `consist ${command.words.join(" ")}`;
  const { why, fix = `See ${name} --help.`, code = "option_invalid" } = complaint(error, command);
  return new OptionError(code, { problem: `${name} was called with arguments that it does not take.`, why, fix, cause: error });
}

interface Complaint {
  readonly why: string;
  readonly fix?: string;
  readonly code?: "unknown_option";
}

/** What the parser complains of, in our words. */
function complaint(error: unknown, command: Command | undefined): Complaint {
  if (error instanceof FlagNotFoundError || error instanceof AliasNotFoundError) return unknownFlag(error.input, command);
  if (error instanceof ArgumentParseError) {
    const { externalFlagNameOrPlaceholder: name, input, exception } = error;
    const reason = exception instanceof Error ? exception.message : String(exception);
    return {
      why: `The value of ${command?.options.includes(name) ?? false ? "--" : ""}${kebab(name)} is ${JSON.stringify(input)}. ${reason}`,
    };
  }
  if (error instanceof EnumValidationError) {
    const near = nearestName(error.input, error.values);
    const why = `The value of --${error.externalFlagName} is ${JSON.stringify(error.input)}, and it is one of ${listNames(error.values)}.`;
    return near === undefined ? { why } : { why, fix: `Did you mean "${near}"?` };
  }
  if (error instanceof UnsatisfiedFlagError) return { why: `The option --${error.externalFlagName} has no value.` };
  if (error instanceof UnsatisfiedPositionalError) return { why: `${error.placeholder} is missing.` };
  if (error instanceof UnexpectedPositionalError) return { why: `There is an argument too many: ${JSON.stringify(error.input)}.` };
  if (error instanceof ArgumentScannerError) return { why: error.message };
  throw error;
}

function unknownFlag(input: string, command: Command | undefined): Complaint {
  const known = (command?.options ?? []).map(kebab);
  const near = nearestName(input, known);
  return {
    code: "unknown_option",
    why: `There is no option --${input}; there are ${known.map((name) => `--${name}`).join(", ")}, and --help.`,
    ...(near === undefined ? {} : { fix: `Did you mean --${near}?` }),
  };
}

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
