/** Files as relations, noted where a step makes one of what it did not declare. */
import { fromFileUrl, resolve } from "@std/path";
import { isGlob, isMountUri, isWebAddress } from "../artifacts/mod.ts";
import { ConsistError } from "../errors.ts";
import {
  containsQuery,
  type FileRelation,
  hearQueries,
  queriesAreListenedTo,
  relation as relationOf,
  type RelationInput,
  sourceOf,
  type SqlSource,
} from "../relations/mod.ts";
import type { InputAs, Relation, UnknownRow } from "../types.ts";
import { type ActiveRun, activeRun } from "./active_run.ts";
import { asGivenQuery } from "./given_queries.ts";
import { isArtifact, resolveInputs } from "./resolve_inputs.ts";

/**
 * A file or artifact as a DuckDB relation, which may be larger than memory: as an input of a step, in `sql`, or by itself. Made inside a step
 * of what the step did not declare, it is an input all the same.
 *
 * @example A query over a file
 * ```ts
 * import { relation, sql } from "consist";
 * import assert from "node:assert/strict";
 *
 * const path = `${await Deno.makeTempDir()}/trips.csv`;
 * await Deno.writeTextFile(path, "id,km\n1,2.5\n2,4\n");
 * assert.deepEqual(await sql`select sum(km) as km from ${relation(path)}`.rows(), [{ km: 6.5 }]);
 * ```
 */
export function relation<Row = UnknownRow>(source: RelationInput): InputAs<Relation<Row>> & FileRelation<Row> {
  const run = activeRun();
  const made = relationOf<Row>(source, true);
  if (run === undefined || run.ended) return made;
  if (isArtifact(source)) run.implicit.artifact(source);
  else run.implicit.pending(noteFiles(run, source as string | URL | readonly (string | URL)[]));
  return made;
}

/** A file or pattern that a query or polars reads inside a step, as they were told it. */
export function noteNamed(run: ActiveRun, path: string, key?: string): void {
  if (NO_PATH.test(path)) run.implicit.unnamedFiles();
  else run.implicit.pending(noteFiles(run, path, true, key));
}

/** Files that a query reads inside a step; `inQuery` where its text names them. */
async function noteFiles(
  { implicit, request, services }: ActiveRun,
  files: string | URL | readonly (string | URL)[],
  inQuery = false,
  key = "relation",
): Promise<void> {
  const path = Array.isArray(files) ? files.map(written) : written(files as string | URL);
  const at = typeof path !== "string" || isWebAddress(path) || isMountUri(path) ? undefined : resolve(path);
  try {
    const [input] = await resolveInputs({ [key]: path }, "relation", request.name, {}, services);
    if (input!.kind === "glob" && input!.links!.length > 0) implicit.followedLinks(input!.label, input!.links!);
    if (inQuery && input!.kind === "file" && isGlob(input!.label)) implicit.unnamedFiles(); // to DuckDB it is a pattern all the same
    implicit.path(path, input!);
  } catch (error) {
    if (!(error instanceof ConsistError)) throw error;
    // Reading it fails as well, and says so; a step that goes on without it depends on that.
    implicit.nothingAt(path, key, at);
  }
}

/** Patterns of which DuckDB's meaning may be another one, and addresses. */
const NO_PATH = /\*\*|[[\]{}]|:\/\/|^~/;

hearQueries({
  around: async (source, work) => {
    const run = activeRun();
    if (run !== undefined) { for (const files of filesIn(source, givenTo(run))) run.implicit.pending(noteFiles(run, files)); }
    return run !== undefined && givenTo(run).some((given) => containsQuery(source, given)) ? await asGivenQuery(work) : await work();
  },
  reads: (source, { paths, others }) => {
    const run = activeRun();
    // where DuckDB itself tells what is opened, as to step cells, nothing has to be read from the text
    if (run === undefined || givenTo(run).includes(source) || queriesAreListenedTo()) return;
    if (others || paths.some((path) => NO_PATH.test(path))) run.implicit.unnamedFiles();
    else for (const path of paths) noteNamed(run, path);
  },
});

/** The files of relations that a query is made from, but for what its step was given. */
function filesIn(source: SqlSource, given: readonly SqlSource[]): (string | readonly string[])[] {
  if (given.includes(source)) return [];
  return [...(source.files === undefined ? [] : [source.files()]), ...(source.parts ?? []).flatMap((part) => filesIn(part, given))];
}

/** The queries among what a run was given. */
const givenTo = ({ request }: ActiveRun) => request.inputs.flatMap(({ value }) => sourceOf(value) ?? []);

const written = (file: string | URL): string => String(file).startsWith("file:") ? fromFileUrl(file) : String(file);
