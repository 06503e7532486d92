/** The config as a step gets it: nothing in it that the step could see is left out of its identity. */
import { canonicalText } from "./canonical_json.ts";
import { byCodePoint } from "./digest.ts";
import { memberPath, plainValue } from "./plain_config.ts";

/** What stands in a config that JSON has no word for: the path of each, and what it is. Two configs of one text and other kinds are two. */
export function configKinds(config: unknown): string[] {
  const found: string[] = [];
  visit(config, "config", (path, kind) => found.push(`${path} is a ${kind}`));
  return found.toSorted(byCodePoint);
}

/** The objects in a config that a step gets as they are, and not as a copy: those of the user's classes, and those with a `toJSON` of their own. */
export function configInstances(config: unknown): { readonly path: string; readonly value: object }[] {
  const found: { path: string; value: object }[] = [];
  visit(config, "config", (path, _kind, value) => {
    if (typeof value === "object" && value !== null && givenConfig(value) === value) found.push({ path, value });
  });
  return found;
}

function visit(value: unknown, path: string, note: (path: string, kind: string, value: unknown) => void): void {
  const kind = kindOf(value);
  if (kind !== undefined) note(path, kind, value);
  if (Array.isArray(value)) value.forEach((member, index) => visit(member, memberPath(path, index), note));
  else if (value instanceof Set) inOrder(value).forEach((member, index) => visit(member, memberPath(path, index), note));
  else if (value instanceof Map) { for (const [key, member] of value) visit(member, memberPath(path, String(key)), note); }
  else if (typeof value === "object" && value !== null && kind === undefined) {
    for (const [key, member] of Object.entries(value)) visit(member, memberPath(path, key), note);
  }
}

/** What a value is beyond JSON; nothing for JSON's own. The order of a Set's members is that of their texts, so it does not show here. */
function kindOf(value: unknown): string | undefined {
  if (typeof value === "bigint") return "bigint";
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) {
    return typeof (value as { toJSON?: unknown }).toJSON === "function" ? "toJSON" : undefined;
  }
  return value.constructor?.name || "object";
}

/**
 * A copy for the step. Its keys stand in one order and none is undefined, so that a step that walks over its config does the same for every
 * config of one identity; and what the step does to it is done to nobody else's.
 */
export function givenConfig(config: unknown): unknown {
  return copy(config, (keys) => keys.sort(byCodePoint));
}

/** A copy for the run, whose keys stand as they were written: that is how cards and facets show them. */
export function keptConfig(config: unknown): unknown {
  return copy(config, (keys) => keys);
}

function copy(config: unknown, order: (keys: string[]) => string[]): unknown {
  const member = (value: unknown) => copy(value, order);
  if (Array.isArray(config)) return Array.from(config, member);
  if (config instanceof Date) return new Date(config);
  if (config instanceof URL) return new URL(config);
  if (config instanceof Set) return new Set(inOrder(config).map(member));
  if (config instanceof Map) {
    return new Map([...config].sort(([a], [b]) => byCodePoint(String(a), String(b))).map(([key, value]) => [key, member(value)]));
  }
  if (typeof config !== "object" || config === null || kindOf(config) !== undefined) return config;
  const fields = config as { readonly [key: string]: unknown };
  const keys = order(Object.keys(fields).filter((key) => fields[key] !== undefined));
  return Object.fromEntries(keys.map((key) => [key, member(fields[key])]));
}

/** The members of a Set in the order of their texts. */
function inOrder(set: ReadonlySet<unknown>): unknown[] {
  const members = Array.from(set, (member) => ({ member, text: canonicalText(plainValue(member)) }));
  return members.sort((a, b) => byCodePoint(a.text, b.text)).map(({ member }) => member);
}
