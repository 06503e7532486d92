/** What people call runs, artifacts and scenarios by: whole ids, the beginning of one, a key, a file. */
import { exists } from "@std/fs";
import { digestBy, pathKind } from "../../artifacts/mod.ts";
import { FindError, listNames, nearestName } from "../../errors.ts";
import { type ArtifactRow, artifactsByHash, artifactsById, artifactsOfRuns, type Db } from "../../ledger/mod.ts";
import type { Artifact, Run } from "../../types.ts";
import { ask } from "./ask.ts";
import { findRuns, getRun } from "./find.ts";
import type { Reading } from "../reading.ts";
import { sightOf } from "./visible.ts";

/** So many candidates are told. */
const CANDIDATES = 8;
/** Among so many of the newest ids the nearest is looked for. */
const NEAREST_AMONG = 5_000;

/**
 * The run that a text names: by its id or label, by the beginning of its id, or by the letters behind its step's name.
 *
 * @throws {FindError} `run_not_found`, with the nearest name, or `run_ambiguous` with the candidates
 */
export async function namedRun(reading: Pick<Reading, "ledger">, text: string): Promise<Run> {
  const exact = await getRun(reading, text);
  if (exact !== undefined) return exact;
  const ids = await reading.ledger.read((db) => idsBeginning(db, text));
  if (ids.length === 1) return (await getRun(reading, ids[0]!))!;
  throw ids.length === 0 ? await reading.ledger.read((db) => noRun(db, text)) : severalRuns(text, ids);
}

/** The run that a text names, where a step's name means its newest run. */
export interface ChosenRun {
  /** The run. */
  readonly run: Run;
  /** The step that was named, and how many runs it has. */
  readonly of?: {
    /** Its name. */
    readonly step: string;
    /** All its runs, hits among them. */
    readonly runs: number;
  };
}

/**
 * The run that a text names, or the newest one of the step with this name.
 *
 * @throws {FindError} as `namedRun`
 */
export async function namedOrNewestRun(reading: Pick<Reading, "ledger">, text: string): Promise<ChosenRun> {
  if (await getRun(reading, text) !== undefined) return { run: await namedRun(reading, text) };
  const [newest] = await findRuns(reading, { step: text, history: true, limit: 1 });
  if (newest === undefined) return { run: await namedRun(reading, text) };
  const [{ runs }] = await reading.ledger.read((db) =>
    ask<{ runs: number }>(db, "select count(*)::int as runs from run where model_name = $1", [text])
  ) as [{ runs: number }];
  return { run: newest, of: { step: text, runs } };
}

/** Ids that begin with a text, or whose part after the step's name does, newest first. */
async function idsBeginning(db: Db, text: string): Promise<string[]> {
  const tail = text.length >= 3 ? " or starts_with(string_split(id, '_')[-1], $1)" : "";
  const rows = await ask<{ id: string }>(
    db,
    `select id from run where starts_with(id, $1)${tail} order by epoch_us(created_at) desc, id desc limit ${CANDIDATES + 1}`,
    [text],
  );
  return rows.map(({ id }) => id);
}

function severalRuns(text: string, ids: readonly string[]): FindError {
  const more = ids.length > CANDIDATES ? ", and more" : "";
  return new FindError("run_ambiguous", {
    problem: `Cannot tell which run "${text}" is.`,
    why: `Several ids begin so: ${ids.slice(0, CANDIDATES).join(", ")}${more}.`,
    fix: "Give more of the id.",
  });
}

async function noRun(db: Db, text: string): Promise<FindError> {
  const { steps, scenarios, ids } = await namesIn(db);
  const near = nearestName(text, ids);
  const hint = steps.includes(text)
    ? `It is a step's name: consist runs --step ${text} lists its runs.`
    : scenarios.includes(text)
    ? `It is a scenario's name: consist scenario ${text} shows it.`
    : near === undefined
    ? undefined
    : `Did you mean "${near}"?`;
  return new FindError("run_not_found", {
    problem: `Cannot find the run "${text}".`,
    why: steps.length === 0 ? "The ledger has no runs." : `No run has this id, or one that begins so. The steps are ${listNames(steps)}.`,
    fix: hint ?? "consist runs --history lists all ids.",
  });
}

async function namesIn(db: Db): Promise<{ steps: string[]; scenarios: string[]; ids: string[] }> {
  const steps = await ask<{ name: string }>(db, "select distinct model_name as name from run order by all");
  const scenarios = await ask<{ name: string }>(db, `with ${sightOf("history")} select distinct scenario as name from header order by all`);
  const ids = await ask<{ id: string }>(db, `select id from run order by epoch_us(created_at) desc limit ${NEAREST_AMONG}`);
  return { steps: steps.map(({ name }) => name), scenarios: scenarios.map(({ name }) => name), ids: ids.map(({ id }) => id) };
}

/** What a text names: artifacts, and how they were found. */
export interface NamedArtifacts {
  /** The artifacts, the newest first. */
  readonly artifacts: readonly Artifact[];
  /** How: by an id, a file's content, a key, or as a run's outputs. */
  readonly by: "id" | "file" | "key" | "run";
  /** The run whose outputs they are, where one was named. */
  readonly run?: Run;
}

/**
 * The artifacts that a text names: by an id or its beginning, `RUN:KEY`, the content of a file, a run whose outputs are meant, or a key.
 *
 * @throws {FindError} `artifact_missing`, with what comes nearest, or `run_ambiguous`
 */
export async function namedArtifacts(reading: Reading, text: string): Promise<NamedArtifacts> {
  const found = await byId(reading, text) ?? await byRunAndKey(reading, text) ?? await byFile(reading, text) ??
    await byKey(reading, text) ??
    await byRun(reading, text);
  if (found !== undefined) return found;
  throw await reading.ledger.read((db) => noArtifact(db, text));
}

const UUID_BEGINNING = /^[0-9a-f]{6,8}(-[0-9a-f-]*)?$/i;

async function byId({ ledger, artifactOf }: Reading, text: string): Promise<NamedArtifacts | undefined> {
  const rows = await ledger.read(async (db) => {
    const exact = await artifactsById(db, [text]);
    if (exact.length > 0 || !UUID_BEGINNING.test(text)) return exact;
    const ids = await ask<{ id: string }>(db, `select id from artifact where starts_with(id, $1) limit ${CANDIDATES + 1}`, [
      text.toLowerCase(),
    ]);
    return await artifactsById(db, ids.map(({ id }) => id));
  });
  if (rows.length > 1) throw severalArtifacts(text, rows);
  return rows.length === 0 ? undefined : { artifacts: rows.map(artifactOf), by: "id" };
}

async function byRunAndKey(reading: Reading, text: string): Promise<NamedArtifacts | undefined> {
  const at = text.lastIndexOf(":");
  if (at < 1) return undefined;
  const run = await runOrNothing(reading, text.slice(0, at));
  if (run === undefined) return undefined;
  const linked = await linkedTo(reading, run);
  const found = linked.filter(({ artifact }) => artifact.key === text.slice(at + 1));
  if (found.length > 0) return { artifacts: found.slice(-1).map(({ artifact }) => ofRun(reading, artifact, run)), by: "key", run };
  const keys = [...new Set(linked.map(({ artifact }) => artifact.key))];
  const near = nearestName(text.slice(at + 1), keys);
  throw new FindError("artifact_missing", {
    problem: `The run ${run.id} has no artifact "${text.slice(at + 1)}".`,
    why: `It read or made ${listNames(keys)}.`,
    fix: near === undefined ? "Give one of these keys." : `Did you mean "${run.id}:${near}"?`,
    run: run.id,
  });
}

async function byFile({ ledger, artifactOf, memo }: Reading, text: string): Promise<NamedArtifacts | undefined> {
  if (!await exists(text)) return undefined;
  const hash = await digestBy(await pathKind(text) === "folder" ? "folder" : "bytes", text, memo);
  const rows = await ledger.read((db) => artifactsByHash(db, hash));
  const made = rows.filter(({ run_id }) => run_id !== null);
  if (rows.length > 0) return { artifacts: (made.length > 0 ? made : rows).slice(0, 1).map(artifactOf), by: "file" };
  throw new FindError("artifact_missing", {
    problem: `No run read or made a file with the content of "${text}".`,
    why: `Its content has the hash ${hash.slice(0, 12)}…, which the ledger does not have.`,
    fix: "Was it changed after it was made? Name the artifact by its run and key instead, as RUN:KEY.",
    path: text,
  });
}

/** The newest that a run made under this key, else the newest that one read. */
async function byKey({ ledger, artifactOf }: Reading, text: string): Promise<NamedArtifacts | undefined> {
  const rows = await ledger.read(async (db) => {
    const ids = await ask<{ id: string }>(
      db,
      "select id from artifact where key = $1 order by run_id is null, epoch_us(created_at) desc, id desc limit 1",
      [text],
    );
    return await artifactsById(db, ids.map(({ id }) => id));
  });
  return rows.length === 0 ? undefined : { artifacts: rows.map(artifactOf), by: "key" };
}

async function byRun(reading: Reading, text: string): Promise<NamedArtifacts | undefined> {
  const run = await runOrNothing(reading, text);
  if (run === undefined) return undefined;
  const linked = await linkedTo(reading, run);
  const outputs = linked.filter(({ direction }) => direction === "output");
  return { artifacts: (outputs.length > 0 ? outputs : linked).map(({ artifact }) => ofRun(reading, artifact, run)), by: "run", run };
}

const linkedTo = ({ ledger }: Reading, { id }: Run) => ledger.read((db) => artifactsOfRuns(db, [id]));

/** Asked of a run, an artifact counts as that run's, though it was a hit that took it from another. */
function ofRun({ artifactOf }: Reading, row: ArtifactRow, run: Run): Artifact {
  return artifactOf(row.run_id === null ? row : { ...row, run_id: run.id });
}

/** Several runs are an error; none is nothing. */
async function runOrNothing(reading: Reading, text: string): Promise<Run | undefined> {
  try {
    return await namedRun(reading, text);
  } catch (error) {
    if (error instanceof FindError && error.code === "run_not_found") return undefined;
    throw error;
  }
}

function severalArtifacts(text: string, rows: readonly ArtifactRow[]): FindError {
  return new FindError("run_ambiguous", {
    problem: `Cannot tell which artifact "${text}" is.`,
    why: `Several ids begin so: ${rows.slice(0, CANDIDATES).map(({ id, key }) => `${id} (${key})`).join(", ")}.`,
    fix: "Give more of the id.",
  });
}

async function noArtifact(db: Db, text: string): Promise<FindError> {
  const keys = (await ask<{ key: string }>(db, "select distinct key from artifact order by all limit 5000")).map(({ key }) => key);
  const { ids } = await namesIn(db);
  const near = nearestName(text, [...keys, ...ids]);
  return new FindError("artifact_missing", {
    problem: `Cannot find the artifact "${text}".`,
    why: `It is no artifact's id or key, no run, and there is no such file. The keys are ${listNames(keys)}.`,
    fix: near === undefined ? "Give an artifact's id, RUN:KEY, a file, a run, or a key." : `Did you mean "${near}"?`,
  });
}
