/** A config as plain data: what counts, what is absent, and what is refused because no text says the same. */
import { ConfigError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import { byCodePoint } from "./digest.ts";
import { canonicalText } from "./canonical_json.ts";

/** Plain data: JSON with whole numbers of any size. */
export type Plain = null | boolean | number | bigint | string | readonly Plain[] | PlainObject;
/** A plain object. */
export interface PlainObject {
  /** The value under a key. */
  readonly [key: string]: Plain;
}

const DEEPEST = 200;

/** The path of a member in words: `config.model`, `config.list[2]`, `config["a b"]`. */
export function memberPath(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

/**
 * A config as a plain object: `undefined` is absent, Date and URL are their strings, a Set is a list sorted by its members' text, a Map with string keys is an
 * object, a bigint that fits is a number, and what has a `toJSON` goes by it.
 *
 * @throws {ConfigError} `config_not_plain`, where a value is no plain data; the message names its path.
 */
export function plainConfig(config: unknown, path = "config"): PlainObject {
  const plain = config === undefined ? {} : plainValue(config, path);
  if (plain === null || typeof plain !== "object" || Array.isArray(plain)) throw notPlain(path, `is ${kindOf(config)}, not an object`);
  return plain as PlainObject;
}

/** Any value as plain data, by the rules of {@link plainConfig}. */
export function plainValue(value: unknown, path = "config"): Plain {
  return normalise(value, path, []);
}

/** `around` are the objects that contain this value: meeting one of them again is a cycle. */
function normalise(value: unknown, path: string, around: readonly object[]): Plain {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw notPlain(path, `is ${value}`);
      return value;
    case "bigint":
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    case "object":
      return value === null ? null : normaliseObject(value, path, around);
    default:
      throw notPlain(path, `is ${kindOf(value)}`);
  }
}

function normaliseObject(value: object, path: string, outer: readonly object[]): Plain {
  if (outer.includes(value)) throw notPlain(path, "contains itself");
  if (outer.length >= DEEPEST) throw notPlain(path, `is nested more than ${DEEPEST} levels deep`);
  const around = [...outer, value];
  if (value instanceof Date) return dateText(value, path);
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") {
    return normalise((value as { toJSON(key: string): unknown }).toJSON(""), path, around);
  }
  if (Array.isArray(value)) return normaliseList(value, path, around);
  if (value instanceof Set) return normaliseSet(value, path, around);
  if (value instanceof Map) return normaliseMap(value, path, around);
  if (!isPlainObject(value)) throw notPlain(path, `is ${kindOf(value)} and has no toJSON`);
  if (Object.getOwnPropertySymbols(value).some((key) => Object.prototype.propertyIsEnumerable.call(value, key))) {
    throw notPlain(path, "has a symbol as a key");
  }
  return normaliseEntries(Object.entries(value), path, around);
}

function dateText(date: Date, path: string): string {
  if (Number.isNaN(date.getTime())) throw notPlain(path, "is an invalid Date");
  return date.toISOString();
}

function normaliseList(list: readonly unknown[], path: string, around: readonly object[]): Plain {
  const keys = Object.keys(list);
  if (keys.length !== list.length || keys.at(-1) !== (list.length === 0 ? undefined : String(list.length - 1))) {
    throw notPlain(path, "is a list with holes or with properties of its own");
  }
  return list.map((item, index) => normalise(item, memberPath(path, index), around));
}

function normaliseSet(set: ReadonlySet<unknown>, path: string, around: readonly object[]): Plain {
  const members = Array.from(set, (member, index) => normalise(member, memberPath(path, index), around));
  return members.map((member) => [canonicalText(member), member] as const).sort(([a], [b]) => byCodePoint(a, b)).map(([, member]) =>
    member
  );
}

function normaliseMap(map: ReadonlyMap<unknown, unknown>, path: string, around: readonly object[]): Plain {
  const entries = [...map];
  const odd = entries.find(([key]) => typeof key !== "string");
  if (odd) throw notPlain(path, `is a Map with ${kindOf(odd[0])} as a key`);
  return normaliseEntries(entries as [string, unknown][], path, around);
}

function normaliseEntries(entries: readonly [string, unknown][], path: string, around: readonly object[]): Plain {
  const present = entries.filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([key, value]) => [key, normalise(value, memberPath(path, key), around)]));
}

/** Also an object literal of another realm: its prototype is an `Object.prototype`, which alone has a `hasOwnProperty` and no prototype. */
function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "hasOwnProperty");
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  if (Array.isArray(value)) return "a list";
  const maker = (value as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof maker === "string" && maker !== "Object" && maker !== "" ? `an instance of ${maker}` : "an object of a class";
}

function notPlain(path: string, what: string): ConfigError {
  return new ConfigError("config_not_plain", {
    problem: `The config cannot be hashed: ${path} ${what}.`,
    why: "A config is part of the step's signature, so it has to be plain data whose text says all that it is.",
    fix:
      "Pass strings, finite numbers, booleans, null, lists and plain objects; give a class a toJSON method, and pass functions and clients in " +
      "executionOptions.runtimeArgs.",
    path,
  });
}
