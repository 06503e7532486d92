/** Which values survive being written and read: the first place inside a value that would not, by its path. */
import { JSON } from "../intrinsics.ts";
import { describe, extraKeys, isOverflow, type Kind, kindOf, segment } from "./kinds.ts";

/** What is wrong with one place inside a value. */
export interface Flaw {
  /** `value.model.fn`. */
  readonly path: string;
  /** `is a function`. */
  readonly problem: string;
}

/** Finds what a value's JSON would lose or change. Sharing inside a value and a null prototype do not count. */
export function jsonFlaw(value: unknown): Flaw | undefined {
  return firstFlaw(value, { judge: jsonJudge, cycles: false });
}

/** Finds what a structured clone of a value would lose or refuse. */
export function cloneFlaw(value: unknown): Flaw | undefined {
  return firstFlaw(value, { judge: cloneJudge, cycles: true });
}

interface Rules {
  /** What is wrong with this very value, its members aside. */
  readonly judge: (value: unknown, kind: Kind) => string | undefined;
  /** May a value contain itself? */
  readonly cycles: boolean;
}

function firstFlaw(value: unknown, rules: Rules): Flaw | undefined {
  try {
    return visit(value, "value", rules, new Map());
  } catch (error) {
    if (isOverflow(error)) return { path: "value", problem: "is nested too deeply" };
    throw error;
  }
}

/** `seen` holds `true` while an object's members are visited and `false` afterwards. */
function visit(value: unknown, path: string, rules: Rules, seen: Map<object, boolean>): Flaw | undefined {
  const kind = kindOf(value);
  const problem = rules.judge(value, kind);
  if (problem !== undefined) return { path, problem };
  if (typeof value !== "object" || value === null) return undefined;
  const open = seen.get(value);
  if (open && !rules.cycles) return { path, problem: "contains itself" };
  if (open !== undefined) return undefined;
  seen.set(value, true);
  for (const [member, place] of membersOf(value, kind)) {
    const flaw = visit(member, path + place, rules, seen);
    if (flaw) return flaw;
  }
  seen.set(value, false);
  return undefined;
}

/** The values inside a value, each with its step of the path. */
export function* membersOf(value: object, kind: Kind): Generator<[member: unknown, place: string]> {
  if (kind === "map") {
    let index = 0;
    for (const [key, member] of value as Map<unknown, unknown>) {
      yield [key, `.keys()[${index}]`];
      yield [member, typeof key === "string" ? `.get(${JSON.stringify(key)})` : `.values()[${index}]`];
      index++;
    }
  }
  if (kind === "set") {
    let index = 0;
    for (const member of value as Set<unknown>) yield [member, `.values()[${index++}]`];
  }
  if (kind === "array") {
    const array = value as unknown[];
    for (let index = 0; index < array.length; index++) if (index in array) yield [array[index], segment(index)];
  }
  if (kind === "error" && Object.hasOwn(value, "cause")) yield [(value as Error).cause, ".cause"];
  if (kind === "array" || kind === "object") {
    for (const key of extraKeys(value)) yield [(value as Record<PropertyKey, unknown>)[key], segment(key)];
  }
}

function jsonJudge(value: unknown, kind: Kind): string | undefined {
  if (kind === "null" || kind === "boolean" || kind === "string") return undefined;
  if (kind === "number") return Number.isFinite(value) && !Object.is(value, -0) ? undefined : `is ${describe(value)}`;
  if (kind === "object") return symbolProblem(value as object);
  if (kind !== "array") return `is ${describe(value)}`;
  return Object.keys(value as unknown[]).length === (value as unknown[]).length
    ? symbolProblem(value as object)
    : "has holes or extra properties";
}

const CLONEABLE: ReadonlySet<Kind> = new Set<Kind>([
  "undefined",
  "null",
  "boolean",
  "number",
  "bigint",
  "string",
  "array",
  "object",
  "map",
  "set",
  "date",
  "regexp",
  "error",
  "view",
  "buffer",
  "boxed",
]);
/** Kinds that come back without properties that somebody gave them. */
const BARE: ReadonlySet<Kind> = new Set<Kind>(["map", "set", "date", "regexp", "error", "view", "buffer"]);

function cloneJudge(value: unknown, kind: Kind): string | undefined {
  if (!CLONEABLE.has(kind)) return `is ${describe(value)}`;
  if (typeof value !== "object" || value === null) return undefined;
  if (value instanceof SharedArrayBuffer) return "is shared memory";
  if (kind === "regexp" && (value as RegExp).lastIndex !== 0) return "has a position in a text";
  const lost = BARE.has(kind) ? extraKeys(value).filter((key) => kind !== "error" || key !== "cause")[0] : undefined;
  return lost === undefined ? symbolProblem(value) : `has a property ${String(lost)} that would be lost`;
}

function symbolProblem(value: object): string | undefined {
  const [symbol] = Object.getOwnPropertySymbols(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
  return symbol === undefined ? undefined : `has a property ${String(symbol)} that would be lost`;
}
