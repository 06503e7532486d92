/** What may be pruned: the options in words, checked, as rules. */
import { checkMembers, listNames, OptionError } from "../../errors.ts";
import { JSON } from "../../intrinsics.ts";

/** A stretch of time: a number with its unit, as in "90m", "12h", "30d" or "2w". */
export type TimeSpan = `${number}${"s" | "m" | "h" | "d" | "w"}`;

/** A size: bytes, or a number with its unit, as in "500MB" or "10GB". */
export type DataSize = number | `${number}${"B" | "kB" | "MB" | "GB" | "TB"}`;

/** Which cached files may go. A run goes only where all that is given says so, and where nothing that stays needs it. */
export interface PruneOptions {
  /** Only runs that ended so long ago. */
  readonly olderThan?: TimeSpan;
  /** Only runs that neither executed nor were a hit for so long. */
  readonly unusedFor?: TimeSpan;
  /** Of each step so many completed runs stay, the newest. */
  readonly keepLatest?: number;
  /** Only until the folder of runs takes no more than this, those first that were not used for longest. */
  readonly maxSize?: DataSize;
  /** Only runs of this step. */
  readonly step?: string;
  /** Only runs of this scenario that no other one was served. */
  readonly scenario?: string;
  /** Say what would be deleted, and delete nothing. @default false */
  readonly dryRun?: boolean;
}

/** The same as numbers. */
export interface PruneRules {
  readonly olderThanMs?: number;
  readonly unusedForMs?: number;
  readonly keepLatest?: number;
  readonly maxBytes?: number;
  readonly step?: string;
  readonly scenario?: string;
}

const KNOWN = ["olderThan", "unusedFor", "keepLatest", "maxSize", "step", "scenario", "dryRun"];
const RULES = KNOWN.slice(0, -1);
const SECONDS: { readonly [unit: string]: number } = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const BYTES: { readonly [unit: string]: number } = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 };

/**
 * The rules that options stand for.
 *
 * @throws {OptionError} `unknown_option` or `option_invalid`, also where nothing is asked for: that would be everything.
 */
export function pruneRules(options: PruneOptions): PruneRules {
  checkMembers(options, KNOWN, "pruneCache()");
  const { olderThan, unusedFor, keepLatest, maxSize, step, scenario } = options;
  if (RULES.every((key) => options[key as keyof PruneOptions] === undefined)) throw nothingAsked();
  if (keepLatest !== undefined && (!Number.isSafeInteger(keepLatest) || keepLatest < 0)) {
    throw invalid("keepLatest", keepLatest, "It has to be a whole number from 0 on.");
  }
  for (const [name, value] of Object.entries({ step, scenario })) {
    if (value !== undefined && (typeof value !== "string" || value === "")) throw invalid(name, value, "It has to be a name.");
  }
  return {
    ...(olderThan === undefined ? {} : { olderThanMs: spanMs("olderThan", olderThan) }),
    ...(unusedFor === undefined ? {} : { unusedForMs: spanMs("unusedFor", unusedFor) }),
    ...(keepLatest === undefined ? {} : { keepLatest }),
    ...(maxSize === undefined ? {} : { maxBytes: sizeBytes("maxSize", maxSize) }),
    ...(step === undefined ? {} : { step }),
    ...(scenario === undefined ? {} : { scenario }),
  };
}

function spanMs(name: string, span: unknown): number {
  const [, amount, unit] = typeof span === "string" ? /^\s*(\d+(?:\.\d+)?)\s*([smhdw])\s*$/.exec(span) ?? [] : [];
  if (amount === undefined) throw invalid(name, span, 'It has to be a number with a unit: "90m", "12h", "30d" or "2w".');
  return Number(amount) * SECONDS[unit!]! * 1000;
}

function sizeBytes(name: string, size: unknown): number {
  if (typeof size === "number" && size >= 0 && Number.isFinite(size)) return size;
  const [, amount, unit] = typeof size === "string" ? /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?b)\s*$/i.exec(size) ?? [] : [];
  if (amount === undefined) throw invalid(name, size, 'It has to be a number of bytes, or one with a unit: "500MB" or "10GB".');
  return Number(amount) * BYTES[unit!.toLowerCase()]!;
}

function nothingAsked(): OptionError {
  return new OptionError("option_invalid", {
    problem: "Nothing says what may be pruned.",
    why: "Without any rule that would be the whole cache.",
    fix: `Give at least one of ${listNames(RULES)}.`,
  });
}

function invalid(path: string, value: unknown, why: string): OptionError {
  const shown = JSON.stringify(value) ?? String(value);
  return new OptionError("option_invalid", { problem: `The option ${path} is ${shown}.`, why, fix: "Correct it, or leave it out.", path });
}
