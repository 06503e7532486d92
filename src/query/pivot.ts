/** Facets as a wide table: a row for each run, a column for each key. */
import { listNames, nearestName, OptionError } from "../errors.ts";
import { quoteName, relationOf, type SqlRelation } from "../relations/mod.ts";
import type { Scalar, Simplify } from "../types.ts";
import type { Reading, ReadOptions } from "./reading.ts";

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

/** A pivot whose options were checked. */
export interface Pivot {
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
      const { pivotText } = await import("./answers/mod.ts");
      const { piece, absent } = await pivotText(ledger, pivot, statement, !isTold);
      if (statement.dry) return piece;
      isTold = true;
      absent.forEach(warn);
      return piece;
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

/** What a pivot is called where it is shown. */
export function captionOf({ namespace, keys }: Pivot): string {
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
