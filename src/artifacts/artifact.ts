/** Artifacts as users hold them: facts about a file, and a way to its value that never gives other content than was recorded. */
import { resolve } from "@std/path";
import { ContentError, InputError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import { type ArtifactCardView, artifactText, DISPLAY, INSPECT } from "../notebook/mod.ts";
import type { Artifact, DataFrame, Meta, MimeBundle } from "../types.ts";
import { digestFile } from "./digest.ts";
import { digestFolder, digestGlob } from "./digest_folder.ts";
import { DigestMemo } from "./digest_memo.ts";
import { driverNamed } from "./driver.ts";
import { loadPolars, withDisplay } from "./frames.ts";
import { isFrame } from "./kinds.ts";

/** The facts about an artifact. */
export interface ArtifactFields<K extends string = string> {
  /** UUID. */
  readonly id: string;
  /** Its role: the key among the inputs or outputs. */
  readonly key: K;
  /** Absolute path of the file on this machine. */
  readonly path: string;
  /** Portable address. */
  readonly uri: string;
  /** Name of its driver. */
  readonly driver: string;
  /** SHA-256 of its content, in hex. */
  readonly hash: string;
  /** The run that made it. */
  readonly runId?: string | undefined;
  /** Notes. */
  readonly meta?: Meta | undefined;
}

/** Where an artifact's content comes from. */
export interface ArtifactOptions {
  /** What is known about files that were read before. @default a memo of its own */
  readonly memo?: DigestMemo | undefined;
  /** The value where the file is gone or damaged, as from ingested rows; `undefined` where there is none. */
  readonly fallback?: ((artifact: StoredArtifact) => Promise<unknown>) | undefined;
  /** The path of an unharmed copy where the file is gone or damaged, as in an archive; `undefined` where there is none. */
  readonly elsewhere?: ((artifact: StoredArtifact) => Promise<string | undefined>) | undefined;
  /** Hears of each artifact whose value is loaded. */
  readonly onLoad?: ((artifact: Artifact) => void) | undefined;
}

/** What is no single file: its content is that of all its files. */
const TREES: { readonly [driver: string]: typeof digestGlob | undefined } = Object.assign(Object.create(null), {
  folder: digestFolder,
  glob: digestGlob,
});

/** A recorded file, or with the driver `folder` or `glob` several files by one path or pattern. */
export class StoredArtifact<out K extends string = string, out V = unknown> implements Artifact<K, V> {
  /** UUID. */
  readonly id: string;
  /** Its role. */
  readonly key: K;
  /** Absolute path of the file on this machine. */
  readonly path: string;
  /** Portable address. */
  readonly uri: string;
  /** Name of its driver. */
  readonly driver: string;
  /** SHA-256 of its content, in hex. */
  readonly hash: string;
  /** The run that made it; none for a file from outside. */
  declare readonly runId?: string;
  /** Notes. */
  readonly meta: Meta;
  readonly #memo: DigestMemo;
  readonly #fallback: ArtifactOptions["fallback"];
  readonly #elsewhere: ArtifactOptions["elsewhere"];
  readonly #onLoad: ArtifactOptions["onLoad"];

  /** An artifact of these facts; nothing is read before `load`. */
  constructor(fields: ArtifactFields<K>, options: ArtifactOptions = {}) {
    this.id = fields.id;
    this.key = fields.key;
    this.path = fields.path;
    this.uri = fields.uri;
    this.driver = fields.driver;
    this.hash = fields.hash;
    if (fields.runId !== undefined) this.runId = fields.runId;
    this.meta = fields.meta ?? {};
    this.#memo = options.memo ?? new DigestMemo();
    this.#fallback = options.fallback;
    this.#elsewhere = options.elsewhere;
    this.#onLoad = options.onLoad;
  }

  /**
   * The value, by its driver, if the file still has the recorded content; else that of an unharmed copy on record, as in an archive.
   *
   * @throws {ContentError} `artifact_missing` or `content_mismatch`
   */
  async load(): Promise<V> {
    this.#onLoad?.(this as Artifact);
    const problem = await this.check();
    if (problem === undefined) return await this.#read(this.path) as V;
    const copy = await this.copy();
    if (copy !== undefined) return await this.#read(copy) as V;
    const value = await this.#fallback?.(this as StoredArtifact);
    if (value === undefined) throw problem;
    return value as V;
  }

  /** The same artifact, with its content at another path. */
  at(path: string): StoredArtifact<K, V> {
    const options = { memo: this.#memo, fallback: this.#fallback, elsewhere: this.#elsewhere, onLoad: this.#onLoad };
    return new StoredArtifact<K, V>({ ...this, path }, options);
  }

  /** The path of an unharmed copy besides its own place; nothing where none is known. */
  async copy(): Promise<string | undefined> {
    return await this.#elsewhere?.(this as StoredArtifact);
  }

  /** Looks whether the file still has the recorded content: the error that says what is wrong, or nothing. */
  async check(): Promise<ContentError | undefined> {
    try {
      const found = await this.#digest();
      return found === this.hash ? undefined : this.#mismatch(found);
    } catch (error) {
      if (error instanceof InputError && error.code === "input_missing") return this.#missing(error);
      throw error;
    }
  }

  /** Its card; only whether the file is there is looked at. */
  async [DISPLAY](): Promise<MimeBundle> {
    const view = this.#view(); // as it is now
    const { renderArtifactCard } = await import("../notebook/render/mod.ts");
    return renderArtifactCard(view);
  }

  /** The same as text, for terminals. */
  [INSPECT](): string {
    return artifactText(this.#view());
  }

  #view(): ArtifactCardView {
    const bytes = sizeOf(this.path);
    const notes = Object.entries(this.meta);
    return {
      ...{ id: this.id, key: this.key, path: this.path, uri: this.uri, driver: this.driver, hash: this.hash },
      ...{ bytes, state: bytes === undefined ? "missing" : "present" },
      meta: this.runId === undefined ? notes : [["run", this.runId], ...notes],
    };
  }

  /** What it is to a step that captures it: its role and its content. */
  [Symbol.for("consist.identity")](): string {
    return `artifact:${JSON.stringify([this.key, this.driver, this.hash])}`;
  }

  /** What a folder or a pattern loads as: the paths of its files. */
  async #read(path: string): Promise<unknown> {
    const tree = TREES[this.driver];
    const madeBy = this.runId === undefined ? undefined : { run: this.runId, key: this.key };
    if (tree === undefined) return await driverNamed(this.driver).read(path, madeBy);
    return (await tree(path, this.#memo)).files.map(({ path }) => path);
  }

  async #digest(): Promise<string> {
    return await digestBy(this.driver, this.path, this.#memo);
  }

  #mismatch(found: string): ContentError {
    return new ContentError("content_mismatch", {
      problem: `Cannot load ${JSON.stringify(this.key)}: ${JSON.stringify(this.path)} was changed after it was recorded.`,
      why: `Its content has the hash ${found.slice(0, 12)}…, and ${this.hash.slice(0, 12)}… was recorded${this.#origin()}.`,
      fix: this.#remedy(),
      run: this.runId,
      path: this.path,
    });
  }

  #missing(cause: InputError): ContentError {
    return new ContentError("artifact_missing", {
      problem: `Cannot load ${JSON.stringify(this.key)}: ${JSON.stringify(this.path)} is gone.`,
      why: `The file was recorded${this.#origin()}, and was removed or moved since.`,
      fix: this.#remedy(),
      run: this.runId,
      path: this.path,
      cause,
    });
  }

  #origin(): string {
    return this.runId === undefined ? " as an input" : ` by the run ${this.runId}`;
  }

  #remedy(): string {
    return this.runId === undefined
      ? "Put the file back, or run the step with the present one."
      : "Run the step again: it will execute and make the file anew.";
  }
}

/**
 * The hash of what is at a path, taken as artifacts of this driver are: of a file, or of all files of a folder or pattern.
 *
 * @throws {InputError} `input_missing` or `input_unreadable`
 */
export async function digestBy(driver: string, path: string, memo: DigestMemo): Promise<string> {
  const tree = TREES[driver];
  return tree === undefined ? await digestFile(path, memo) : (await tree(path, memo)).digest;
}

/**
 * An artifact's value as a DataFrame: tables as they are, JSON where it is a list of records.
 *
 * @throws {InputError} `input_unreadable` where the value is no table
 */
export async function loadFrame(
  artifact: Pick<Artifact, "key" | "path" | "driver" | "load" | "runId">,
): Promise<DataFrame> {
  const value = await artifact.load();
  if (isFrame(value)) return value as DataFrame;
  if (isRecords(value)) return withDisplay((await loadPolars()).readRecords(value, { inferSchemaLength: Math.max(1, value.length) }));
  throw new InputError("input_unreadable", {
    problem: `Cannot load ${JSON.stringify(artifact.key)} as a DataFrame.`,
    why: `Its driver ${JSON.stringify(artifact.driver)} gives no table and no list of records.`,
    fix: "Use load() for its value.",
    run: artifact.runId,
    path: resolve(artifact.path),
  });
}

function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch {
    return undefined; // the card says that the file is missing
  }
}

function isRecords(value: unknown): value is Record<string, unknown>[] {
  return Array.isArray(value) && value.every((row) => typeof row === "object" && row !== null && !Array.isArray(row));
}
