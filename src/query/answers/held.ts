/** Artifacts of a ledger that anybody may have written: one whose address is refused is listed all the same, and never looked for. */
import { ContentError } from "../../errors.ts";
import type { ArtifactRow } from "../../ledger/mod.ts";
import type { Artifact } from "../../types.ts";
import type { Reading } from "../reading.ts";

/** The artifact; where its address is refused its path is empty, and looking at it or loading it is the error that says why. */
export function heldArtifact({ artifactOf }: Pick<Reading, "artifactOf">, row: ArtifactRow): Artifact {
  try {
    return artifactOf(row);
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    const { id, key, container_uri: uri, driver, hash, run_id, meta } = row;
    const refused = { load: () => Promise.reject(error), check: () => Promise.resolve(error) };
    return { id, key, path: "", uri, driver, hash: hash ?? "", meta, ...(run_id === null ? {} : { runId: run_id }), ...refused };
  }
}
