/** Notebook files, nbformat 4.5: read and validated, written so that no crash leaves half of one. */
import { z } from "zod";
import { publish } from "../artifacts/mod.ts";
import { NotebookError } from "../errors.ts";
import type { Metadata, MimeData, Output } from "../kernels/mod.ts";

/** A cell with code. */
export interface CodeCell {
  /** Which kind of cell this is. */
  cell_type: "code";
  /** Unique within the notebook; stays the same when the cell is moved or edited. */
  id: string;
  /** Tags and other notes. */
  metadata: Metadata;
  /** The code. */
  source: string;
  /** What it showed when it was executed last. */
  outputs: Output[];
  /** The number of that execution; null where it was not executed. */
  execution_count: number | null;
}
/** A cell with text: Markdown, or raw text that nobody renders. */
export interface TextCell {
  /** Which kind of cell this is. */
  cell_type: "markdown" | "raw";
  /** Unique within the notebook; stays the same when the cell is moved or edited. */
  id: string;
  /** Tags and other notes. */
  metadata: Metadata;
  /** The text. */
  source: string;
  /** Pictures that the text shows: name → representations. */
  attachments?: { [name: string]: MimeData } | undefined;
}
/** One cell of a notebook. */
export type Cell = CodeCell | TextCell;
/** A notebook, with its texts in one piece. */
export interface Notebook {
  /** Major version of the format. */
  nbformat: 4;
  /** Minor version of the format. */
  nbformat_minor: number;
  /** Its kernel, its language, and other notes. */
  metadata: Metadata;
  /** Its cells, in order. */
  cells: Cell[];
}

const lines = z.union([z.string(), z.array(z.string())], { error: "wanted text, or a list of lines" })
  .transform((text) => typeof text === "string" ? text : text.join(""));
const metadata = z.record(z.string(), z.unknown()).default({});
const mimeData = z.record(z.string(), z.unknown()).transform(joinMimeData);
const count = z.number().int().nullable().default(null);
const output = z.discriminatedUnion("output_type", [
  z.looseObject({ output_type: z.literal("stream"), name: z.enum(["stdout", "stderr"]), text: lines }),
  z.looseObject({ output_type: z.literal("display_data"), data: mimeData, metadata }),
  z.looseObject({ output_type: z.literal("execute_result"), data: mimeData, metadata, execution_count: count }),
  z.looseObject({ output_type: z.literal("error"), ename: z.string(), evalue: z.string(), traceback: z.array(z.string()) }),
], { error: 'wanted an output with "output_type" stream, display_data, execute_result or error' });
const id = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, "wanted 1 to 64 letters, digits, - or _").default(newId);
const attachments = z.record(z.string(), mimeData).optional();
const cell = z.discriminatedUnion("cell_type", [
  z.looseObject({
    cell_type: z.literal("code"),
    id,
    metadata,
    source: lines,
    outputs: z.array(output).default([]),
    execution_count: count,
  }),
  z.looseObject({ cell_type: z.literal("markdown"), id, metadata, source: lines, attachments }),
  z.looseObject({ cell_type: z.literal("raw"), id, metadata, source: lines, attachments }),
], { error: 'wanted a cell with "cell_type" code, markdown or raw' });
const notebook = z.looseObject({
  nbformat: z.literal(4, { error: (issue) => `wanted 4, found ${JSON.stringify(issue.input)}` }),
  nbformat_minor: z.number().int(),
  metadata,
  cells: z.array(cell),
});

/** Reads a notebook file; rejects where it is none, and says what is wrong with it. */
export async function readNotebook(path: string): Promise<Notebook> {
  return parseNotebook(await readNotebookText(path), path);
}

/** The text of a notebook file, which may be no notebook yet. */
export async function readNotebookText(path: string): Promise<string> {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path));
  } catch (error) {
    if (error instanceof TypeError) throw invalid(path, "It is not UTF-8 text", "Restore the file; a notebook is JSON text.", error);
    if (error instanceof Deno.errors.NotFound) throw invalid(path, "There is no such file", "Check the path.", error);
    throw invalid(path, (error as Error).message, "Check the path.", error);
  }
}

/** A notebook from its text. Cells without an id, as before nbformat 4.5, get one. */
export function parseNotebook(json: string, path: string): Notebook {
  const value = jsonIn(json, path);
  const version = (value as { readonly nbformat?: unknown } | null)?.nbformat;
  if (typeof version === "number" && version < 4) throw tooOld(path, version);
  const parsed = notebook.safeParse(value);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => `${placeOf(path)}: ${message}`);
    throw invalid(path, issues.slice(0, 5).join("; "), "Mend the file, or open it in JupyterLab and save it as a notebook of format 4.");
  }
  const repeated = firstRepeated(parsed.data.cells.map((cell) => cell.id));
  if (repeated !== undefined) throw invalid(path, `Two cells have the id "${repeated}"`, "Give one of them another id.");
  return { ...parsed.data, nbformat_minor: Math.max(5, parsed.data.nbformat_minor) };
}

/** Numbers that JavaScript would write in another way, such as `1.0` or one with twenty digits, stay as they are written. */
function jsonIn(json: string, path: string): unknown {
  try {
    return JSON.parse(json, keepNumber as (key: string, value: unknown) => unknown);
  } catch (error) {
    throw invalid(path, `It is not JSON: ${(error as Error).message}`, "Restore the file; a notebook is JSON text.", error);
  }
}

function keepNumber(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  return typeof value !== "number" || source === undefined || String(value) === source ? value : RawJson.rawJSON(source);
}

/** What this JavaScript knows and its type declarations do not yet. */
const RawJson = JSON as unknown as { rawJSON(text: string): object; isRawJSON(value: unknown): boolean };

function tooOld(path: string, version: number): NotebookError {
  const fix = "Open it in JupyterLab and save it, or convert it: jupyter nbconvert --to notebook --nbformat 4.";
  return invalid(path, `nbformat: wanted 4, found ${version}, the format of an older Jupyter`, fix);
}

/** Writes a notebook aside and then puts it in its place, so that the file is the old one or the new one at any moment. */
export async function writeNotebook(path: string, notebook: Notebook): Promise<void> {
  await writeWhole(path, formatNotebook(notebook));
}

/** Writes a text file so that it is the old one or the new one at any moment; what a link points to is replaced, not the link. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const target = await Deno.realPath(path).catch(() => path);
  await publish(target, (temporary) => Deno.writeTextFile(temporary, text));
}

/** A notebook's text as Jupyter writes it: keys sorted, one space of indentation, long texts in lines. */
export function formatNotebook(notebook: Notebook): string {
  return JSON.stringify(sortKeys({ ...notebook, cells: notebook.cells.map(splitCell) }), null, 1) + "\n";
}

/** A short id for a cell. */
export function newId(): string {
  return crypto.randomUUID().slice(0, 8);
}

function splitCell(cell: Cell): object {
  const source = splitLines(cell.source);
  return cell.cell_type === "code" ? { ...cell, source, outputs: cell.outputs.map(splitOutput) } : { ...cell, source };
}

function splitOutput(output: Output): object {
  if (output.output_type === "stream") return { ...output, text: splitLines(output.text) };
  return "data" in output ? { ...output, data: mapValues(output.data, splitMime) } : output;
}

/** Pictures stay in one piece, JSON is what it is, other text is split; what is no text becomes one, since the format wants it so. */
function splitMime(value: unknown, mime: string): unknown {
  if (typeof value !== "string" && !isJson(mime)) return JSON.stringify(value) ?? "";
  return typeof value === "string" && /^(text\/|image\/svg|application\/)/.test(mime) && !isJson(mime) ? splitLines(value) : value;
}

function joinMimeData(data: Record<string, unknown>): MimeData {
  return mapValues(data, (value, mime) => Array.isArray(value) && !isJson(mime) ? value.join("") : value);
}

const isJson = (mime: string) => /^application\/(.*\+)?json$/.test(mime);
const splitLines = (text: string) => text === "" ? [] : text.split(/(?<=\n)/);

function mapValues(object: MimeData, map: (value: unknown, key: string) => unknown): MimeData {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null || RawJson.isRawJSON(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, member]) => [key, sortKeys(member)]));
}

function firstRepeated(ids: readonly string[]): string | undefined {
  return ids.find((id, index) => ids.indexOf(id) !== index);
}

/** `cells[3].source`, or the file as a whole. */
function placeOf(path: readonly PropertyKey[]): string {
  const place = path.map((key) => typeof key === "number" ? `[${key}]` : `.${String(key)}`).join("").replace(/^\./, "");
  return place === "" ? "the file" : place;
}

function invalid(path: string, why: string, fix: string, cause?: unknown): NotebookError {
  return new NotebookError("notebook_failed", {
    problem: `Cannot read ${JSON.stringify(path)} as a notebook.`,
    why: why.endsWith(".") ? why : `${why}.`,
    fix,
    path,
    cause,
  });
}
