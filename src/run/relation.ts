/** Files as relations, noted where a step makes one of what it did not declare. */
import { fromFileUrl } from "@std/path";
import { ConsistError } from "../errors.ts";
import { type FileRelation, relation as relationOf, type RelationInput } from "../relations/mod.ts";
import type { InputAs, Relation, UnknownRow } from "../types.ts";
import { activeRun } from "./active_run.ts";
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
  const made = relationOf<Row>(source);
  if (run === undefined || run.ended) return made;
  if (isArtifact(source)) run.implicit.artifact(source);
  else run.implicit.pending(note(source as string | URL | readonly (string | URL)[]));
  return made;

  async function note(files: string | URL | readonly (string | URL)[]): Promise<void> {
    const path = Array.isArray(files) ? files.map(written) : written(files as string | URL);
    const { implicit, request, services } = run!;
    try {
      const [input] = await resolveInputs({ relation: path }, "relation", request.name, {}, services);
      implicit.path(path, input!);
    } catch (error) {
      if (!(error instanceof ConsistError)) throw error;
      // Reading it fails as well, and says so; a step that goes on without it depends on that.
      implicit.nothingAt(path, "relation");
    }
  }
}

const written = (file: string | URL): string => String(file).startsWith("file:") ? fromFileUrl(file) : String(file);
