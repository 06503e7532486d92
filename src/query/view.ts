/** Views: the files of every run that logged with a schema or under a key, as one relation. */
import { OptionError } from "../errors.ts";
import { ownPiece, relationOf, type SqlRelation, type Statement } from "../relations/mod.ts";
import { columnsOf, profileOf, type SchemaColumn, schemaId } from "../schemas/mod.ts";
import type { Simplify, ZodObject, ZodOutput } from "../types.ts";
import type { Reading, ReadOptions } from "./reading.ts";
import { misfit } from "./view_misfit.ts";
import { withSources } from "./view_frame.ts";
import { checkFiles, membersOf, type ViewMember } from "./view_members.ts";
import { bareText, OWN_COLUMNS, viewText } from "./view_text.ts";

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
  const wanted = { name, schemaId: schemaId(profileOf(schema)), history: options.history ?? false };
  const kept = {};
  const present = async (statement: Statement): Promise<readonly ViewMember[]> => {
    const members = await membersOf(reading, wanted, kept);
    const present = statement.dry ? members : await checkFiles(reading, name, members, options.damaged ?? "error");
    if (present.some(({ table }) => table !== undefined)) statement.needs(reading.ledger);
    statement.onFailure((cause) => misfit(name, columns, present, cause));
    return present;
  };
  const textOf = remembered(viewText);
  const bareOf = remembered(bareText);
  const piece = (text: string) => ownPiece(text, `View ${name}`);
  return relationOf({
    plain: columns.every(({ type }) => !type.startsWith("JSON")),
    json: columns.filter(({ type }) => type === "JSON").map((column) => column.name),
    caption: `View ${name}`,
    write: async (statement) => piece(await textOf(statement, columns, await present(statement))),
    writeFrame: async (statement) => {
      const members = await present(statement);
      const bare = await bareOf(statement, columns, members);
      if (bare === undefined) return { ...piece(await textOf(statement, columns, members)), finish: (frame) => frame };
      return { ...piece(bare.text), finish: (frame) => withSources(frame, bare) };
    },
  });
}

/** What is composed of parquet files is the same for the same list of members, and for many files it takes longer than to look at them. */
function remembered<T>(
  compose: (statement: Statement, columns: readonly SchemaColumn[], members: readonly ViewMember[]) => Promise<T>,
): typeof compose {
  let last: { readonly members: readonly ViewMember[]; readonly composed: T } | undefined;
  return async (statement, columns, members) => {
    if (last?.members === members) return last.composed;
    const composed = await compose(statement, columns, members);
    last = members.every(({ format, table }) => format === "parquet" && table === undefined) ? { members, composed } : undefined;
    return composed;
  };
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
