/** Conditions on facets, exact also in ledgers whose numbers have 32 bits. */
import { type Db, type FacetLeaf, facetLeaves, jsonText } from "../../ledger/mod.ts";
import type { SqlParameter } from "../../relations/mod.ts";
import type { Facet } from "../../types.ts";

/** Adds a parameter and gives its place. */
export type Bind = (value: SqlParameter) => string;

/** Conditions that the run `r` has all of these facet values. */
export function facetConditions(facet: Facet, born: Db["born"], bind: Bind): string[] {
  return Object.entries(facet).map(([key, value]) => {
    const leaves = facetLeaves({ [key]: value });
    return leaves.map((leaf) => condition(leaf, born, bind)).join(" and ") || "true";
  });
}

/** A key with dots is the path of a nested value, or a key that has dots in it: both are looked for. */
function condition(leaf: FacetLeaf, born: Db["born"], bind: Bind): string {
  const keys = [...new Set([leaf.key, leaf.key.replaceAll("\\.", ".")])];
  const alternatives = keys.map((key) => `(k.key = ${bind(key)} and ${valueCondition({ ...leaf, key }, born, bind)})`);
  return `exists (select 1 from run_config_kv k where k.run_id = r.id and (${alternatives.join(" or ")}))`;
}

function valueCondition(leaf: FacetLeaf, born: Db["born"], bind: Bind): string {
  switch (leaf.value_type) {
    case "null":
      return "k.value_type = 'null'";
    case "str":
      return `k.value_type = 'str' and k.value_str = ${bind(leaf.value_str!)}`;
    case "bool":
      return `k.value_type = 'bool' and k.value_bool = ${bind(leaf.value_bool!)}`;
    case "json":
      return `k.value_type = 'json' and json(k.value_json) = json(${bind(jsonText(leaf.value_json))})`;
    default:
      return `k.value_type in ('int', 'float') and ${numberCondition(leaf.key, leaf.value_num!, born, bind)}`;
  }
}

/** A 32-bit number finds the candidates, and the facet's own JSON decides. */
function numberCondition(key: string, value: number, born: Db["born"], bind: Bind): string {
  const wanted = `${bind(value)}::double`;
  if (born.valueNum === "DOUBLE") return `k.value_num = ${wanted}`;
  const exact = `try_cast(json_extract_string(f.json, ${bind(jsonPointer(key))}) as double)`;
  return `k.value_num = try_cast(${wanted} as float) and exists (select 1 from config_facet f where f.id = k.facet_id and ${exact} = ${wanted})`;
}

/** Where a key of `run_config_kv` stands in its facet's JSON: dots separate, `\.` is a dot. */
export function jsonPointer(key: string): string {
  const path = key.split(/(?<!\\)\./).map((part) => part.replaceAll("\\.", "."));
  return path.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
