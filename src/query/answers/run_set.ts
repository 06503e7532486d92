/** Sets of runs: split, filter, align, compare. */
import { FindError, listNames, OptionError } from "../../errors.ts";
import { JSON } from "../../intrinsics.ts";
import { DISPLAY, INSPECT } from "../../notebook/mod.ts";
import type { Ledger } from "../../ledger/mod.ts";
import { noteHit, plotOf } from "../../relations/mod.ts";
import type { Chart, DataFrame, MimeBundle, PlotOptions, Run, Scalar } from "../../types.ts";
import { allDifferences, configsOf, differences, type FlatConfig } from "./configs.ts";
import { findRuns } from "./find.ts";
import { frameOf } from "../frame_of.ts";
import type { Difference, Reading, ReadOptions, RunField, RunFilter, RunPair, RunSet } from "../reading.ts";
import { runsOf } from "../run_rows.ts";
import { leavesOf, secondsOf } from "../run_lines.ts";
import { shownRuns } from "./shown_runs.ts";

type Grouping = RunField | {
  /** The facet's key. */
  readonly facet: string;
};

/** What a set is made from. */
export type RunSetOptions = RunFilter & ReadOptions & {
  /** What the set is called where it shows itself. */
  readonly label?: string;
};

/** The runs that fit, newest first, with their configs. */
export async function runSet(reading: Pick<Reading, "ledger" | "runDir">, options: RunSetOptions = {}): Promise<RunSet> {
  const { label, ...filter } = options;
  const runs = await findRuns(reading, filter);
  return new Runs(runs, { label, configs: await configsOf(reading, runs), ledger: reading.ledger });
}

interface Shared {
  readonly label: string | undefined;
  readonly configs: ReadonlyMap<string, FlatConfig>;
  readonly ledger: Ledger;
}

const LATEST_BY: readonly RunField[] = ["model", "year", "iteration"];

/** Runs that were found together. */
class Runs implements RunSet {
  readonly #runs: readonly Run[];
  readonly #shared: Shared;

  constructor(runs: readonly Run[], shared: Shared) {
    this.#runs = runs;
    this.#shared = shared;
  }

  get length(): number {
    return this.#runs.length;
  }

  at(index: number): Run | undefined {
    return this.#runs.at(index);
  }

  [Symbol.iterator](): Iterator<Run> {
    return this.#runs[Symbol.iterator]();
  }

  splitBy<K extends RunField>(field: K): Map<Run[K], RunSet>;
  splitBy(field: { readonly facet: string }): Map<Scalar, RunSet>;
  splitBy(field: Grouping): Map<unknown, RunSet> {
    const groups = [...Map.groupBy(this.#runs, (run) => valueOf(run, field))].sort(([a], [b]) => byValue(a, b));
    return new Map(groups.map(([value, runs]) => [value, this.#of(runs)]));
  }

  filter(keep: RunFilter | ((run: Run) => boolean)): RunSet {
    if (typeof keep === "function") return this.#of(this.#runs.filter(keep));
    const kept = this.#runs.filter((run) => fits(run, keep));
    return this.#of(keep.limit === undefined ? kept : kept.slice(0, keep.limit));
  }

  latest({ by = LATEST_BY }: { readonly by?: RunField | readonly RunField[] } = {}): RunSet {
    const fields = typeof by === "string" ? [by] : by;
    const groups = Map.groupBy(this.#runs, (run) => JSON.stringify(fields.map((field) => run[field] ?? null)));
    return this.#of([...groups.values()].map((runs) => runs[0]!));
  }

  align(other: RunSet, { on }: { readonly on: Grouping }): RunPair[] {
    const [left, right] = [keyed(this, on, "first"), keyed(other, on, "second")];
    if (other instanceof Runs && other.#shared.ledger.path !== this.#shared.ledger.path) {
      throw twoLedgers(this.#shared.ledger.path, other.#shared.ledger.path);
    }
    const keys = [...left.keys()].filter((key) => right.has(key)).sort(byValue);
    return keys.map((key) => new Pair(left.get(key)!, right.get(key)!, [this, other].map(configsIn)));
  }

  configDiff(): { readonly [key: string]: readonly unknown[] } {
    return this.#runs.length === 0 ? {} : allDifferences(this.#runs.map(({ id }) => this.#shared.configs.get(id)!));
  }

  async df(): Promise<DataFrame> {
    return await frameOf(await this.#columns(), ["seconds"]);
  }

  plot(options: PlotOptions<string>): Chart {
    return plotOf(async () => {
      const columns = await this.#columns();
      return this.#runs.map((_, index) => Object.fromEntries(columns.map(([name, values]) => [name, values[index]])));
    }, options);
  }

  /** The table, column by column. */
  async #columns(): Promise<(readonly [name: string, values: readonly unknown[]])[]> {
    const executions = await executionsOf(this.#shared.ledger, this.#runs);
    const facets = this.#runs.map((run) => leavesOf(run));
    const keys = [...new Set(facets.flatMap((leaves) => [...leaves.keys()]))].sort();
    const own = Object.entries(COLUMNS).map(([name, value]) =>
      [name, this.#runs.map((run) => value(run, executions.get(run.id) ?? run))] as const
    );
    const taken = new Set(Object.keys(COLUMNS));
    const values = keys.map((key) =>
      [taken.has(key) ? `facet.${key}` : key, oneType(facets.map((leaves) => leaves.get(key) ?? null))] as const
    );
    return [...own, ...values];
  }

  [DISPLAY](): MimeBundle {
    return shownRuns(this.#runs, this.#shared.label);
  }

  /** The same as text, for terminals. */
  [INSPECT](): string {
    return String(this[DISPLAY]()["text/plain"]);
  }

  #of(runs: readonly Run[]): Runs {
    return new Runs(runs, this.#shared);
  }

  /** Configs of the runs of a set, where it is one of ours. */
  static configs(set: RunSet): ReadonlyMap<string, FlatConfig> {
    return set instanceof Runs ? set.#shared.configs : new Map();
  }
}

const configsIn = (set: RunSet): ReadonlyMap<string, FlatConfig> => Runs.configs(set);

class Pair implements RunPair {
  readonly left: Run;
  readonly right: Run;
  readonly #configs: readonly ReadonlyMap<string, FlatConfig>[];

  constructor(left: Run, right: Run, configs: readonly ReadonlyMap<string, FlatConfig>[]) {
    this.left = left;
    this.right = right;
    this.#configs = configs;
  }

  configDiff(): { readonly [key: string]: Difference } {
    const [left, right] = [this.left, this.right].map(({ id }, side) => this.#configs[side]!.get(id) ?? new Map());
    return differences(left!, right!);
  }
}

/** The runs that executed for those that are hits; what the ledger does not have any more is left out. */
async function executionsOf(ledger: Ledger, runs: readonly Run[]): Promise<Map<string, Run>> {
  const sources = new Map(
    runs.flatMap(({ id, cacheHit, meta }) => cacheHit && typeof meta.cache_source === "string" ? [[id, meta.cache_source]] : []),
  );
  if (sources.size === 0) return new Map();
  const executed = new Map((await ledger.read((db) => runsOf(db, [...new Set(sources.values())]))).map((run) => [run.id, run]));
  return new Map(runs.flatMap((run) => {
    const execution = executed.get(sources.get(run.id) ?? "");
    if (execution === undefined) return [];
    noteHit(run.id, { id: execution.id, began: { hit: run.startedAt, execution: execution.startedAt } });
    return [[run.id, execution]];
  }));
}

const COLUMNS: { readonly [name: string]: (run: Run, execution: Run) => unknown } = {
  run_id: ({ id }) => id,
  model: ({ model }) => model,
  scenario: ({ scenarioId }) => scenarioId ?? null,
  status: ({ status }) => status,
  cache_hit: ({ cacheHit }) => cacheHit,
  year: ({ year }) => year ?? null,
  iteration: ({ iteration }) => iteration ?? null,
  started_at: ({ startedAt }) => startedAt,
  seconds: (_, execution) => secondsOf(execution),
};

/** A column of values that have different types is text. */
function oneType(values: readonly unknown[]): readonly unknown[] {
  const types = new Set(values.filter((value) => value !== null).map((value) => typeof value));
  if (types.size <= 1 && !types.has("object")) return values;
  return values.map((value) => (value === null ? null : typeof value === "string" ? value : JSON.stringify(value)));
}

function valueOf(run: Run, by: Grouping): unknown {
  if (typeof by === "string") return run[by];
  const leaves = leavesOf(run);
  return leaves.get(by.facet) ?? leaves.get(by.facet.replaceAll(".", "\\.")) ?? null;
}

/** Numbers in their order, then text; what is missing comes last. */
function byValue(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === undefined || a === null) return 1;
  if (b === undefined || b === null) return -1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a) < String(b) ? -1 : 1;
}

function fits(run: Run, filter: RunFilter): boolean {
  const { id, step, model, year, iteration, stage, phase, status, tags = [], facet = {} } = filter;
  const pairs: readonly (readonly [unknown, unknown])[] = [
    ...[[id, run.id], [step, run.model], [model, run.model], [year, run.year], [iteration, run.iteration]] as const,
    ...[[stage, run.stage], [phase, run.phase], [status, run.status], [filter.scenario, run.scenarioId]] as const,
  ];
  return pairs.every(([wanted, found]) => wanted === undefined || wanted === found) &&
    (filter.parentId === undefined || filter.parentId === run.scenarioId || filter.parentId === run.parentId) &&
    tags.every((tag) => run.tags.includes(tag)) && Object.entries(facet).every(([key, value]) => hasFacet(run, key, value));
}

function hasFacet(run: Run, key: string, value: Scalar): boolean {
  const leaves = leavesOf(run);
  return [key, key.replaceAll(".", "\\.")].some((name) => leaves.has(name) && leaves.get(name) === value);
}

function keyed(set: RunSet, on: Grouping, side: "first" | "second"): Map<unknown, Run> {
  const runs = new Map<unknown, Run>();
  for (const run of set) {
    const value = valueOf(run, on);
    if (value === undefined || value === null) continue;
    const other = runs.get(value);
    if (other !== undefined) throw duplicate(on, value, side, [other.id, run.id]);
    runs.set(value, run);
  }
  return runs;
}

function duplicate(on: Grouping, value: unknown, side: string, ids: readonly string[]): FindError {
  const what = typeof on === "string" ? on : `facet "${on.facet}"`;
  return new FindError("run_ambiguous", {
    problem: `Cannot align two sets of runs by ${what}.`,
    why: `In the ${side} set several runs have the value ${JSON.stringify(value)}: ${listNames(ids)}.`,
    fix: "Filter the set, take the newest of each group with latest(), or align on a field that tells the runs apart.",
  });
}

function twoLedgers(left: string, right: string): OptionError {
  return new OptionError("option_invalid", {
    problem: "Cannot align two sets of runs.",
    why: `They come from two ledgers, "${left}" and "${right}".`,
    fix: "Compare runs of one ledger.",
  });
}
