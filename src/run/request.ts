/** What a call of `run` or `trace` asks for, once its options are checked: plain words that every stage reads. */
import type { Ahead } from "./ahead.ts";
import type { z } from "zod";
import type { Ledger } from "../ledger/mod.ts";
import type { Executor } from "../executors/mod.ts";
import type { DigestMemo, UriRoots } from "../artifacts/mod.ts";
import type { MissCandidate } from "../identity/mod.ts";
import type { Artifact, Facet, Meta, Run, RunResult } from "../types.ts";
import type { Access } from "./access.ts";
import type { CouplerHandle } from "./coupler_handle.ts";
import type { Executors } from "./executors.ts";
import type { CacheOptions, RunSettings } from "./options.ts";
import type { Ending, Header, HeaderFacet } from "./header.ts";
import type { Binding } from "./input_types.ts";
import type { MissingPolicy, OutputOptions } from "./output_types.ts";
import type { ProgressState } from "./progress.ts";
import type { Step } from "./step_types.ts";

/** What becomes of steps and scenarios. */
export interface Tracking {
  /** Are they recorded? */
  readonly isOn: boolean;
  /** Does a step, once its call is understood. */
  step(services: RunServices, request: StepRequest): Promise<RunResult>;
  /** A scenario begins. */
  begin(services: RunServices, header: Header, facet: HeaderFacet): Promise<void>;
  /** A scenario ends. */
  end(services: RunServices, header: Header, ending: Ending): Promise<void>;
}

/** What the stages of a run need from the tracker, and no more. */
export interface RunServices {
  /** Where runs are recorded. */
  readonly ledger: Ledger;
  /** What may be done with the ledger and the run folder. */
  readonly access: Access;
  /** What becomes of steps and scenarios. */
  readonly tracking: Tracking;
  /** The same for what is not to be tracked. */
  readonly untracked: () => RunServices;
  /** Root of all run folders, absolute. */
  readonly runDir: string;
  /** Digests of files, remembered by their time stamps. */
  readonly digests: DigestMemo;
  /** Portable addresses: the run folder and the mounts. */
  readonly roots: UriRoots;
  /** The project's epoch, part of every config hash. */
  readonly cacheEpoch: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Under which name a schema is registered. */
  readonly schemaName: (schema: z.ZodObject) => string | undefined;
  /** Tells the user something that is no error. */
  readonly warn: (message: string) => void;
  /** The executors that a name stands for. */
  readonly executors: Executors;
  /** Step's model → its newest completed runs, as of a number of foreign writes. */
  readonly earlier: Map<string, { readonly written: number; readonly runs: readonly EarlierRun[] }>;
}

/** A completed run that a miss is compared with. */
export interface EarlierRun extends MissCandidate<Run> {
  /** How long it took, in seconds. */
  readonly seconds: number | undefined;
}

/** Where a run takes place: by itself, inside another run, or in a scenario. */
export interface RunPlace {
  /** The scenario's header, or the run around this one. */
  readonly parentId?: string;
  /** The scenario, where there is one. */
  readonly scenario?: { readonly name: string; readonly headerId: string };
  /** Tags that every step of the scenario has. */
  readonly tags?: readonly string[];
  /** The scenario's default. */
  readonly cacheHydration?: CacheOptions["cacheHydration"];
  /** The scenario's template for names, where a step has none. */
  readonly nameTemplate?: string;
  /** The scenario's epoch, where a step says nothing. */
  readonly cacheEpoch?: number;
  /** The coupler's artifact of this key. */
  readonly artifactOf?: (key: string) => Artifact | undefined;
  /** The scenario's coupler, to look through without a note. */
  readonly coupler?: CouplerHandle;
  /** The coupler's keys, for messages. */
  readonly keys?: () => Iterable<string>;
  /** Cancels what runs there: the step's own signal follows it. */
  readonly signal?: AbortSignal;
  /** It is a row of a sweep, which shows all of them at once. */
  readonly isRow?: boolean;
  /** How many rows of a sweep come after this one, where they go on while the ledger is left to others. */
  readonly rowsAfter?: number;
  /** How long it may take where no earlier run tells, in seconds: as long as the row before. */
  readonly expectedSeconds?: number;
  /** Takes how many seconds a hit did not take, and how many the run took that executed, where that is on record. */
  readonly onSaved?: (seconds: number, executed: number | undefined) => void;
  /** Takes for whom a run waits, and nothing when it need not any more, where somebody else shows it. */
  readonly onWaiting?: (who: string | undefined) => void;
  /** Takes how far a run is, where somebody else shows it. */
  readonly onProgress?: (run: string, state: ProgressState) => void;
  /** It is looked up before its turn. */
  readonly ahead?: Ahead;
  /**
   * Takes how long a body took that was executed, in seconds: where it waited for a worker its call took longer. `steady` is the call, where
   * nothing that it depends on is another one at this moment.
   */
  readonly onExecuted?: (seconds: number, steady?: StepRequest) => void;
  /** Takes that what the body made is on the disk, and its values are not needed any more. */
  readonly onStored?: () => void;
  /** Takes that the body is about to be called. */
  readonly onBegins?: () => void;
  /** What a short step made may be written and recorded then: the next row of its sweep begins before, since both need the same thread. */
  readonly handedOver?: () => Promise<void>;
  /** Takes what a run in another process printed, where somebody else shows it. */
  readonly onPrint?: (stream: "stdout" | "stderr", line: string) => void;
  /** Takes the outputs as soon as they are known. */
  readonly onOutput?: (key: string, artifact: Artifact) => void;
}

/** One input, found and hashed. */
export interface ResolvedInput {
  /** Its role. */
  readonly key: string;
  /** What it is. */
  readonly kind: "file" | "folder" | "glob" | "list" | "artifact" | "value";
  /** How the step gets it. */
  readonly binding: "loaded" | "path" | "lazy" | "relation" | "value" | "none";
  /** How it is read. */
  readonly driver: string;
  /** SHA-256 of its content. */
  readonly hash: string;
  /** Path as the user wrote it, or what it is. */
  readonly label: string;
  /** Absolute path of the file, the folder or the pattern. */
  readonly path?: string;
  /** The address that it was fetched from. */
  readonly url?: string;
  /** A word on it for the card. */
  readonly note?: string;
  /** Absolute paths of a folder's or glob's files. */
  readonly files?: readonly string[];
  /** Links to folders among them, which were not followed. */
  readonly links?: readonly string[];
  /** The artifact, where it is one. */
  readonly artifact?: Artifact;
  /** The value in memory, where it is one. */
  readonly value?: unknown;
  /** Size of its content. */
  readonly bytes?: number;
}

/** One declared output. */
export interface DeclaredOutput extends OutputOptions {
  readonly key: string;
  /** The id of its schema, where the schema itself is not at hand: a call from the ledger. */
  readonly schemaId?: string;
}

/** The body of a step, as the stages call it. */
export type StepBody = (inputs: { readonly [key: string]: unknown }, step: Step<unknown, never, never>) => unknown;

/** A checked call. */
export interface StepRequest {
  readonly mode: "run" | "trace";
  readonly name: string;
  readonly model: string;
  readonly settings: RunSettings;
  readonly body: StepBody;
  readonly config: unknown;
  readonly facetFrom: readonly string[] | undefined;
  readonly facet: Facet | false | undefined;
  readonly inputs: readonly ResolvedInput[];
  readonly dependencies: readonly ResolvedInput[];
  readonly outputs: readonly DeclaredOutput[];
  readonly outputPaths: { readonly [key: string]: string };
  readonly binding: Binding;
  readonly outputMissing: MissingPolicy;
  readonly outputMismatch: MissingPolicy;
  readonly runtime: { readonly [key: string]: unknown };
  /** Where its function is called; in this process where there is none. */
  readonly executor: Executor | undefined;
  readonly cache: CacheOptions;
  readonly tags: readonly string[];
  readonly place: RunPlace;
  /** Couplers that the step captured, as far as its identity was asked for. */
  readonly captured: Set<CouplerHandle>;
  /** Executed beside a recorded run, to be compared with it: nothing is recorded, and no copy leaves its folder. */
  readonly isRepeated: boolean;
  /** When the call came in, or its turn, in milliseconds since 1970. */
  calledAt: number;
  /** `performance.now()` then. */
  clockedAt: number;
}

/** An output that was made: a file in the run's own folder. */
export interface MadeOutput {
  readonly key: string;
  readonly path: string;
  readonly driver: string;
  readonly hash: string;
  readonly bytes: number;
  readonly meta: Meta;
  readonly facet?: Facet;
  readonly schema?: z.ZodObject;
  /** The value in one cell, where it is one: it becomes a facet of the run. */
  readonly scalar?: string | number | boolean | null;
}
