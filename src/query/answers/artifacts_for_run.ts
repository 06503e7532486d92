/** What a run read and made. */
import { artifactsById, artifactsOfRuns } from "../../ledger/mod.ts";
import type { Artifact } from "../../types.ts";
import type { Reading, RunArtifacts, RunLike } from "../reading.ts";
import { runIdOf } from "../reading.ts";

/** The artifacts of a run by key; of several under one key the newest. A run that the ledger does not have has none. */
export async function artifactsForRun({ ledger, artifactOf }: Pick<Reading, "ledger" | "artifactOf">, run: RunLike): Promise<RunArtifacts> {
  const linked = await ledger.read((db) => artifactsOfRuns(db, [runIdOf(run)]));
  const inputs: [string, Artifact][] = [];
  const outputs: [string, Artifact][] = [];
  for (const { direction, artifact } of linked) (direction === "input" ? inputs : outputs).push([artifact.key, artifactOf(artifact)]);
  return { inputs: Object.fromEntries(inputs), outputs: Object.fromEntries(outputs) };
}

/** The artifact with this id, or none. */
export async function getArtifact(
  { ledger, artifactOf }: Pick<Reading, "ledger" | "artifactOf">,
  id: string,
): Promise<Artifact | undefined> {
  const [row] = await ledger.read((db) => artifactsById(db, [id]));
  return row === undefined ? undefined : artifactOf(row);
}
