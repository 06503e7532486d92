/** A step's signature: code, config and inputs in one hash, and what the ledger keeps of them. */
import { ConsistError, listNames } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import type { CallIdentity } from "./call.ts";
import type { CodeIdentity } from "./code_parts.ts";
import type { ConfigIdentity } from "./config.ts";
import { parseCanonicalJson } from "./canonical_json.ts";
import { sha256 } from "./digest.ts";
import type { InputIdentity } from "./inputs.ts";
import type { PlainObject } from "./plain_config.ts";

/** What every code hash of ours begins with: it keeps runs of this library and of Python Consist apart in one ledger. */
export const CODE_HASH_PREFIX = "deno:";

/** What a step is, as far as its result depends on it. */
export interface StepIdentity {
  /** SHA-256 over code, config and inputs; null where the code's identity is not known. */
  readonly signature: string | null;
  /** The code hash with the call's, prefixed: what the ledger keeps as `git_hash`; null where it is not known. */
  readonly codeHash: string | null;
  /** What the function depends on. */
  readonly code: CodeIdentity;
  /** How it is called. */
  readonly call: CallIdentity;
  /** Its config and run fields. */
  readonly config: ConfigIdentity;
  /** What it reads. */
  readonly inputs: InputIdentity;
}

/** The parts of which a signature is made. */
export interface StepParts {
  /** What the function depends on. */
  readonly code: CodeIdentity;
  /** How it is called. */
  readonly call: CallIdentity;
  /** Its config and run fields. */
  readonly config: ConfigIdentity;
  /** What it reads. */
  readonly inputs: InputIdentity;
}

/** What to do where the code's identity cannot be followed to its end: execute, go by what could be followed, or refuse. */
export type UntrackedPolicy = "execute" | "allow" | "error";

/** `sha256("code:" + code + "|conf:" + config + "|in:" + inputs)`, as in Python Consist. */
export function signature(code: string, config: string, inputs: string): string {
  return sha256(`code:${code}|conf:${config}|in:${inputs}`);
}

/**
 * Puts the parts together. Where something in the code is opaque there is no signature, unless `untracked` is "allow" and some code was there to hash.
 *
 * @throws {ConsistError} `identity_unknown`, where something is opaque and `untracked` is "error".
 */
export function stepIdentity(parts: StepParts, untracked: UntrackedPolicy = "execute"): StepIdentity {
  const { code, call, config, inputs } = parts;
  const isOpaque = code.hash === null || code.opaque.length > 0;
  if (isOpaque && untracked === "error") throw identityUnknown(code);
  const known = code.hash !== null && (!isOpaque || untracked === "allow");
  const codeHash = known ? combinedCodeHash(code, call, inputs) : null;
  return { signature: codeHash === null ? null : signature(codeHash, config.hash, inputs.hash), codeHash, code, call, config, inputs };
}

/** The same step where other code is taken for its own: its call, config and inputs decide as before. */
export function standingFor<P extends StepParts>(parts: P, code: string): P & { readonly codeHash: string; readonly signature: string } {
  const codeHash = combinedCodeHash({ ...parts.code, hash: code }, parts.call, parts.inputs);
  return { ...parts, codeHash, signature: signature(codeHash, parts.config.hash, parts.inputs.hash) };
}

/** Bindings are hashed here as well as in the call, so that a caller who leaves them out of the call gets no false hit. */
function combinedCodeHash(code: CodeIdentity, call: CallIdentity, inputs: InputIdentity): string {
  const bindings = inputs.parts.map(({ key, binding }) => [key, binding]);
  return CODE_HASH_PREFIX + sha256(JSON.stringify([code.mode, code.hash, call.hash, bindings]));
}

function identityUnknown(code: CodeIdentity): ConsistError {
  const names = code.opaque.map(({ name, why }) => `${name} (${why})`);
  return new ConsistError("identity_unknown", {
    problem: "The identity of the step's code cannot be established.",
    why: `It depends on what cannot be followed: ${listNames(names)}.`,
    fix:
      'Pass such values as inputs or config, wrap them in untracked(...) where they cannot change the result, or set cacheOptions.untracked to "execute".',
  });
}

/** A step's identity as texts, one for each JSON column of the ledger. */
export interface IdentityTexts {
  /** Canonical JSON of the config with its run fields. */
  readonly config: string;
  /** JSON of the code's identity. */
  readonly code: string;
  /** JSON of the call's identity. */
  readonly call: string;
  /** JSON of the inputs' identity. */
  readonly inputs: string;
}

/** What is known of an earlier run's identity: hashes and parts, without a policy. */
export interface StoredIdentity {
  /** What its function depended on. */
  readonly code: CodeIdentity;
  /** How it was called. */
  readonly call: CallIdentity;
  /** Its config with the run fields, read back. */
  readonly config: PlainObject;
  /** The config's hash, where it is known: half of a surrogate pair is another character in what is read back. */
  readonly configHash?: string | undefined;
  /** What it read. */
  readonly inputs: InputIdentity;
}

/** A step's identity as JSON texts to store. */
export function identityTexts({ config, code, call, inputs }: StepParts): IdentityTexts {
  return { config: config.canonical, code: JSON.stringify(code), call: JSON.stringify(call), inputs: JSON.stringify(inputs) };
}

/** An identity read back from its texts. Fields that a newer version added are kept, missing lists are empty. */
export function storedIdentity(texts: IdentityTexts): StoredIdentity {
  const code = JSON.parse(texts.code) as Partial<CodeIdentity> | null;
  const call = JSON.parse(texts.call) as Partial<CallIdentity> | null;
  const inputs = JSON.parse(texts.inputs) as Partial<InputIdentity> | null;
  return {
    code: { mode: "unknown", hash: null, parts: [], opaque: [], outside: [], ...code },
    call: { hash: "", parts: [], ...call },
    config: (parseCanonicalJson(texts.config) ?? {}) as PlainObject,
    inputs: { hash: "", parts: [], ...inputs },
  };
}
