/** The config's part of a signature: canonical JSON with the run fields mixed in, hashed as Python Consist hashes it. */
import { ConfigError } from "../errors.ts";
import { canonicalText } from "./canonical_json.ts";
import { sha256 } from "./digest.ts";
import { type Plain, plainConfig, type PlainObject } from "./plain_config.ts";

/** The fields of a run that belong to its config's identity. */
export interface RunFields {
  /** The run's model: its step's name unless one was given. */
  readonly model: string;
  /** Simulated year. */
  readonly year?: number | null | undefined;
  /** Number of the iteration. */
  readonly iteration?: number | null | undefined;
  /** The tracker's cache epoch; `run` and `trace` always have one, 1 unless set. */
  readonly cacheEpoch?: number | null | undefined;
  /** The step's cache version. */
  readonly cacheVersion?: number | null | undefined;
}

/** A config's identity. */
export interface ConfigIdentity {
  /** SHA-256 of the canonical text. */
  readonly hash: string;
  /** The hashed text: canonical JSON of the config with its run fields. It can be stored as it is, and nothing is lost in it. */
  readonly canonical: string;
  /** The normalised config, with the digests of what it depends on, without the run fields. Large whole numbers in it are bigint. */
  readonly value: PlainObject;
}

/** Where the run fields stand in the hashed text. */
export const RUN_FIELDS = "__consist_run_fields__";
/** Where the digests of `dependsOn` stand, label → digest. */
export const HASH_INPUTS = "__consist_hash_inputs__";

/**
 * Hashes a config with the fields of its run, and with the digests of what the run depends on besides its inputs (`dependsOn`: label → digest).
 * Reserved keys in the config are overwritten, as in Python; {@link refuseReservedKeys} keeps users from losing them.
 *
 * @throws {ConfigError} `config_not_plain`, where the config is no plain data.
 */
export function hashConfig(config: unknown, fields: RunFields, dependsOn: Readonly<Record<string, string>> = {}): ConfigIdentity {
  const plain = plainConfig(config);
  const value = Object.keys(dependsOn).length === 0 ? plain : withMember(plain, HASH_INPUTS, { ...dependsOn });
  const canonical = canonicalText(withMember(value, RUN_FIELDS, runFieldsText(fields)));
  return { hash: sha256(canonical), canonical, value };
}

/** Built from entries, so that a key called `__proto__` stays a key. */
function withMember(object: PlainObject, key: string, member: Plain): PlainObject {
  return Object.fromEntries([...Object.entries(object), [key, member]]);
}

/** Year and iteration are always there, null where absent; the cache fields only where they are set. */
function runFieldsText({ model, year, iteration, cacheEpoch, cacheVersion }: RunFields): PlainObject {
  return {
    model,
    year: year ?? null,
    iteration: iteration ?? null,
    ...(cacheEpoch == null ? {} : { cache_epoch: cacheEpoch }),
    ...(cacheVersion == null ? {} : { cache_version: cacheVersion }),
  };
}

/**
 * Refuses a config with keys under which the hash has its own: a value there would not count.
 *
 * @throws {ConfigError} `config_not_plain`.
 */
export function refuseReservedKeys(config: PlainObject): void {
  const key = [RUN_FIELDS, HASH_INPUTS].find((reserved) => Object.hasOwn(config, reserved));
  if (key === undefined) return;
  throw new ConfigError("config_not_plain", {
    problem: `The config cannot be hashed: config.${key} is a reserved key.`,
    why: "The run's own fields are mixed into the hashed config under this key, so a value of yours there would be lost.",
    fix: "Rename the key, or leave it out of the config.",
    path: `config.${key}`,
  });
}
