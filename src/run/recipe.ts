/** What it takes to call a step again in another process: plain data, kept with the identity of the run. */
import { fromFileUrl, relative, resolve } from "@std/path";
import {
  type AnyFunction,
  codeIdentity,
  configKinds,
  functionModule,
  HASH_INPUTS,
  type PlainObject,
  RUN_FIELDS,
  STEP,
  type StepIdentity,
  type StoredIdentity,
} from "../identity/mod.ts";
import { lazy } from "../artifacts/mod.ts";
import { artifactsById } from "../ledger/mod.ts";
import { relation } from "../relations/mod.ts";
import { profileOf, schemaId } from "../schemas/mod.ts";
import type { ResolvedInput, RunServices, StepRequest } from "./request.ts";
import { type RawOptions, resolveRequest } from "./resolve.ts";
import { artifactOf } from "./servable.ts";

/** An input as it was given. */
interface RecipeInput {
  readonly key: string;
  readonly binding: ResolvedInput["binding"];
  /** A path or pattern as it was written, or several. */
  readonly path?: string | readonly string[];
  /** The id of an artifact. */
  readonly artifact?: string;
}

/** A call as it is kept. Folders are relative to that of the runs, so that a project can be moved. */
export interface Recipe {
  /** The module in which the function stands: a path, or the url of one that is no file; empty for a cell. */
  readonly module: string;
  /** The function's own name. */
  readonly fn: string;
  /** The working directory. */
  readonly cwd: string;
  /** The options that are plain data. */
  readonly options: RawOptions;
  readonly inputs: readonly RecipeInput[];
  readonly dependencies: readonly RecipeInput[];
  /** Output key → id of its schema. */
  readonly schemas: { readonly [key: string]: string };
  /** What was given and cannot be kept. */
  readonly lacks: readonly string[];
}

/** Where functions are found again: what a process can do for a call that is not its own. */
export interface Recall {
  /** The names that a module exports. */
  importModule(address: string): Promise<object>;
  /** Goes to the working directory of the call. */
  enter(folder: string): void;
}

// ── keeping ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The call as plain data. */
export async function recipeOf(services: RunServices, request: StepRequest): Promise<Recipe> {
  const { runDir } = services;
  const url = await functionModule(request.body as AnyFunction);
  return {
    module: url.startsWith("file:") ? relative(runDir, fromFileUrl(url)) : url,
    fn: request.body.name,
    cwd: relative(runDir, Deno.cwd()),
    options: plainOptions(request),
    inputs: request.inputs.map(recipeInput),
    dependencies: request.dependencies.map((input) => ({ ...recipeInput(input), key: input.key.slice("dependsOn.".length) })),
    schemas: Object.fromEntries(
      request.outputs.flatMap(({ key, schema }) => schema === undefined ? [] : [[key, schemaId(profileOf(schema))]]),
    ),
    lacks: lacking(request),
  };
}

function plainOptions(
  { name, model, settings, outputs, outputPaths, outputMissing, outputMismatch, binding, cache }: StepRequest,
): RawOptions {
  const { year, iteration, captureDir, capturePattern } = settings;
  const { cacheVersion, cacheEpoch, untracked, codeIdentity, codeIdentityExtraDeps } = cache;
  return {
    name,
    model,
    year,
    iteration,
    captureDir,
    capturePattern,
    outputs: Object.fromEntries(outputs.map(({ key, driver }) => [key, driver === undefined ? {} : { driver }])),
    outputPaths,
    outputPolicy: { outputMissing, outputMismatch },
    executionOptions: { inputBinding: binding },
    cacheOptions: { cacheVersion, cacheEpoch, untracked, codeIdentity, codeIdentityExtraDeps },
  } as RawOptions;
}

function recipeInput({ key, kind, binding, label, files, artifact }: ResolvedInput): RecipeInput {
  if (artifact !== undefined) return { key, binding, artifact: artifact.id };
  return { key, binding, ...(kind === "value" ? {} : { path: kind === "list" ? files! : label }) };
}

function lacking({ inputs, config, runtime, mode }: StepRequest): string[] {
  const values = inputs.filter(({ kind }) => kind === "value").map(({ key }) => `the value in memory "${key}"`);
  const kinds = configKinds(config).map((each) => `the config as it was (${each})`).slice(0, 1);
  const args = Object.keys(runtime).map((key) => `the runtime argument "${key}"`);
  return mode === "trace" ? ["the body of a trace"] : [...values, ...kinds, ...args];
}

// ── calling again ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The recipe that was kept with a run; none with runs of older versions. */
export function recipeIn({ call }: StoredIdentity): Recipe | undefined {
  return (call as { readonly again?: Recipe }).again;
}

/** The call's part of an identity, with its recipe, as it is kept. */
export function withRecipe({ call }: StepIdentity, again: Recipe): StepIdentity["call"] & { readonly again: Recipe } {
  return { ...call, again };
}

/** The call again, with its function found by its module; or why it cannot be made. */
export async function callAgain(
  services: RunServices,
  identity: StoredIdentity,
  recipe: Recipe,
  recall: Recall,
): Promise<StepRequest | { readonly why: string }> {
  if (recipe.lacks.length > 0) return { why: `The ledger does not keep ${recipe.lacks.join(", ")}.` };
  const folder = resolve(services.runDir, recipe.cwd);
  try {
    recall.enter(folder);
  } catch (error) {
    return { why: `Its working directory ${folder} cannot be entered: ${firstLine(error)}` };
  }
  const found = await findFunction(services, identity, recipe, recall);
  if ("why" in found) return found;
  const inputs = await givenInputs(services, recipe.inputs);
  const dependsOn = await givenInputs(services, recipe.dependencies);
  const options = {
    ...recipe.options,
    ...(recipe.inputs.length === 0 ? {} : { inputs }),
    ...(recipe.dependencies.length === 0 ? {} : { dependsOn }),
    config: configIn(identity),
  } as RawOptions;
  const request = await resolveRequest(services, "run", options, found.fn, {});
  const schemaIds = (key: string) => Object.hasOwn(recipe.schemas, key) ? { schemaId: recipe.schemas[key]! } : {};
  return { ...request, outputs: request.outputs.map((output) => ({ ...output, ...schemaIds(output.key) })) };
}

/** The config as it was given: without what was mixed in. */
function configIn({ config }: StoredIdentity): PlainObject {
  return Object.fromEntries(Object.entries(config).filter(([key]) => key !== RUN_FIELDS && key !== HASH_INPUTS));
}

async function givenInputs(services: RunServices, inputs: readonly RecipeInput[]): Promise<Record<string, unknown>> {
  const ids = inputs.flatMap(({ artifact }) => artifact ?? []);
  const rows = ids.length === 0 ? [] : await services.ledger.lookUp((db) => artifactsById(db, ids));
  return Object.fromEntries(inputs.map(({ key, binding, path, artifact }) => {
    const row = rows.find(({ id }) => id === artifact);
    const source = row === undefined ? path : artifactOf(services, row);
    return [key, binding === "lazy" ? lazy(source as string) : binding === "relation" ? relation(source as string) : source];
  }));
}

/** The exported function with the recorded code; where that has changed the one with the recorded name, so that the change can be told. */
async function findFunction(
  services: RunServices,
  { code }: StoredIdentity,
  recipe: Recipe,
  recall: Recall,
): Promise<{ readonly fn: AnyFunction } | { readonly why: string }> {
  if (recipe.module === "") return { why: "Its function stands in a notebook's cell, or in text that was evaluated: verify it there." };
  const isUrl = /^[a-z][a-z0-9+.-]+:/.test(recipe.module);
  const address = isUrl ? recipe.module : resolve(services.runDir, recipe.module);
  let names: object;
  try {
    names = await recall.importModule(address);
  } catch (error) {
    return { why: `Its module ${address} cannot be imported: ${firstLine(error)}` };
  }
  const functions = exportedFunctions(names);
  const named = functions.filter(({ names }) => names.includes(recipe.fn));
  const { codeIdentity: mode, codeIdentityExtraDeps: extraDeps } = recipe.options.cacheOptions ?? {};
  for (const { fn } of [...named, ...functions.filter((each) => !named.includes(each))]) {
    if ((await codeIdentity(fn, { mode, extraDeps })).hash === code.hash) return { fn };
  }
  if (named.length > 0) return { fn: named[0]!.fn };
  return { why: `Its function "${recipe.fn}" is not exported by ${address}. Export it, so that another process can call it.` };
}

function exportedFunctions(names: object): { readonly fn: AnyFunction; readonly names: readonly string[] }[] {
  return Object.entries(names).flatMap(([name, value]) => {
    if (typeof value !== "function") return [];
    const inner = Object.getOwnPropertyDescriptor(value, STEP)?.value;
    const fn = (typeof inner === "function" ? inner : value) as AnyFunction;
    return [{ fn, names: [name, fn.name] }];
  });
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
