/** Which runs made or read a file with this content, or made the chart that it shows? */
import { basename, fromFileUrl, resolve } from "@std/path";
import { digestBy, keptHash, pathKind, readFileMark } from "../../artifacts/mod.ts";
import { type ArtifactRow, artifactsByHash, type Db, linksOfArtifacts } from "../../ledger/mod.ts";
import { DISPLAY, INSPECT, oneLine } from "../../notebook/mod.ts";
import type { FoundMark } from "../../notebook/render/mod.ts";
import type { Run } from "../../types.ts";
import type { Reading } from "../reading.ts";
import { shownRuns } from "./shown_runs.ts";
import { runsOf } from "../run_rows.ts";

/** The runs that made a file, then those that read one. */
export interface RunsOfFile extends Array<Run> {
  /** Does a mark inside of the file name the first run, and was the file changed since? */
  readonly isChanged: boolean;
  /** What the file says about itself, in words, where it says something. */
  readonly note?: string;
}

/**
 * The runs that executed and made a file with the content of this one, then those that read one; each newest first. Hits made and read
 * nothing: the run that they come from is there. A chart's file names its run, which comes first, also where the file was changed.
 *
 * @throws {InputError} `input_missing` or `input_unreadable`
 */
export async function which({ ledger, memo }: Pick<Reading, "ledger" | "memo">, path: string | URL): Promise<RunsOfFile> {
  const file = path instanceof URL ? fromFileUrl(path) : resolve(path);
  const isFolder = await pathKind(file) === "folder";
  const hash = await digestBy(isFolder ? "folder" : "bytes", file, memo);
  const [mark, kept] = isFolder ? [] : [await readFileMark(file), await keptHash(file)];
  return await ledger.read(async (db) => {
    const artifacts = await artifactsOf(db, [hash, ...(kept === undefined ? [] : [kept])]);
    const marked = mark === undefined ? [] : (await artifactsByHash(db, mark.content)).filter(({ run_id }) => run_id === mark.run);
    const runs = await runsAround(db, [...artifacts, ...marked], mark);
    return told(runs, mark === undefined ? undefined : { ...mark, name: basename(file), isOnRecord: marked.length > 0 });
  });
}

async function artifactsOf(db: Db, hashes: readonly string[]): Promise<ArtifactRow[]> {
  const rows: ArtifactRow[] = [];
  for (const hash of new Set(hashes)) rows.push(...await artifactsByHash(db, hash));
  return rows;
}

async function runsAround(db: Db, artifacts: readonly ArtifactRow[], mark: FoundMark | undefined): Promise<Run[]> {
  const made = new Set([...artifacts.flatMap((row) => row.run_id ?? []), ...(mark === undefined ? [] : [mark.run])]);
  const links = await linksOfArtifacts(db, [...new Set(artifacts.map(({ id }) => id))]);
  const read = new Set(links.filter(({ direction }) => direction === "input").map(({ run_id }) => run_id));
  const runs = (await runsOf(db, [...new Set([...made, ...read])])).filter(({ cacheHit, tags }) =>
    !cacheHit && !tags.includes("scenario_header")
  );
  const rank = ({ id }: Run) => id === mark?.run ? 0 : made.has(id) ? 1 : 2;
  return runs.toSorted((a, b) => rank(a) - rank(b) || b.startedAt.getTime() - a.startedAt.getTime() || (a.id < b.id ? 1 : -1));
}

type Told = FoundMark & {
  /** The file's name. */
  readonly name: string;
  /** Does the ledger know the output that the mark names? */
  readonly isOnRecord: boolean;
};

/** The list, which shows itself with what the file says. */
function told(runs: Run[], mark: Told | undefined): RunsOfFile {
  const note = mark === undefined ? undefined : noteOf(mark, runs.some(({ id }) => id === mark.run));
  const shown = () => shownRuns(runs, note);
  return Object.defineProperties(runs, {
    isChanged: { value: mark?.isUnchanged === false },
    note: { value: note },
    [DISPLAY]: { value: shown },
    [INSPECT]: { value: note === undefined ? undefined : () => String(shown()["text/plain"]) },
  }) as unknown as RunsOfFile;
}

function noteOf({ name, run, key, isUnchanged, isOnRecord }: Told, isKnown: boolean): string {
  const made = `${oneLine(name)} was made by the run ${oneLine(run)}, as its output "${oneLine(key)}"`;
  const since = isUnchanged ? "" : ", and its content was changed since";
  if (!isKnown) return `${made}${since}. This ledger does not know the run.`;
  return `${made}${since}.${isOnRecord ? "" : " This ledger does not know the output."}`;
}
