/** Configs of runs, flat, and where they differ. */
import { JSON } from "../../intrinsics.ts";
import { type Db, facetLeaves, identitiesOf, type Ledger, ownRunsById, readSnapshot } from "../../ledger/mod.ts";
import type { Run } from "../../types.ts";
import type { Difference, Reading } from "../reading.ts";

/** A config, flat: nested keys are joined by dots. */
export type FlatConfig = ReadonlyMap<string, unknown>;

/** What the other library writes into a config for itself. */
const NOT_THE_USERS = /^__consist_/;

/** Configs by the run's id: from the ledger, else from the run's snapshot, else what its facet tells. */
export async function configsOf(
  { ledger, runDir }: Pick<Reading, "ledger" | "runDir">,
  runs: readonly Run[],
): Promise<Map<string, FlatConfig>> {
  const recorded = await recordedConfigs(ledger, runs.map(({ id }) => id));
  const entries = await Promise.all(runs.map(async (run) => {
    const config = recorded.get(run.id) ?? (await readSnapshot(runDir, run.id))?.config ?? run.facet;
    return [run.id, flat(config)] as const;
  }));
  return new Map(entries);
}

/** A hit has no identity of its own: the config is that of the run whose outputs it serves. */
async function recordedConfigs(ledger: Ledger, ids: readonly string[]): Promise<Map<string, unknown>> {
  return await ledger.read(async (db: Db) => {
    const sources = new Map((await ownRunsById(db, ids)).map((own) => [own.run_id, own.source_run_id ?? own.run_id]));
    const identities = await identitiesOf(db, [...new Set([...ids, ...sources.values()])]);
    const configs = new Map(identities.map(({ run_id, config }) => [run_id, config]));
    return new Map(ids.map((id) => [id, configs.get(id) ?? configs.get(sources.get(id) ?? id) ?? undefined]));
  });
}

function flat(config: unknown): FlatConfig {
  const leaves = facetLeaves(config).filter(({ key }) => !NOT_THE_USERS.test(key));
  return new Map(leaves.map((leaf) => [leaf.key, leaf.value_str ?? leaf.value_num ?? leaf.value_bool ?? leaf.value_json ?? null]));
}

/** The keys in which two configs differ. */
export function differences(left: FlatConfig, right: FlatConfig): { readonly [key: string]: Difference } {
  const keys = [...new Set([...left.keys(), ...right.keys()])].sort();
  const differing = keys.filter((key) => left.has(key) !== right.has(key) || !same(left.get(key), right.get(key)));
  return Object.fromEntries(differing.map((key) => [key, { left: left.get(key), right: right.get(key) }]));
}

/** The keys in which some configs differ, with the value of each; `undefined` where one lacks the key. */
export function allDifferences(configs: readonly FlatConfig[]): { readonly [key: string]: readonly unknown[] } {
  const keys = [...new Set(configs.flatMap((config) => [...config.keys()]))].sort();
  const differing = keys.filter((key) =>
    configs.some((config) => config.has(key) !== configs[0]!.has(key) || !same(config.get(key), configs[0]!.get(key)))
  );
  return Object.fromEntries(differing.map((key) => [key, configs.map((config) => config.get(key))]));
}

/** Leaves are scalars and lists. */
function same(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || (Array.isArray(a) && Array.isArray(b) && JSON.stringify(a) === JSON.stringify(b));
}
