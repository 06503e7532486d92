/** What a key of an input or output may look like. */
import { OptionError } from "../errors.ts";
import { describe } from "./check_options.ts";

const KEY = /^[\p{L}\p{N}_][\p{L}\p{N}_.:/ -]{0,255}$/u;

/** Throws where a key could not stand in the ledger, in a path or in another program's reading of it. */
export function checkKey(key: unknown, what: "input" | "output"): asserts key is string {
  if (typeof key === "string" && KEY.test(key) && !key.includes("..") && !key.includes("//")) return;
  throw new OptionError("option_invalid", {
    problem: `The key of an ${what} is ${describe(key)}.`,
    why:
      'A key has 1 to 256 letters, digits, "_", ".", ":", "/", " " or "-", begins with a letter, a digit or "_", and has no ".." or "//".',
    fix: "Choose another key.",
    path: `${what}s`,
  });
}

/** A step's name as a key: what is no letter, digit, `_` or `-` becomes `_`. */
export function keyOfName(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}_-]+/gu, "_").slice(0, 128) || "result";
}
