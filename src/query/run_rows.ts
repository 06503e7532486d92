/** Rows of the ledger as the runs that users hold. */
import { type Db, facetsOfRuns, type OwnRunRow, ownRunsById, type RunFacetRow, type RunRow, runsById } from "../ledger/mod.ts";
import type { Facet, Run, RunFailure } from "../types.ts";

/** What a run is made from. */
export interface RunParts {
  /** Its row. */
  readonly row: RunRow;
  /** What only we know of it; runs of the other library have none. */
  readonly own?: OwnRunRow | undefined;
  /** Its facets. */
  readonly facet?: Facet | undefined;
  /** The scenario's name, where `own` does not tell it. */
  readonly scenario?: string | undefined;
}

const HEADER_TAG = "scenario_header";

/** A run as users hold it. */
export function toRun({ row, own, facet = {}, scenario }: RunParts): Run {
  const scenarioId = own?.scenario_name ?? scenario;
  const error = failureOf(row.meta);
  return {
    id: row.id,
    model: row.model_name,
    status: row.status,
    signature: row.signature === "error" ? "" : row.signature ?? "",
    cacheHit: own?.hit ?? row.meta.cache_hit === true,
    ...given({ parentId: row.parent_run_id, scenarioId }),
    ...given({ year: row.year, iteration: row.iteration, stage: row.stage, phase: row.phase, description: row.description }),
    tags: row.tags,
    facet,
    meta: row.meta,
    startedAt: row.started_at,
    ...given({ endedAt: row.ended_at, error }),
  };
}

/** What is there: a field that is null is left out. */
function given<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)) as never;
}

/** The message stands where the other library has it; name and stack beside it are ours. */
function failureOf({ error, error_name: name, error_stack: stack }: Readonly<Record<string, unknown>>): RunFailure | undefined {
  if (typeof error !== "string") return undefined;
  return { name: typeof name === "string" ? name : "Error", message: error, ...(typeof stack === "string" ? { stack } : {}) };
}

/** The runs with these ids, in this order; ids that the ledger does not have are left out. `places` as for `runsById`. */
export async function runsOf(db: Db, ids: readonly string[], places?: readonly number[]): Promise<Run[]> {
  const rows = await runsById(db, ids, places);
  const own = new Map((await ownRunsById(db, ids)).map((row) => [row.run_id, row]));
  const facets = mergedFacets(await facetsOfRuns(db, ids, rows));
  const scenarios = await foreignScenarios(db, rows.filter(({ id }) => own.get(id)?.scenario_name == null));
  const runs = new Map(rows.map((row) => {
    const parts = { row, own: own.get(row.id), facet: facets.get(row.id), scenario: scenarios.get(row.id) };
    return [row.id, toRun(parts)];
  }));
  return ids.flatMap((id) => runs.get(id) ?? []);
}

/** A run may have several facets: they are one to whoever asks. */
function mergedFacets(rows: readonly RunFacetRow[]): Map<string, Facet> {
  const facets = new Map<string, Facet>();
  for (const { run_id, facet } of rows) facets.set(run_id, { ...facets.get(run_id), ...facet });
  return facets;
}

/** Scenarios of runs that we did not write: the parent's id, where the parent is a header. A header is of its own scenario. */
async function foreignScenarios(db: Db, rows: readonly RunRow[]): Promise<Map<string, string>> {
  const parents = [...new Set(rows.flatMap(({ parent_run_id }) => parent_run_id ?? []))];
  const headers = new Set((await runsById(db, parents)).filter(isHeader).map(({ id }) => id));
  return new Map(rows.flatMap((row) => {
    if (isHeader(row)) return [[row.id, row.id] as const];
    return row.parent_run_id !== null && headers.has(row.parent_run_id) ? [[row.id, row.parent_run_id] as const] : [];
  }));
}

function isHeader({ tags }: RunRow): boolean {
  return tags.includes(HEADER_TAG);
}
