/** Keys and references of columns, as a schema's author writes them: `.meta({ primaryKey: true, references: "Household.id" })`. */
import type { z } from "zod";
import { OptionError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import { definitionOf } from "./zod_shape.ts";

/**
 * What `.meta(…)` of a column can say beside what zod knows.
 *
 * @example A key, and a reference to another schema
 * ```ts
 * import type { ColumnMeta } from "consist";
 * import assert from "node:assert/strict";
 * import { z } from "zod";
 *
 * const Person = z.object({
 *   id: z.int().meta({ primaryKey: true } satisfies ColumnMeta),
 *   household: z.int().meta({ references: "Household.id" } satisfies ColumnMeta),
 * });
 * assert.equal(Person.shape.household.meta()?.references, "Household.id");
 * ```
 */
export interface ColumnMeta {
  /** Does the column, with others that say so, tell rows apart? @default false */
  readonly primaryKey?: boolean;
  /** The column of another schema that it points at: `"Household.id"`, or its two parts where the schema's name has a dot. */
  readonly references?: `${string}.${string}` | {
    /** The schema. */
    readonly table: string;
    /** The column there. */
    readonly column: string;
  };
}

/** A column of another schema. */
export interface ColumnReference {
  /** The schema. */
  readonly table: string;
  /** The column there. */
  readonly column: string;
}

/** What a column says of itself, on whatever of its wrappers it was written. */
export interface ColumnKeys {
  /** Does it tell rows apart? */
  readonly primaryKey: boolean;
  /** What it points at. */
  readonly references: ColumnReference | undefined;
}

/**
 * The keys of a column.
 *
 * @throws {OptionError} `option_invalid`, where a reference names no column
 */
export function keysOf(name: string, schema: z.core.$ZodType): ColumnKeys {
  const metas = [...layers(schema)].map((layer) => (layer as { meta?: () => Partial<ColumnMeta> | undefined }).meta?.());
  const references = metas.find((meta) => meta?.references !== undefined)?.references;
  return {
    primaryKey: metas.some((meta) => meta?.primaryKey === true),
    references: references === undefined ? undefined : referenceOf(name, references),
  };
}

function* layers(schema: z.core.$ZodType): Generator<z.core.$ZodType> {
  for (let layer: z.core.$ZodType | undefined = schema; layer !== undefined;) {
    yield layer;
    const { innerType, in: before } = definitionOf(layer);
    layer = innerType ?? before;
  }
}

function referenceOf(name: string, given: NonNullable<ColumnMeta["references"]>): ColumnReference {
  if (typeof given === "object" && isName(given?.table) && isName(given.column)) return { table: given.table, column: given.column };
  const dot = typeof given === "string" ? given.indexOf(".") : -1;
  if (typeof given === "string" && dot > 0 && dot < given.length - 1) return { table: given.slice(0, dot), column: given.slice(dot + 1) };
  throw new OptionError("option_invalid", {
    problem: `The column "${name}" references ${JSON.stringify(given)}.`,
    why: "A reference names a schema and one of its columns.",
    fix: 'Write .meta({ references: "Household.id" }), or { table, column } where the schema\'s name has a dot.',
    path: name,
  });
}

const isName = (text: unknown): boolean => typeof text === "string" && text !== "";
