/** What the renderers take: plain data, with every time and every fact in it. */

/** How a run ended, as a card says it. */
export type RunState = "hit" | "executed" | "failed" | "running";

/** A file or value that a run read or made. */
export interface FileView {
  /** Its role among the inputs or outputs. */
  readonly key: string;
  /** A short path, or `value`. */
  readonly label: string;
  /** The whole path to copy, where the label is shorter. */
  readonly path?: string | undefined;
  /** How it is read and written. */
  readonly driver: string;
  /** Its content's hash. */
  readonly hash: string;
  /** Its size. */
  readonly bytes?: number | undefined;
  /** The run that made it. */
  readonly runId?: string | undefined;
  /** A word on it: `read without being declared`, `ingested`, `missing`. */
  readonly note?: string | undefined;
}

/** One difference between two runs. */
export interface ChangeView {
  /** What changed. */
  readonly name: string;
  /** The earlier value; absent where it is new. */
  readonly before?: unknown;
  /** The present value; absent where it is gone. */
  readonly after?: unknown;
}

/** What a run failed with. */
export interface FailureView {
  /** The error's class. */
  readonly name: string;
  /** The error's message. */
  readonly message: string;
  /** The error's stack. */
  readonly stack?: string | undefined;
}

/** How far long work has come. */
export interface ProgressView {
  /** How much is done. */
  readonly done: number;
  /** How much there is. */
  readonly total?: number | undefined;
  /** What is being done. */
  readonly note?: string | undefined;
}

/** How far a sweep has come. */
export interface SweepProgressView {
  /** The step's name. */
  readonly name: string;
  /** Whether it goes on, and how it ended. */
  readonly state: "running" | "done" | "cancelled";
  /** How many rows there are. */
  readonly total: number;
  /** How many have ended. */
  readonly done: number;
  /** How many of them came from the cache. */
  readonly hits: number;
  /** How many of them failed. */
  readonly failed: number;
  /** How many execute at this moment. */
  readonly running: number;
  /** How many were cancelled before they began. */
  readonly cancelled?: number | undefined;
  /** Rows in a second, so far. */
  readonly rate?: number | undefined;
  /** Seconds that are left, as far as can be told. */
  readonly left?: number | undefined;
  /** Seconds that hits did not take. */
  readonly saved?: number | undefined;
  /** How long it takes so far. */
  readonly seconds: number;
  /** The rows that execute, each with how far it is. */
  readonly rows: readonly string[];
}

/** What a step showed when it executed, shown again on its hit: the mark that stands before it. */
export interface ReplayView {
  /** The step's name. */
  readonly step: string;
  /** The run that showed it. */
  readonly runId: string;
  /** When. */
  readonly at: Date;
  /** How many lines of text follow. */
  readonly lines: number;
  /** How many displays follow. */
  readonly displays: number;
  /** Characters of text that were too many to be kept. */
  readonly textLeftOut?: number | undefined;
  /** Displays that were too many, too large, or no plain data. */
  readonly displaysLeftOut?: number | undefined;
}

/** One run, as its card shows it. */
export interface RunCardView {
  /** The run's id. */
  readonly id: string;
  /** The step's name. */
  readonly step: string;
  /** Name of the scenario. */
  readonly scenario?: string | undefined;
  /** Whether it was a hit, and how it ended. */
  readonly status: RunState;
  /** Why it was a hit or a miss, as a sentence. */
  readonly why: string;
  /** How long the call took. */
  readonly seconds: number;
  /** How long the original run took, on a hit. */
  readonly savedSeconds?: number | undefined;
  /** On a hit: the run the outputs come from, and when it ran. */
  readonly source?: { readonly id: string; readonly at: Date } | undefined;
  /** When it began. */
  readonly startedAt: Date;
  /** Simulated year. */
  readonly year?: number | undefined;
  /** Number of the iteration. */
  readonly iteration?: number | undefined;
  /** Words to find it by. */
  readonly tags: readonly string[];
  /** What the step is for. */
  readonly description?: string | undefined;
  /** SHA-256 over code, config and inputs. */
  readonly signature?: string | undefined;
  /** Settings, in their order. */
  readonly config: readonly (readonly [key: string, value: unknown])[];
  /** What it read. */
  readonly inputs: readonly FileView[];
  /** What it made. */
  readonly outputs: readonly FileView[];
  /** What is different from the nearest earlier run. */
  readonly changes: readonly ChangeView[];
  /** What the reader should worry about. */
  readonly warnings: readonly string[];
  /** What the reader may want to know: uses the clock, prints were replayed. */
  readonly notes?: readonly string[] | undefined;
  /** What it failed with. */
  readonly error?: FailureView | undefined;
  /** How far it has come, while it runs. */
  readonly progress?: ProgressView | undefined;
  /** What the step printed; on a hit it is marked as replayed. */
  readonly printed?: string | undefined;
  /** Charts among its outputs, drawn. */
  readonly figures?: readonly PictureView[] | undefined;
}

/** One run, as a line of a table. */
export interface RunRowView {
  /** The run's id. */
  readonly id: string;
  /** The step's name. */
  readonly step: string;
  /** Whether it was a hit, and how it ended. */
  readonly status: RunState;
  /** Name of the scenario. */
  readonly scenario?: string | undefined;
  /** Simulated year. */
  readonly year?: number | undefined;
  /** Number of the iteration. */
  readonly iteration?: number | undefined;
  /** How long it took. */
  readonly seconds?: number | undefined;
  /** How long the original run took, on a hit. */
  readonly savedSeconds?: number | undefined;
  /** When it began. */
  readonly startedAt?: Date | undefined;
  /** Why it was a hit or a miss, or what it failed with. */
  readonly why?: string | undefined;
  /** Parameters and results, by column. */
  readonly values?: { readonly [column: string]: unknown } | undefined;
}

/** A list of runs. */
export interface RunTableView {
  /** What the list is. */
  readonly caption?: string | undefined;
  /** The runs, in order. */
  readonly runs: readonly RunRowView[];
  /** How many there are in all. @default the number of `runs` */
  readonly total?: number | undefined;
  /** How far a sweep has come, while it runs. */
  readonly progress?: ProgressView | undefined;
  /** What the reader should worry about. */
  readonly warnings?: readonly string[] | undefined;
  /** A chart of the runs, drawn. */
  readonly picture?: PictureView | undefined;
}

/** A drawn chart that stands in something else. */
export interface PictureView {
  /** The picture as an SVG document. */
  readonly svg: string;
  /** What it shows, for those who cannot see it. */
  readonly alt: string;
}

/** A scenario, as its card shows it. */
export interface ScenarioCardView {
  /** Its name. */
  readonly name: string;
  /** Id of its header. */
  readonly id: string;
  /** Whether it ended, and how. */
  readonly status: "running" | "completed" | "failed";
  /** Its model. */
  readonly model?: string | undefined;
  /** What it is for. */
  readonly description?: string | undefined;
  /** When it began. */
  readonly startedAt: Date;
  /** How long it took so far. */
  readonly seconds?: number | undefined;
  /** Words to find it by. */
  readonly tags: readonly string[];
  /** Settings, in their order. */
  readonly config?: readonly (readonly [key: string, value: unknown])[] | undefined;
  /** Its steps, in order. */
  readonly steps: readonly RunRowView[];
  /** What its coupler holds. */
  readonly outputs: readonly FileView[];
  /** Required outputs that are not there. */
  readonly missing?: readonly string[] | undefined;
  /** What the reader should worry about. */
  readonly warnings: readonly string[];
  /** What it failed with. */
  readonly error?: FailureView | undefined;
}

/** An artifact, as its card shows it. */
export interface ArtifactCardView {
  /** Its id. */
  readonly id: string;
  /** Its role. */
  readonly key: string;
  /** Absolute path on this machine, or `value`. */
  readonly path: string;
  /** Portable address. */
  readonly uri?: string | undefined;
  /** How it is read and written. */
  readonly driver: string;
  /** Its content's hash. */
  readonly hash: string;
  /** Its size. */
  readonly bytes?: number | undefined;
  /** Whether its file is as the ledger says. @default "present" */
  readonly state?: "present" | "missing" | "damaged" | undefined;
  /** The run that made it. */
  readonly run?: {
    /** The run's id. */
    readonly id: string;
    /** The step's name. */
    readonly step: string;
    /** Name of the scenario. */
    readonly scenario?: string | undefined;
    /** Simulated year. */
    readonly year?: number | undefined;
    /** When it ran. */
    readonly at: Date;
  } | undefined;
  /** Notes, in their order. */
  readonly meta: readonly (readonly [key: string, value: unknown])[];
  /** Columns, where it is a table. */
  readonly columns?: readonly ColumnView[] | undefined;
  /** First rows, where they are at hand. */
  readonly preview?: TableView | undefined;
}

/** A column of a table. */
export interface ColumnView {
  /** Its name. */
  readonly name: string;
  /** Its type, as the source spells it. */
  readonly type?: string | undefined;
}

/** A relation or a DataFrame. */
export interface TableView {
  /** The columns, in order. */
  readonly columns: readonly ColumnView[];
  /** All rows, or the first ones. */
  readonly rows: readonly (readonly unknown[])[];
  /** The last rows, where `rows` are only the first ones. */
  readonly tail?: readonly (readonly unknown[])[] | undefined;
  /** How many rows there are in all. @default those that are here */
  readonly total?: number | undefined;
  /** What the table is. */
  readonly caption?: string | undefined;
  /** The query that gives it, where it has no other name. */
  readonly query?: string | undefined;
  /** Characters of a cell in text. @default 32 */
  readonly textWidth?: number | undefined;
}

/** A graph of runs and artifacts. */
export interface LineageView {
  /** Id of the node that was asked about. */
  readonly root: string;
  /** Runs and artifacts. */
  readonly nodes: readonly LineageNode[];
  /** Who made what from what: `from` is read or run before `to`. */
  readonly edges: readonly LineageEdge[];
}

/** A run or an artifact of a lineage. */
export interface LineageNode {
  /** Its id. */
  readonly id: string;
  /** What it is. */
  readonly kind: "artifact" | "run";
  /** What it is called. */
  readonly label: string;
  /** A second, smaller line. */
  readonly detail?: string | undefined;
}

/** An arrow of a lineage. */
export interface LineageEdge {
  /** Id of the node it begins at. */
  readonly from: string;
  /** Id of the node it ends at. */
  readonly to: string;
  /** The role: an input's or output's key. */
  readonly label?: string | undefined;
}

/** A Vega-Lite chart. */
export interface ChartView {
  /** The specification, without its data. */
  readonly spec: { readonly [key: string]: unknown };
  /** The rows to draw. */
  readonly rows: readonly { readonly [column: string]: unknown }[];
  /** What to show where no picture can be. @default made from the specification */
  readonly text?: string | undefined;
}

/** Two things compared: two runs, or a run and its repetition. */
export interface DiffCardView {
  /** What was compared, or the verdict. */
  readonly title: string;
  /** A word for the verdict. */
  readonly verdict?: "equal" | "different" | "not repeatable" | undefined;
  /** The left side. */
  readonly left: string;
  /** The right side. */
  readonly right: string;
  /** Each difference; `before` is the left one's. */
  readonly changes: readonly ChangeView[];
  /** A sentence on why. */
  readonly why?: string | undefined;
}
