/** What `mapRuns` takes and gives. */
import type {
  AcceptsInputs,
  BindingChoice,
  BindingOf,
  BoundInputs,
  CheckedInputs,
  Definition,
  ExecutionOptions,
  ExecutorChoice,
  HasDefinition,
  InputsOf,
  MissingPolicy,
  NoDefinition,
  OutputPolicy,
  Parsed,
  RunSettings,
  RuntimeOf,
  Step,
} from "../run/mod.ts";
import type { Chart, DataFrame, Facet, PlotOptions, Registry, Run, RunResult, ZodSchema } from "../types.ts";

/** The options of a run that are the same for every row. What names one place or one execution is not among them. */
export type SweepSettings = Omit<RunSettings, "runId" | "outputDir" | "captureDir" | "capturePattern" | "sync" | "nameTemplate">;
/** The config that the step gets: what the schema makes of a row's config, where there is one. */
export type RowConfig<C, D extends Definition, Z> = unknown extends Z ? (unknown extends D["configSchema"] ? C : Parsed<D["configSchema"]>)
  : Parsed<Z>;

/**
 * The options of `mapRuns`. Its rows, and how a row becomes a run; the rest is as in `run`, and holds for every row.
 */
export interface MapRunsOptions<
  Row,
  I,
  C,
  O,
  R,
  B extends BindingChoice,
  A,
  M extends MissingPolicy,
  P,
  D extends Definition = NoDefinition,
  G = Registry,
  Z = unknown,
> extends SweepSettings {
  /** One object for each run: its parameters by name. `grid(...)` makes every combination of some. */
  readonly rows: Iterable<Row>;
  /** The step: an ordinary function of its inputs and the step's context, whose `config` comes from the row. */
  readonly fn:
    & ((
      inputs: P,
      step: Step<NoInfer<RowConfig<C, D, Z>>, NoInfer<BoundInputs<InputsOf<I, D>, "loaded", G>>, NoInfer<RuntimeOf<A, D>>>,
    ) => R | Promise<R>)
    & HasDefinition<D>
    & AcceptsInputs<NoInfer<BoundInputs<InputsOf<I, D>, BindingOf<B, D>, G>>, NoInfer<P>>;
  /** What the step reads, by key: the same for every row. */
  readonly inputs?: I & CheckedInputs<NoInfer<I>, G>;
  /** What the step makes: keys, or keys with options. */
  readonly outputs?: O;
  /** What to do where outputs are not as declared. */
  readonly outputPolicy?: OutputPolicy<M>;
  /**
   * What each run is called: `"case_{alpha}"`, with the row's columns and `{index}`, its place among the rows. No two rows may have one name.
   * @default the step's name, for every row
   */
  readonly nameTemplate?: string;
  /** The config of a row's run: plain data, and hashed. @default the row itself */
  readonly configFrom?: (row: NoInfer<Row>, index: number) => C;
  /** A zod schema that parses each config and fills its defaults. What it gives is hashed, and is the step's `config`. */
  readonly configSchema?: Z & ZodSchema;
  /** Keys of the config to index as facets, or what to index instead. @default the scalar leaves of the config and the scalar outputs */
  readonly facetFrom?: readonly (keyof NoInfer<C> & string)[] | ((row: NoInfer<Row>, index: number) => Facet);
  /**
   * How many rows execute at once; with worker processes how many there are. @default 1 in this process, as many as there are cores with
   * workers, an executor's own `slots`
   */
  readonly concurrency?: number;
  /**
   * Where the function is called: in this process, in worker processes (which import it from its module: it has to be exported there), or
   * where an executor of your own runs it. The workers of a sweep end with it. @default `executionOptions.executor`, else "in_process"
   */
  readonly executor?: ExecutorChoice;
  /** Once a row failed, those that have not begun are not run. @default false */
  readonly cancelPendingOnFailure?: boolean;
  /** Aborted, it keeps the rows that have not begun from running, and aborts `step.signal` of those that have. */
  readonly signal?: AbortSignal;
  /** How the function is called. */
  readonly executionOptions?: ExecutionOptions<B, A>;
}

/** A row that has its result. */
export interface Mapped<Row, V> {
  /** The row. */
  readonly row: Row;
  /** The result of its run. */
  readonly result: RunResult<V>;
}

/** A row that has none. */
export interface Unmapped<Row> {
  /** The row. */
  readonly row: Row;
  /** What it failed with; a row that was cancelled before it began has an error with the code `cancelled`. */
  readonly error: Error;
  /** Its run, where it began and is on record. */
  readonly run?: Run;
}

/** What came of each row. Every row is among `successes` or `failures`, and in each list they stand in the order of the rows. */
export interface MapRunsResult<Row, V = Registry> {
  /** The rows that have their results. */
  readonly successes: readonly Mapped<Row, V>[];
  /** The rows that failed or were cancelled. */
  readonly failures: readonly Unmapped<Row>[];
  /** Those of `successes` that came from the cache. */
  readonly hits: readonly Mapped<Row, V>[];
  /** Runs the rows of `failures` again, and only them; the result is of them alone. */
  retry(): Promise<MapRunsResult<Row, V>>;
  /**
   * A table with a line for each row: the row's columns, each scalar output, `run_id`, `cache_hit`, `seconds` and `status` (`completed`,
   * `failed` or `cancelled`). The seconds of a hit are those of the run that executed. A step that reads the table hits as long as the same
   * executions stand behind it: an id counts as the one of the run that executed, and `cache_hit` does not count. A column of ours whose name a row has too is called `run.seconds`, an output's `output.score`.
   */
  df(): Promise<DataFrame>;
  /** A chart of the same table. */
  plot(options: PlotOptions<string>): Chart;
}
