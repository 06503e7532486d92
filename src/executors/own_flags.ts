/** The flags with which this program was started and which decide what its modules resolve to, where the system shows them (Linux). */
import { resolve, toFileUrl } from "@std/path";

/** Flags with a value, which may stand behind them. */
const WITH_VALUE = ["--config", "-c", "--import-map", "--cert"];
/** Flags by themselves, or with `=` and a value. */
const ALONE =
  /^--(?:no-config|no-lock|frozen|lock|v8-flags|node-modules-dir|vendor|no-remote|no-npm|cached-only|unstable(?:-[a-z-]+)?|conditions)(?:=|$)/;

/** The flags of a command line; `main` is the main module's address, behind which the program's own arguments begin. */
export function flagsIn(words: readonly string[], main: string): string[] {
  const isMain = (word: string) => word === main || (!word.startsWith("-") && toFileUrl(resolve(word)).href === main);
  const end = words.findIndex((word, index) => index > 0 && (word === "--" || isMain(word)));
  const own = end < 0 ? words : words.slice(0, end);
  return own.flatMap((word, index) => {
    if (WITH_VALUE.includes(word)) return index + 1 < own.length ? [word, own[index + 1]!] : [];
    return ALONE.test(word) || WITH_VALUE.some((name) => name.startsWith("--") && word.startsWith(`${name}=`)) ? [word] : [];
  });
}

/** The flags of this process; none where the system does not show them. */
export function ownFlags(): string[] {
  if (Deno.build.os !== "linux") return [];
  try {
    return flagsIn(Deno.readTextFileSync("/proc/self/cmdline").split("\0").slice(0, -1), Deno.mainModule);
  } catch (error) {
    if (error instanceof Error) return []; // closed to us: the configuration is looked for as Deno does it
    throw error;
  }
}

/** Do flags say which configuration is meant? */
export function namesConfig(flags: readonly string[]): boolean {
  return flags.some((flag) => /^(?:--config\b|-c$|--no-config$)/.test(flag));
}
