/** What the charts of the library's own are made of: plain data, with every time and every fact in it. */
import type { RunState } from "./views.ts";

/** A run as a bar over time. */
export interface TimelineRunView {
  /** The run's id. */
  readonly id: string;
  /** The step's name. */
  readonly step: string;
  /** Whether it was a hit, and how it ended. */
  readonly status: RunState;
  /** When it began. */
  readonly startedAt: Date;
  /** How long it took, in seconds. */
  readonly seconds: number;
  /** How long the original run took, on a hit. */
  readonly savedSeconds?: number | undefined;
  /** Simulated year. */
  readonly year?: number | undefined;
  /** Number of the iteration. */
  readonly iteration?: number | undefined;
}

/** Runs over time. */
export interface TimelineView {
  /** What the runs belong to. */
  readonly title: string;
  /** The runs, in any order. */
  readonly runs: readonly TimelineRunView[];
}

/** How long a stretch of time is over which savings are summed up. */
export type SavingsPeriod = "hour" | "day" | "week";

/** What the cache saved of one step in one stretch of time. */
export interface SavingsRowView {
  /** When the stretch began. */
  readonly from: Date;
  /** The step's name. */
  readonly step: string;
  /** How many hits there were. */
  readonly hits: number;
  /** How long their original runs took, less what the hits took, in seconds. */
  readonly savedSeconds: number;
}

/** What the cache saved, over time. */
export interface SavingsView {
  /** How long a stretch is. */
  readonly by: SavingsPeriod;
  /** A row for each stretch and step that had hits, by time. */
  readonly rows: readonly SavingsRowView[];
}

/** A number that two runs have, or one of them. */
export interface QuantityView {
  /** What it is: an output's key, or a column of one. */
  readonly name: string;
  /** The first run's. */
  readonly before?: number | undefined;
  /** The second run's. */
  readonly after?: number | undefined;
}

/** The numbers of two runs side by side. */
export interface BeforeAfterView {
  /** The first run's id. */
  readonly before: string;
  /** The second run's id. */
  readonly after: string;
  /** The numbers, in any order. */
  readonly quantities: readonly QuantityView[];
}
