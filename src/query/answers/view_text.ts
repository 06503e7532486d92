/** The SQL of a view: one read for each format, with the schema's types, and what each row comes from. */
import { JSON } from "../../intrinsics.ts";
import { arrowAsParquet, literalPath, quoteName, quoteText, scanText, type Statement } from "../../relations/mod.ts";
import type { SchemaColumn } from "../../schemas/mod.ts";
import { type Told, toldOf } from "./csv_reading.ts";
import { valueAt } from "./numbered.ts";
import type { ViewMember } from "./view_members.ts";

/** The columns that every view has beside those of its schema. */
export const OWN_COLUMNS: readonly (readonly [name: string, type: string, value: (member: ViewMember) => string | number | null])[] = [
  ["consist_run_id", "VARCHAR", ({ runId }) => runId],
  ["consist_artifact_id", "VARCHAR", ({ row }) => row.id],
  ["consist_scenario_id", "VARCHAR", ({ scenario }) => scenario],
  ["consist_year", "INTEGER", ({ year }) => year],
  ["consist_iteration", "INTEGER", ({ iteration }) => iteration],
];

/** Members that are read together: the rows of member `i` come from the file `places[i]` of `paths`. */
interface Group {
  readonly format: "parquet" | "csv" | "tsv" | "ndjson" | "json";
  readonly told: Told;
  readonly paths: readonly string[];
  readonly members: readonly ViewMember[];
  readonly places: readonly number[];
}

/** The query of a view over these members; without any it has its columns and no rows. */
export async function viewText(statement: Statement, columns: readonly SchemaColumn[], members: readonly ViewMember[]): Promise<string> {
  const files = members.filter(({ table }) => table === undefined);
  const tables = Map.groupBy(members.filter(({ table }) => table !== undefined), ({ table }) => table!);
  const texts = [
    ...(await groupsOf(statement, columns, files)).map((group) => groupText(columns, group)),
    ...[...tables].map(([table, ingested]) => ingestedText(columns, table, ingested)),
  ];
  return texts.length === 0 ? emptyText(columns) : texts.join("\nunion all by name\n");
}

function emptyText(columns: readonly SchemaColumn[]): string {
  const typed = columns.map(({ name, type }) => `null::${type} as ${quoteName(name)}`);
  return `select ${[...typed, ...OWN_COLUMNS.map(([name, type]) => `null::${type} as ${name}`)].join(", ")} where false`;
}

async function groupsOf(statement: Statement, columns: readonly SchemaColumn[], members: readonly ViewMember[]): Promise<Group[]> {
  const read = await Promise.all(members.map(async (member) => {
    if (member.format === "ipc") return { member, format: "parquet" as const, path: await arrowAsParquet(statement, member.path) };
    return { member, format: member.format, path: member.path };
  }));
  const told = new Map<string, Told>();
  for (const { format, path } of read) if (!told.has(path)) told.set(path, toldOf(format, path, columns));
  const alike = Map.groupBy(read, ({ format, path }) => JSON.stringify([format, told.get(path)]));
  return [...alike.values()].map((entries) => {
    const paths = [...new Set(entries.map(({ path }) => path))];
    const index = new Map(paths.map((path, place) => [path, place]));
    const { format, path } = entries[0]!;
    const places = entries.map((entry) => index.get(entry.path)!);
    return { format, told: told.get(path)!, paths, members: entries.map(({ member }) => member), places };
  });
}

function groupText(columns: readonly SchemaColumn[], group: Group): string {
  if (isTyped(columns, group)) {
    const source = typedScan(columns, group.paths);
    return numbered(columns, group, source) ?? joined(columns, group.members, source, NUMBER, group.places, "UBIGINT");
  }
  const places = group.places.map((place) => group.paths[place]!);
  return joined(columns, group.members, unitedScan(columns, group), PLACE, places, "VARCHAR");
}

/** Are the columns told, so that no file is read before it is needed? */
function isTyped(columns: readonly SchemaColumn[], { format }: Group): boolean {
  return format === "parquet" && columns.every(isPlain) && !isMangled(columns);
}

/** Files that count once each: what their rows come from is told by their numbers. */
function numbered(columns: readonly SchemaColumn[], { members, paths }: Group, source: string): string | undefined {
  if (members.length !== paths.length) return undefined;
  const own: string[] = [];
  for (const [name, type, value] of OWN_COLUMNS) {
    const text = valueAt(members.map(value), `f.${NUMBER}`, type);
    if (text === undefined) return undefined;
    own.push(`${text} as ${name}`);
  }
  return `select ${[...columns.map(valueOf), ...own].join(", ")}\nfrom ${source} f`;
}

/** A query for the columns of the schema alone, and where its rows come from. */
export interface Bare {
  /** The query; its column `place` has the number of the member. */
  readonly text: string;
  /** The name of that column. */
  readonly place: string;
  /** The members in the order of their numbers. */
  readonly members: readonly ViewMember[];
}

/** The view without where its rows come from, if all its members are files that are read together and count once each. */
export async function bareText(
  statement: Statement,
  columns: readonly SchemaColumn[],
  members: readonly ViewMember[],
): Promise<Bare | undefined> {
  if (members.some(({ table }) => table !== undefined) || columns.some(({ name }) => name.toLowerCase() === PLACE)) return undefined;
  const [group, ...more] = await groupsOf(statement, columns, members);
  if (group === undefined || more.length > 0 || !isTyped(columns, group) || group.members.length !== group.paths.length) return undefined;
  const selected = [...columns.map(valueOf), `f.${NUMBER}::uinteger as ${PLACE}`].join(", ");
  return { text: `select ${selected}\nfrom ${typedScan(columns, group.paths)} f`, place: PLACE, members: group.members };
}

/** Types that parquet files are read as. Whole numbers come as numbers first, so that a fraction is seen and not rounded. */
const PLAIN: readonly string[] = ["DOUBLE", "VARCHAR", "BOOLEAN", "TIMESTAMP", "FLOAT"];
/** DuckDB's own column with the number of the file in the list. */
const NUMBER = "file_index";
/** The column that tells which file or artifact a row is from, where files are united. */
const PLACE = "consist_view_place";

function isPlain({ name, type, safe }: SchemaColumn): boolean {
  return (safe || PLAIN.includes(type)) && name.toLowerCase() !== NUMBER;
}

/** DuckDB calls the second of two columns that differ by case only `A_1`: it knows that name once it has looked into the file. */
function isMangled(columns: readonly SchemaColumn[]): boolean {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  return columns.some(({ name }) => {
    const base = /^(.*)_\d+$/s.exec(name)?.[1];
    return base !== undefined && names.has(base.toLowerCase());
  });
}

/** A parquet scan that is told the columns: DuckDB then reads no file before it is needed, and what a file lacks is null. */
function typedScan(columns: readonly SchemaColumn[], paths: readonly string[]): string {
  const entries = columns.map(({ name, type, safe }) =>
    `${quoteText(name)}: {name: ${quoteText(name)}, type: '${safe ? "DOUBLE" : type}', default_value: null}`
  );
  return scanText("parquet", paths.map(literalPath), [`schema = map {${entries.join(", ")}}`], { unite: false });
}

/** A scan of files that say themselves which columns they have, united with no rows of the schema's types, so that each column is there. */
function unitedScan(columns: readonly SchemaColumn[], { format, told, paths }: Group): string {
  const settings = [`filename = '${PLACE}'`, ...told.settings];
  return `(${typedNothing(columns)}
union all by name select * from ${scanText(format, paths.map(literalPath), settings, { unite: told.unite })})`;
}

/** JSON has no type before it is seen. */
function typedNothing(columns: readonly SchemaColumn[]): string {
  const typed = columns.map(({ name, type }) => `${type.startsWith("JSON") ? "null" : `null::${type}`} as ${quoteName(name)}`);
  return `select ${[...typed, `null::varchar as ${PLACE}`].join(", ")} where false`;
}

function joined(
  columns: readonly SchemaColumn[],
  members: readonly ViewMember[],
  source: string,
  column: string,
  places: readonly (string | number)[],
  type: string,
): string {
  const lists = OWN_COLUMNS.map(([name, type, value]) => `unnest(${listOf(members.map(value), type)}) as ${name}`);
  return `select ${[...columns.map(valueOf), ...OWN_COLUMNS.map(([name]) => `m.${name}`)].join(", ")}
from ${source} f join (select ${[`unnest(${listOf(places, type)}) as place`, ...lists].join(", ")}) m on m.place = f.${column}`;
}

/**
 * A list as one JSON text, since DuckDB takes most of its time for planning over thousands of literals. Parameters would make it look at every
 * file twice: it plans again when it learns their types.
 */
function listOf(values: readonly (string | number | null)[], type: string): string {
  return `from_json(${quoteText(JSON.stringify(values))}, '["${type}"]')`;
}

function ingestedText(columns: readonly SchemaColumn[], table: string, members: readonly ViewMember[]): string {
  const source = `(${typedNothing(columns)}
union all by name select * exclude (consist_artifact_id), consist_artifact_id as ${PLACE} from global_tables.${quoteName(table)})`;
  return joined(columns, members, source, PLACE, members.map(({ rowsOf }) => rowsOf), "VARCHAR");
}

const LARGEST = Number.MAX_SAFE_INTEGER;

/**
 * A value as the schema's type. Where a whole number is wanted, a fraction is an error and not rounded. Two plain comparisons take half the
 * time of one with `and` and `or` in it; without a value neither is true.
 */
function valueOf({ name, type, safe }: SchemaColumn): string {
  const column = `f.${quoteName(name)}`;
  if (type === "JSON") return `to_json(${column}) as ${quoteName(name)}`;
  if (!safe) return `${column}::${type} as ${quoteName(name)}`;
  const number = `${column}::double`;
  const message = `'The schema wants whole numbers in the column ' || ${quoteText(name)} || ', and a file has ' || ${column}::varchar`;
  const refused = `then error(${message})::${type}`;
  const checked = `when ${number}::bigint::double <> ${number} ${refused} when abs(${number}) > ${LARGEST} ${refused}`;
  return `case ${checked} else ${column}::${type} end as ${quoteName(name)}`;
}
