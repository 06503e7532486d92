/** Drivers: how values of each kind are written to files and read back. */
import { extname, resolve } from "@std/path";
import { ConsistError, InputError, listNames, nearestName, OptionError, OutputError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import type { LazyFrame } from "../types.ts";
import { isMissing, readError } from "./digest.ts";
import { arrow } from "./drivers/arrow.ts";
import { bytes } from "./drivers/bytes.ts";
import { chart } from "./drivers/chart.ts";
import { csv, tsv } from "./drivers/csv.ts";
import { json } from "./drivers/json.ts";
import { ndjson } from "./drivers/ndjson.ts";
import { parquet } from "./drivers/parquet.ts";
import { structuredClone } from "./drivers/structured_clone.ts";
import { text } from "./drivers/text.ts";
import { publish, type Published } from "./publish.ts";
import { cloneFlaw } from "./storable.ts";
import { storageFailure, wordsOf } from "./storage_errors.ts";
import { writeContent } from "./content.ts";

/** Whose output a file is. */
export interface MadeByRun {
  /** The run's id. */
  readonly run: string;
  /** The output's key. */
  readonly key: string;
}

/** Files that stand beside an output: pictures of it. */
export interface FilesBeside {
  /** What their names end in, in the place of the output's own ending. */
  readonly endings: readonly string[];
  /** Writes them for the output at this path; they say inside whose it is. */
  write(
    path: string,
    madeBy: MadeByRun & {
      /** SHA-256 of the output's content. */
      readonly content: string;
    },
  ): Promise<void>;
  /** The one that a copy of this name is made of; nothing where such a copy is one of the output itself. */
  forName(path: string, name: string): string | undefined;
  /** The picture that a card shows, if it is there and as it was drawn for an output of this content. */
  picture?(path: string, content: string): Promise<string | undefined>;
  /** Is this one as it was written, for an output of this content? */
  isWhole(path: string, content: string): Promise<boolean>;
}

/** What somebody writes who adds a format. */
export interface DriverSpec {
  /** Its name, as `outputs: { table: { driver: "csv" } }` says it. */
  readonly name: string;
  /** Extensions of its files without the dot, in lower case; the first is given to files that it writes. */
  readonly extensions: readonly string[];
  /** Raised whenever a file of this format would be read or written differently. */
  readonly formatVersion: number;
  /** Does a file load as a polars DataFrame? @default false */
  readonly isTable?: boolean;
  /** Version of the library that decides what is read and written. Must not load that library. */
  libraryVersion(): Promise<string>;
  /** Can it write this value so that the same value is read again? */
  accepts(value: unknown): boolean;
  /** Writes a value to a path where nothing is. */
  write(value: unknown, path: string): Promise<void>;
  /** The value in a file; `madeBy` says whose output it is, where it is one. */
  read(path: string, madeBy?: MadeByRun): Promise<unknown>;
  /** Files that show its value to people, which stand beside it and are no part of its content. @default none */
  readonly beside?: FilesBeside;
  /** A file as a polars LazyFrame, which reads nothing yet. @default what `read` gives, made lazy */
  scan?(path: string): Promise<LazyFrame>;
}

/** A format whose files are made in memory as a whole. */
export interface ContentSpec extends Omit<DriverSpec, "write"> {
  /** What a file of this value contains: memory that nobody else has. */
  content(value: unknown): string | Uint8Array;
}

/** Called when what was returned is safe from whatever happens next; what it gives is waited for before the disk is asked. */
export type OnHeld = NonNullable<Parameters<Driver["write"]>[2]>;

/** A driver as the library uses it: files appear whole or not at all, and every failure says which file and which format. */
export interface Driver extends Omit<DriverSpec, "write"> {
  /** Does a file load as a polars DataFrame? */
  readonly isTable: boolean;
  /** Writes a value aside, makes it durable and renames it. `onHeld` is called as soon as nobody can change what will be kept, and waited for. */
  write(value: unknown, path: string, onHeld?: () => void | Promise<void>): Promise<Published>;
  /** `csv@1+0.25.2`: what decides how a file is read, for identities. */
  identity(): Promise<string>;
  /** A file as a polars LazyFrame, where it is a table. */
  scan(path: string): Promise<LazyFrame>;
}

const byName = new Map<string, Driver>();
const byExtension = new Map<string, Driver>();

/**
 * Adds a format. A driver of the same name, or one with the same extension, is replaced.
 *
 * @throws {OptionError} where the name, an extension or the version is not usable
 */
export function registerDriver(spec: DriverSpec): Driver {
  checkSpec(spec);
  return add(guarded(spec));
}

let added = 0;

/** A number that grows with each driver that is added. */
export const driversSoFar = (): number => added;

function add(driver: Driver): Driver {
  added++;
  byName.set(driver.name, driver);
  for (const extension of driver.extensions) byExtension.set(extension, driver);
  return driver;
}

for (const spec of [csv, tsv, ndjson, parquet, arrow, json, text, bytes, structuredClone, chart]) add(guarded(spec));

/** The library's own drivers: a value goes to the first that accepts it. */
const BUILT_IN: ReadonlySet<string> = new Set(byName.keys());

/** The driver for a file, by its extension; `bytes` for what nobody knows. */
export function driverForPath(path: string): Driver {
  return byExtension.get(extname(path).slice(1).toLowerCase()) ?? byName.get("bytes")!;
}

/**
 * The driver of this name or extension.
 *
 * @throws {OptionError} `option_invalid`, with the nearest name
 */
export function driverNamed(name: string): Driver {
  const driver = byName.get(name) ?? byExtension.get(name.replace(/^\./, "").toLowerCase());
  if (driver) return driver;
  const names = [...byName.keys()];
  const nearest = nearestName(name, [...names, ...byExtension.keys()]);
  throw new OptionError("option_invalid", {
    problem: `There is no driver ${JSON.stringify(name)}.`,
    why: `The known ones are ${listNames(names.sort())}.`,
    fix: nearest === undefined ? "Choose one of them, or add yours with registerDriver." : `Did you mean ${JSON.stringify(nearest)}?`,
  });
}

/** What stands beside the outputs of a driver, if anything does. */
export function besideOf(name: string): FilesBeside | undefined {
  return byName.get(name)?.beside;
}

/** Is there a driver of this name or extension whose files load as DataFrames? */
export function isTableDriver(name: string): boolean {
  return (byName.get(name) ?? byExtension.get(name.toLowerCase()))?.isTable ?? false;
}

/**
 * What a value is written with when nobody says otherwise, in the order of asking. These decide what any step may write, so that their versions
 * are a part of every signature. A driver for values that none of them takes is asked after them, and counts once a value chose it.
 */
const DEFAULTS = ["parquet", "bytes", "txt", "json", "structured_clone"];
const AFTER = ["chart"];

/**
 * The driver for a returned value: DataFrame → parquet, bytes → bytes, text → txt, JSON-safe → json, structured-cloneable → structured_clone,
 * chart → chart. Drivers that were added are asked first.
 *
 * @param name how the value is called in the error's message
 * @throws {OutputError} `output_not_storable`, with the path of the offending place inside the value
 */
export function driverForValue(value: unknown, name = "value"): Driver {
  const added = [...byName.values()].filter(({ name }) => isAddedDriver(name)).reverse();
  const after = AFTER.map((each) => byName.get(each)!);
  const driver = [...added, ...driversByType(), ...after].find((each) => each.accepts(value));
  if (driver) return driver;
  const flaw = cloneFlaw(value);
  const place = flaw ? `${name}${flaw.path.slice("value".length)} ${flaw.problem}` : `${name} is of a kind that no driver accepts`;
  throw new OutputError("output_not_storable", {
    problem: `Cannot store the returned value: ${place}.`,
    why: "Only data can be written to a file and come back the same.",
    fix: "Return plain data, a DataFrame, bytes, text, or file(path) for a file that the step wrote itself.",
  });
}

/** The library's own drivers that a returned value is offered to when nobody names one, in the order of asking. */
export const driversByType = (): readonly Driver[] => DEFAULTS.map((each) => byName.get(each)!);

/** Is it a driver that somebody added? */
const isAddedDriver = (name: string): boolean => !BUILT_IN.has(name);

/** Is it a driver that only a value can choose, so that the signature knows nothing of it? */
export const isChosenByValue = (name: string): boolean => isAddedDriver(name) || AFTER.includes(name);

function checkSpec({ name, extensions, formatVersion }: DriverSpec): void {
  const refuse = (why: string) => {
    throw new OptionError("option_invalid", { problem: `Cannot add the driver ${JSON.stringify(name)}.`, why, fix: "Correct the driver." });
  };
  if (typeof name !== "string" || !/^[a-z][a-z0-9_-]{0,63}$/.test(name)) {
    refuse("A driver's name consists of small letters, digits, _ and -, and begins with a letter.");
  }
  if (name === "folder" || name === "glob") refuse("Artifacts of several files have this name.");
  const odd = extensions.find((extension) => !/^[a-z0-9][a-z0-9_+-]*$/.test(extension));
  if (odd !== undefined) refuse(`The extension ${JSON.stringify(odd)} is not written in small letters and digits without a dot.`);
  if (!Number.isInteger(formatVersion)) refuse(`Its formatVersion is ${String(formatVersion)}, and a whole number was wanted.`);
}

/** What is made in memory is safe before any of it is written. */
async function keep(spec: ContentSpec, value: unknown, path: string, onHeld?: OnHeld): Promise<Published> {
  const content = await writing(spec, () => spec.content(value), path);
  await onHeld?.();
  return await publish(path, (temporary) => writing(spec, () => writeContent(temporary, content), temporary));
}

function guarded(spec: DriverSpec | ContentSpec): Driver {
  const read = (path: string, madeBy?: MadeByRun) => reading(spec, resolve(path), (absolute) => spec.read(absolute, madeBy));
  return {
    name: spec.name,
    extensions: [...spec.extensions],
    formatVersion: spec.formatVersion,
    isTable: spec.isTable ?? false,
    libraryVersion: () => spec.libraryVersion(),
    accepts: (value) => spec.accepts(value),
    identity: async () => `${spec.name}@${spec.formatVersion}+${await spec.libraryVersion()}`,
    read,
    ...(spec.beside === undefined ? {} : { beside: spec.beside }),
    write: (value, path, onHeld) =>
      "write" in spec
        ? publish(path, (temporary) => writing(spec, () => spec.write(value, temporary), temporary), { onWritten: onHeld })
        : keep(spec, value, path, onHeld),
    scan: (path) => reading(spec, resolve(path), (absolute) => scanned(spec, absolute)),
  };
}

async function scanned(spec: Omit<DriverSpec, "write">, path: string): Promise<LazyFrame> {
  if (spec.scan) {
    await Deno.stat(path); // polars itself would complain at `collect()` only
    return await spec.scan(path);
  }
  if (!spec.isTable) throw new TypeError(`files of the driver ${JSON.stringify(spec.name)} are no tables`);
  return (await spec.read(path) as { lazy(): LazyFrame }).lazy();
}

async function reading<T>(spec: Pick<DriverSpec, "name">, path: string, read: (path: string) => Promise<T>): Promise<T> {
  try {
    return await read(path);
  } catch (error) {
    if (error instanceof ConsistError) throw error;
    if (isMissing(error) || error instanceof Deno.errors.NotCapable) throw readError(path, error);
    throw new InputError("input_unreadable", {
      problem: `Cannot read ${JSON.stringify(path)} with the driver ${JSON.stringify(spec.name)}.`,
      why: wordsOf(error),
      fix: "Check the file's content, or choose another driver for it.",
      path,
      cause: error,
    });
  }
}

async function writing<T>(spec: Pick<DriverSpec, "name">, work: () => T | Promise<T>, path: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConsistError || storageFailure(path, error)) throw error;
    throw new OutputError("output_not_storable", {
      problem: `Cannot write the value with the driver ${JSON.stringify(spec.name)}.`,
      why: wordsOf(error),
      fix: "Choose another driver for this output.",
      cause: error,
    });
  }
}
