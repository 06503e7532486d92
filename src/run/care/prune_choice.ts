/** Which runs may be pruned: what the rules say, less what is in use, and what anything that stays was made from. */
import { JSON } from "../../intrinsics.ts";
import type { Need, UsedRun } from "../../ledger/mod.ts";
import type { PruneRules } from "./prune_rules.ts";

/** What is known of the cache when something is chosen. */
export interface CacheState {
  /** All runs that executed, newest first. */
  readonly runs: readonly UsedRun[];
  /** Who needs whose files. */
  readonly needs: readonly Need[];
  /** Run → bytes of its folder, for those that have one which may be deleted. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Runs that something which executes now needs. */
  readonly inUse: ReadonlySet<string>;
  /** What the whole cache takes, in bytes. */
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What was chosen. */
export interface PruneChoice {
  /** The runs whose files go. */
  readonly runs: readonly UsedRun[];
  /** How many more the rules mean, which stay because something executes that needs them. */
  readonly inUse: number;
  /** How many more the rules mean, which stay because a run that stays was made from them. */
  readonly needed: number;
}

/** Runs that have ended, and that this library made. */
const ENDED: readonly string[] = ["completed", "failed", "interrupted"];

/** When a run was used last: it executed, or was a hit. */
export function lastUse({ at, hit_at }: UsedRun): number {
  return Math.max(at.getTime(), hit_at?.getTime() ?? -Infinity);
}

/** Chooses. */
export function choosePrunes(rules: PruneRules, state: CacheState): PruneChoice {
  const fits = ruleOf(rules, state);
  const meant = new Set(state.runs.filter(fits).map(({ id }) => id));
  const free = new Set([...meant].filter((id) => !state.inUse.has(id)));
  const makers = Map.groupBy(state.needs, ({ reader }) => reader);
  const staying = state.runs.filter(({ id, state }) => !free.has(id) && state === null).map(({ id }) => id);
  const known = new Set(state.runs.map(({ id }) => id));
  // A reader that is not among the runs stays too: one of another program, or whose row is gone.
  const needed = reached([...staying, ...state.needs.map(({ reader }) => reader).filter((id) => !known.has(id))], makers);
  const mayGo = state.runs.filter(({ id }) => free.has(id) && !needed.has(id));
  const chosen = rules.maxBytes === undefined ? mayGo : untilSmall(mayGo, state, rules.maxBytes);
  const withFiles = (ids: Iterable<string>): string[] => [...ids].filter((id) => state.sizes.has(id));
  return {
    runs: chosen.filter(({ id }) => state.sizes.has(id)),
    inUse: withFiles(meant).filter((id) => state.inUse.has(id)).length,
    needed: withFiles(free).filter((id) => needed.has(id)).length,
  };
}

/** Does a run fit the rules? */
function ruleOf(
  { olderThanMs, unusedForMs, keepLatest, step, scenario }: PruneRules,
  { runs, now }: CacheState,
): (run: UsedRun) => boolean {
  const latest = new Set(keepLatest === undefined ? [] : latestOf(runs, keepLatest));
  return (run) =>
    run.is_ours && run.state === null && ENDED.includes(run.status) && !latest.has(run.id) &&
    (olderThanMs === undefined || run.at.getTime() < now - olderThanMs) &&
    (unusedForMs === undefined || lastUse(run) < now - unusedForMs) &&
    (step === undefined || run.step === step || run.model === step) &&
    (scenario === undefined || isOnlyOf(run, scenario));
}

/** The newest completed runs of each step that can be served. */
function latestOf(runs: readonly UsedRun[], count: number): string[] {
  const completed = runs.filter(({ status, state }) => status === "completed" && state === null);
  const steps = Map.groupBy(completed, ({ model, step }) => JSON.stringify([model, step])).values();
  return [...steps].flatMap((same) => same.slice(0, count)).map(({ id }) => id);
}

/** Did a run execute in this scenario, and did no other one, and nothing outside of scenarios, hit it? */
function isOnlyOf({ scenario, scenarios }: UsedRun, name: string): boolean {
  const others = scenarios === null ? [] : JSON.parse(scenarios) as (string | null)[];
  return scenario === name && others.every((other) => other === name);
}

/** All runs from which these were made, directly or through others. */
export function reached(from: Iterable<string>, makers: ReadonlyMap<string, readonly Need[]>): Set<string> {
  const found = new Set(from);
  const roots = new Set(found);
  for (const id of found) for (const { maker } of makers.get(id) ?? []) found.add(maker);
  const needed = new Set([...found].filter((id) => !roots.has(id)));
  for (const id of roots) for (const { maker } of makers.get(id) ?? []) needed.add(maker);
  return needed;
}

/**
 * Those that were not used for longest, until the cache is small enough. A run is used whenever one is that was made from it, and whoever
 * reads goes before what it reads.
 */
function untilSmall(runs: readonly UsedRun[], { needs, sizes, bytes }: CacheState, maxBytes: number): UsedRun[] {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const readers = Map.groupBy(needs.filter(({ reader }) => byId.has(reader)), ({ maker }) => maker);
  const use = new Map<string, number>();
  for (const id of readersFirst(runs, readers)) {
    use.set(
      id,
      (readers.get(id) ?? []).reduce((latest, { reader }) => Math.max(latest, use.get(reader) ?? -Infinity), lastUse(byId.get(id)!)),
    );
  }
  const taken = new Set<string>();
  let left = bytes;
  for (const [id] of [...use].sort(([, a], [, b]) => a - b)) {
    if (left <= maxBytes) break;
    for (const each of withReaders(id, readers, taken)) left -= sizes.get(each) ?? 0;
  }
  return runs.filter(({ id }) => taken.has(id));
}

/** Takes a run, and with it those that read what it made: they were taken before, unless they made in turn what it read itself. Gives the new ones. */
function withReaders(id: string, readers: ReadonlyMap<string, readonly Need[]>, taken: Set<string>): string[] {
  const fresh = taken.has(id) ? [] : [id];
  taken.add(id);
  for (const next of fresh) {
    for (const { reader } of readers.get(next) ?? []) {
      if (!taken.has(reader)) fresh.push(reader);
      taken.add(reader);
    }
  }
  return fresh;
}

/** The runs, the oldest first as far as each comes after all that read what it made. */
function readersFirst(runs: readonly UsedRun[], readers: ReadonlyMap<string, readonly Need[]>): Set<string> {
  const [done, seen] = [new Set<string>(), new Set<string>()];
  for (const { id } of runs.toReversed()) {
    const stack = [id];
    for (let next = stack.at(-1); next !== undefined; next = stack.at(-1)) {
      const before = seen.has(next) ? [] : (readers.get(next) ?? []).filter(({ reader }) => !seen.has(reader));
      seen.add(next);
      if (before.length > 0) stack.push(...before.map(({ reader }) => reader));
      else done.add(stack.pop()!);
    }
  }
  return done;
}
