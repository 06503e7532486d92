/** What a step reads without having declared it: noted while it executes, and kept with its run, so that each lookup can read it again. */
import { isAbsolute, relative, resolve } from "@std/path";
import { JSON } from "../intrinsics.ts";
import { hashValue, isMountUri, isWebAddress } from "../artifacts/mod.ts";
import { listNames } from "../errors.ts";
import type { Artifact } from "../types.ts";
import type { ActiveRun } from "./active_run.ts";
import { type CouplerHandle, onlyCoupler } from "./coupler_handle.ts";
import { readsGivenQuery } from "./given_queries.ts";
import { keyOfName } from "./keys.ts";
import type { ResolvedInput, StepRequest } from "./request.ts";

/** How it was read: by a path as it was written, by a key of the coupler, as the coupler's list of keys, or through an artifact at hand. */
export type HowRead =
  | { readonly path: string | readonly string[] }
  | { readonly coupler: string }
  | { readonly keys: string }
  | { readonly artifact: string; readonly uri: string };

/** An implicit input as it is kept with a run. */
export interface ImplicitInput {
  /** Its role. */
  readonly key: string;
  /** How it was read. */
  readonly how: HowRead;
  /** SHA-256 of its content; empty where nothing was there. */
  readonly hash: string;
  /** How it is loaded, with versions. */
  readonly driver: string;
  /** How it is shown. */
  readonly label: string;
  /** Its artifact in the ledger. */
  readonly id?: string;
}

/** An implicit input as it is at this moment. */
export interface ImplicitRead extends Omit<ImplicitInput, "id"> {
  /** The file, folder or pattern, where it is one. */
  readonly input?: ResolvedInput;
  /** The artifact, where it is one. */
  readonly artifact?: Artifact;
  /** The coupler that it was read from. */
  readonly from?: CouplerHandle;
}

/** What is there to be read under a key of the coupler. */
export function readOfCoupler(from: CouplerHandle, key: string, artifact: Artifact | undefined): ImplicitRead {
  const label = `"${key}" of scenario "${from.scenario}"`;
  const found = artifact === undefined ? { hash: "", driver: "none" } : { hash: artifact.hash, driver: artifact.driver, artifact };
  return { key, how: { coupler: key }, label, from, ...found };
}

/** Which keys the coupler has. */
export function readOfKeys(from: CouplerHandle, prefix: string, own?: ReadonlySet<string>): ImplicitRead {
  const keys = [...from.keys()].filter((key) => key.startsWith(prefix) && !own?.has(key)).sort();
  return {
    key: "keys",
    how: { keys: prefix },
    label: `keys of scenario "${from.scenario}"`,
    from,
    hash: hashValue(keys),
    driver: "none",
  };
}

/** What is there to be read at a path. */
export function readOfPath(path: string | readonly string[], input: ResolvedInput): ImplicitRead {
  return { key: input.key, how: { path }, label: input.label, hash: input.hash, driver: input.driver, input };
}

/** The implicit inputs of a run while it executes. */
export class ImplicitReads {
  /** Why nothing can say whether the result still holds: it must not be served. */
  readonly doubts: Set<string> = new Set();
  readonly #run: ActiveRun;
  readonly #reads: Map<string, ImplicitRead> = new Map();
  /** Id → path of what runs inside this one made. */
  readonly #inner: Map<string, string> = new Map();
  readonly #pending: Promise<void>[] = [];
  /** Keys of couplers that this run set itself. */
  readonly #set: Map<CouplerHandle, Set<string>> = new Map();

  /** The reads of this run. */
  constructor(run: ActiveRun) {
    this.#run = run;
  }

  /** All of them, in the order in which they were first read. */
  get all(): readonly ImplicitRead[] {
    return [...this.#reads.values()];
  }

  /** What was read in the process that executed the run: there it was looked at already. */
  takeOver(read: ImplicitRead): void {
    this.#reads.set(JSON.stringify(read.how), read);
  }

  /** A file, folder or pattern. What the run itself made is no input of it. */
  path(path: string | readonly string[], input: ResolvedInput): void {
    if (input.path !== undefined && (this.#isOwnPath(input.path) || this.#declares(input.path, input.hash))) return;
    this.#note(readOfPath(this.#asItBegan(path, input.files !== undefined && typeof path !== "string" ? input.files : input.path), input));
  }

  /** A path at which nothing is; `at` is where it led when it was looked for. */
  nothingAt(path: string | readonly string[], key: string, at?: string): void {
    this.#note({ key, how: { path: this.#asItBegan(path, at) }, label: String(path), hash: "", driver: "none" });
  }

  /** A path as it is written where the run began, which is where a lookup finds it: the step may have gone to another folder meanwhile. */
  #asItBegan(path: string | readonly string[], at: string | readonly string[] | undefined): string | readonly string[] {
    const { cwd } = this.#run;
    if (cwd === undefined || at === undefined) return path;
    if (typeof path !== "string") return path.map((each, index) => this.#asItBegan(each, at[index]) as string);
    const isElsewhere = typeof at === "string" && !isMountUri(path) && !isWebAddress(path) && resolve(cwd, path) !== at;
    return isElsewhere ? relative(cwd, at) : path;
  }

  /** A note that takes time; a failure of it is the run's. */
  pending(note: Promise<void>): void {
    note.catch(() => {}); // whoever waits for it hears of it
    this.#pending.push(note);
  }

  /** Waits until everything is noted. */
  async settled(): Promise<void> {
    while (this.#pending.length > 0) await this.#pending.pop();
  }

  /** A file that the step says it read, with the artifact that was made of it. */
  logged(path: string, artifact: Artifact): void {
    if (this.#isOwnPath(artifact.path) || this.#declares(artifact.path, artifact.hash)) return;
    this.#note({
      key: artifact.key,
      how: { path: this.#asItBegan(path, artifact.path) },
      label: path,
      hash: artifact.hash,
      driver: artifact.driver,
      artifact,
    });
  }

  /** An artifact whose value was loaded. */
  artifact(artifact: Artifact): void {
    const { id, key, uri, hash, driver, runId } = artifact;
    const { inputs, dependencies } = this.#run.request;
    const isKnown = [...inputs, ...dependencies].some((input) => input.hash === hash) || this.all.some((read) => read.artifact?.id === id);
    if (isKnown || this.#isOwn(artifact)) return;
    this.#note({ key, how: { artifact: id, uri }, label: runId === undefined ? uri : `${key} of ${runId}`, hash, driver, artifact });
  }

  /** A key of a coupler, also where nothing is under it. */
  coupler(from: CouplerHandle, key: string, artifact: Artifact | undefined): void {
    if (artifact !== undefined && this.#isOwn(artifact) || this.#set.get(from)?.has(key) || this.#namesKey(from, key)) return;
    if (this.#isSure(from)) this.#note(readOfCoupler(from, key, artifact));
  }

  /** The keys of a coupler that begin with `prefix`. */
  keys(from: CouplerHandle, prefix: string): void {
    if (this.#isSure(from)) this.#note(readOfKeys(from, prefix, this.#set.get(from)));
  }

  /** A key that the run sets itself is no input of it from then on. */
  sets(from: CouplerHandle, key: string): void {
    this.#set.set(from, (this.#set.get(from) ?? new Set()).add(key));
  }

  /** An answer of the ledger, which may be another one after the next run. A query that is declared as an input counts by its rows. */
  ledger(): void {
    if (readsGivenQuery()) return;
    this.doubts.add("it asked the ledger for runs, whose answer changes with every run; ask before the step, and give it what was found");
  }

  /** Files whose names nobody can tell. */
  unnamedFiles(): void {
    this.doubts.add("it queried files that the query's text does not name: give them to it as inputs, or by relation(...)");
  }

  /** A pattern by which a query went through links to folders, whose files are not among those that count. */
  followedLinks(pattern: string, links: readonly string[]): void {
    this.doubts.add(`its query of ${pattern} follows links to folders (${listNames(links)}): give it the folders that they lead to`);
  }

  /** Runs of one model share their results, whatever their steps are called. */
  stepName(): void {
    this.doubts.add("it read step.name, which does not count beside model: give it what it needs of the name as config");
  }

  /** What a run inside this one was given is read by this one too, except what this one made before. */
  innerInputs({ inputs, dependencies }: StepRequest): void {
    for (const input of [...inputs, ...dependencies]) {
      if (input.artifact !== undefined) this.artifact(input.artifact);
      else if (input.kind === "list") this.path(input.files!, input);
      else if (input.kind !== "value") this.path(input.label, input);
    }
  }

  /** And so is what it read without declaring it. What it made is this run's own. */
  innerReads(outputs: Iterable<Artifact>, reads: Iterable<ImplicitRead>, doubts: Iterable<string> = []): void {
    for (const { id, path } of outputs) this.#inner.set(id, path);
    for (const read of reads) this.#innerRead(read);
    for (const doubt of doubts) this.doubts.add(doubt);
  }

  #innerRead(read: ImplicitRead): void {
    const { from, how, artifact, input } = read;
    if ("path" in how) {
      if (input !== undefined) this.path(how.path, input);
      else if (artifact === undefined || !this.#isOwnPath(artifact.path)) this.#note(read);
    } else if ("coupler" in how) this.coupler(from!, how.coupler, artifact);
    else if ("keys" in how) this.keys(from!, how.keys);
    else this.artifact(artifact!);
  }

  #note(read: ImplicitRead): void {
    const name = JSON.stringify(read.how);
    const before = this.#reads.get(name);
    if (before === undefined) this.#reads.set(name, { ...read, key: this.#freeKey(read.key) });
    else if (before.hash !== read.hash) this.doubts.add(`${read.label} changed while the step ran`);
  }

  #freeKey(key: string): string {
    const taken = new Set([...this.#run.request.inputs, ...this.#reads.values()].map((input) => input.key));
    const name = keyOfName(key);
    if (!taken.has(name)) return name;
    for (let n = 2;; n++) if (!taken.has(`${name}_${n}`)) return `${name}_${n}`;
  }

  /** Will a lookup read the same coupler? One that the step made itself is no input of it. */
  #isSure(from: CouplerHandle): boolean {
    if (from.madeIn === this.#run) return false;
    const { captured, place } = this.#run.request;
    if (onlyCoupler(captured, place.coupler) === from) return true;
    this.doubts.add(
      `it read the coupler of scenario "${from.scenario}", and nothing says that it will read that one again: give it what it reads as an input`,
    );
    return false;
  }

  /** Is this key of its own scenario's coupler among its declared inputs? */
  #namesKey(from: CouplerHandle, key: string): boolean {
    const { place, settings } = this.#run.request;
    const { inputs = {} } = settings as { readonly inputs?: object };
    return from === place.coupler && Object.values(inputs).includes(key);
  }

  #declares(path: string, hash: string): boolean {
    const { inputs, dependencies } = this.#run.request;
    return [...inputs, ...dependencies].some((input) => (input.path === path && input.hash === hash) || input.files?.includes(path));
  }

  #isOwn({ id, runId }: Artifact): boolean {
    const { outputs, cached } = this.#run;
    const has = (artifacts: Iterable<{ readonly id: string }>): boolean => [...artifacts].some((artifact) => artifact.id === id);
    return runId === this.#run.id || this.#inner.has(id) || has([...outputs.values()].map(({ artifact }) => artifact)) ||
      has(cached?.values() ?? []);
  }

  #isOwnPath(path: string): boolean {
    const below = relative(this.#run.dir, path);
    return (!below.startsWith("..") && !isAbsolute(below)) || [...this.#inner.values()].includes(path);
  }
}
