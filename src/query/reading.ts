/** What reading needs, and the words of its questions and answers. */
import type { DigestMemo } from "../artifacts/mod.ts";
import type { ArtifactRow, Ledger } from "../ledger/mod.ts";
import type { Artifact, Artifacts, Chart, DataFrame, IdentityPart, PlotOptions, Run, RunStatus, Scalar } from "../types.ts";

/** Where to read, and how rows become artifacts. */
export interface Reading {
  /** The ledger. */
  readonly ledger: Ledger;
  /** The run folder: configs of runs that the ledger has no config of are found in its snapshots. */
  readonly runDir: string;
  /** An artifact as users hold it, with its path on this machine. */
  artifactOf(row: ArtifactRow): Artifact;
  /** What is known about files that were read before. */
  readonly memo: DigestMemo;
}

/** How far back reading goes. */
export interface ReadOptions {
  /** Every run ever recorded, not each distinct result once. @default false */
  readonly history?: boolean;
}

/** A run by its id, its row, or its result. */
export type RunLike = string | Run | {
  /** The run of a result. */
  readonly run: Run;
};

/** The id of a run, however it is given. */
export function runIdOf(run: RunLike): string {
  if (typeof run === "string") return run;
  return "run" in run ? run.run.id : run.id;
}

/** Which runs to find; what is `undefined` does not count. */
export interface RunFilter {
  /** A run's id, or the `runId` that it was labelled with. */
  readonly id?: string | undefined;
  /** The scenario's name. */
  readonly scenario?: string | undefined;
  /** The step's name. */
  readonly step?: string | undefined;
  /** The Python word for `scenario`; also takes a header's id. */
  readonly parentId?: string | undefined;
  /** The Python word for `step`. */
  readonly model?: string | undefined;
  /** Simulated year. */
  readonly year?: number | undefined;
  /** Number of the iteration. */
  readonly iteration?: number | undefined;
  /** Stage of the workflow. */
  readonly stage?: string | undefined;
  /** Phase of the workflow. */
  readonly phase?: string | undefined;
  /** Whether it ended, and how. */
  readonly status?: RunStatus | undefined;
  /** All of them. */
  readonly tags?: readonly string[] | undefined;
  /** Facet values by key; a nested key is written with dots. */
  readonly facet?: { readonly [key: string]: Scalar } | undefined;
  /** At most so many, the newest ones. */
  readonly limit?: number | undefined;
}

/** A field of a run that runs can be grouped, aligned and indexed by. */
export type RunField = "id" | "model" | "status" | "year" | "iteration" | "stage" | "phase" | "scenarioId" | "parentId";

/** What a run read and made. */
export interface RunArtifacts {
  /** What it read, by key. */
  readonly inputs: Artifacts;
  /** What it made, by key. */
  readonly outputs: Artifacts;
}

/** One value on either side. */
export interface Difference {
  /** The left run's value. */
  readonly left: unknown;
  /** The right run's value. */
  readonly right: unknown;
}

/** Two runs that belong together. */
export interface RunPair {
  /** The run of the first set. */
  readonly left: Run;
  /** The run of the second set. */
  readonly right: Run;
  /** The config values in which they differ. */
  configDiff(): { readonly [key: string]: Difference };
}

/** Runs to group, align and compare. */
export interface RunSet extends Iterable<Run> {
  /** How many runs it has. */
  readonly length: number;
  /** The run at this place, newest first; negative places count from the end. */
  at(index: number): Run | undefined;
  /** A set for each value of a field. */
  splitBy<K extends RunField>(field: K): Map<Run[K], RunSet>;
  /** A set for each value of a facet. */
  splitBy(field: {
    /** The facet's key. */
    readonly facet: string;
  }): Map<Scalar, RunSet>;
  /** The runs that fit. */
  filter(keep: RunFilter | ((run: Run) => boolean)): RunSet;
  /** The newest run of each group. */
  latest(options?: {
    /** What makes a group. @default ["model", "year", "iteration"] */
    readonly by?: RunField | readonly RunField[];
  }): RunSet;
  /** Pairs of runs of two sets that agree in a field or a facet. */
  align(other: RunSet, options: {
    /** The field, or the facet. */
    readonly on: RunField | {
      /** The facet's key. */
      readonly facet: string;
    };
  }): RunPair[];
  /** The config values in which the runs differ, one value for each run. */
  configDiff(): { readonly [key: string]: readonly unknown[] };
  /** A row for each run. */
  df(): Promise<DataFrame>;
  /** A chart of the same table. */
  plot(options: PlotOptions<string>): Chart;
}

/** What is different between two runs. */
export interface RunDiff {
  /** The left run. */
  readonly left: Run;
  /** The right run. */
  readonly right: Run;
  /** The parts of the identity that differ. */
  readonly changed: readonly IdentityPart[];
  /** Config values that differ, by key. */
  readonly config: { readonly [key: string]: Difference };
  /** Inputs that differ, by key. */
  readonly inputs: { readonly [key: string]: Difference };
  /** A chart of the numbers of both runs, those that changed most first: scalar outputs, and the means of tables' columns. */
  plot(): Chart;
}

/** How an artifact came to be. */
export interface Lineage {
  /** The artifact. */
  readonly artifact: Artifact;
  /** The run that made it; none for a file from outside. */
  readonly run?: Run;
  /** How the inputs of that run came to be. */
  readonly inputs: readonly Lineage[];
}
