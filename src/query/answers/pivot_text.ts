/** The text of a pivot: how each key is read is asked of the ledger. */
import type { Db, Ledger } from "../../ledger/mod.ts";
import { ownPiece, type Piece, quoteName, type Statement } from "../../relations/mod.ts";
import { captionOf, type Pivot, type ValueColumn } from "../pivot.ts";
import { absentFacets } from "./absent_facets.ts";
import { ask } from "./ask.ts";
import { jsonPointer } from "./facet_filter.ts";
import { unseenInResults } from "./visible.ts";

/** How a key's values are read: by one column, or as text where runs disagree about the type. */
type Kind = ValueColumn | "mixed";

/** The text of a pivot, and, where `looksFor` them, what is told of its names that no run has. */
export async function pivotText(
  ledger: Ledger,
  pivot: Pivot,
  statement: Statement,
  looksFor: boolean,
): Promise<{ readonly piece: Piece; readonly absent: readonly string[] }> {
  const { kinds, exact, absent } = await ledger.read(async (db) => {
    const { kinds, doubtful } = await kindsOf(db, pivot);
    const absent = looksFor ? await absentFacets(db, { namespace: pivot.namespace, keys: doubtful }) : [];
    return { kinds, exact: db.born.valueNum === "DOUBLE", absent };
  });
  statement.needs(ledger);
  return { piece: written(statement, pivot, kinds, exact), absent };
}

/** How to read each key that nobody chose a column for. Numbers are most common, so that only the other rows are looked at first. */
async function kindsOf(db: Db, { keys, chosen, namespace }: Pivot): Promise<{
  readonly kinds: ReadonlyMap<string, Kind>;
  /** Keys that hold numbers, or that no run has. */
  readonly doubtful: readonly string[];
}> {
  const open = keys.filter((key) => !chosen.has(key));
  const kinds = new Map<string, Kind>(chosen);
  if (open.length === 0) return { kinds, doubtful: [] };
  const others = await distinctTypes(db, "value_num is null", open, namespace);
  const mixed = [...others.keys()];
  const numeric = new Set(mixed.length === 0 ? [] : (await distinctTypes(db, "value_num is not null", mixed, namespace)).keys());
  for (const key of open) kinds.set(key, kindFor([...others.get(key) ?? []], numeric.has(key)));
  return { kinds, doubtful: open.filter((key) => !others.has(key)) };
}

const BY_TYPE: { readonly [type: string]: ValueColumn } = { str: "value_str", bool: "value_bool", json: "value_json" };

/** A number that does not fit into 32 bits has no value in a ledger of the other library, and is a number all the same. */
function kindFor(types: readonly string[], isNumeric: boolean): Kind {
  const columns = new Set(
    types.map((type) => BY_TYPE[type] ?? (type === "null" ? undefined : "value_num")).filter((column) => column !== undefined),
  );
  if (isNumeric || types.length === 0) columns.add("value_num");
  if (columns.size > 1) return "mixed";
  return [...columns][0] ?? "value_str";
}

async function distinctTypes(
  db: Db,
  condition: string,
  keys: readonly string[],
  namespace: string | undefined,
): Promise<Map<string, Set<string>>> {
  const params = [keys, ...(namespace === undefined ? [] : [namespace])];
  const rows = await ask<{ key: string; type: string }>(
    db,
    `select distinct key, value_type as type from run_config_kv
    where ${condition} and key in (select unnest($1::varchar[]))${namespace === undefined ? "" : " and namespace = $2"}`,
    params,
  );
  const types = new Map<string, Set<string>>();
  for (const { key, type } of rows) types.set(key, (types.get(key) ?? new Set()).add(type));
  return types;
}

function written(statement: Statement, pivot: Pivot, kinds: ReadonlyMap<string, Kind>, exact: boolean): Piece {
  const { keys, labels, idLabel, namespace, history } = pivot;
  const places = new Map(keys.map((key) => [key, statement.bind(key)]));
  const columns = keys.map((key) => {
    const value = exact ? valueOf(kinds.get(key)!) : inexactValue(kinds.get(key)!, () => statement.bind(jsonPointer(key)));
    return `max(${value}) filter (where k.key = ${places.get(key)}) as ${quoteName(labels.get(key)!)}`;
  });
  const conditions = [
    `k.key in (${[...places.values()].join(", ")})`,
    ...(namespace === undefined ? [] : [`k.namespace = ${statement.bind(namespace)}`]),
  ];
  const all = `select k.run_id as ${quoteName(idLabel)}, ${columns.join(", ")}
from run_config_kv k${exact ? "" : " left join config_facet f on f.id = k.facet_id"}
where ${conditions.join(" and ")} group by k.run_id`;
  // The runs are sifted after the pivot, since they are ten times fewer than the facets, and by those that are not seen, which are fewer still.
  const text = history ? all : `select p.* from (${all}) p anti join ${unseenInResults()} u on u.id = p.${quoteName(idLabel)}`;
  return ownPiece(text, captionOf(pivot));
}

function valueOf(kind: Kind, number = "k.value_num"): string {
  switch (kind) {
    case "value_num":
      return number;
    case "value_str":
    case "value_bool":
      return `k.${kind}`;
    case "value_json":
      return JSON_TEXT;
    default:
      return `coalesce(k.value_str, k.value_bool::varchar, regexp_replace((${number})::varchar, '\\.0$', ''), ${JSON_TEXT})`;
  }
}

/** The other library writes the JSON text `null` where there is no value. */
const JSON_TEXT = "nullif(k.value_json::varchar, 'null')";

/** In a ledger whose numbers have 32 bits, the exact one stands in the facet's own JSON. */
function inexactValue(kind: Kind, pointer: () => string): string {
  if (kind !== "value_num" && kind !== "mixed") return valueOf(kind);
  return valueOf(
    kind,
    `case when k.value_type in ('int', 'float') then coalesce(try_cast(json_extract_string(f.json, ${pointer()}) as double), k.value_num) end`,
  );
}
