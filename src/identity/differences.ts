/** What differs between a step's present identity and an earlier one, each difference with its name and both values. */
import { JSON } from "../intrinsics.ts";
import type { Change } from "../types.ts";
import type { CallPart } from "./call.ts";
import { canonicalText } from "./canonical_json.ts";
import type { CodeIdentity, CodePart, CodePartKind } from "./code_parts.ts";
import { HASH_INPUTS, RUN_FIELDS } from "./config.ts";
import type { InputPart } from "./inputs.ts";
import { memberPath, type Plain, type PlainObject } from "./plain_config.ts";
import type { StoredIdentity } from "./signature.ts";

/** Where a difference comes from; finer than the three parts of an identity, because the reasons are. */
export type Aspect = "code" | "call" | "config" | "cache" | "model" | "inputs";

/** One difference. */
export interface Difference {
  /** Where it comes from. */
  readonly aspect: Aspect;
  /** What it is, in words and values. */
  readonly change: Change;
}

/** What two identities are compared by. */
export type Comparable = Pick<StoredIdentity, "code" | "call" | "config" | "configHash" | "inputs">;

/** Every difference: code, call, config, inputs, in this order. */
export function differences(before: Comparable, now: Comparable): Difference[] {
  return [
    ...codeDifferences(before.code, now.code),
    ...callDifferences(before, now),
    ...configDifferences(before.config, now.config),
    ...inputDifferences(before.inputs.parts, now.inputs.parts),
  ];
}

/** A change with only those sides that exist; `undefined` is the side that does not. */
function difference(aspect: Aspect, name: string, before: unknown, after: unknown): Difference {
  const part = aspect === "inputs" ? "inputs" : aspect === "code" || aspect === "call" ? "code" : "config";
  return { aspect, change: { part, name, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) } };
}

const shortHash = (hash: string | undefined) => hash?.slice(0, 12);

// ── code ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

const KIND_WORDS: Readonly<Record<CodePartKind, string>> = {
  function: "function",
  class: "class",
  value: "captured",
  changing: "captured",
  package: "package",
  global: "global",
  module: "module",
  file: "file",
};

/** `function normalise in clean.ts`, `captured threshold`, `package lodash`. */
function partName({ kind, name, where }: CodePart): string {
  return `${KIND_WORDS[kind] ?? kind} ${name}${where === undefined ? "" : ` in ${where}`}${
    kind === "changing" ? " (the step changes it itself)" : ""
  }`;
}

function codeDifferences(before: CodeIdentity, now: CodeIdentity): Difference[] {
  if (before.mode !== now.mode) return [difference("code", "codeIdentity", before.mode, now.mode)];
  return paired(before.parts, now.parts, partKey).flatMap(([old, present]) => {
    if (old?.hash === present?.hash) return [];
    return [difference("code", partName((present ?? old)!), old && shownPart(old), present && shownPart(present))];
  });
}

/** Globals count by being named in a text, and the text is a part already. A value and a value that changes are the same thing under one name. */
const partKey = ({ kind, name, where }: CodePart) =>
  kind === "global"
    ? undefined
    : JSON.stringify([kind === "changing" ? "value" : kind, name, kind === "function" || kind === "class" ? where : null]);

const shownPart = ({ text, hash }: CodePart) => text ?? shortHash(hash);

// ── call ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function callDifferences(before: Comparable, now: Comparable): Difference[] {
  const lonely = lonelyInputs(before, now);
  return paired(callParts(before), callParts(now), ({ name }) => lonely.has(name) ? undefined : name)
    .filter(([old, present]) => old?.text !== present?.text)
    .map(([old, present]) => difference("call", (present ?? old)!.name, shownText(old), shownText(present)));
}

const bindingName = (key: string) => `binding of ${key}`;

/** The bindings of inputs that only one side has: there the input is the difference. */
function lonelyInputs(before: Comparable, now: Comparable): Set<string> {
  const [old, present] = [before, now].map(({ inputs }) => new Set(inputs.parts.map(({ key }) => bindingName(key)))) as [
    Set<string>,
    Set<string>,
  ];
  return old.symmetricDifference(present);
}

/** The call's parts, with the bindings that stand with the inputs only. */
function callParts({ call, inputs }: Comparable): CallPart[] {
  const named = new Set(call.parts.map(({ name }) => name));
  const bindings = inputs.parts.map(({ key, binding }): CallPart => ({ name: bindingName(key), text: JSON.stringify(binding) }));
  return [...call.parts, ...bindings.filter(({ name }) => !named.has(name))];
}

/** A string without its quotes; everything else as the JSON that it is. */
function shownText(part: CallPart | undefined): string | undefined {
  return part && /^"[^"\\]*"$/.test(part.text) ? part.text.slice(1, -1) : part?.text;
}

// ── config ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function configDifferences(before: PlainObject, now: PlainObject): Difference[] {
  const { [RUN_FIELDS]: oldFields, [HASH_INPUTS]: oldDigests, ...oldConfig } = before;
  const { [RUN_FIELDS]: fields, [HASH_INPUTS]: digests, ...config } = now;
  return [
    ...runFieldDifferences(asObject(oldFields), asObject(fields)),
    ...memberDifferences("config", oldConfig, config),
    ...pairedMembers(asObject(oldDigests), asObject(digests)).filter(differs)
      .map(([label, old, digest]) => difference("config", `dependsOn ${label}`, shownDigest(old), shownDigest(digest))),
  ];
}

const shownDigest = (digest: Plain | undefined) => digest === undefined ? undefined : shortHash(String(digest));

const RUN_FIELD_WORDS: Readonly<Record<string, readonly [Aspect, string]>> = {
  model: ["model", "model"],
  cache_epoch: ["cache", "cacheEpoch"],
  cache_version: ["cache", "cacheVersion"],
};

function runFieldDifferences(before: PlainObject, now: PlainObject): Difference[] {
  return pairedMembers(before, now).filter(differs).map(([key, old, present]) => {
    const [aspect, name] = RUN_FIELD_WORDS[key] ?? ["config", key];
    return difference(aspect, name, old ?? undefined, present ?? undefined);
  });
}

/** Members that differ, by their dotted path; objects and lists of one length are looked into. */
function memberDifferences(path: string, before: PlainObject, now: PlainObject): Difference[] {
  return pairedMembers(before, now).flatMap(([key, old, present]) => valueDifferences(memberPath(path, key), old, present));
}

function valueDifferences(path: string, before: Plain | undefined, now: Plain | undefined): Difference[] {
  if (!differs([path, before, now])) return [];
  if (isObject(before) && isObject(now)) return memberDifferences(path, before, now);
  if (Array.isArray(before) && Array.isArray(now) && before.length === now.length) {
    return now.flatMap((item: Plain, index) => valueDifferences(memberPath(path, index), before[index], item));
  }
  return [difference("config", path, before, now)];
}

/** Where half of a surrogate pair stands, or what the ledger keeps in its place: there a config may have changed, and what was recorded does not show it. */
export function halfCharacters(config: PlainObject): Difference[] {
  const places = (path: string, value: Plain): string[] =>
    typeof value === "string"
      ? value.toWellFormed().includes("\ufffd") ? [path] : []
      : typeof value !== "object" || value === null
      ? []
      : Object.entries(value).flatMap(([key, member]) => {
        const place = memberPath(path, Array.isArray(value) ? Number(key) : key);
        return key.toWellFormed().includes("\ufffd") ? [place] : places(place, member as Plain);
      });
  return places("config", config).map((place) => difference("config", place, undefined, undefined));
}

const isObject = (value: Plain | undefined): value is PlainObject => typeof value === "object" && value !== null && !Array.isArray(value);
const asObject = (value: Plain | undefined): PlainObject => isObject(value) ? value : {};
const differs = ([, old, present]: readonly [string, Plain | undefined, Plain | undefined]) => textOf(old) !== textOf(present);
const textOf = (value: Plain | undefined) => value === undefined ? undefined : canonicalText(value);

function pairedMembers(before: PlainObject, now: PlainObject): [string, Plain | undefined, Plain | undefined][] {
  const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...keys].map((key) => [key, ownMember(before, key), ownMember(now, key)]);
}

const ownMember = (object: PlainObject, key: string) => Object.hasOwn(object, key) ? object[key] : undefined;

// ── inputs ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function inputDifferences(before: readonly InputPart[], now: readonly InputPart[]): Difference[] {
  return paired(before, now, ({ key }) => key).flatMap(([old, present]) => {
    const { key, label } = (present ?? old)!;
    const found: Difference[] = [];
    if (old?.hash !== present?.hash) {
      found.push(difference("inputs", `input ${key} (${label})`, shortHash(old?.hash), shortHash(present?.hash)));
    }
    if (old && present && old.driver !== present.driver) {
      found.push(difference("inputs", `driver of input ${key}`, old.driver, present.driver));
    }
    return found;
  });
}

/** Pairs what has one key on both sides; several of one key pair in their order, what has no key is left out. */
function paired<T>(before: readonly T[], now: readonly T[], keyOf: (item: T) => string | undefined): [T | undefined, T | undefined][] {
  const [old, present] = [Map.groupBy(before, keyOf), Map.groupBy(now, keyOf)];
  const keys = new Set([...present.keys(), ...old.keys()]);
  keys.delete(undefined);
  return [...keys].flatMap((key) => {
    const [a, b] = [old.get(key) ?? [], present.get(key) ?? []];
    return Array.from({ length: Math.max(a.length, b.length) }, (_, index): [T | undefined, T | undefined] => [a[index], b[index]]);
  });
}
