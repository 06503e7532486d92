/** What decides a step's result besides its code, config and inputs: how it is called, and what becomes of what it returns. */
import { JSON } from "../intrinsics.ts";
import { canonicalJson } from "./canonical_json.ts";
import { byCodePoint, sha256 } from "./digest.ts";

/** One declared output as it counts. */
export interface OutputSpec {
  /** Its key. */
  readonly key: string;
  /** What writes it, with versions: `parquet@1+polars 0.25.2`. */
  readonly driver?: string | undefined;
  /** Its schema, as any plain data that is equal where the schemas are. */
  readonly schema?: unknown;
}

/** How a step is called. Everything in it is plain data, and counts. */
export interface CallSpec {
  /** The declared outputs; their order does not count. */
  readonly outputs: readonly OutputSpec[];
  /** Input key → how it is bound. */
  readonly bindings?: Readonly<Record<string, string>> | undefined;
  /** What is captured: each member is a part, `pattern` becomes "capture pattern". */
  readonly capture?: Readonly<Record<string, unknown>> | undefined;
  /** A program or container: each member is a part, `image` becomes "command image". */
  readonly command?: Readonly<Record<string, unknown>> | undefined;
  /** Anything else that counts, by the name under which an explanation shows it. */
  readonly also?: Readonly<Record<string, unknown>> | undefined;
}

/** One named part of a call. */
export interface CallPart {
  /** What an explanation calls it: `outputs`, `binding of raw`, `capture pattern`. */
  readonly name: string;
  /** Its content as canonical JSON. */
  readonly text: string;
}

/** A call's identity. */
export interface CallIdentity {
  /** SHA-256 over all parts. */
  readonly hash: string;
  /** The parts, sorted by name. */
  readonly parts: readonly CallPart[];
}

/**
 * Names and hashes the parts of a call.
 *
 * @throws {ConfigError} `config_not_plain`, where a part is no plain data.
 */
export function callIdentity(spec: CallSpec): CallIdentity {
  const parts = [...callEntries(spec)]
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ name, text: canonicalJson(value, name) }))
    .sort((a, b) => byCodePoint(a.name, b.name) || byCodePoint(a.text, b.text));
  return { hash: sha256(JSON.stringify(parts.map(({ name, text }) => [name, text]))), parts };
}

function* callEntries({ outputs, bindings, capture, command, also }: CallSpec): Generator<[string, unknown]> {
  yield ["outputs", outputs.map(({ key }) => key).sort(byCodePoint)];
  for (const { key, driver, schema } of outputs) {
    yield [`driver of ${key}`, driver];
    yield [`schema of ${key}`, schema];
  }
  for (const [key, binding] of Object.entries(bindings ?? {})) yield [`binding of ${key}`, binding];
  for (const [key, value] of Object.entries(capture ?? {})) yield [`capture ${key}`, value];
  for (const [key, value] of Object.entries(command ?? {})) yield [`command ${key}`, value];
  for (const [name, value] of Object.entries(also ?? {})) yield [name, value];
}
