/** One call of a case's step, in whatever process this module is loaded: `begin`, `perform` for each, `end`. */
import { type Artifact, ConsistError, type DuckDBConnection, run, type RunResult, Tracker, useTracker } from "consist";

/** What came of a call. */
export interface Report {
  /** Did it hit? */
  readonly hit: boolean;
  /** Has it a signature? */
  readonly signed: boolean;
  /** What it gave; the error's code where it was refused. */
  readonly value: unknown;
  /** Its explanation, or the error's message. */
  readonly words: string;
  /** Output key → path. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Did the upstream step hit? */
  readonly upstreamHit?: boolean;
  /** Was it refused? */
  readonly refused?: true;
}

let tracker: Tracker | undefined;
let lease: DuckDBConnection | undefined;

/** Opens the ledger of an environment, and keeps it: opening it again for each of some hundred steps would take most of the time. */
export async function begin(root: string): Promise<void> {
  disturb();
  tracker = new Tracker({ dbPath: `${root}/provenance.duckdb`, runDir: `${root}/runs` });
  useTracker(tracker);
  lease = await tracker.connection();
}

/** Closes it. */
export async function end(): Promise<void> {
  lease?.closeSync();
  await tracker?.close();
}

/** A clock that is behind, and a file system that keeps times in whole seconds. */
function disturb(): void {
  const shift = Number(Deno.env.get("TRUST_CLOCK_SHIFT_MS") ?? 0);
  const step = Number(Deno.env.get("TRUST_STAT_STEP_MS") ?? 0);
  const { now } = Date;
  if (shift !== 0) Date.now = () => now() + shift;
  if (step === 0) return;
  const { stat } = Deno;
  Deno.stat = async (path) => {
    const found = await stat(path);
    const coarse = (time: Date | null) => time && new Date(Math.floor(time.getTime() / step) * step);
    return { ...found, mtime: coarse(found.mtime), ctime: coarse(found.ctime) };
  };
}

/** The cases' options are text that nobody has checked: that is run's own work. */
const runAny = run as unknown as (options: object) => Promise<RunResult>;

/** Runs a step in a folder, after the one that it reads from. */
export async function perform(name: string, dir: string, main: unknown, options: () => object, upstream?: () => object): Promise<Report> {
  Deno.chdir(dir);
  try {
    const made = upstream && await runAny({ name: `${name}_upstream`, outputs: ["made"], ...upstream() });
    const inputs = made === undefined ? {} : { inputs: { made: Object.values<Artifact>(made.outputs)[0]! } };
    const result = await runAny({ name, fn: main, outputs: ["n"], ...inputs, ...whereAsked(options()) });
    return {
      hit: result.cacheHit,
      signed: result.run.signature !== "",
      value: await valueOf(result),
      words: result.explain(),
      outputs: Object.fromEntries(Object.values<Artifact>(result.outputs).map(({ key, path }) => [key, path])),
      ...(made === undefined ? {} : { upstreamHit: made.cacheHit }),
    };
  } catch (error) {
    return refusal(error);
  }
}

/** The options, with the executor that the environment asks for. */
function whereAsked(options: { readonly executionOptions?: object }): object {
  const executor = Deno.env.get("TRUST_EXECUTOR");
  return executor === undefined ? options : { ...options, executionOptions: { ...options.executionOptions, executor } };
}

/** An error as a report: the case says whether it is wanted. */
export function refusal(error: unknown): Report {
  const value = error instanceof ConsistError ? error.code : "no error of ours";
  return {
    hit: false,
    signed: false,
    value,
    words: error instanceof Error ? error.stack ?? error.message : String(error),
    outputs: {},
    refused: true,
  };
}

async function valueOf(result: RunResult): Promise<unknown> {
  const values = await Promise.all(Object.keys(result.outputs).map(async (key) => [key, plain(await result.load(key))] as const));
  return values.length === 1 ? values[0]![1] : Object.fromEntries(values);
}

/** A value as a report shows it. */
export function plain(value: unknown): unknown {
  const isFrame = Object.prototype.toString.call(value) === "[object DataFrame]";
  if (isFrame) return (value as { toRecords(): unknown }).toRecords();
  return value instanceof Uint8Array ? [...value] : value;
}
