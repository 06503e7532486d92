/** Finding runs. */
import { FindError, listNames, nearestName, OptionError } from "../../errors.ts";
import { JSON } from "../../intrinsics.ts";
import type { Db } from "../../ledger/mod.ts";
import type { SqlParameter } from "../../relations/mod.ts";
import type { Run } from "../../types.ts";
import { ask } from "./ask.ts";
import { facetConditions } from "./facet_filter.ts";
import type { Reading, ReadOptions, RunField, RunFilter } from "../reading.ts";
import { showing } from "./shown_runs.ts";
import { runsOf } from "../run_rows.ts";
import { sightOf } from "./visible.ts";

/** A filter with all that reading takes. */
export type FindOptions<K extends RunField | undefined = undefined> = RunFilter & ReadOptions & {
  /** A map by this field, instead of a list. */
  readonly indexBy?: K;
};

const FIELDS: readonly RunField[] = ["id", "model", "status", "year", "iteration", "stage", "phase", "scenarioId", "parentId"];
const KNOWN = [
  ...["id", "scenario", "step", "parentId", "model", "year", "iteration", "stage", "phase", "status", "tags", "facet", "limit"],
  ...["history", "indexBy", "label"],
];

/** Runs that fit, newest first; with `indexBy` a map, in which the newest of each value stands. */
export async function findRuns<const K extends RunField | undefined = undefined>(
  reading: Pick<Reading, "ledger">,
  options: FindOptions<K> = {},
): Promise<K extends RunField ? Map<NonNullable<Run[K]>, Run> : Run[]> {
  checkOptions(options);
  const runs = await reading.ledger.read(async (db) => await runsOf(db, (await findIds(db, options)).ids));
  const { indexBy } = options;
  return showing<Run[] | Map<unknown, Run>>(indexBy === undefined ? runs : indexed(runs, indexBy)) as never;
}

/**
 * Exactly one run.
 *
 * @throws {FindError} `run_not_found`, or `run_ambiguous` with the candidates
 */
export async function findRun(reading: Pick<Reading, "ledger">, filter: RunFilter & ReadOptions): Promise<Run> {
  const runs = await findRuns(reading, filter);
  if (runs.length === 0) throw await notFound(reading, filter);
  // A label may be given to one execution after another: the newest is meant.
  if (runs.length === 1 || filter.id !== undefined) return runs[0]!;
  throw ambiguous(filter, runs);
}

/**
 * The newest run that fits.
 *
 * @throws {FindError} `run_not_found`
 */
export async function findLatestRun(reading: Pick<Reading, "ledger">, filter: RunFilter & ReadOptions): Promise<Run> {
  const [run] = await findRuns(reading, { ...filter, limit: 1 });
  if (run === undefined) throw await notFound(reading, filter);
  return run;
}

/** The run with this id or label, if there is one. */
export async function getRun(reading: Pick<Reading, "ledger">, id: string): Promise<Run | undefined> {
  return (await findRuns(reading, { id, limit: 1 }))[0];
}

/** A map by a field; the runs come newest first, and the newest of each value stays. */
function indexed<K extends RunField>(runs: Iterable<Run>, field: K): Map<NonNullable<Run[K]>, Run> {
  const map = new Map<NonNullable<Run[K]>, Run>();
  for (const run of runs) {
    const value = run[field];
    if (value !== undefined && value !== null && !map.has(value)) map.set(value, run);
  }
  return map;
}

function checkOptions(options: FindOptions<RunField | undefined>): void {
  const unknown = Object.keys(options).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) throw unknownName("filter", unknown, KNOWN);
  const { indexBy, limit } = options;
  if (indexBy !== undefined && !FIELDS.includes(indexBy)) throw unknownName("field", indexBy, FIELDS);
  if (limit === undefined || (Number.isSafeInteger(limit) && limit >= 0)) return;
  throw new OptionError("option_invalid", {
    problem: `Cannot find runs with the limit ${limit}.`,
    why: "A limit is a whole number from 0 on.",
    fix: "Leave it out for all runs.",
    path: "limit",
  });
}

function unknownName(what: string, name: string, known: readonly string[]): OptionError {
  const near = nearestName(name, known);
  return new OptionError("unknown_option", {
    problem: `Cannot find runs by the ${what} "${name}".`,
    why: `There is no such ${what}; there are ${listNames(known)}.`,
    fix: near === undefined ? "Use one of these." : `Use "${near}", if that is what you mean.`,
    path: name,
  });
}

/** Are these options of finding? An unknown one is an error. */
export function checkFind(options: RunFilter & ReadOptions): void {
  checkOptions(options);
}

/** Ids of the runs that fit, newest first, and how many there are without the limit. */
export async function findIds(db: Db, options: RunFilter & ReadOptions): Promise<{ ids: string[]; total: number }> {
  const params: SqlParameter[] = [];
  const bind = (value: SqlParameter) => `$${params.push(value)}`;
  const from = await scopeOf(db, options, bind);
  const conditions = [...from.conditions, ...conditionsOf(db, options, bind)];
  const limit = options.limit === undefined ? "" : ` limit ${bind(options.limit)}`;
  // Labels, and scenarios with all their history, are in the other table.
  const own = options.id !== undefined || (options.history === true && (options.scenario ?? options.parentId) !== undefined)
    ? " left join deno_run d on d.run_id = r.id"
    : "";
  const rows = await ask<{ id: string; total: number }>(
    db,
    `${from.names}select r.id, ${limit === "" ? "0" : "count(*) over ()"} as total from ${from.tables}${own}
    where ${conditions.join(" and ") || "true"} order by epoch_us(r.created_at) desc, r.rowid desc${limit}`,
    params,
  );
  return { ids: rows.map(({ id }) => id), total: limit === "" ? rows.length : rows[0]?.total ?? 0 };
}

/** Among which runs to look. */
interface Scope {
  readonly names: string;
  readonly tables: string;
  readonly conditions: readonly string[];
}

/** An id is looked for among all runs; a name means a scenario, if there is one, else a header or an enclosing run. */
async function scopeOf(db: Db, options: RunFilter & ReadOptions, bind: (value: SqlParameter) => string): Promise<Scope> {
  const inside = options.scenario ?? options.parentId;
  const all = options.history === true || options.id !== undefined;
  if (inside === undefined) {
    if (all) return { names: "", tables: "run r", conditions: [] };
    return {
      names: `with ${sightOf("results")} `,
      tables: "(from seen union all by name from seen_header) s join run r on r.id = s.id",
      conditions: [],
    };
  }
  const place = bind(inside);
  const byName = `s.scenario = ${place}`;
  const tables = "seen s join run r on r.id = s.id";
  if (all) {
    return {
      names: `with ${sightOf("history")} `,
      tables,
      conditions: [`(${byName} or d.header_id = ${place} or r.parent_run_id = ${place})`],
    };
  }
  if (await isScenario(db, inside)) return { names: `with ${sightOf("results")} `, tables, conditions: [byName] };
  return { names: `with ${sightOf({ inside: place })} `, tables, conditions: [] };
}

async function isScenario(db: Db, name: string): Promise<boolean> {
  const [row] = await ask<{ known: boolean }>(
    db,
    `select exists (select 1 from deno_run where scenario_name = $1)
    or exists (select 1 from run where id = $1 and contains(tags::varchar, '"scenario_header"') and id not in (select run_id from deno_run)) as known`,
    [name],
  );
  return row!.known;
}

function conditionsOf(db: Db, filter: RunFilter, bind: (value: SqlParameter) => string): string[] {
  const equal: [column: string, value: SqlParameter | undefined][] = [
    ["r.model_name", filter.step],
    ["r.model_name", filter.model],
    ["r.year", filter.year],
    ["r.iteration", filter.iteration],
    ["r.stage", filter.stage],
    ["r.phase", filter.phase],
    ["r.status", filter.status],
  ];
  const conditions = equal.flatMap(([column, value]) => (value === undefined ? [] : [`${column} = ${bind(value)}`]));
  if (filter.id !== undefined) conditions.push(`(r.id = ${bind(filter.id)} or d.label = ${bind(filter.id)})`);
  if (filter.tags !== undefined && filter.tags.length > 0) {
    conditions.push(`list_has_all(from_json(coalesce(r.tags, '[]'), '["VARCHAR"]'), ${bind(filter.tags)})`);
  }
  return [...conditions, ...facetConditions(filter.facet ?? {}, db.born, bind)];
}

function searched(filter: RunFilter): string {
  const { limit: _limit, history: _history, label: _label, indexBy: _indexBy, ...rest } = filter as RunFilter & Record<string, unknown>;
  const words = Object.entries(rest).filter(([, value]) => value !== undefined).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  return words.length === 0 ? "any filter" : words.join(", ");
}

async function notFound({ ledger }: Pick<Reading, "ledger">, filter: RunFilter): Promise<FindError> {
  const { steps, scenarios } = await ledger.read(knownNames);
  const step = filter.step ?? filter.model;
  const scenario = filter.scenario ?? filter.parentId;
  const hints = [hint("step", step, steps), hint("scenario", scenario, scenarios)].filter((text) => text !== undefined);
  return new FindError("run_not_found", {
    problem: `Cannot find a run with ${searched(filter)}.`,
    why: steps.length === 0
      ? "The ledger has no runs."
      : `No run of the ledger fits; it has the steps ${listNames(steps)}${
        scenarios.length === 0 ? "" : ` and the scenarios ${listNames(scenarios)}`
      }.`,
    fix: hints.length > 0
      ? hints.join(" ")
      : "Loosen the filter; `findRuns({})` shows what there is, and `history: true` also what was replaced.",
  });
}

function hint(what: string, name: string | undefined, known: readonly string[]): string | undefined {
  if (name === undefined || known.includes(name)) return undefined;
  const near = nearestName(name, known);
  return near === undefined ? undefined : `Use the ${what} "${near}", if that is what you mean.`;
}

async function knownNames(db: Db): Promise<{ steps: string[]; scenarios: string[] }> {
  const steps = await ask<{ name: string }>(db, "select distinct model_name as name from run order by all");
  const scenarios = await ask<{ name: string }>(db, `with ${sightOf("history")} select distinct scenario as name from header order by all`);
  return { steps: steps.map(({ name }) => name), scenarios: scenarios.map(({ name }) => name) };
}

function ambiguous(filter: RunFilter, runs: readonly Run[]): FindError {
  const shown = runs.slice(0, 8).map(({ id, year, iteration, scenarioId }) => {
    const place = [scenarioId, year, iteration === undefined ? undefined : `iteration ${iteration}`].filter((part) => part !== undefined);
    return place.length === 0 ? id : `${id} (${place.join(", ")})`;
  });
  return new FindError("run_ambiguous", {
    problem: `Cannot choose one run with ${searched(filter)}.`,
    why: `${runs.length} runs fit: ${shown.join("; ")}${runs.length > shown.length ? `; and ${runs.length - shown.length} more` : ""}.`,
    fix: "Narrow the filter (scenario, year, iteration, facet, id), or use findLatestRun or findRuns.",
  });
}
