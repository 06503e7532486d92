/** The first rows of a table, or the beginning of a value. */
import { resolve } from "@std/path";
import { JSON, TextDecoder } from "../../intrinsics.ts";
import { driverForPath, driverNamed, isTableDriver } from "../../artifacts/mod.ts";
import { FindError, InputError } from "../../errors.ts";
import { valueText } from "../../notebook/mod.ts";
import { formatOfDriver, type Head, relation } from "../../relations/mod.ts";
import type { Artifact } from "../../types.ts";
import { namedArtifacts } from "./named.ts";
import type { Reading } from "../reading.ts";

/** What is shown of an artifact or a file. */
export interface Preview {
  /** The file. */
  readonly path: string;
  /** How it is read. */
  readonly driver: string;
  /** The artifact, where one was named. */
  readonly artifact?: Artifact;
  /** The first rows, where it is a table. */
  readonly table?: Head;
  /** The beginning of its text, or its value in words. */
  readonly text?: string;
}

/** Characters of text that are shown at most. */
const TEXT = 4_000;
const TEXT_DRIVERS = ["text", "txt", "md", "yaml", "xml", "html"];

/**
 * The beginning of what a text names: a file as it is now, or an artifact, which has to have the content that was recorded.
 *
 * @throws {FindError} `artifact_missing`, `run_ambiguous`
 * @throws {ContentError} `artifact_missing`, `content_mismatch`
 */
export async function preview(reading: Reading, text: string, rows: number): Promise<Preview> {
  const file = await fileAt(text);
  if (file !== undefined) return { path: file, driver: driverForPath(file).name, ...await beginning(file, driverForPath(file).name, rows) };
  const { artifacts, run } = await namedArtifacts(reading, text);
  if (artifacts.length !== 1) throw several(text, run?.id ?? text, artifacts);
  const [artifact] = artifacts as [Artifact];
  return { path: artifact.path, driver: artifact.driver, artifact, ...await beginning(artifact, artifact.driver, rows) };
}

async function fileAt(text: string): Promise<string | undefined> {
  try {
    const path = resolve(text);
    return (await Deno.stat(path)).isFile ? path : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw new InputError("input_unreadable", {
      problem: `Cannot look at "${text}".`,
      why: error instanceof Error ? error.message : String(error),
      fix: "Check the rights of the file and of its folder.",
      path: text,
      cause: error,
    });
  }
}

async function beginning(what: string | Artifact, driver: string, rows: number): Promise<Pick<Preview, "table" | "text">> {
  const format = formatOfDriver(driver);
  if (format !== undefined && format !== "json") return { table: await relation(what).head(rows) };
  if (typeof what !== "string") await checked(what);
  const path = typeof what === "string" ? what : what.path;
  if (TEXT_DRIVERS.includes(driver)) return { text: await beginningOfText(path) };
  const value = typeof what === "string" ? await driverNamed(driver).read(path) : await what.load();
  if (isTableDriver(driver)) return { table: await relation(what).head(rows) };
  return isRecords(value) ? { table: headOf(value, rows) } : { text: wordsOf(value) };
}

type Records = readonly { readonly [column: string]: unknown }[];

/** A list of plain objects is a table. */
function isRecords(value: unknown): value is Records {
  return Array.isArray(value) && value.length > 0 &&
    value.every((row) => typeof row === "object" && row !== null && Object.getPrototypeOf(row) === Object.prototype);
}

function headOf(all: Records, count: number): Head {
  const rows = all.slice(0, count);
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return { rows, columns: names.map((name) => ({ name, type: "" })), total: all.length };
}

/** A file of which only the beginning is read has to be what was recorded, as one that is loaded. */
async function checked(artifact: Artifact & { check?(): Promise<Error | undefined> }): Promise<void> {
  const problem = await artifact.check?.();
  if (problem !== undefined) throw problem;
}

async function beginningOfText(path: string): Promise<string> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(4 * TEXT);
  let length = 0;
  for (let read: number | null = 0; read !== null && length < bytes.length; length += read ?? 0) {
    read = await file.read(bytes.subarray(length));
  }
  return cut(new TextDecoder().decode(bytes.subarray(0, length)));
}

const cut = (text: string): string => text.length > TEXT ? `${text.slice(0, TEXT)}…` : text;

/** Plain data as JSON over several lines, everything else on one. */
function wordsOf(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes: ${value.subarray(0, 32).toHex()}${value.length > 32 ? "…" : ""}`;
  if (typeof value === "string") return cut(value);
  const line = valueText(value, TEXT);
  if (line.length < 80 || value === null || typeof value !== "object" || line.endsWith("…")) return line;
  return cut(JSON.stringify(value, null, 2) ?? line);
}

function several(text: string, run: string, artifacts: readonly Artifact[]): FindError {
  const names = artifacts.slice(0, 8).map(({ key }) => `${run}:${key}`).join(", ");
  return new FindError(artifacts.length === 0 ? "artifact_missing" : "run_ambiguous", {
    problem: `Cannot tell which artifact "${text}" is.`,
    why: artifacts.length === 0 ? "The run read and made nothing." : `The run has several: ${names}.`,
    fix: artifacts.length === 0 ? "Name another run." : "Give one of them.",
  });
}
