/** One step: resolve, identify, look up, execute, record. */
export type {
  AcceptsInputs,
  Binding,
  BindingChoice,
  BoundInputs,
  CheckedInputs,
  InputRef,
  Inputs,
  Loaded,
  NoCoupler,
  NoInputs,
  OneOutput,
  OnlyMember,
  Paths,
  ScenarioInputs,
  Stored,
  Trusting,
} from "./input_types.ts";
export type {
  ByKey,
  IsOpen,
  MissingPolicy,
  OneKey,
  OutputKey,
  OutputOptions,
  OutputsDeclaration,
  OutputValues,
  ReturnedAt,
  ValueAt,
} from "./output_types.ts";
export type {
  CacheHydration,
  CacheOptions,
  ExecutionBase,
  ExecutionOptions,
  NoConfig,
  OutputPolicy,
  PlainData,
  RunOptions,
  RunSettings,
  StepOptions,
} from "./options.ts";
export type {
  AcceptsStep,
  BindingOf,
  CallContext,
  Computed,
  ComputedSettings,
  ConfigOf,
  DefinedStep,
  Definition,
  definition,
  HasDefinition,
  InputsOf,
  MissingOf,
  NoDefinition,
  NotDefaults,
  Or,
  OutputsOf,
  Parsable,
  Parsed,
  RuntimeOf,
  StepDefaults,
} from "./definition.ts";
export { isKept, type KeptArtifact, loadKept, writeKept } from "./ingested.ts";
export type { CaptureOptions, IngestOptions, LogManyOptions, LogOptions, NoValues, PathValue, RunContext, Step } from "./step_types.ts";
export { Ahead, isSimple } from "./ahead.ts";
export { SHORT_STEP_SECONDS } from "./gap.ts";
export type { RunPlace, RunServices, StepRequest, Tracking } from "./request.ts";
export { ACCESS, type Access, ACCESS_MODES, type AccessMode } from "./access.ts";
export { isRehearsal } from "./rehearsal.ts";
export { TRACKED, UNTRACKED } from "./tracking.ts";
export { checkStepOptions, describe } from "./check_options.ts";
export { checkExecutor, type ExecutorChoice, executorOf, type Executors, makeExecutors, workerPool } from "./executors.ts";
export type { ProgressState } from "./progress.ts";
export { type RawOptions, unnamed } from "./resolve.ts";
export { completeDefaults } from "./complete_call.ts";
export { placeOf, runStep, traceStep } from "./run.ts";
export type { Verification } from "./verification.ts";
export type { Recall } from "./recipe.ts";
export { rehearse } from "./rehearsal.ts";
export { type Outlook, wouldHit, type WouldHitOptions } from "./would_hit.ts";
export { activeRun, readsOfActiveRun } from "./active_run.ts";
export { logValue } from "./log_files.ts";
export { type CouplerHandle, noteCaptured } from "./coupler_handle.ts";
export { defineStep } from "./define_step.ts";
export {
  collectStepSchema,
  type ContractColumn,
  type ContractContext,
  type OutputContract,
  type StepContract,
  stepContract,
  type StepSchemaOptions,
} from "./step_contract.ts";
export { checkTemplate, fillTemplate, NAME_PARTS, type NameValues } from "./name_template.ts";
export type { ArchiveOptions, CopyOptions, HydrateOptions, KeysOfRun, Restored, StageOptions } from "./copy_options.ts";
export { input } from "./input.ts";
export { loadable } from "./loadable.ts";
export { keyOfName } from "./keys.ts";
export { isArtifact, isPathLike } from "./resolve_inputs.ts";
export { relation } from "./relation.ts";
export { ref, refs } from "./refs.ts";
export { ambientContext } from "./step_context.ts";
export { artifactFromFile, finishHeader, type Header, openHeader } from "./header.ts";
export { artifactOf } from "./servable.ts";
export { command, type CommandOptions } from "./command.ts";
export { container } from "./container.ts";
export type { ContainerSpec } from "./container_spec.ts";
export type { ContainerOptions } from "./elsewhere/mod.ts";
export type { ProgramInputs, ProgramStep } from "./program.ts";
export { ledgerDigests } from "./digests.ts";
export { type CapturedSchema, captureSchema } from "./capture_schema.ts";
export { isDeadRun } from "./interrupted.ts";
export { noteOpened, type Opened } from "./opened.ts";
export { untilAborted } from "./until_aborted.ts";
