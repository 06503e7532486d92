/**
 * Columns under names that every Vega-Lite draws. Frontends bring versions of their own, which put names and titles into expressions: a quote, a
 * line break or the name of a method of every object ends them, and a frontend then shows nothing at all, not even the picture beside it.
 */
import { short } from "../text/printable.ts";
import type { ChartRow } from "./chart_rows.ts";
import { columnOfField, columnTitle, fieldName } from "./plot_spec.ts";
import { recordOf } from "./spec_parts.ts";

type Spec = { readonly [key: string]: unknown };
/** Column → the name that it is drawn under. */
type Names = ReadonlyMap<string, string>;

const LIMIT = 120;
/** They look like what they stand for, since some charts show names of columns by themselves. */
const ALIKE: { readonly [character: string]: string } = { '"': "”", "'": "’", "\\": "＼" };
/** Words of transforms whose texts are names of columns, alone or in lists. */
const NAMING = [
  ...["groupby", "fold", "flatten", "as", "lookup", "fields", "key", "pivot", "value", "density", "regression", "loess", "on"],
  ...["quantile", "impute", "stack", "extent"],
];
/** Words whose texts are expressions. */
const EXPRESSIONS = ["calculate", "filter", "test", "and", "or", "not", "expr", "labelExpr", "signal", "update", "init"];

/** A specification and its rows with names that can be drawn; where a name is another one, the title says the true one. */
export function withDrawableNames(spec: Spec, rows: readonly ChartRow[]): { readonly spec: Spec; readonly rows: readonly ChartRow[] } {
  const names = drawableNames([...new Set([...rows.flatMap((row) => Object.keys(row)), ...madeBy(spec)])]);
  const renamed = (row: ChartRow) => Object.fromEntries(Object.entries(row).map(([column, value]) => [names.get(column) ?? column, value]));
  return { spec: recordOf(renamedPart(spec, names)), rows: names.size === 0 ? rows : rows.map(renamed) };
}

/** Columns that the specification computes. */
function madeBy(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(madeBy);
  return Object.entries(recordOf(value)).flatMap(([key, inner]) =>
    key === "as" ? [inner].flat().filter((name) => typeof name === "string") : key === "data" ? [] : madeBy(inner)
  );
}

/** Deno hides one of these words from itself; browsers have it. */
function isInherited(word: string): boolean {
  return word in {} || word === "__proto__";
}

function drawableNames(columns: readonly string[]): Names {
  const taken = new Set(columns);
  const names = new Map<string, string>();
  for (const column of columns) {
    const plain = short(column, LIMIT).replaceAll(/["'\\]/g, (character) => ALIKE[character]!);
    const name = plain === "" ? "(no name)" : isInherited(plain) ? `${plain} (column)` : plain;
    if (name === column) continue;
    let free = name;
    for (let n = 2; taken.has(free); n++) free = `${name} (${n})`;
    taken.add(free);
    names.set(column, free);
  }
  return names;
}

/** A part of the specification; one with data of its own has columns of its own. */
function renamedPart(value: unknown, names: Names): unknown {
  if (Array.isArray(value)) return value.map((member) => renamedPart(member, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, "data" in value && key !== "data" ? inner : renamedMember(key, inner, names)]),
  );
}

function renamedMember(key: string, value: unknown, names: Names): unknown {
  if (key === "data" || key === "datasets") return value;
  if (key === "title" || key === "text") return drawableText(value) ?? renamedPart(value, names);
  if (key === "field" && typeof value === "string") return fieldOf(value, names);
  if (key === "encoding") return renamedPart(withPlainTitles(withTitles(value, names)), names);
  if (key === "transform" && Array.isArray(value)) return value.flatMap((member) => renamedTransform(recordOf(member), names));
  if (key === "repeat" && typeof value !== "string") {
    return Array.isArray(value) ? namesIn(value, names) : renamedLists(recordOf(value), names);
  }
  if (key === "fields") return namesIn(value, names);
  if (EXPRESSIONS.includes(key)) return expressionsIn(value, names);
  return renamedPart(value, names);
}

/** The Vega-Lite of JupyterLab puts titles of axes and legends into expressions as they are. */
function withPlainTitles(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPlainTitles);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === "title" ? plainTitle(inner) : withPlainTitles(inner)]),
  );
}

function plainTitle(title: unknown): unknown {
  if (Array.isArray(title)) return title.map(plainTitle);
  return typeof title === "string"
    ? title.replaceAll(/["\\]/g, (character) => ALIKE[character]!).replaceAll(/[\r\n\u2028\u2029]+/g, " ")
    : title;
}

/** Vega looks words of titles up, and finds the methods of every object. */
function drawableText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((line) => drawableText(line) ?? line);
  return typeof value !== "string" ? undefined : isInherited(value) ? `${value}\u00a0` : value;
}

function fieldOf(field: string, names: Names): string {
  const name = names.get(columnOfField(field)) ?? names.get(field);
  return name === undefined ? field : fieldName(name);
}

/** A name of a column, or a list of them. */
function namesIn(value: unknown, names: Names): unknown {
  if (Array.isArray(value)) return value.map((member) => namesIn(member, names));
  return typeof value === "string" ? fieldOf(value, names) : renamedPart(value, names);
}

function renamedLists(lists: Spec, names: Names): Spec {
  return Object.fromEntries(Object.entries(lists).map(([key, list]) => [key, namesIn(list, names)]));
}

/** What turns names of columns into values gives the true names. */
function renamedTransform(transform: Spec, names: Names): Spec[] {
  const renamed = Object.fromEntries(
    Object.entries(transform).map(([key, value]) => [key, NAMING.includes(key) ? namesIn(value, names) : renamedMember(key, value, names)]),
  );
  const folded = [transform.fold ?? []].flat().filter((column) => typeof column === "string");
  const told = folded.map((column) => [columnOfField(column), fieldOf(column, names)] as const).filter(([column]) => names.has(column));
  if (told.length === 0) return [renamed];
  const as = String([renamed.as ?? "key"].flat()[0]);
  const value = `datum[${JSON.stringify(as)}]`;
  const named = told.map(([column, name]) =>
    `${value} === ${JSON.stringify(columnOfField(name))} ? ${JSON.stringify(short(column, 60))} : `
  );
  return [renamed, { calculate: `${named.join("")}${value}`, as }];
}

/** Channels say what the column is called, as Vega-Lite would have. */
function withTitles(encoding: unknown, names: Names): Spec {
  const titled = (channel: unknown): unknown => {
    if (Array.isArray(channel)) return channel.map(titled);
    const { field, title } = recordOf(channel);
    if (typeof field !== "string" || title !== undefined || fieldOf(field, names) === field) return channel;
    return { ...recordOf(channel), title: columnTitle(names.has(field) ? field : columnOfField(field), recordOf(channel)) };
  };
  return Object.fromEntries(Object.entries(recordOf(encoding)).map(([name, channel]) => [name, titled(channel)]));
}

function expressionsIn(value: unknown, names: Names): unknown {
  if (Array.isArray(value)) return value.map((member) => expressionsIn(member, names));
  return typeof value === "string" ? renamedExpression(value, names) : renamedPart(value, names);
}

/** The columns that an expression names: `datum["a"]`, `datum['a']`, `datum.a`. */
function renamedExpression(expression: string, names: Names): string {
  return expression.replaceAll(
    /\bdatum\s*(?:\[\s*("(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*')\s*\]|\.\s*([\p{L}_$][\p{L}\p{N}_$]*))/gu,
    (whole: string, quoted: string | undefined, word: string | undefined) => {
      const name = names.get(quoted === undefined ? word! : textOf(quoted));
      return name === undefined ? whole : `datum[${JSON.stringify(name)}]`;
    },
  );
}

/** What a literal of an expression says. */
function textOf(literal: string): string {
  const escapes: { readonly [letter: string]: string } = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", v: "\v", 0: "\0" };
  return literal.slice(1, -1).replaceAll(
    /\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([^]))/g,
    (_, unicode?: string, byte?: string, letter?: string) =>
      letter === undefined ? String.fromCharCode(parseInt((unicode ?? byte)!, 16)) : escapes[letter] ?? letter,
  );
}
