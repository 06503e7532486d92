/** What a view is made of: artifacts with the runs that they count for, their files or ingested rows, and how these are read. */
import { JSON } from "../../intrinsics.ts";
import { digestFiles, type FileStat } from "../../artifacts/mod.ts";
import { ContentError, listNames } from "../../errors.ts";
import { artifactOf as artifactRowOf, type ArtifactRow, columnsOf, type Db, ingestedByContent, wholeByContent } from "../../ledger/mod.ts";
import { formatOfDriver, quoteText, type TableFormat } from "../../relations/mod.ts";
import { ask } from "./ask.ts";
import type { Reading } from "../reading.ts";
import { sightOf } from "./visible.ts";

/** An artifact in a view, for one run that made it or took it from the cache. */
export interface ViewMember {
  /** The artifact. */
  readonly row: ArtifactRow;
  /** Its file. */
  readonly path: string;
  /** How its file is read. */
  readonly format: TableFormat;
  /** The table of `global_tables` that holds its rows, where they were ingested. */
  readonly table: string | undefined;
  /** The artifact under which they are there: the same content is kept once. */
  readonly rowsOf: string;
  /** The run. */
  readonly runId: string;
  /** Name of the scenario. */
  readonly scenario: string | null;
  /** Simulated year. */
  readonly year: number | null;
  /** Number of the iteration. */
  readonly iteration: number | null;
}

interface Wanted {
  readonly name: string;
  readonly schemaId: string;
  readonly history: boolean;
}

interface Found {
  readonly member_run_id: string;
  readonly member_scenario: string | null;
  readonly member_year: number | null;
  readonly member_iteration: number | null;
}

/** What the ledger answered, and the state that it was in. */
interface Answer {
  readonly state: number;
  readonly members: readonly ViewMember[];
}

/** A member before its file is looked for. */
type Listed = Omit<ViewMember, "path">;

/**
 * The outputs of visible runs that belong to a view. An artifact counts once for each scenario, year and iteration that has it. The ledger is
 * asked again where anything may have been written since the last answer, which is kept in `kept`; else the very same list comes back.
 */
export async function membersOf(
  { ledger, artifactOf }: Reading,
  wanted: Wanted,
  kept: { answer?: Answer | undefined },
): Promise<readonly ViewMember[]> {
  await ledger.flush();
  const state = ledger.state();
  if (state === undefined || kept.answer?.state !== state) kept.answer = undefined;
  return kept.answer?.members ?? await ledger.read(async (db) => {
    const before = ledger.state();
    const listed = await list(db, wanted);
    const members = listed.map((member) => ({ ...member, path: member.table === undefined ? artifactOf(member.row).path : "" }));
    if (before !== undefined && ledger.state() === before) kept.answer = { state: before, members };
    return members;
  });
}

async function list(db: Db, wanted: Wanted): Promise<Listed[]> {
  const found = await ask<Found & Record<string, unknown>>(db, membersSql(wanted));
  const members = found.map(({ member_run_id, member_scenario, member_year, member_iteration, ...columns }) => ({
    row: artifactRowOf(columns),
    ...{ runId: member_run_id, scenario: member_scenario, year: member_year, iteration: member_iteration },
  }));
  const marked = members.map(({ row }) => row).filter(({ meta }) => meta.is_ingested === true || typeof meta.rows_in_ledger === "string");
  const kept = marked.length === 0 ? undefined : await keptRows(db, marked);
  return members.flatMap((member) => {
    const { row } = member;
    const format = formatOfDriver(row.driver);
    if (format === undefined) return [];
    const { table, rowsOf } = kept?.(row) ?? { table: undefined, rowsOf: row.id };
    return [{ ...member, format, table, rowsOf }];
  });
}

/** Where the rows of artifacts are: found by content, or, where the Python library put them in, by the artifact's notes. */
async function keptRows(
  db: Db,
  rows: readonly ArtifactRow[],
): Promise<(row: ArtifactRow) => Pick<ViewMember, "table" | "rowsOf"> | undefined> {
  const contents = rows.flatMap(({ hash, driver }) => hash === null ? [] : [{ hash, driver }]);
  const known = new Set((await ingestedByContent(db, contents)).map((kept) => contentKey(kept.content_hash, kept.driver)));
  const whole = new Map((await wholeByContent(db, contents)).map((kept) => [contentKey(kept.content_hash, kept.driver), kept]));
  const tables = rows.some(({ hash, driver }) => !known.has(contentKey(hash, driver))) ? await ingestedTables(db) : new Set<string>();
  return ({ id, hash, driver, meta }) => {
    const own = whole.get(contentKey(hash, driver));
    if (own !== undefined) return { table: own.table_name, rowsOf: own.artifact_id };
    const isPythons = !known.has(contentKey(hash, driver)) && meta.is_ingested === true && tables.has(String(meta.dlt_table_name));
    return isPythons ? { table: String(meta.dlt_table_name), rowsOf: id } : undefined;
  };
}

const contentKey = (hash: string | null, driver: string): string => JSON.stringify([hash, driver]);

/**
 * Outputs, and files from outside that were logged with the schema: an input with the view's key alone may be what a view is made from. Such
 * a file counts once for each scenario, year and iteration that read it, however often it was logged; one that a run made is there by itself.
 *
 * Headers are linked to what their steps made, and are not among the runs that are seen. Names are literals and not parameters, for whose sake
 * DuckDB would plan the whole twice.
 */
function membersSql({ name, schemaId, history }: Wanted): string {
  const [named, known] = [quoteText(name), quoteText(schemaId)];
  const meta = (key: string) => `json_extract_string(a.meta, '$.${key}')`;
  const isLogged = `coalesce(contains(a.meta::varchar, 'schema') and (${meta("schema_name")} = ${named} or ${
    meta("schema_id")
  } = ${known}), false)`;
  return `with ${sightOf(history ? "history" : "results")}, wanted as (
  select a.id, case when a.run_id is null and ${isLogged} then a.container_uri || ' ' || coalesce(a.hash, '') end as outside
  from artifact a where a.key = ${named} or ${isLogged}
), linked as (
  select w.id, l.run_id, w.id as content from wanted w join run_artifact_link l on l.artifact_id = w.id and l.direction = 'output'
  union all
  select w.id, l.run_id, w.outside from wanted w join run_artifact_link l on l.artifact_id = w.id and l.direction = 'input'
  where w.outside is not null and not exists (
    select 1 from artifact o join artifact a on a.container_uri = o.container_uri
    where a.id = w.id and (o.run_id is not null or exists (select 1 from run_artifact_link m where m.artifact_id = o.id and m.direction = 'output'))
  )
), member as (
  select arg_max({run: r.id, artifact: k.id}, (epoch_us(r.created_at), r.id)) as newest, s.scenario, r.year, r.iteration
  from linked k join run r on r.id = k.run_id join seen s on s.id = r.id
  group by k.content, s.scenario, r.year, r.iteration
)
select m.newest.run as member_run_id, m.scenario as member_scenario, m.year as member_year, m.iteration as member_iteration, ${
    columnsOf("artifact", "a")
  }
from member m join artifact a on a.id = m.newest.artifact
order by m.scenario nulls first, m.year nulls first, m.iteration nulls first, m.newest.run, m.newest.artifact`;
}

/** Tables of ingested rows are those that say which artifact a row is from. */
async function ingestedTables(db: Db): Promise<Set<string>> {
  const rows = await ask<{ name: string }>(
    db,
    `select table_name as name from duckdb_columns() where schema_name = 'global_tables' and column_name = 'consist_artifact_id'`,
  );
  return new Set(rows.map(({ name }) => name));
}

/**
 * The members whose files have the recorded content.
 *
 * @throws {ContentError} `artifact_missing` or `content_mismatch` where one has not, and they are not to be left out
 */
export async function checkFiles(
  { ledger, memo }: Reading,
  view: string,
  members: readonly ViewMember[],
  damaged: "error" | "skip",
): Promise<readonly ViewMember[]> {
  const files = members.filter(({ table }) => table === undefined);
  const states = new Map(files.map(({ path }) => [path, stateOf(path)]));
  const digests = await digestsOf(memo, states);
  const isHarmed = ({ path, row }: ViewMember) => states.get(path) === undefined || (row.hash !== null && digests.get(path) !== row.hash);
  const harmed = files.filter(isHarmed);
  if (harmed.length === 0) return members;
  const rows = await rowsOfHarmed(ledger, harmed);
  const gone = new Set(harmed.filter((member) => states.get(member.path) === undefined && !rows.has(member)));
  const changed = new Set(harmed.filter((member) => !gone.has(member) && !rows.has(member)));
  if (damaged === "error" && gone.size > 0) throw damage("artifact_missing", view, "are gone", [...gone]);
  if (damaged === "error" && changed.size > 0) {
    throw damage("content_mismatch", view, "were changed after they were recorded", [...changed]);
  }
  return members.filter((member) => !gone.has(member) && !changed.has(member)).map((member) => rows.get(member) ?? member);
}

/** The rows of files that are gone or were changed, where another artifact with the same content was ingested. */
async function rowsOfHarmed(ledger: Reading["ledger"], harmed: readonly ViewMember[]): Promise<Map<ViewMember, ViewMember>> {
  const kept = await ledger.read((db) => keptRows(db, harmed.map(({ row }) => row)));
  return new Map(harmed.flatMap((member) => {
    const rows = kept(member.row);
    return rows?.table === undefined ? [] : [[member, { ...member, ...rows }] as const];
  }));
}

/** Files that have not changed since they were read are not read again. */
async function digestsOf(memo: Reading["memo"], states: ReadonlyMap<string, FileStat | undefined>): Promise<Map<string, string>> {
  const present = new Map([...states].flatMap(([path, state]) => (state === undefined ? [] : [[path, state] as const])));
  const known = await memo.recall(present);
  const unknown = [...present.keys()].filter((path) => !known.has(path));
  for (const [index, { digest }] of (await digestFiles(unknown, memo)).entries()) known.set(unknown[index]!, digest);
  return known;
}

/** The state of a file, or none where it is gone. For many small files asking without waiting is several times faster. */
function stateOf(path: string): FileStat | undefined {
  try {
    const { size, mtime, ctime, ino, isFile, isDirectory } = Deno.statSync(path);
    if (!isFile) return undefined;
    const mtimeMs = mtime?.getTime() ?? Number.MAX_SAFE_INTEGER;
    return { size, mtimeMs, ctimeMs: ctime?.getTime() ?? null, inode: ino === null ? null : String(ino), isFile, isDirectory };
  } catch {
    return undefined; // the caller says that it cannot be read, and names it
  }
}

function damage(code: "artifact_missing" | "content_mismatch", view: string, what: string, members: readonly ViewMember[]): ContentError {
  const runs = [...new Set(members.map(({ runId }) => runId))];
  return new ContentError(code, {
    problem: `Cannot read the view "${view}".`,
    why: `Files of it ${what}: ${listNames([...new Set(members.map(({ path }) => path))])}; they belong to the runs ${listNames(runs)}.`,
    fix: "Run these steps again: they will execute and make the files anew.",
    path: members[0]!.path,
    run: runs[0],
  });
}
