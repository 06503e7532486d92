/** The names of files in a run's own folder: no two outputs get the same. */
import { existsSync } from "node:fs";
import { join } from "@std/path";
import { JSON } from "../intrinsics.ts";
import { safeName, snapshotFile } from "../artifacts/mod.ts";

/** The names that are given out for files in the folder of one run. Letters' case does not tell them apart, as it does not on many disks. */
export class OutputNames {
  readonly #dir: string;
  readonly #taken: Set<string> = new Set();
  /** The names that `outputPath` has given out, and for what. */
  readonly #owners: Map<string, string> = new Map();
  /** The paths that `outputPath` has given out, by key. */
  readonly #given: Map<string, Set<string>> = new Map();

  /** The names in a folder. */
  constructor(dir: string) {
    this.#dir = dir;
  }

  /** A path in the run's own folder that no other output has; the same key and extension give the same path again. */
  given(key: string, extension = ""): string {
    const ext = extension === "" ? "" : `.${safeName(extension.replace(/^\./, ""))}`;
    const owner = JSON.stringify([key, ext]);
    const name = this.#nameOf(key, ext, (free) => this.#isFreeFor(free.toLowerCase(), owner));
    this.#owners.set(name.toLowerCase(), owner);
    const path = join(this.#dir, name);
    this.#given.set(key, (this.#given.get(key) ?? new Set()).add(path));
    return path;
  }

  /** The paths that `outputPath` has given out for a key, and at which a file is now. */
  async writtenAt(key: string): Promise<string[]> {
    const given = [...this.#given.get(key) ?? []];
    const states = await Promise.all(given.map((path) => snapshotFile(path)));
    return given.filter((_, index) => states[index] !== undefined);
  }

  /** A path for what the run writes itself: neither one that it has used, nor one where the step put a file of its own. */
  fresh(key: string, extension: string, beside: readonly string[] = []): string {
    const all = (name: string) => [name, ...beside.map((ending) => name.slice(0, -extension.length) + ending)];
    const isFree = (name: string) => !this.#taken.has(name.toLowerCase()) && !existsSync(join(this.#dir, name));
    const name = this.#nameOf(key, extension, (free) => all(free).every(isFree));
    for (const each of all(name)) this.#taken.add(each.toLowerCase());
    return join(this.#dir, name);
  }

  /** A file name for a key: keys that differ in letters which a file's name cannot have get numbers. */
  #nameOf(key: string, extension: string, isFree: (name: string) => boolean): string {
    const stem = safeName(key);
    for (let n = 1;; n++) {
      const name = n === 1 ? `${stem}${extension}` : `${stem}-${n}${extension}`;
      if (isFree(name)) return name;
    }
  }

  #isFreeFor(name: string, owner: string): boolean {
    return (this.#owners.get(name) ?? owner) === owner && !this.#taken.has(name);
  }
}
