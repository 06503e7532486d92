/** The schema of a file that is on record, looked at later than when it was made. */
import { type ArtifactRow, artifactsById, setArtifactMeta } from "../ledger/mod.ts";
import { schemaId } from "../schemas/mod.ts";
import type { Artifact } from "../types.ts";
import type { RunServices } from "./request.ts";
import { notesOfSchema, recordSchemas, seenSchema } from "./schema_rows.ts";

/** A schema that was seen in a file. */
export interface CapturedSchema {
  /** Its id in the ledger. */
  readonly schema: string;
  /** Its columns. */
  readonly columns: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[];
}

/**
 * Looks at an artifact's file, which has to have the recorded content, and keeps its columns in the ledger as if its step had asked for it.
 *
 * @throws {ContentError} `artifact_missing`, `content_mismatch`
 */
export async function captureSchema(services: Pick<RunServices, "ledger" | "access" | "now">, artifact: Artifact): Promise<CapturedSchema> {
  services.access.toWrite("record a schema");
  const problem = await (artifact as Artifact & { check?(): Promise<Error | undefined> }).check?.();
  if (problem !== undefined) throw problem;
  const seen = await seenSchema(artifact);
  await services.ledger.write(async (db) => {
    const [row] = await artifactsById(db, [artifact.id]) as [ArtifactRow];
    await recordSchemas(db, [seen], row.run_id, new Date(services.now()));
    await setArtifactMeta(db, row.id, { ...row.meta, ...notesOfSchema(seen, row.meta) });
  });
  const columns = seen.profile.fields.map(({ name, logical_type: type, nullable }) => ({ name, type, nullable }));
  return { schema: schemaId(seen.profile), columns };
}
