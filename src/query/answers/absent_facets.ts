/** Names of a pivot that no run has: misspelt, or of runs that are still to come. */
import { listNames, nearestName } from "../../errors.ts";
import { JSON } from "../../intrinsics.ts";
import type { Db } from "../../ledger/mod.ts";
import { ask } from "./ask.ts";

/** What was asked for. */
export interface AskedFacets {
  /** The runs' model. */
  readonly namespace: string | undefined;
  /** The keys of which it is not known that a run has them. */
  readonly keys: readonly string[];
}

/** A sentence for each name that no run has; nothing where no run has facets yet. */
export async function absentFacets(db: Db, asked: AskedFacets): Promise<string[]> {
  const absent = await absentKeys(db, asked);
  if (absent.length === 0) return [];
  const known = await ask<{ namespace: string; key: string }>(db, "select distinct namespace, key from run_config_kv order by all");
  if (known.length === 0) return [];
  const { namespace } = asked;
  const keysOf = Map.groupBy(known, (facet) => facet.namespace);
  if (namespace !== undefined && !keysOf.has(namespace)) return [noNamespace(namespace, [...keysOf.keys()])];
  const own = new Set((namespace === undefined ? known : keysOf.get(namespace)!).map(({ key }) => key));
  return absent.map((key) => noKey(key, namespace, [...own], known.filter((facet) => facet.key === key).map((facet) => facet.namespace)));
}

/** Each key is looked for by itself, up to the first run that has it. */
async function absentKeys(db: Db, { namespace, keys }: AskedFacets): Promise<string[]> {
  if (keys.length === 0) return [];
  const inNamespace = namespace === undefined ? "" : `namespace = $${keys.length + 1} and `;
  const looks = keys.map((_, index) => `(select key from run_config_kv where ${inNamespace}key = $${index + 1} limit 1)`);
  const found = await ask<{ key: string }>(db, looks.join(" union all "), [...keys, ...(namespace === undefined ? [] : [namespace])]);
  const present = new Set(found.map(({ key }) => key));
  return keys.filter((key) => !present.has(key));
}

function noNamespace(namespace: string, known: readonly string[]): string {
  const near = nearestName(namespace, known);
  const hint = near === undefined ? `There are facets of ${listNames(known)}.` : `Did you mean ${JSON.stringify(near)}?`;
  return `pivotFacets: no run of ${JSON.stringify(namespace)} has facets, so that the table is empty. ${hint}`;
}

function noKey(key: string, namespace: string | undefined, own: readonly string[], elsewhere: readonly string[]): string {
  const of = namespace === undefined ? "" : ` of ${JSON.stringify(namespace)}`;
  const near = nearestName(key, own);
  const hint = near !== undefined
    ? `Did you mean ${JSON.stringify(near)}?`
    : elsewhere.length > 0
    ? `It is a facet of ${listNames(elsewhere)}.`
    : `There are ${listNames(own)}.`;
  return `pivotFacets: no run${of} has the facet ${JSON.stringify(key)}, so that its column has no values. ${hint} ` +
    `Where it may be absent, say what it holds: valueColumns: { ${JSON.stringify(key)}: "value_num" }.`;
}
