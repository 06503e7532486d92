/** The first place at which two files with other content differ, in words: row and column, path inside a value, line, or byte. */
import { JSON } from "../intrinsics.ts";
import { completeChart } from "../relations/mod.ts";
import { rowAt } from "../schemas/mod.ts";
import type { DataFrame } from "../types.ts";
import { driverNamed } from "./driver.ts";
import { isFrame } from "./kinds.ts";

/** Longer values are cut. */
const LONGEST_VALUE = 60;
/** Files are compared in pieces of this size. */
const PIECE = 1 << 20;
const NOTHING = "nothing";

/** Where two things differ, and what is there. */
export interface FirstDifference {
  /** `row 4 (index 3), column "x"`, `$.a[1]`, `line 2`, `byte 7`. */
  readonly place: string;
  /** The value there, as text. */
  readonly before: string;
  /** The other one's. */
  readonly after: string;
}

/** A difference as a line: `row 4 (index 3), column "x": 1 → 2`. */
export function differenceWords({ place, before, after }: FirstDifference): string {
  return `${place}: ${before} → ${after}`;
}

/** What `load` of both files says first that is different; where the values are the same, the first byte that is not. */
export async function firstDifference(driver: string, before: string, after: string): Promise<FirstDifference> {
  const { read, name } = driverNamed(driver);
  if (name !== "bytes") {
    const found = valueDifference(await shownBy(await read(before)), await shownBy(await read(after)), name === "txt" ? "text" : "$");
    if (found !== undefined) return found;
  }
  const byte = await byteDifference(before, after);
  return name === "bytes" ? byte : { ...byte, place: `same values in other bytes, ${byte.place}` };
}

/** A chart is compared by its specification with its data. */
async function shownBy(value: unknown): Promise<unknown> {
  return (await completeChart(value)?.())?.spec ?? value;
}

/** The first difference of two values, or none. `path` is how the values are called; what is inside of itself is `seen` once. */
export function valueDifference(
  before: unknown,
  after: unknown,
  path: string,
  seen: ReadonlySet<unknown> = new Set(),
): FirstDifference | undefined {
  if (isFrame(before) && isFrame(after)) return frameDifference(before as DataFrame, after as DataFrame);
  if (typeof before === "string" && typeof after === "string" && (before + after).includes("\n")) return lineDifference(before, after);
  if (isSame(before, after) || seen.has(before)) return undefined;
  const around = new Set([...seen, before]);
  const [left, right] = [membersOf(before), membersOf(after)];
  if (left === undefined || right === undefined || tagOf(before) !== tagOf(after)) {
    return { place: path, before: shown(before), after: shown(after) };
  }
  for (const [name, value] of left) {
    if (!right.has(name)) return { place: `${path}${name}`, before: shown(value), after: NOTHING };
    const found = valueDifference(value, right.get(name), `${path}${name}`, around);
    if (found !== undefined) return found;
  }
  const added = [...right.keys()].find((name) => !left.has(name));
  return added === undefined ? undefined : { place: `${path}${added}`, before: NOTHING, after: shown(right.get(added)) };
}

/** The first cell that differs, by rows. */
function frameDifference(before: DataFrame, after: DataFrame): FirstDifference | undefined {
  if (before.columns.join("\0") !== after.columns.join("\0")) {
    return { place: "columns", before: shown(before.columns), after: shown(after.columns) };
  }
  const cells = before.columns.flatMap((name) => {
    const [left, right] = [before.getColumn(name), after.getColumn(name)];
    if (String(left.dtype) !== String(right.dtype)) {
      return [{ row: -1, found: { place: `type of column ${shown(name)}`, before: String(left.dtype), after: String(right.dtype) } }];
    }
    const [old, now] = [left.toArray() as unknown[], right.toArray() as unknown[]];
    const row = old.findIndex((value, index) => index < now.length && valueDifference(value, now[index], "") !== undefined);
    return row < 0
      ? []
      : [{ row, found: { place: `${rowAt(row)}, column ${shown(name)}`, before: shown(old[row]), after: shown(now[row]) } }];
  });
  const [first] = cells.toSorted((a, b) => a.row - b.row);
  if (first !== undefined) return first.found;
  return before.height === after.height ? undefined : { place: "number of rows", before: `${before.height}`, after: `${after.height}` };
}

function lineDifference(before: string, after: string): FirstDifference | undefined {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const line = Array.from({ length: Math.max(old.length, now.length) }, (_, index) => index).find((index) => old[index] !== now[index]);
  return line === undefined ? undefined : { place: `line ${line + 1}`, before: shown(old[line]), after: shown(now[line]) };
}

/** What is inside of a list, an object, a map or a set, by the words that follow the path; nothing for what has no members. */
function membersOf(value: unknown): Map<string, unknown> | undefined {
  if (Array.isArray(value)) return new Map(value.map((member, index) => [`[${index}]`, member]));
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return new Map(Array.from(value as unknown as ArrayLike<unknown>, (member, index) => [`[${index}]`, member]));
  }
  if (value instanceof Map) return new Map([...value].map(([key, member]) => [`.get(${shown(key)})`, member]));
  if (value instanceof Set) return new Map([...value].map((member, index) => [`(member ${index})`, member]));
  if (typeof value !== "object" || value === null || isLeaf(value)) return undefined;
  return new Map(
    Object.entries(value).map(([key, member]) => [/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? `.${key}` : `[${shown(key)}]`, member]),
  );
}

function isLeaf(value: object): boolean {
  return value instanceof Date || value instanceof RegExp || value instanceof Error;
}

function isSame(before: unknown, after: unknown): boolean {
  if (Object.is(before, after)) return true;
  return typeof before === "object" && typeof after === "object" && before !== null && after !== null && isLeaf(before) && isLeaf(after) &&
    tagOf(before) === tagOf(after) && shown(before) === shown(after);
}

const tagOf = (value: unknown): string => Object.prototype.toString.call(value);

function shown(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : value instanceof Date ? dateText(value) : plain(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text;
}

const dateText = (date: Date): string => Number.isNaN(date.getTime()) ? "an invalid date" : date.toISOString();

function plain(value: unknown): string {
  if (value === undefined) return NOTHING;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null || value instanceof RegExp || value instanceof Error) {
    return Object.is(value, -0) ? "-0" : String(value);
  }
  try {
    return JSON.stringify(value) ?? tagOf(value);
  } catch {
    return tagOf(value); // with a bigint or a circle inside: its kind has to do
  }
}

async function byteDifference(before: string, after: string): Promise<FirstDifference> {
  using left = await Deno.open(before);
  using right = await Deno.open(after);
  for (let at = 0;;) {
    const [old, now] = [await readPiece(left), await readPiece(right)];
    const shared = Math.min(old.length, now.length);
    for (let index = 0; index < shared; index++) {
      if (old[index] !== now[index]) return { place: `byte ${at + index}`, before: hex(old[index]!), after: hex(now[index]!) };
    }
    if (old.length !== now.length) return { place: "size", before: await bytesOf(left), after: await bytesOf(right) };
    if (old.length === 0) return { place: "content", before: "the recorded one", after: "the same by now" };
    at += shared;
  }
}

const bytesOf = async (file: Deno.FsFile): Promise<string> => `${(await file.stat()).size} bytes`;
const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, "0")}`;

async function readPiece(file: Deno.FsFile): Promise<Uint8Array> {
  const piece = new Uint8Array(PIECE);
  let filled = 0;
  while (filled < PIECE) {
    const read = await file.read(piece.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  return piece.subarray(0, filled);
}
