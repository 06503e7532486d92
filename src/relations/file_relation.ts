/** Files, folders and artifacts as relations, which may be larger than memory. */
import { basename, fromFileUrl, join, resolve } from "@std/path";
import { InputError } from "../errors.ts";
import type { Artifact, DataFrame, InputAs, Relation, UnknownRow } from "../types.ts";
import { refuse } from "./failure.ts";
import { SqlRelation } from "./relation.ts";
import { missingFile } from "./nearby_file.ts";
import { formatOfDriver, formatOfPath, literalPath, notATable, scanText, type TableFormat } from "./scan.ts";
import { ownPiece, type Piece, type SqlSource, type Statement } from "./statement.ts";

/** What `relation` takes: a path, a URL, a glob, a folder, an artifact, or a list of files. */
export type RelationInput = string | URL | Artifact | readonly (string | URL)[];

/** A relation over files. As an input of a step its files count by their content. */
export class FileRelation<Row = UnknownRow> extends SqlRelation<Row> {
  /** What it was made from. */
  readonly source: RelationInput;

  /** Wraps files. Where somebody notes what it reads, a step that captures it counts it by its words. */
  constructor(source: RelationInput, isNoted = false) {
    super({ ...tableOf(source), ...(isNoted ? notedAs(source) : {}) });
    this.source = source;
  }
}

/** An artifact counts by its content, files by how they were given, as long as that means the same files in the working directory. */
function notedAs(source: RelationInput): Pick<SqlSource, "words" | "files"> {
  if (isArtifact(source)) return { words: () => [source] };
  const given = (Array.isArray(source) ? source : [source]) as readonly (string | URL)[];
  const paths = given.map(absolutePath);
  const now = () => given.every((each, index) => absolutePath(each) === paths[index]) ? given.map(String) : paths;
  return { words: now, files: () => Array.isArray(source) ? now() : now()[0]! };
}

/** A file or artifact as a DuckDB relation, which may be larger than memory: as an input of a step, in `sql`, or by itself. */
export function relation<Row = UnknownRow>(source: RelationInput, isNoted = false): InputAs<Relation<Row>> & FileRelation<Row> {
  return new FileRelation<Row>(source, isNoted) as InputAs<Relation<Row>> & FileRelation<Row>;
}

function tableOf(source: RelationInput): SqlSource {
  const artifact = artifactTable(source);
  if (artifact !== undefined) return artifact;
  const listed = (Array.isArray(source) ? source : [source]).map(named).map(absolutePath);
  if (listed.length === 0) throw refuse("Cannot make a relation of no files.", "The list of files is empty.", "Give at least one file.");
  return { write: async (statement) => await scan(statement, (await Promise.all(listed.map(filesAt))).flat()) };
}

/** What types rule out can be given all the same, in a cell. */
function named(source: unknown): string | URL {
  if (typeof source === "string" || source instanceof URL) return source;
  const isObject = typeof source === "object" && source !== null;
  const what = isObject ? "what is no file" : `${typeof source} ${String(source)}`;
  throw refuse(
    `Cannot make a relation of ${what}.`,
    "A relation reads files: it takes a path, a URL, a glob, a folder, an artifact, or a list of paths.",
    isObject ? "Give a table in memory as it is, to a step or to a query: sql`from ${table}`." : "Give the path of a file.",
  );
}

/** An address stays what it is: a step that has the relation as an input finds its file; by itself it cannot be read. */
function absolutePath(source: string | URL): string {
  const text = String(source);
  if (text.startsWith("file:")) return fromFileUrl(text);
  return typeof source === "string" && !isAddress(text) ? resolve(source) : text;
}

const isAddress = (text: string): boolean => /^[a-z][a-z0-9+.-]+:\/\//i.test(text);

function refuseAddress(text: string): void {
  if (!isAddress(text)) return;
  throw refuse(
    `Cannot read "${text}".`,
    "A relation reads files of this machine.",
    `Give it to a step as an input (\`inputs: { data: relation("${text}") }\`), which fetches and keeps it, or download it first.`,
  );
}

interface TableFile {
  readonly path: string;
  readonly format: TableFormat;
  readonly glob?: boolean;
}

/** The files that a path means: itself, those of a folder (sorted, hidden ones left out), or a glob for DuckDB. */
async function filesAt(path: string): Promise<TableFile[]> {
  refuseAddress(path);
  const stat = await statOf(path);
  if (stat?.isDirectory) return await filesIn(path);
  const format = formatOfPath(path);
  if (format === undefined) throw notATable(`"${path}"`);
  if (stat !== undefined) return [{ path, format }];
  if (/[*?[]/.test(path)) return [{ path: withLiteralFolders(path), format, glob: true }];
  throw new InputError("input_missing", { problem: `Cannot read "${path}".`, ...missingFile(path), path });
}

/** A pattern below folders whose names look like patterns, as `data [old]/*.csv`: what is there by just that name means itself, as for inputs. */
function withLiteralFolders(pattern: string): string {
  const segments = pattern.split(SEPARATORS);
  const ends = segments.map((_, index) => segments.slice(0, index + 1).join("/"));
  const first = segments.findIndex((segment, index) => /[*?]/.test(segment) || (segment.includes("[") && !isFolder(ends[index]!)));
  return [...segments.slice(0, first).map(literalPath), ...segments.slice(first)].join("/");
}

const SEPARATORS = Deno.build.os === "windows" ? /[\\/]/ : "/";

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Error) return false; // nothing there, or closed to us: reading it says so
    throw error;
  }
}

async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new InputError("input_unreadable", {
      problem: `Cannot read "${path}".`,
      why: error instanceof Error ? error.message : String(error),
      fix: "Check the rights of the file and of its folder.",
      path,
      cause: error,
    });
  }
}

async function filesIn(folder: string): Promise<TableFile[]> {
  const found: TableFile[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".")) continue;
    if (entry.isDirectory) found.push(...await filesIn(path));
    const format = entry.isFile ? formatOfPath(path) : undefined;
    if (format !== undefined) found.push({ path, format });
  }
  if (found.length === 0) throw notATable(`the folder "${basename(folder)}", which has no table in it,`);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function scan(statement: Statement, files: readonly TableFile[]): Promise<Piece> {
  const groups = Map.groupBy(files, ({ format }) => format);
  const texts: string[] = [];
  for (const [format, members] of groups) {
    if (format === "ipc") texts.push(...await Promise.all(members.map(({ path }) => ipcText(statement, path))));
    else texts.push(`select * from ${scanText(format, members.map(({ path, glob }) => (glob ? path : literalPath(path))))}`);
  }
  const more = files.length > 1 ? ` and ${files.length - 1} more` : "";
  return ownPiece(texts.join("\nunion all by name\n"), `${basename(files[0]!.path)}${more}`);
}

async function ipcText(statement: Statement, path: string): Promise<string> {
  return `select * from ${scanText("parquet", [await arrowAsParquet(statement, path)])}`;
}

/** The path of an Arrow file's rows as parquet. DuckDB has no reader for Arrow files here, so polars reads them, and they pass through memory. */
export async function arrowAsParquet(statement: Statement, path: string): Promise<string> {
  if (statement.dry) return path;
  const { default: pl } = await import("polars");
  return await statement.frameFile(await pl.scanIPC(path).collect());
}

/** An artifact as a table, if the value is one: scanned where DuckDB reads its format, else loaded by its driver. */
export function artifactTable(value: unknown): SqlSource | undefined {
  if (!isArtifact(value)) return undefined;
  return { write: (statement) => writeArtifact(statement, value) };
}

function isArtifact(value: unknown): value is Artifact {
  if (value === null || typeof value !== "object") return false;
  const { id, key, path, driver, load } = value as Partial<Artifact>;
  return [id, key, path, driver].every((field) => typeof field === "string") && typeof load === "function";
}

/** An artifact that can tell whether its file still has the recorded content, and where else that content is. */
interface Checked {
  check?(): Promise<Error | undefined>;
  copy?(): Promise<string | undefined>;
}

async function writeArtifact(statement: Statement, artifact: Artifact & Checked): Promise<Piece> {
  const format = formatOfDriver(artifact.driver);
  if (format === undefined) throw notATable(`the artifact "${artifact.key}" (driver "${artifact.driver}")`);
  const damage = statement.dry ? undefined : await artifact.check?.();
  const path = damage === undefined ? artifact.path : await artifact.copy?.();
  if (path === undefined) return await loadedArtifact(statement, artifact, damage!);
  const text = format === "ipc" ? await ipcText(statement, path) : `select * from ${scanText(format, [literalPath(path)])}`;
  return ownPiece(text, artifact.key);
}

/** What is in no file any more may be rows in the ledger, which loading gives; else loading says what is wrong. */
async function loadedArtifact(statement: Statement, artifact: Artifact, damage: Error): Promise<Piece> {
  const value = await artifact.load();
  if (Object.prototype.toString.call(value) !== "[object DataFrame]") throw damage;
  const { text, outline } = await statement.frame(value as DataFrame);
  return { text, outline, words: `⟨${artifact.key}⟩` };
}
