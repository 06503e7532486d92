/** Which runs made or read a file with this content? */
import { fromFileUrl, resolve } from "@std/path";
import { digestBy, pathKind } from "../artifacts/mod.ts";
import { artifactsByHash, linksOfArtifacts } from "../ledger/mod.ts";
import type { Run } from "../types.ts";
import type { Reading } from "./reading.ts";
import { runsOf } from "./run_rows.ts";

/**
 * The runs that executed and made a file with the content of this one, then those that read one; each newest first. Hits made and read
 * nothing: the run that they come from is there.
 *
 * @throws {InputError} `input_missing` or `input_unreadable`
 */
export async function which({ ledger, memo }: Pick<Reading, "ledger" | "memo">, path: string | URL): Promise<Run[]> {
  const file = path instanceof URL ? fromFileUrl(path) : resolve(path);
  const hash = await digestBy(await pathKind(file) === "folder" ? "folder" : "bytes", file, memo);
  return await ledger.read(async (db) => {
    const artifacts = await artifactsByHash(db, hash);
    const made = new Set(artifacts.flatMap((row) => row.run_id ?? []));
    const links = await linksOfArtifacts(db, artifacts.map(({ id }) => id));
    const read = new Set(links.filter(({ direction }) => direction === "input").map(({ run_id }) => run_id));
    const runs = (await runsOf(db, [...new Set([...made, ...read])])).filter(({ cacheHit, tags }) =>
      !cacheHit && !tags.includes("scenario_header")
    );
    const rank = (run: Run) => made.has(run.id) ? 0 : 1;
    return runs.toSorted((a, b) => rank(a) - rank(b) || b.startedAt.getTime() - a.startedAt.getTime() || (a.id < b.id ? 1 : -1));
  });
}
