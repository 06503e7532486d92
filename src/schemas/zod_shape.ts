/** What a zod schema says, read from its definition: zod itself is not needed to read one. */
import type { z } from "zod";

/** The part of a zod definition that we look at. */
interface Definition {
  readonly type: string;
  readonly format?: string;
  readonly coerce?: boolean;
  readonly checks?: readonly { readonly _zod: { readonly def: { readonly check: string; readonly format?: string } } }[];
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly out?: z.core.$ZodType;
  readonly getter?: () => z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
  readonly values?: readonly unknown[];
  readonly entries?: { readonly [name: string]: unknown };
  readonly catchall?: z.core.$ZodType;
}

/** A schema with its wrappers taken off. */
export interface Unwrapped {
  /** The kind of value: `number`, `string`, `date`, … */
  readonly kind: string;
  /** A format: `safeint`, `email`, … */
  readonly format: string | undefined;
  /** May it be null? */
  readonly nullable: boolean;
  /** May it be absent? */
  readonly optional: boolean;
  /** Does zod make the value from another type? */
  readonly coerced: boolean;
  /** Is there a rule beyond the type, so that values have to be parsed? */
  readonly refined: boolean;
  /** The values that it allows, where it lists them. */
  readonly values: readonly unknown[] | undefined;
  /** What a list holds. */
  readonly element: z.core.$ZodType | undefined;
}

const TRANSPARENT = ["nullable", "optional", "default", "prefault", "catch", "readonly", "nonoptional"];
const MAY_BE_ABSENT = ["optional", "default", "prefault", "catch"];

/** The definition behind a schema. */
export function definitionOf(schema: z.core.$ZodType): Definition {
  return schema._zod.def as unknown as Definition;
}

/** Takes off what stands around the type: nullable, optional, default, readonly, lazy, transforms. */
export function unwrap(schema: z.core.$ZodType): Unwrapped {
  const definition = definitionOf(schema);
  if (TRANSPARENT.includes(definition.type)) {
    const inner = unwrap(definition.innerType!);
    return {
      ...inner,
      nullable: inner.nullable || definition.type === "nullable",
      optional: (inner.optional || MAY_BE_ABSENT.includes(definition.type)) && definition.type !== "nonoptional",
      refined: inner.refined || hasChecks(definition) || definition.type === "catch",
    };
  }
  if (definition.type === "lazy") return unwrap(definition.getter!());
  if (definition.type === "pipe") return unwrapPipe(definition);
  if (definition.type === "union") return unwrapUnion(definition);
  return plain(definition);
}

/** What is stored is what goes in, unless that is a function. */
function unwrapPipe({ in: before, out }: Definition): Unwrapped {
  const side = definitionOf(before!).type === "transform" ? out! : before!;
  return { ...unwrap(side), refined: true, coerced: side === out || unwrap(side).coerced };
}

/** `X | null` is X that may be null; another union is whatever its members have in common. */
function unwrapUnion({ options = [] }: Definition): Unwrapped {
  const members = options.map(unwrap);
  const solid = members.filter(({ kind }) => kind !== "null" && kind !== "undefined");
  const kinds = new Set(solid.map(({ kind }) => kind));
  const nullable = members.some((member) => member.nullable);
  const optional = members.some((member) => member.optional);
  if (solid.length === 1) return { ...solid[0]!, nullable, optional };
  const kind = kinds.size === 1 ? solid[0]!.kind : "mixed";
  return { ...NOTHING, kind, nullable, optional, refined: true };
}

const NOTHING: Unwrapped = {
  kind: "unknown",
  format: undefined,
  nullable: false,
  optional: false,
  coerced: false,
  refined: false,
  values: undefined,
  element: undefined,
};

function plain(definition: Definition): Unwrapped {
  const { type, format, coerce = false, element } = definition;
  const values = type === "enum" ? Object.values(definition.entries!) : definition.values;
  const isWhole = (definition.checks ?? []).some(({ _zod: { def } }) => def.check === "number_format" && def.format === "safeint");
  return {
    ...NOTHING,
    kind: type === "enum" || type === "literal" ? kindOfValues(values ?? []) : type,
    format: format ?? (isWhole ? "safeint" : undefined),
    nullable: ["null", "unknown", "any"].includes(type) || (values?.includes(null) ?? false),
    optional: ["undefined", "unknown", "any"].includes(type),
    coerced: coerce,
    refined: coerce || hasChecks(definition) || values !== undefined || element !== undefined ||
      (format !== undefined && format !== "safeint"),
    values,
    element,
  };
}

/** Rules of a schema that its type alone does not hold. */
export function hasChecks({ checks = [] }: Definition): boolean {
  return checks.some(({ _zod: { def } }) => def.check !== "number_format" || def.format !== "safeint");
}

function kindOfValues(values: readonly unknown[]): string {
  const kinds = new Set(values.filter((value) => value !== null).map((value) => typeof value));
  return kinds.size === 1 ? [...kinds][0]! : "mixed";
}
