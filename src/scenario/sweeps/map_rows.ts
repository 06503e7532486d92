/** Rows become runs: what each is called, and its config. All of it is checked before the first one runs. */
import { ConfigError, ConsistError, OptionError } from "../../errors.ts";
import { JSON } from "../../intrinsics.ts";
import { canonicalJson, configKinds, plainConfig } from "../../identity/mod.ts";
import { checkTemplate, describe, fillTemplate } from "../../run/mod.ts";
import { rowAt, rowsAt } from "../../schemas/mod.ts";
import type { Facet } from "../../types.ts";

/** A row with what its run is given. */
export interface Member {
  /** Its place among the rows. */
  readonly index: number;
  /** The row as it was given. */
  readonly row: object;
  /** What its run is called. */
  readonly name: string;
  /** The config of its run. */
  readonly config: unknown;
  /** The facet of its run, where one is made of the row. */
  readonly facet?: Facet;
}

/** How rows become runs. */
export interface RowRules {
  /** The step's own name. */
  readonly step: string;
  /** The pattern of the names. */
  readonly nameTemplate?: string | undefined;
  /** Does a schema make another config of it? Then it need not be plain data. */
  readonly isParsed: boolean;
  /** Makes the config. */
  readonly configFrom?: ((row: object, index: number) => unknown) | undefined;
  /** Makes the facet. */
  readonly facetFrom?: ((row: object, index: number) => Facet) | undefined;
}

/**
 * The runs of some rows.
 *
 * @throws {OptionError} where a row is no object, or two of them would be one run.
 * @throws {ConfigError} `config_not_plain`, with the row and the path in it.
 */
export function membersOf(rows: unknown, rules: RowRules): Member[] {
  const members = listOf(rows).map((row, index) => memberOf(row, index, rules));
  if (rules.nameTemplate !== undefined) {
    refuseTwice(members, ({ name }) => name, (member, other) => oneName(rules.nameTemplate!, member, other));
  }
  if (rules.configFrom === undefined && !rules.isParsed) refuseTwice(members, ({ config }) => plainText(config), equalRows);
  return members;
}

function listOf(rows: unknown): unknown[] {
  const isIterable = typeof rows === "object" && rows !== null && Symbol.iterator in rows;
  if (isIterable) return [...rows as Iterable<unknown>];
  throw new OptionError("option_invalid", {
    problem: `The option rows is ${describe(rows)}.`,
    why: "Each row is an object, and each of them becomes a run.",
    fix: "Give rows: [{ alpha: 1 }, { alpha: 2 }], or rows: grid({ alpha: [1, 2] }).",
    path: "rows",
  });
}

function memberOf(row: unknown, index: number, { step, nameTemplate, configFrom, facetFrom, isParsed }: RowRules): Member {
  if (typeof row !== "object" || row === null || Array.isArray(row)) throw noObject(row, index);
  const config = configFrom === undefined ? ownColumns(row) : fromRow("configFrom", index, () => configFrom(row, index));
  if (!isParsed) checkConfig(config, index, configFrom === undefined);
  const name = nameTemplate === undefined ? step : rowName(nameTemplate, row, index);
  const facet = facetFrom === undefined ? {} : { facet: fromRow("facetFrom", index, () => facetFrom(row, index)) };
  return { index, row, name, config, ...facet };
}

function rowName(template: string, row: object, index: number): string {
  const columns = Object.entries({ index, ...ownColumns(row) }).filter(([, value]) => value !== undefined);
  const words = columns.map(([column, value]) => [column, wordOf(value)] as const);
  checkTemplate(template, words.map(([column]) => column), `nameTemplate, for ${rowAt(index)},`);
  const unfit = words.find(([column, word]) => word === undefined && template.includes(`{${column}}`));
  if (unfit !== undefined) throw noWord(unfit[0], index);
  const name = fillTemplate(template, Object.fromEntries(words), words.map(([column]) => column));
  if (name.trim() === "") throw noWord("", index);
  return name;
}

/** What stands in a name; nothing of what is no word, number or date. */
function wordOf(value: unknown): string | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  return value === null || ["string", "number", "boolean", "bigint"].includes(typeof value) ? String(value) : undefined;
}

/** The row as a plain object: an instance of a class has its columns as well. */
function ownColumns(row: object): { [column: string]: unknown } {
  return Object.fromEntries(Object.entries(row));
}

function fromRow<T>(option: string, index: number, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new OptionError("option_invalid", {
      problem: `The function ${option} failed for ${rowAt(index)}: ${cause instanceof Error ? cause.message : describe(cause)}`,
      why: `${option} is called for each row before the first of them runs.`,
      fix: "Mend the function, or the row.",
      path: option,
      cause,
    });
  }
}

/** The same words as of a single run, with the row in front of the path. */
function checkConfig(config: unknown, index: number, isRow: boolean): void {
  const place = isRow ? `rows[${index}]` : "config";
  try {
    plainConfig(config, place);
  } catch (error) {
    if (!(error instanceof ConsistError)) throw error;
    throw new ConfigError("config_not_plain", {
      problem: isRow ? error.problem : `${error.problem.replace(/\.$/, "")}, in ${rowAt(index)}.`,
      why: error.why,
      fix: isRow ? `${error.fix} With configFrom: (row) => ... a config is made of a part of the row.` : error.fix,
      ...(error.path === undefined ? {} : { path: error.path }),
      cause: error,
    });
  }
}

function refuseTwice(
  members: readonly Member[],
  keyOf: (member: Member) => string,
  refuse: (member: Member, other: Member) => Error,
): void {
  const seen = new Map<string, Member>();
  for (const member of members) {
    const key = keyOf(member);
    const other = seen.get(key);
    if (other !== undefined) throw refuse(member, other);
    seen.set(key, member);
  }
}

/** What decides whether two configs are one: their text, and what stands in them that JSON has no word for. */
function plainText(config: unknown): string {
  return [canonicalJson(plainConfig(config)), ...configKinds(config)].join("\n");
}

function noObject(row: unknown, index: number): OptionError {
  return new OptionError("option_invalid", {
    problem: `In the sweep ${rowAt(index)} is ${describe(row)}.`,
    why: "A row is an object: its columns are the parameters of its run.",
    fix: "Give the value a name: rows: values.map((alpha) => ({ alpha })).",
    path: `rows[${index}]`,
  });
}

function noWord(column: string, index: number): OptionError {
  return new OptionError("option_invalid", {
    problem: column === ""
      ? `The name of ${rowAt(index)} is empty.`
      : `The column "${column}" of ${rowAt(index)} cannot be part of a name.`,
    why: "Names are made of words, numbers and dates.",
    fix: "Use another column in nameTemplate, or add one with a short word for it.",
    path: "nameTemplate",
  });
}

function oneName(template: string, member: Member, other: Member): OptionError {
  return new OptionError("option_invalid", {
    problem: `In the sweep ${rowsAt(other.index, member.index)} are both called ${JSON.stringify(member.name)}.`,
    why: `The nameTemplate ${JSON.stringify(template)} gives both the same name, and a run is found again by its name.`,
    fix: "Add a column in which they differ, or {index}.",
    path: "nameTemplate",
  });
}

function equalRows(member: Member, other: Member): OptionError {
  return new OptionError("option_invalid", {
    problem: `In the sweep ${rowsAt(other.index, member.index)} are equal.`,
    why: "Two runs of one config are one run: the second would only be a hit of the first.",
    fix: "Leave one of them out, or add a column in which they differ, such as a seed.",
    path: `rows[${member.index}]`,
  });
}
