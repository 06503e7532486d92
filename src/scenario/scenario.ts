/** Steps that belong together: a header run, a coupler, and the runs below it. */
import { checkMembers, ConsistError, OptionError, type OutputError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import { DISPLAY, INSPECT, type ScenarioCardView, scenarioText } from "../notebook/mod.ts";
import {
  activeRun,
  artifactFromFile,
  type BindingChoice,
  type BoundInputs,
  type ConfigOf,
  type CouplerHandle,
  type Definition,
  finishHeader,
  type Header,
  isRehearsal,
  type MissingOf,
  type MissingPolicy,
  type NoConfig,
  type NoDefinition,
  type NoInputs,
  noteCaptured,
  type NoValues,
  openHeader,
  type Outlook,
  type OutputsDeclaration,
  type OutputsOf,
  type OutputValues,
  readsOfActiveRun,
  type RunOptions,
  type RunPlace,
  type RunServices,
  runStep,
  type ScenarioInputs,
  type Step,
  type StepOptions,
  traceStep,
  wouldHit,
  type WouldHitOptions,
} from "../run/mod.ts";
import type { Artifact, Artifacts, Chart, MimeBundle, Registry, RunPromise, RunResult, TraceResult } from "../types.ts";
import { type DeclareOptions, OutputContract, type RequireOptions, type Warning } from "./contracts.ts";
import { CallOrder } from "./call_order.ts";
import { lineOf, timeline } from "../query/mod.ts";
import { filesOf } from "./card.ts";
import { collected } from "./collect.ts";
import { checkOptions, type CollectOptions, type ScenarioOptions } from "./options.ts";
import { ArtifactCoupler, type Coupler } from "./coupler.ts";
import { mapRuns } from "./sweeps/map_runs.ts";
import type { MapRunsOptions, MapRunsResult } from "./map_types.ts";

/** What opening a scenario needs from the tracker. */
export interface ScenarioServices extends RunServices {
  /** The open scenarios of this process, by name. */
  readonly openScenarios: Map<string, Scenario>;
  /** The same for scenarios that are not to be tracked. */
  readonly untracked: () => ScenarioServices;
}

/** Ends an execution because another one of the same name begins. */
const SUPERSEDE: unique symbol = Symbol("supersede");

/** A scenario while it is open. `Scenario<{ population: DataFrame }>` knows its keys and what they load as; without argument any key is `unknown`. */
export class Scenario<G = Registry> implements AsyncDisposable {
  /** The header's id. */
  readonly id: string;
  /** The scenario's name. */
  readonly name: string;
  /** The scenario's artifacts by key. */
  readonly coupler: Coupler<G>;
  readonly #services: ScenarioServices;
  readonly #options: ScenarioOptions;
  readonly #header: Header;
  readonly #artifacts = new Map<string, Artifact>();
  readonly #handle: CouplerHandle;
  readonly #contract = new OutputContract();
  readonly #warnings: Warning[] = [];
  readonly #order = new CallOrder();
  readonly #steps: RunResult[] = [];
  readonly #running = new Set<Promise<Error | void>>();
  #failure: { step: string; error: Error } | undefined;
  #ended: "completed" | "failed" | undefined;

  private constructor(services: ScenarioServices, name: string, options: ScenarioOptions, header: Header) {
    this.#services = services;
    this.#options = options;
    this.#header = header;
    this.id = header.id;
    this.name = name;
    this.#handle = {
      scenario: name,
      madeIn: activeRun(),
      artifactOf: (key) => this.#artifacts.get(key),
      keys: () => this.#artifacts.keys(),
    };
    this.coupler = new ArtifactCoupler(
      (key, path) => artifactFromFile(services, key, path),
      {
        noticed: (key) => {
          readsOfActiveRun()?.sets(this.#handle, key);
          this.#order.set(key);
          this.#noticed(key);
        },
        read: (key, artifact) => readsOfActiveRun()?.coupler(this.#handle, key, artifact),
        listed: (prefix) => readsOfActiveRun()?.keys(this.#handle, prefix),
        captured: () => noteCaptured(this.#handle),
      },
      this.#artifacts,
    ) as unknown as Coupler<G>;
    if (options.requireOutputs !== undefined) this.#contract.declare(options.requireOutputs, () => true, {});
  }

  /** Opens a scenario. An open one of the same name is ended first. */
  static async open<G = Registry>(given: ScenarioServices, name: string, options: ScenarioOptions = {}): Promise<Scenario<G>> {
    checkOptions(name, options);
    if (!isRehearsal()) given.access.toRecord(`open the scenario "${name}"`);
    const services = options.enabled === false || activeRun()?.services.tracking.isOn === false ? given.untracked() : given;
    await services.openScenarios.get(name)?.[SUPERSEDE]();
    const header = await openHeader(services, name, options);
    const scenario = new Scenario<G>(services, name, options, header);
    services.openScenarios.set(name, scenario as unknown as Scenario);
    return scenario;
  }

  /** What the scenario wants its user to know. */
  get warnings(): readonly Warning[] {
    return this.#warnings;
  }

  /** Runs a step, or takes its outputs from the cache; they enter the coupler by key. */
  run<
    const I extends ScenarioInputs = NoInputs,
    C = NoConfig,
    const O extends OutputsDeclaration<keyof G & string> = readonly [],
    R = void,
    B extends BindingChoice = "loaded",
    A = NoValues,
    M extends MissingPolicy = "error",
    P = BoundInputs<I, B, G>,
    D extends Definition = NoDefinition,
    Z = unknown,
  >(options: RunOptions<I, C, O, R, B, A, M, P, D, G, Z>): RunPromise<OutputValues<OutputsOf<O, D>, R, MissingOf<M, D>>> {
    this.#mustBeOpen("run");
    const result = this.#order.next(() => runStep(this.#services, options, this.#place()));
    this.#watch(result, (options as { name?: string }).name);
    return result as unknown as RunPromise<OutputValues<OutputsOf<O, D>, R, MissingOf<M, D>>>;
  }

  /** Runs a body in any case, with its provenance cached: on a hit the outputs are in the coupler before the body begins. */
  trace<
    const I extends ScenarioInputs = NoInputs,
    C = NoConfig,
    const O extends OutputsDeclaration<keyof G & string> = readonly [],
    T = void,
    A = NoValues,
    M extends MissingPolicy = "error",
    Z = unknown,
  >(
    options: StepOptions<I, C, O, "none", A, M, G, Z> & {
      /** The step's name. */
      readonly name: string;
    },
    body: (step: Step<NoInfer<ConfigOf<C, NoDefinition, Z>>, NoInfer<BoundInputs<I, "loaded", G>>, NoInfer<A>>) => T | Promise<T>,
  ): Promise<TraceResult<OutputValues<O, void, M>, T>> {
    this.#mustBeOpen("trace");
    const result = this.#order.next(() => traceStep(this.#services, options, body, this.#place()));
    this.#watch(result, options?.name);
    return result as unknown as Promise<TraceResult<OutputValues<O, void, M>, T>>;
  }

  /** Runs a step for each row: see the ambient `mapRuns`. Its runs are the scenario's; their outputs, which share keys, stay out of the coupler. */
  mapRuns<
    Row extends object,
    const I extends ScenarioInputs = NoInputs,
    C = Row,
    const O extends OutputsDeclaration<keyof G & string> = readonly [],
    R = void,
    B extends BindingChoice = "loaded",
    A = NoValues,
    M extends MissingPolicy = "error",
    P = BoundInputs<I, B, G>,
    D extends Definition = NoDefinition,
    Z = unknown,
  >(
    options: MapRunsOptions<Row, I, C, O, R, B, A, M, P, D, G, Z>,
  ): Promise<MapRunsResult<Row, OutputValues<OutputsOf<O, D>, R, MissingOf<M, D>>>> {
    this.#mustBeOpen("mapRuns");
    const sweep = this.#sweep(options, this.#place());
    const settled = sweep.then(() => {}, (error) => error as Error).finally(() => this.#running.delete(settled));
    this.#running.add(settled);
    return sweep as unknown as Promise<MapRunsResult<Row, OutputValues<OutputsOf<O, D>, R, MissingOf<M, D>>>>;
  }

  async #sweep(options: unknown, place: RunPlace): Promise<unknown> {
    return await mapRuns(this.#services, options, place, (step) => void this.#steps.push(step));
  }

  /** The runs of this execution over time, as a chart: a bar for each, coloured by whether it was a hit, executed, failed or is running. */
  timeline(): Chart {
    readsOfActiveRun()?.ledger();
    return timeline(this.#services, { parentId: this.id }, `Timeline of ${this.name}`);
  }

  /** Would `sc.run(options)` be a hit? Executes nothing, and records nothing. */
  async wouldHit(options: WouldHitOptions): Promise<Outlook> {
    this.#mustBeOpen("wouldHit");
    return await wouldHit(this.#services, options, this.#place());
  }

  /** The coupler's artifact of this key as an input, where a file of the same name exists too. */
  key<K extends keyof G & string>(key: K): Artifact<K, G[K]> {
    return this.coupler.require(key);
  }

  /** Outputs that have to be made before the scenario ends. */
  requireOutputs(keys: readonly (keyof G & string)[], options: RequireOptions = {}): void {
    checkMembers(options, ["warnUndefined", "description"], "requireOutputs");
    this.#contract.declare(keys, () => true, options);
  }

  /** Outputs that may be made, and which of them have to be. */
  declareOutputs(keys: readonly (keyof G & string)[], options: DeclareOptions = {}): void {
    checkMembers(options, ["warnUndefined", "description", "required"], "declareOutputs");
    this.#contract.declare(keys, (key) => options.required?.[key] === true, options);
  }

  /** Puts some of a result's outputs into the coupler, under `prefix + key`. */
  collectByKeys<V extends object>(outputs: V, keys: readonly (keyof V & string)[], options: CollectOptions = {}): Artifacts {
    checkMembers(options, ["prefix"], "collectByKeys");
    const artifacts = collected(outputs, keys, options.prefix);
    (this.coupler as unknown as Coupler).update(artifacts);
    return artifacts;
  }

  /** Waits for steps that are still running, checks what is required and completes the header. Throws what such a step failed with. May be called twice. */
  async end(): Promise<void> {
    const late = await this.#settle();
    if (this.#ended !== undefined) return;
    if (late !== undefined) {
      await this.#finish("failed");
      throw late;
    }
    const missing = this.#failure === undefined ? this.#contract.missing(this.name, this.#artifacts.keys()) : undefined;
    if (missing === undefined) return await this.#finish(this.#failure === undefined ? "completed" : "failed");
    await this.#finish("failed", missing);
    throw missing;
  }

  /** Ends the scenario as failed. */
  async fail(error: unknown): Promise<void> {
    await this.#finish("failed", error instanceof Error ? error : new Error(String(error)));
  }

  /** Ends the scenario at the end of an `await using` block. A notebook's cell never does: call `end()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  /** Another execution of the same name begins: this one ends as it stands. */
  async [SUPERSEDE](): Promise<void> {
    await this.#finish(this.#failure === undefined ? "completed" : "failed");
  }

  /** Captured by a step it does not count. */
  [Symbol.for("consist.identity")](): string {
    noteCaptured(this.#handle);
    return "scenario";
  }

  /** The scenario's card. */
  async [DISPLAY](): Promise<MimeBundle> {
    const view = this.#view(); // as it is now
    const { renderScenarioCard } = await import("../notebook/render/mod.ts");
    return renderScenarioCard(view);
  }

  /** The same as text, for terminals. */
  [INSPECT](): string {
    return scenarioText(this.#view());
  }

  #view(): ScenarioCardView {
    const seconds = (this.#services.now() - this.#header.startedAt.getTime()) / 1000;
    return {
      id: this.id,
      name: this.name,
      status: this.#ended ?? "running",
      startedAt: this.#header.startedAt,
      seconds,
      tags: [...this.#options.tags ?? []],
      ...(this.#options.description === undefined ? {} : { description: this.#options.description }),
      steps: this.#steps.map(({ run }) => ({ ...lineOf(run), scenario: undefined })),
      outputs: filesOf(this.#artifacts),
      warnings: this.#warnings.map((warning) => warning.message),
      ...(this.#failure === undefined ? {} : { error: { name: this.#failure.error.name, message: this.#failure.error.message } }),
    };
  }

  #place(): RunPlace {
    const coupler = this.coupler as unknown as Coupler;
    return {
      parentId: this.id,
      scenario: { name: this.name, headerId: this.id },
      tags: this.#options.tags ?? [],
      ...(this.#options.stepCacheHydration === undefined ? {} : { cacheHydration: this.#options.stepCacheHydration }),
      ...(this.#options.nameTemplate === undefined ? {} : { nameTemplate: this.#options.nameTemplate }),
      ...(this.#options.cacheEpoch === undefined ? {} : { cacheEpoch: this.#options.cacheEpoch }),
      artifactOf: (key) => coupler.get(key),
      coupler: this.#handle,
      keys: () => this.#artifacts.keys(),
      onOutput: (key, artifact) => this.#order.give(key, () => coupler.set(key, artifact)),
    };
  }

  #watch(result: Promise<RunResult>, name: string | undefined): void {
    const settled = result.then(
      (step) => void this.#steps.push(step),
      (error) => {
        this.#failure ??= { step: error instanceof ConsistError ? error.step ?? name ?? "" : name ?? "", error: error as Error };
        return error as Error;
      },
    ).finally(() => this.#running.delete(settled));
    this.#running.add(settled);
  }

  /** Waits for steps that nobody has awaited so far, and for those that they start; the first failure among them. */
  async #settle(): Promise<Error | undefined> {
    if (activeRun()?.request.place.scenario?.headerId === this.id) return undefined; // a step that ends its scenario cannot wait for itself
    let first: Error | undefined;
    while (this.#running.size > 0) {
      for (const failure of await Promise.all(this.#running)) first ??= failure ?? undefined;
    }
    return first;
  }

  #noticed(key: string): void {
    const warning = this.#contract.noticed(key);
    if (warning === undefined) return;
    this.#warnings.push(warning);
    this.#services.warn(`scenario "${this.name}": ${warning.message}`);
  }

  #mustBeOpen(call: string): void {
    if (this.#ended === undefined) return;
    throw new OptionError("no_active_run", {
      problem: `sc.${call}() was called, and the scenario "${this.name}" has ended.`,
      why: "Steps belong to an open scenario. It ends with sc.end(), at the end of its body, or when its name is opened again.",
      fix: `Open it again: const sc = await scenario(${JSON.stringify(this.name)}).`,
    });
  }

  async #finish(status: "completed" | "failed", error?: Error | OutputError): Promise<void> {
    if (this.#ended !== undefined) return;
    this.#ended = status;
    if (this.#services.openScenarios.get(this.name) === (this as unknown as Scenario)) this.#services.openScenarios.delete(this.name);
    const failure = error ?? this.#failure?.error;
    await finishHeader(this.#services, this.#header, {
      status,
      steps: this.#steps,
      ...(failure === undefined ? {} : { error: failure }),
      ...(this.#failure === undefined ? {} : { failedStep: this.#failure.step }),
    });
  }
}
