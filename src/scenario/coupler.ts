/** The artifacts of a scenario by key: what links one step's outputs to the next one's inputs. */
import { KeyError, listNames, nearestName, OptionError } from "../errors.ts";
import { describe, isArtifact, isPathLike } from "../run/mod.ts";
import type { Artifact, KeyOf, PathLike, Registry } from "../types.ts";

/** The keys of `G` that begin with `N/`, without it. */
export type Within<G, N extends string> = string extends keyof G ? G
  : { readonly [K in keyof G as K extends `${N}/${infer Rest}` ? Rest : never]: G[K] };

/** The artifacts of a scenario by key. */
export interface Coupler<G = Registry> {
  /** The artifact of this key. Throws, and names the nearest key, where there is none. */
  require<K extends keyof G & string>(key: K): Artifact<K, G[K]>;
  /** The artifact of this key, or none. */
  get<K extends keyof G & string>(key: K): Artifact<K, G[K]> | undefined;
  /** Is there an artifact of this key? */
  has(key: keyof G & string): boolean;
  /** Puts an artifact under a key. */
  set<K extends keyof G & string>(key: K, artifact: Artifact<string, G[K]>): void;
  /** Puts several artifacts under their keys; `undefined` is passed over. */
  update(artifacts: { readonly [K in KeyOf<G>]?: Artifact<string, G[K]> }): void;
  /** Takes a path as well, or anything with a `path`; its content is read for its identity. */
  setFromArtifact<K extends keyof G & string>(key: K, value: string | URL | PathLike | Artifact<string, G[K]>): Promise<Artifact<K, G[K]>>;
  /** The keys that begin with `namespace/`, without it. */
  view<const N extends string>(namespace: N): Coupler<Within<G, N>>;
  /** All keys. */
  keys(): IterableIterator<string>;
  /** All keys with their artifacts. */
  entries(): IterableIterator<[string, Artifact]>;
}

/** Makes an artifact of a file. */
export type ArtifactFromFile = (key: string, path: string | URL) => Promise<Artifact>;

/** Who hears of what is done to a coupler. */
export interface CouplerEvents {
  /** A key was set. */
  noticed(key: string): void;
  /** A key was looked up, also where nothing is under it. */
  read(key: string, artifact: Artifact | undefined): void;
  /** The keys that begin with `prefix` were listed. */
  listed(prefix: string): void;
  /** It was captured by a step that is being identified. */
  captured(): void;
}
const UNHEARD: CouplerEvents = { noticed: () => {}, read: () => {}, listed: () => {}, captured: () => {} };

/** A coupler over artifacts in memory; views share them. */
export class ArtifactCoupler implements Coupler {
  readonly #artifacts: Map<string, Artifact>;
  readonly #prefix: string;
  readonly #fromFile: ArtifactFromFile;
  readonly #events: CouplerEvents;

  /** `fromFile` makes an artifact of a path. */
  constructor(
    fromFile: ArtifactFromFile,
    events: CouplerEvents = UNHEARD,
    artifacts: Map<string, Artifact> = new Map(),
    prefix = "",
  ) {
    this.#fromFile = fromFile;
    this.#events = events;
    this.#artifacts = artifacts;
    this.#prefix = prefix;
  }

  /** See `Coupler`. */
  get<K extends string>(key: K): Artifact<K, unknown> | undefined {
    const artifact = this.#artifacts.get(this.#prefix + key) as Artifact<K, unknown> | undefined;
    this.#events.read(this.#prefix + key, artifact);
    return artifact;
  }

  /** See `Coupler`. */
  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** See `Coupler`. */
  require<K extends string>(key: K): Artifact<K, unknown> {
    const artifact = this.get(key);
    if (artifact !== undefined) return artifact;
    const keys = [...this.#keys()];
    const near = nearestName(key, keys);
    throw new KeyError("unknown_key", {
      problem: `The coupler has no key "${key}"${this.#prefix === "" ? "" : ` in its view "${this.#prefix.slice(0, -1)}"`}.`,
      why: `Its keys are ${listNames(keys)}.`,
      fix: near === undefined ? "Run the step that makes it first, or set it." : `Did you mean "${near}"?`,
      path: key,
    });
  }

  /** See `Coupler`. */
  set(key: string, artifact: Artifact): void {
    if (!isArtifact(artifact)) throw notArtifact(this.#prefix + key, artifact);
    this.#artifacts.set(this.#prefix + key, artifact);
    this.#events.noticed(this.#prefix + key);
  }

  /** See `Coupler`. */
  update(artifacts: { readonly [key: string]: Artifact | undefined }): void {
    for (const [key, artifact] of Object.entries(artifacts)) if (artifact !== undefined) this.set(key, artifact);
  }

  /** See `Coupler`. */
  async setFromArtifact<K extends string>(key: K, value: string | URL | PathLike | Artifact): Promise<Artifact<K, unknown>> {
    const file = isPathLike(value) ? value.path : value;
    const artifact = typeof file === "string" || file instanceof URL ? await this.#fromFile(this.#prefix + key, file) : file as Artifact;
    this.set(key, artifact);
    return artifact as Artifact<K, unknown>;
  }

  /** See `Coupler`. */
  view(namespace: string): Coupler {
    const name = namespace.replace(/\/+$/, "");
    if (name === "") {
      throw new KeyError("unknown_key", {
        problem: "coupler.view() was called with an empty namespace.",
        why: "A view holds the keys that begin with its name and a slash.",
        fix: 'Give a name, such as coupler.view("beam").',
      });
    }
    return new ArtifactCoupler(this.#fromFile, this.#events, this.#artifacts, `${this.#prefix}${name}/`) as Coupler;
  }

  /** See `Coupler`. */
  keys(): Generator<string> {
    this.#events.listed(this.#prefix);
    return this.#keys();
  }

  /** See `Coupler`. */
  *entries(): Generator<[string, Artifact]> {
    this.#events.listed(this.#prefix);
    for (const key of [...this.#keys()]) yield [key, this.get(key)!];
  }

  *#keys(): Generator<string> {
    for (const key of this.#artifacts.keys()) if (key.startsWith(this.#prefix)) yield key.slice(this.#prefix.length);
  }

  /** Captured by a step it does not count: what the step reads through it is an input of its own. */
  [Symbol.for("consist.identity")](): string {
    this.#events.captured();
    return "coupler";
  }
}

function notArtifact(key: string, value: unknown): OptionError {
  return new OptionError("option_invalid", {
    problem: `coupler.set("${key}") was called with ${describe(value)}.`,
    why: "A coupler holds artifacts, which have a content.",
    fix: `Take a file in with await coupler.setFromArtifact("${key}", path).`,
    path: key,
  });
}
