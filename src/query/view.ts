/** Views: the files of every run that logged with a schema or under a key, as one relation. */
import { OptionError } from "../errors.ts";
import { type Piece, quoteName, relationOf, type SqlRelation, type Statement } from "../relations/mod.ts";
import { columnsOf, profileOf, type SchemaColumn, schemaId } from "../schemas/mod.ts";
import type { Simplify, ZodObject, ZodOutput } from "../types.ts";
import type { Reading, ReadOptions } from "./reading.ts";
import { checkFiles, membersOf, scansOf, type ViewMember } from "./view_members.ts";

/** Where a row of a view comes from. */
export interface ViewColumns {
  /** The run. */
  consist_run_id: string;
  /** The artifact. */
  consist_artifact_id: string;
  /** Name of the scenario. */
  consist_scenario_id: string | null;
  /** Simulated year. */
  consist_year: number | null;
  /** Number of the iteration. */
  consist_iteration: number | null;
}

/** A row of a view: every column can be null, because a file may lack it. */
export type ViewRow<S extends ZodObject> = Simplify<{ [K in keyof ZodOutput<S>]: ZodOutput<S>[K] | null } & ViewColumns>;

/** Schemas by name. */
export type Schemas = { readonly [name: string]: ZodObject };

/** How a view is made. */
export interface ViewOptions extends ReadOptions {
  /**
   * What to do about files that are gone or were changed since they were recorded: an error that names them, or leave them out.
   * @default "error"
   */
  readonly damaged?: "error" | "skip";
}

const OWN_COLUMNS: readonly (readonly [name: string, type: string])[] = [
  ["consist_run_id", "VARCHAR"],
  ["consist_artifact_id", "VARCHAR"],
  ["consist_scenario_id", "VARCHAR"],
  ["consist_year", "INTEGER"],
  ["consist_iteration", "INTEGER"],
];

/**
 * A relation over the outputs of all visible runs that were logged with this schema, or under its name as their key. A column that a file
 * lacks is null; a file that is gone or damaged is an error that names it, since a view that leaves it out would look complete.
 */
export function viewOf<S extends ZodObject>(
  reading: Reading,
  name: string,
  schema: S,
  options: ViewOptions = {},
): SqlRelation<ViewRow<S>> {
  const columns = columnsOf(schema);
  checkColumns(name, columns);
  const wanted = { name, schemaId: schemaId(profileOf(schema)), history: options.history ?? false };
  return relationOf({
    plain: columns.every(({ type }) => !type.startsWith("JSON")),
    caption: `View ${name}`,
    write: async (statement) => {
      const members = await membersOf(reading, wanted);
      const present = statement.dry ? members : await checkFiles(reading, name, members, options.damaged ?? "error");
      return await written(statement, reading, columns, present);
    },
  });
}

/** DuckDB tells columns apart without regard to case. */
function checkColumns(name: string, columns: readonly SchemaColumn[]): void {
  const names = columns.map((column) => column.name.toLowerCase());
  const twice = columns.find((_, index) => names.indexOf(names[index]!) < index);
  const taken = columns.find((column) => OWN_COLUMNS.some(([own]) => own === column.name.toLowerCase()));
  const bad = twice ?? taken;
  if (bad === undefined && columns.length > 0) return;
  throw new OptionError("option_invalid", {
    problem: `Cannot make the view "${name}".`,
    why: bad === undefined
      ? "Its schema has no columns."
      : twice === undefined
      ? `Its column "${bad.name}" is one that every view has.`
      : `Its column "${bad.name}" differs from another one by case only.`,
    fix: bad === undefined ? "Give the schema at least one column." : "Rename the column.",
    path: name,
  });
}

/** The column that tells which file a row is from. */
const PLACE = "consist_view_place";

async function written(
  statement: Statement,
  reading: Reading,
  columns: readonly SchemaColumn[],
  members: readonly ViewMember[],
): Promise<Piece> {
  const typed = columns.map(({ name, type }) => `${type === "JSON" ? "null" : `null::${type}`} as ${quoteName(name)}`);
  const empty = `select ${[...typed, `null::varchar as ${PLACE}`].join(", ")} where false`;
  const scans = await scansOf(statement, reading, members, PLACE);
  const places = members.flatMap((member) => scans.places.get(member) ?? []);
  const own: readonly (readonly (string | number | null)[])[] = [
    places,
    members.map(({ runId }) => runId),
    members.map(({ row }) => row.id),
    members.map(({ scenario }) => scenario),
    members.map(({ year }) => year),
    members.map(({ iteration }) => iteration),
  ];
  const lists = [["place", "VARCHAR"] as const, ...OWN_COLUMNS].map(([name, type], index) => {
    // DuckDB has no list of integers without any integer in it: the type is said for all of them.
    return `unnest(${statement.bind(own[index])}::${type}[]) as ${name}`;
  });
  const text = `select ${[...columns.map(valueOf), ...OWN_COLUMNS.map(([name]) => `m.${name}`)].join(", ")}
from (${[empty, ...scans.texts].join("\nunion all by name\n")}) f join (select ${lists.join(", ")}) m on m.place = f.${PLACE}`;
  return { text, outline: "select 1" };
}

/** A value as the schema's type. Where a whole number is wanted, a fraction is an error and not rounded. */
function valueOf({ name, type }: SchemaColumn): string {
  const column = `f.${quoteName(name)}`;
  if (type === "JSON") return `to_json(${column}) as ${quoteName(name)}`;
  const cast = `${column}::${type}`;
  if (!/INT/.test(type) || type.endsWith("[]")) return `${cast} as ${quoteName(name)}`;
  const message = `'Conversion Error: the column has a fraction where the schema wants whole numbers: ' || ${column}::varchar`;
  return `case when ${column}::double <> trunc(${column}::double) then error(${message})::${type} else ${cast} end as ${quoteName(name)}`;
}
