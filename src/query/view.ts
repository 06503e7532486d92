/** Views: the files of every run that logged with a schema or under a key, as one relation. */
import { OptionError } from "../errors.ts";
import { relationOf, type SqlRelation } from "../relations/mod.ts";
import { columnsOf, profileOf, type SchemaColumn, schemaId } from "../schemas/mod.ts";
import type { Simplify, ZodObject, ZodOutput } from "../types.ts";
import type { ViewQuery } from "./answers/mod.ts";
import type { Reading, ReadOptions } from "./reading.ts";

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

const OWN: { readonly [K in keyof ViewColumns]: true } = {
  consist_run_id: true,
  consist_artifact_id: true,
  consist_scenario_id: true,
  consist_year: true,
  consist_iteration: true,
};

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

/**
 * A relation over the outputs of all visible runs that were logged with this schema, or under its name as their key, and over the files from
 * outside that they logged with it. A column that a file
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
  const damaged = options.damaged ?? "error";
  let query: Promise<ViewQuery> | undefined; // what it remembers belongs to this view
  const written = (): Promise<ViewQuery> =>
    query ??= import("./answers/mod.ts").then(({ viewQuery }) =>
      viewQuery(reading, { name, schemaId: schemaId(profileOf(schema)), history: options.history ?? false, columns, damaged })
    );
  return relationOf({
    plain: columns.every(({ type }) => !type.startsWith("JSON")),
    json: columns.filter(({ type }) => type === "JSON").map((column) => column.name),
    caption: `View ${name}`,
    write: async (statement) => await (await written()).write(statement),
    writeFrame: async (statement) => await (await written()).writeFrame(statement),
  });
}

/** DuckDB tells columns apart without regard to case. */
function checkColumns(name: string, columns: readonly SchemaColumn[]): void {
  const names = columns.map((column) => column.name.toLowerCase());
  const twice = columns.find((_, index) => names.indexOf(names[index]!) < index);
  const taken = columns.find((column) => Object.hasOwn(OWN, column.name.toLowerCase()));
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
