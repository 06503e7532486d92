/** Options that several commands have: one name and one meaning each. */

/** Which ledger is meant, and how the answer is written. */
export interface LedgerFlags {
  /** The ledger's file. */
  readonly db?: string;
  /** The root of the run folders. */
  readonly runDir?: string;
  /** Is the answer JSON? */
  readonly json?: boolean;
}

/** The same, for what looks at recorded files. */
export interface FileFlags extends LedgerFlags {
  /** Folders by the name that addresses have for them: `NAME=FOLDER`. */
  readonly mount?: readonly string[];
}

/** A text as it was given. */
export const asText = (text: string): string => text;

/** A whole number from 1 on. */
export function asCount(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < 1) throw new RangeError("A whole number from 1 on was wanted.");
  return number;
}

/** A whole number. */
export function asWhole(text: string): number {
  const number = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(number)) throw new RangeError("A whole number was wanted.");
  return number;
}

/** A number of seconds. */
export function asSeconds(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !(number > 0) || number === Infinity) throw new RangeError("A number of seconds was wanted.");
  return number;
}

/** An option that may be given once, with a text. */
export const text = (placeholder: string, brief: string) =>
  ({ kind: "parsed", parse: asText, optional: true, placeholder, brief }) as const;

/** The same, with a whole number from 1 on. */
export const atMost = (brief: string) => ({ kind: "parsed", parse: asCount, optional: true, placeholder: "N", brief }) as const;

/** The same, with any whole number. */
export const whole = (brief: string) => ({ kind: "parsed", parse: asWhole, optional: true, placeholder: "N", brief }) as const;

/** An option that is there or is not. */
export const flag = (brief: string) => ({ kind: "boolean", optional: true, withNegated: false, brief }) as const;

/** An option that may be given several times. */
export const several = (placeholder: string, brief: string) =>
  ({ kind: "parsed", parse: asText, variadic: true, optional: true, placeholder, brief }) as const;

/** `--json`. */
export const JSON_FLAG = { json: flag("Print JSON for programs, errors on stderr too") } as const;

/** The options of everything that reads a ledger. */
export const LEDGER_FLAGS = {
  db: text("FILE", "The ledger [default: provenance.duckdb in the notebook's folder, else in this one]"),
  runDir: text("FOLDER", "The root of the run folders [default: runs beside the ledger]"),
  ...JSON_FLAG,
} as const;

/** The options of what looks at recorded files. */
export const FILE_FLAGS = {
  mount: several(
    "NAME=FOLDER",
    "Where files are whose addresses begin with NAME://, as those of Python's mounts; may be given several times",
  ),
  ...LEDGER_FLAGS,
} as const;

/** An argument that has to be given. */
export const argument = (placeholder: string, brief: string) => ({ placeholder, brief, parse: asText }) as const;

/** An argument that may be left out. */
export const maybe = (placeholder: string, brief: string) => ({ placeholder, brief, parse: asText, optional: true }) as const;

/** Exactly one argument. */
export const one = <Argument>(parameter: Argument) => ({ kind: "tuple", parameters: [parameter] }) as const;
