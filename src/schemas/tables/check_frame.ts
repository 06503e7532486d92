/** Does a DataFrame that a step made fit the schema that was declared for it? */
import type { z } from "zod";
import { listNames, nearestName, OutputError } from "../../errors.ts";
import { JSON } from "../../intrinsics.ts";
import type { DataFrame } from "../../types.ts";
import { rowWords } from "../row_words.ts";
import { definitionOf, hasChecks, unwrap, type Unwrapped } from "../zod_shape.ts";

/** Where the frame comes from, for the error. */
export interface CheckFrameOptions {
  /** Key of the output. */
  readonly key: string;
}

type Column = ReturnType<DataFrame["getColumn"]>;
type Polars = typeof import("polars").default;

/** What a polars type must be for a kind of value. */
const FITTING: { readonly [kind: string]: RegExp } = {
  number: /^(?:U?Int\d+|Float\d+)$/,
  bigint: /^U?Int\d+$/,
  string: /^(?:String|Utf8|Categorical|Enum)$/,
  template_literal: /^(?:String|Utf8|Categorical|Enum)$/,
  boolean: /^Bool(?:ean)?$/,
  date: /^Date(?:time)?$/,
  array: /^(?:List|Array|FixedSizeList)$/,
  object: /^Struct$/,
};
/** Kinds whose members have types of their own. */
const NESTED: readonly string[] = ["object", "record", "tuple", "map"];
const WORDS: { readonly [kind: string]: string } = {
  template_literal: "text",
  string: "text",
  array: "a list",
  object: "a struct",
  date: "a date",
  bigint: "a whole number",
};

/**
 * Checks columns, types and nulls for all rows at once, and parses values only where the schema has rules beyond types: each distinct value
 * of a column once.
 *
 * @throws {OutputError} `schema_mismatch`, naming the column and the first row that does not fit
 */
export async function checkFrame(schema: z.ZodObject, frame: DataFrame, { key }: CheckFrameOptions): Promise<void> {
  const { default: pl } = await import("polars");
  const columns = frame.columns;
  checkExtras(schema, columns, key);
  for (const [name, member] of Object.entries(schema.shape)) {
    const shape = unwrap(member);
    if (!columns.includes(name)) {
      if (shape.optional) continue;
      throw missingColumn(key, name, columns);
    }
    checkColumn({ key, name, member, shape, column: frame.getColumn(name), frame, pl });
  }
  if (hasChecks(definitionOf(schema))) checkRows(schema, frame, key);
}

interface Checked {
  readonly key: string;
  readonly name: string;
  readonly member: z.core.$ZodType;
  readonly shape: Unwrapped;
  readonly column: Column;
  readonly frame: DataFrame;
  readonly pl: Polars;
}

function checkExtras(schema: z.ZodObject, columns: readonly string[], key: string): void {
  const { catchall } = definitionOf(schema);
  if (catchall === undefined || definitionOf(catchall).type !== "never") return;
  const extra = columns.filter((name) => !Object.hasOwn(schema.shape, name));
  if (extra.length === 0) return;
  throw mismatch(
    key,
    `It has ${listNames(extra)}, which the schema does not know.`,
    "Drop the columns, or use z.object instead of z.strictObject.",
  );
}

function checkColumn(checked: Checked): void {
  const { key, name, shape, column } = checked;
  if (column.length > 0 && column.nullCount() === column.length && (shape.nullable || shape.optional)) return;
  const type = column.dtype.variant;
  const fitting = FITTING[shape.kind];
  if (!shape.coerced && fitting !== undefined && !fitting.test(type) && column.length > 0) {
    const wanted = WORDS[shape.kind] ?? `a ${shape.kind}`;
    throw mismatch(
      key,
      `The column "${name}" is of type ${type}, and the schema wants ${wanted}.`,
      "Cast the column in the step, or change the schema.",
    );
  }
  checkNulls(checked);
  if (shape.kind === "number" && !shape.coerced) checkNumbers(checked, type);
  if (shape.refined || NESTED.includes(shape.kind)) checkValues(checked);
}

function checkNulls({ key, name, shape, column }: Checked): void {
  if (shape.nullable || shape.optional || column.nullCount() === 0) return;
  const row = column.isNull().toArray().indexOf(true);
  throw mismatch(
    key,
    `The column "${name}" is null in ${rowWords(row, column.length)}.`,
    "Fill or drop the nulls in the step, or make the column nullable in the schema.",
  );
}

/** zod takes no NaN and no infinity for a number, and whole numbers for z.int(); polars keeps JavaScript's numbers as floats. */
function checkNumbers({ key, name, shape, frame, pl, column }: Checked, type: string): void {
  if (!type.startsWith("Float")) return;
  const whole = shape.format !== undefined && /int/.test(shape.format);
  const value = pl.col(name);
  const good = whole ? value.isFinite().and(value.eq(value.floor())) : value.isFinite();
  if (frame.select(good.all().alias("good")).getColumn("good").toArray()[0] !== false) return;
  const bad = (each: unknown) => typeof each === "number" && !(whole ? Number.isSafeInteger(each) : Number.isFinite(each));
  const values = column.toArray() as unknown[];
  const row = values.findIndex(bad);
  throw mismatch(
    key,
    `The column "${name}" is ${values[row]} in ${rowWords(row, values.length)}, and the schema wants ${
      whole ? "whole numbers" : "finite numbers"
    }.`,
    whole
      ? "Round the column in the step, or use z.number() in the schema."
      : "Replace such values by null in the step, and make the column nullable in the schema.",
  );
}

/** Parses each distinct value of a column. */
function checkValues({ key, name, member, shape, column }: Checked): void {
  const kinds = shape.kind === "array" || NESTED.includes(shape.kind) ? column : column.unique();
  for (const value of kinds.toArray() as unknown[]) {
    const issue = issueOfCell(member, value, shape);
    if (issue === undefined) continue;
    const row = (column.toArray() as unknown[]).findIndex((each) => each === value || issueOfCell(member, each, shape) !== undefined);
    throw mismatch(
      key,
      `The column "${name}" is ${printed(value)} in ${rowWords(row, column.length)}: ${issue}.`,
      "Correct the value in the step, or change the schema.",
    );
  }
}

/** Rules over whole rows. */
function checkRows(schema: z.ZodObject, frame: DataFrame, key: string): void {
  const shapes = Object.entries(schema.shape).map(([name, member]) => [name, unwrap(member)] as const);
  frame.toRecords().forEach((record, row) => {
    const value = Object.fromEntries(shapes.map(([name, shape]) => [name, normalised((record as Record<string, unknown>)[name], shape)]));
    const issue = issueOf(schema, value);
    if (issue !== undefined) {
      const which = rowWords(row, frame.height);
      throw mismatch(
        key,
        `${which[0]!.toUpperCase()}${which.slice(1)} does not fit: ${issue}.`,
        "Correct the row in the step, or change the schema.",
      );
    }
  });
}

function issueOf(schema: z.core.$ZodType, value: unknown): string | undefined {
  const result = (schema as z.ZodType).safeParse(value);
  if (result.success) return undefined;
  const [issue] = result.error.issues;
  return `${issue!.path.length === 0 ? "" : `${issue!.path.join(".")}: `}${issue!.message}`;
}

/** What is wrong with a cell. Inside of structs and lists polars gives 64-bit whole numbers as bigint, whatever the schema counts them as. */
function issueOfCell(member: z.core.$ZodType, value: unknown, shape: Unwrapped): string | undefined {
  const issue = issueOf(member, normalised(value, shape));
  if (issue === undefined || typeof value !== "object" || value === null) return issue;
  return issueOf(member, withNumbers(value)) === undefined ? undefined : issue;
}

function withNumbers(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(withNumbers);
  if (Object.prototype.toString.call(value) !== "[object Object]") return value;
  return Object.fromEntries(Object.entries(value as object).map(([name, member]) => [name, withNumbers(member)]));
}

/** A cell as zod expects it: whole numbers as the schema counts them, nothing where it may be absent. */
function normalised(value: unknown, { kind, nullable, optional }: Unwrapped): unknown {
  if (value === null || value === undefined) return nullable || !optional ? null : undefined;
  if (typeof value === "bigint" && kind === "number") return Number(value);
  if (typeof value === "number" && kind === "bigint" && Number.isInteger(value)) return BigInt(value);
  return value;
}

function printed(value: unknown): string {
  const text = typeof value === "bigint" ? `${value}` : JSON.stringify(value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}

function missingColumn(key: string, name: string, columns: readonly string[]): OutputError {
  const near = nearestName(name, columns);
  const fix = near === undefined
    ? "Add the column in the step, or make it optional in the schema."
    : `Rename the column "${near}", if that is what is meant.`;
  return mismatch(key, `The column "${name}" is missing; it has ${listNames(columns, "no columns")}.`, fix);
}

function mismatch(key: string, why: string, fix: string): OutputError {
  return new OutputError("schema_mismatch", { problem: `The output "${key}" does not fit its schema.`, why, fix });
}
