/** What the ledger keeps of a run's tables: rows that are ingested, and the schemas that were given or seen. */
import { isTableDriver, type StoredArtifact, type TableFile, tableFile } from "../artifacts/mod.ts";
import { ConsistError, OptionError, OutputError } from "../errors.ts";
import {
  artifactsById,
  changeOwnRun,
  type Db,
  ingestedByContent,
  type IngestedRow,
  isWhole,
  keepRows,
  ownRunsById,
  setArtifactMeta,
} from "../ledger/mod.ts";
import type { Artifact, Meta, ZodObject } from "../types.ts";
import type { ActiveRun } from "./active_run.ts";
import { describe } from "./check_options.ts";
import { checkSchema } from "./check_schema.ts";
import { isMarkedKept } from "./ingested.ts";
import type { Hit } from "./look_up.ts";
import type { RunServices, StepRequest } from "./request.ts";
import { givenSchema, ingestedSchema, notesOfSchema, recordSchemas, type SeenSchema, seenSchema } from "./schema_rows.ts";
import { withNotes } from "./servable.ts";
import type { LogOptions } from "./step_types.ts";

/** A table whose rows are to be kept. */
interface Wish {
  readonly artifact: StoredArtifact;
  readonly file: TableFile;
}

/** Notes that an artifact of the active run, or one on record, is to be ingested. */
export async function ingest(run: ActiveRun, artifact: Artifact, { schema }: { readonly schema?: ZodObject } = {}): Promise<void> {
  checkTable(artifact);
  const isPending = [...run.outputs.values()].some((made) => made.artifact.id === artifact.id) ||
    [...run.logged.values()].some(({ id }) => id === artifact.id);
  if (!isPending) return await ingestRecorded(run.services, artifact, { ...(schema === undefined ? {} : { schema }) });
  if (schema !== undefined) await checkSchema(schema, await artifact.load(), artifact.key);
  run.ingested.set(artifact.id, { artifact: artifact as StoredArtifact, ...(schema === undefined ? {} : { schema }) });
}

function checkTable({ key, driver }: Artifact): void {
  if (isTableDriver(driver)) return;
  throw new OutputError("output_not_storable", {
    problem: `Cannot keep the rows of "${key}" in the ledger.`,
    why: `Its driver "${driver}" gives no table.`,
    fix: "Keep it as parquet, csv, tsv, ndjson or arrow.",
  });
}

/** Notes that the first rows of a file are to be looked at; of one that is on record, it is done now. */
export async function noteProfile(run: ActiveRun, artifact: StoredArtifact, options: LogOptions): Promise<void> {
  const { profileFileSchema, fileSchemaSampleRows: sampleRows } = options;
  if (sampleRows !== undefined && !(Number.isSafeInteger(sampleRows) && sampleRows > 0)) throw badSample(sampleRows);
  if (profileFileSchema !== true) return;
  if (run.cached?.get(artifact.key) !== artifact) run.profiled.set(artifact.id, { artifact, sampleRows });
  else if (artifact.meta.schema_summary === undefined) await profileRecorded(run.services, artifact, artifact.runId, sampleRows);
}

function badSample(value: unknown): OptionError {
  return new OptionError("option_invalid", {
    problem: `The option fileSchemaSampleRows is ${describe(value)}.`,
    why: "It is the number of rows that are looked at.",
    fix: "Give a whole number above 0, or leave the option out.",
    path: "fileSchemaSampleRows",
  });
}

/** Records a run in one transaction with the rows of its tables that are to be kept, and with their schemas. */
export async function withTables<T>(run: ActiveRun, isRecorded: boolean, record: () => Promise<T>): Promise<T> {
  if (!isRecorded) return await record();
  const wanted = ingestedBy(run);
  const schemas = [...givenTo(run), ...await seenIn(run)];
  const known = new Set(schemas.map(({ artifactId }) => artifactId));
  if (wanted.length + schemas.length === 0) return await record();
  await using files = new AsyncDisposableStack();
  const wishes: Wish[] = [];
  for (const wish of wanted) {
    wishes.push({ ...wish, file: files.use(await tableFile(wish.artifact.path, wish.artifact.driver, wish.artifact.key)) });
  }
  for (const { artifact, file } of wishes.filter((wish) => !known.has(wish.artifact.id))) {
    schemas.push(await ingestedSchema(artifact, file.path));
  }
  const { services, request: { settings } } = run;
  return await services.ledger.write(async (db) => {
    // The notes of an artifact that has no row yet.
    for (const wish of wishes) {
      Object.assign(wish.artifact.meta, notesOf(wish.artifact, await keepRows(db, rowsOf(services, wish, run.id, settings))));
    }
    const recorded = await record();
    const present = new Set((await artifactsById(db, schemas.map(({ artifactId }) => artifactId))).map(({ id }) => id));
    const seen = schemas.filter(({ artifactId }) => present.has(artifactId));
    await recordSchemas(db, seen, run.id, new Date(services.now()));
    return recorded;
  });
}

/** The schemas that were given for what the run made, or that it was ingested with. */
function givenTo(run: ActiveRun): SeenSchema[] {
  const given = new Map([...run.outputs.values()].map(({ artifact, schema }) => [artifact.id, schema]));
  for (const [id, { schema }] of run.ingested) given.set(id, schema ?? given.get(id));
  return [...given].flatMap(([id, schema]) => schema === undefined ? [] : [givenSchema(id, schema, run.services.schemaName(schema))]);
}

/** What the files show that are to be looked at. */
async function seenIn(run: ActiveRun): Promise<SeenSchema[]> {
  for (const { key, profileFileSchema } of run.request.outputs) {
    const made = profileFileSchema === true ? run.outputs.get(key) : undefined;
    if (made !== undefined && !run.profiled.has(made.artifact.id)) {
      run.profiled.set(made.artifact.id, { artifact: made.artifact, sampleRows: undefined });
    }
  }
  const seen: SeenSchema[] = [];
  for (const { artifact, sampleRows } of run.profiled.values()) {
    const schema = await seenSchema(artifact, sampleRows);
    Object.assign(artifact.meta, notesOfSchema(schema, artifact.meta));
    seen.push(schema);
  }
  return seen;
}

/** The artifacts whose rows are to be kept: those that the step ingested, and the outputs that are declared so. */
function ingestedBy(run: ActiveRun): Omit<Wish, "file">[] {
  const declared = run.request.outputs.filter((output) => output.ingest === true).flatMap(({ key }) => run.outputs.get(key) ?? []);
  for (const { artifact, schema } of declared) {
    checkTable(artifact);
    if (!run.ingested.has(artifact.id)) run.ingested.set(artifact.id, { artifact, ...(schema === undefined ? {} : { schema }) });
  }
  return [...run.ingested.values()].map(({ artifact }) => ({ artifact }));
}

function rowsOf(
  services: RunServices,
  { artifact, file }: Wish,
  runId: string | null,
  { year, iteration }: { readonly year?: number | undefined; readonly iteration?: number | undefined },
): Parameters<typeof keepRows>[1] {
  return {
    ...{ hash: artifact.hash, driver: artifact.driver, file: file.path, columns: file.columns, name: artifact.key },
    ...{ artifactId: artifact.id, runId, year: year ?? null, iteration: iteration ?? null, at: new Date(services.now()) },
  };
}

/**
 * What the artifact says of its rows: in the Python library's words where they are its own, else whose they are. Its views look for rows in
 * the table that is called as the key, and read no file of an artifact that says it is ingested.
 */
function notesOf({ id, key }: Pick<Artifact, "id" | "key">, { artifact_id, table_name }: IngestedRow): Meta {
  return artifact_id === id && table_name === key ? { is_ingested: true, dlt_table_name: table_name } : { rows_in_ledger: artifact_id };
}

// ── afterwards ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Keeps the rows of an artifact that is on record. The rows count for the run that made it.
 *
 * @throws {ContentError} where its file is gone or was changed, and its rows are not there yet
 * @throws {ConsistError} `no_active_run` for a file that no run made
 */
async function ingestRecorded(
  services: RunServices,
  artifact: Artifact,
  options: { readonly schema?: ZodObject; readonly sourceRunId?: string } = {},
): Promise<void> {
  checkTable(artifact);
  const { schema, sourceRunId = artifact.runId } = options;
  if (schema !== undefined) await checkSchema(schema, await artifact.load(), artifact.key);
  const known = await services.ledger.lookUp((db) => wholeRows(db, artifact));
  if (known !== undefined && isMarkedKept(artifact)) return;
  if (known !== undefined) return await services.ledger.write((db) => noteWith(db, artifact, notesOf(artifact, known), sourceRunId));
  const damage = await (artifact as Partial<StoredArtifact>).check?.();
  if (damage !== undefined) throw damage;
  await using file = await tableFile(artifact.path, artifact.driver, artifact.key);
  const wish = { artifact: artifact as StoredArtifact, file };
  const seen = schema === undefined
    ? await ingestedSchema(artifact, file.path)
    : givenSchema(artifact.id, schema, services.schemaName(schema));
  await services.ledger.write(async (db) => {
    const [row] = await artifactsById(db, [artifact.id]);
    if (row === undefined) throw notRecorded(artifact);
    const fields = row.meta as { year?: number; iteration?: number };
    const kept = await keepRows(db, rowsOf(services, wish, row.run_id, fields));
    await noteWith(db, artifact, notesOf(artifact, kept), sourceRunId);
    await recordSchemas(db, [seen], sourceRunId ?? null, new Date(services.now()));
  });
}

async function wholeRows(db: Db, artifact: Artifact): Promise<IngestedRow | undefined> {
  const [known] = await ingestedByContent(db, [artifact]);
  return known !== undefined && await isWhole(db, known) ? known : undefined;
}

/** Notes it with the artifact, and in what its run serves, so that no hit asks again. */
async function noteWith(db: Db, artifact: Artifact, notes: Meta, runId: string | undefined): Promise<void> {
  const [row] = await artifactsById(db, [artifact.id]);
  if (row === undefined) throw notRecorded(artifact);
  await setArtifactMeta(db, artifact.id, { ...row.meta, ...notes });
  const [own] = runId === undefined ? [] : await ownRunsById(db, [runId]);
  if (typeof own?.result === "string") await changeOwnRun(db, own.run_id, { result: withNotes(own.result, artifact.id, notes) });
  Object.assign(artifact.meta, notes);
}

/** Looks at the first rows of an artifact that is on record. */
async function profileRecorded(
  services: RunServices,
  artifact: StoredArtifact,
  sourceRunId: string | undefined,
  sampleRows?: number,
): Promise<void> {
  const path = await artifact.check() === undefined ? artifact.path : await artifact.copy();
  if (path === undefined) return; // only the ledger has its rows: there is no file to look at
  const schema = await seenSchema(artifact.at(path), sampleRows);
  await services.ledger.write(async (db) => {
    await noteWith(db, artifact, notesOfSchema(schema, artifact.meta), sourceRunId);
    await recordSchemas(db, [schema], sourceRunId ?? null, new Date(services.now()));
  });
}

function notRecorded({ key }: Artifact): ConsistError {
  return new ConsistError("no_active_run", {
    problem: `Cannot ingest "${key}".`,
    why: "Its rows belong to the run that read or made it, and the ledger knows no such run.",
    fix: "Log the file inside a step, and ingest it there: await step.ingest(await step.logInput(path)).",
  });
}

/** A hit whose outputs are declared to be ingested or looked at and are not yet, as when the option is new: it is done now. */
export async function keepTablesOfHit(services: RunServices, request: StepRequest, hit: Hit): Promise<void> {
  if (request.cache.cacheMode === "readonly") return;
  for (const { key, ingest, profileFileSchema } of request.outputs) {
    const artifact = ingest === true || profileFileSchema === true ? hit.outputs.get(key) : undefined;
    if (artifact === undefined) continue;
    if (ingest === true && !isMarkedKept(artifact)) await ingestRecorded(services, artifact, { sourceRunId: hit.source.id });
    if (profileFileSchema === true && artifact.meta.schema_summary === undefined) {
      await profileRecorded(services, artifact, hit.source.id);
    }
  }
}
