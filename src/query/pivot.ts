/** Facets as a wide table: a row for each run, a column for each key. */
import { listNames, nearestName, OptionError } from "../errors.ts";
import type { Db } from "../ledger/mod.ts";
import { ownPiece, type Piece, quoteName, relationOf, type SqlRelation, type Statement } from "../relations/mod.ts";
import type { Scalar, Simplify } from "../types.ts";
import { absentFacets } from "./absent_facets.ts";
import { ask } from "./ask.ts";
import { jsonPointer } from "./facet_filter.ts";
import type { Reading, ReadOptions } from "./reading.ts";
import { unseenInResults } from "./visible.ts";

/** A column of `run_config_kv` that holds values of one type. */
export type ValueColumn = "value_num" | "value_str" | "value_bool" | "value_json";

/** What each value column holds. */
export interface ValueOfColumn {
  /** A number. */
  value_num: number | null;
  /** Text. */
  value_str: string | null;
  /** True or false. */
  value_bool: boolean | null;
  /** A list. */
  value_json: unknown;
}

/** Which facets to pivot, and what the columns are called. */
export interface PivotOptions<K extends string, T, L, Prefix extends string, Id extends string> {
  /** The facets of the runs of this model. */
  readonly namespace?: string;
  /** The facets' keys; a nested key is written with dots. */
  readonly keys: readonly K[];
  /** Key → the column that holds its values. @default found by type */
  readonly valueColumns?: T & { readonly [X in K]?: ValueColumn };
  /** What the names of all columns begin with. */
  readonly labelPrefix?: Prefix;
  /** Key → name of its column, without the prefix. */
  readonly labelMap?: L & { readonly [X in K]?: string };
  /** Name of the column with the run's id. @default "run_id" */
  readonly runIdLabel?: Id;
}

/** A row of a pivot. */
export type PivotRow<K extends string, T, L, Prefix extends string, Id extends string> = Simplify<
  & { [X in Id]: string }
  & {
    [X in K as X extends keyof L ? (L[X] extends string ? L[X] : `${Prefix}${X}`) : `${Prefix}${X}`]: X extends keyof T
      ? (T[X] extends ValueColumn ? ValueOfColumn[T[X]] : Scalar)
      : Scalar;
  }
>;

const VALUE_COLUMNS: readonly ValueColumn[] = ["value_num", "value_str", "value_bool", "value_json"];

/** How a key's values are read: by one column, or as text where runs disagree about the type. */
type Kind = ValueColumn | "mixed";

interface Pivot {
  readonly namespace: string | undefined;
  readonly keys: readonly string[];
  readonly chosen: ReadonlyMap<string, ValueColumn>;
  readonly labels: ReadonlyMap<string, string>;
  readonly idLabel: string;
  readonly history: boolean;
}

/**
 * A relation with a row for each run that has one of the keys, in the order in which the runs began; a key that a run lacks is null. A name
 * that no run has is told once, when the relation is first read: it may be misspelt, or of runs that are still to come.
 */
export function pivotFacets<
  const K extends string,
  const T extends { readonly [X in K]?: ValueColumn } = Record<never, never>,
  const L extends { readonly [X in K]?: string } = Record<never, never>,
  const Prefix extends string = "",
  const Id extends string = "run_id",
>(
  { ledger }: Pick<Reading, "ledger">,
  options: PivotOptions<K, T, L, Prefix, Id> & ReadOptions,
  warn: (message: string) => void = () => {},
): SqlRelation<PivotRow<K, T, L, Prefix, Id>> {
  const pivot = checked(options);
  let isTold = false;
  return relationOf({
    plain: true,
    order: startOf(pivot.idLabel),
    caption: captionOf(pivot),
    write: async (statement) => {
      const { kinds, exact, absent } = await ledger.read(async (db) => {
        const { kinds, doubtful } = await kindsOf(db, pivot);
        const absent = isTold ? [] : await absentFacets(db, { namespace: pivot.namespace, keys: doubtful });
        return { kinds, exact: db.born.valueNum === "DOUBLE", absent };
      });
      if (!statement.dry) isTold = true;
      if (!statement.dry) absent.forEach(warn);
      statement.needs(ledger);
      return written(statement, pivot, kinds, exact);
    },
  });
}

function checked(options: PivotOptions<string, object, object, string, string> & ReadOptions): Pivot {
  const { namespace, keys, labelPrefix = "", runIdLabel = "run_id", history = false } = options;
  const labelMap = (options.labelMap ?? {}) as { readonly [key: string]: string | undefined };
  const chosen = new Map(Object.entries((options.valueColumns ?? {}) as { readonly [key: string]: ValueColumn }));
  if (keys.length === 0) throw refused("There are no keys.", "Give at least one key.", "keys");
  for (const key of [...chosen.keys(), ...Object.keys(labelMap)]) if (!keys.includes(key)) throw notAKey(key, keys);
  for (const [key, column] of chosen) if (!VALUE_COLUMNS.includes(column)) throw notAColumn(key, column);
  const labels = new Map(keys.map((key) => [key, labelMap[key] ?? `${labelPrefix}${key}`]));
  checkLabels([runIdLabel, ...keys.map((key) => labels.get(key)!)]);
  return { namespace, keys, chosen, labels, idLabel: runIdLabel, history };
}

/** When the run with the id of this column began, and which of those that began at one moment was recorded first. The inner names are others than the column's, which would else be taken for one of them. */
function startOf(idLabel: string): string {
  const [id, start, runs] = [quoteName(`${idLabel}_`), quoteName(`${idLabel}__`), quoteName(`${idLabel}___`)];
  const starts = `(select id as ${id}, {a: epoch_us(created_at), b: rowid} as ${start} from run) ${runs}`;
  return `(select ${runs}.${start} from ${starts} where ${runs}.${id} = ${quoteName(idLabel)})`;
}

function captionOf({ namespace, keys }: Pivot): string {
  return `Facets${namespace === undefined ? "" : ` of ${namespace}`}: ${keys.join(", ")}`;
}

/** DuckDB tells columns apart without regard to case. */
function checkLabels(labels: readonly string[]): void {
  const twice = labels.find((label, index) => labels.findIndex((other) => other.toLowerCase() === label.toLowerCase()) < index);
  if (twice !== undefined) {
    throw refused(`Two columns would be called "${twice}".`, "Give different keys, or other names by labelMap.", "labelMap");
  }
}

function notAKey(key: string, keys: readonly string[]): OptionError {
  const near = nearestName(key, keys);
  const fix = near === undefined ? "Add it to the keys, or leave it out." : `Use "${near}", if that is what you mean.`;
  return refused(`"${key}" is none of the keys ${listNames(keys)}.`, fix, key);
}

function notAColumn(key: string, column: string): OptionError {
  const near = nearestName(column, VALUE_COLUMNS);
  const fix = `Use ${near === undefined ? "one of them" : `"${near}"`}, or leave it out: the column is found by type.`;
  return refused(`The value column "${column}" of "${key}" is none of ${listNames(VALUE_COLUMNS)}.`, fix, key);
}

function refused(why: string, fix: string, path: string): OptionError {
  return new OptionError("option_invalid", { problem: "Cannot pivot facets.", why, fix, path });
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
