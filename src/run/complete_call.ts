/** What a call says, with what its function's definition, its scenario and its config schema add. */
import { ConfigError, OptionError } from "../errors.ts";
import { keptConfig, plainConfig } from "../identity/mod.ts";
import { checkStepOptions, describe } from "./check_options.ts";
import { parseConfig } from "./config_schema.ts";
import { ownDefaults } from "./define_step.ts";
import type { CallContext } from "./definition.ts";
import { fillTemplate } from "./name_template.ts";
import type { RunPlace } from "./request.ts";
import type { RawOptions } from "./resolve.ts";

/**
 * The defaults of a step for a call of which only `context` is known. A name that takes more than that is left out. With `names` only those
 * are computed.
 */
export function completeDefaults(fn: unknown, context: Partial<CallContext>, names?: readonly string[]): Fields {
  const { name, nameTemplate, ...others } = ownDefaults(fn) ?? {};
  const fnName = context.fnName ?? ownName(fn);
  const whole: CallContext = { runtime: {}, ...context, fnName };
  const wanted = Object.fromEntries(Object.entries(others).filter(([key]) => names?.includes(key) ?? true));
  const options = merged({}, wanted, withConfig(whole, () => computed("config", others.config, whole)));
  return { ...options, name: name ?? nameOrNone(nameTemplate, whole) ?? (fnName === "" ? undefined : fnName) };
}

function nameOrNone(template: unknown, context: CallContext): string | undefined {
  if (template === undefined) return undefined;
  try {
    return fillTemplate(String(computed("nameTemplate", template, context)), { ...context });
  } catch (error) {
    if (error instanceof OptionError && error.code === "name_missing") return undefined; // the call knows the year
    throw error;
  }
}

type Fields = { readonly [name: string]: unknown };

/** Groups of options: the call's members stand beside the definition's. */
const GROUPS: readonly string[] = ["cacheOptions", "outputPolicy", "executionOptions"];

/**
 * The options of a call with its function's defaults, its name filled in and its config parsed. It is done before the caller goes on, so that
 * what becomes of his objects afterwards is nothing of this run; only a schema may take its time.
 */
export function completeCall(given: RawOptions, body: unknown, place: RunPlace, mode: "run" | "trace"): RawOptions | Promise<RawOptions> {
  const defaults = ownDefaults(body);
  const plain = defaults === undefined && given.nameTemplate === undefined && place.nameTemplate === undefined;
  const options = plain ? given : named(given, defaults ?? {}, body, place);
  if (defaults !== undefined) checkStepOptions(options, mode);
  if (options.configSchema === undefined) {
    return options.config === undefined ? options : { ...options, config: heldConfig(options.config) };
  }
  return parseConfig(options.configSchema, options.config, nameFor(options, body)).then((config) => ({ ...options, config }));
}

/** A copy of a config, for the loop that changes one object from call to call. What is no plain data is refused later, by its own error. */
function heldConfig(config: unknown): unknown {
  try {
    plainConfig(config);
  } catch (error) {
    if (error instanceof ConfigError) return config;
    throw error;
  }
  return keptConfig(config);
}

/** What the step is called, as far as that is known before its options are checked. */
function nameFor({ name, outputs }: RawOptions, body: unknown): string | undefined {
  return name ?? (ownName(body) || onlyKey(outputs) || undefined);
}

function named(given: RawOptions, defaults: Fields, body: unknown, place: RunPlace): RawOptions {
  const { schemaOutputs: _, name, nameTemplate, ...others } = defaults;
  const fnName = ownName(body);
  const call = contextOf(given, others, fnName, place);
  const context = withConfig(call, () => given.config === undefined ? computed("config", others.config, call) : given.config);
  const options = merged(given as Fields, others, context) as RawOptions;
  const spoken = fnName === "" ? onlyKey(options.outputs) : fnName;
  const template = (value: unknown, option?: string): string | undefined =>
    typeof value === "string" ? fillTemplate(value, { ...call, fnName: spoken }, undefined, option) : undefined;
  const own = given.name ?? template(given.nameTemplate) ?? name as string | undefined ??
    template(nameTemplate === undefined ? undefined : computed("nameTemplate", nameTemplate, context)) ??
    template(place.nameTemplate, "nameTemplate of the scenario");
  const { nameTemplate: _filled, ...rest } = options;
  return own === undefined ? rest : { ...rest, name: own };
}

/** A function's own name; an inline `fn:` has none, and JavaScript calls it "fn". */
function ownName(body: unknown): string {
  const name = typeof body === "function" ? body.name : "";
  return name === "fn" ? "" : name;
}

function onlyKey(outputs: unknown): string {
  const keys: unknown[] = Array.isArray(outputs) ? outputs : Object.keys((outputs ?? {}) as object);
  return keys.length === 1 ? String(keys[0]) : "";
}

function contextOf(given: RawOptions, defaults: Fields, fnName: string, place: RunPlace): CallContext {
  const fields = ["year", "iteration", "phase", "stage"].map((name) => [name, (given as Fields)[name] ?? defaults[name]]);
  const fixed = typeof defaults.executionOptions === "function" ? undefined : defaults.executionOptions as RawOptions["executionOptions"];
  return Object.freeze({
    fnName,
    ...Object.fromEntries(fields.filter(([, value]) => value !== undefined)),
    ...(place.scenario === undefined ? {} : { scenario: place.scenario.name }),
    runtime: given.executionOptions?.runtimeArgs ?? fixed?.runtimeArgs ?? {},
  });
}

/** The context with the config, made when somebody asks for it: other defaults may be computed from it. */
function withConfig(context: CallContext, make: () => unknown): CallContext {
  let made: { readonly value: unknown } | undefined;
  const get = (): unknown => (made ??= { value: make() }).value;
  return Object.freeze(Object.defineProperty({ ...context }, "config", { enumerable: true, get }));
}

/** What the call says wins; the rest is the definition's, fixed or computed. */
function merged(given: Fields, defaults: Fields, context: CallContext): Fields {
  const options: Record<string, unknown> = { ...given };
  for (const [name, value] of Object.entries(defaults)) {
    const own = given[name];
    if (own === undefined) options[name] = name === "config" ? context.config : computed(name, value, context);
    else if (GROUPS.includes(name)) options[name] = mergedGroup(own as Fields, computed(name, value, context) as Fields);
  }
  return options;
}

/** `loadInputs` and `inputBinding` say the same thing: the call's one displaces the definition's other. */
function mergedGroup(own: Fields, defaults: Fields): Fields {
  const { inputBinding, loadInputs, ...others } = defaults ?? {};
  const binding = own.inputBinding ?? own.loadInputs;
  const said = Object.entries(own).filter(([, value]) => value !== undefined);
  const fallback = binding === undefined ? { inputBinding, loadInputs } : {};
  const kept = Object.entries({ ...fallback, ...others }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(kept), ...Object.fromEntries(said) };
}

/** A default: the value itself, or what its function makes of the call. */
function computed(name: string, value: unknown, context: CallContext): unknown {
  if (typeof value !== "function") return value;
  let made: unknown;
  try {
    made = (value as (context: CallContext) => unknown)(context);
  } catch (cause) {
    throw notComputed(name, context, `It threw: ${cause instanceof Error ? cause.message : describe(cause)}`, cause);
  }
  if (made instanceof Promise) {
    made.catch(() => {}); // what it would have failed with matters to nobody: it is refused in any case
    throw notComputed(name, context, "It gave a promise, and a default has to be there at once.");
  }
  return made;
}

function notComputed(name: string, { fnName }: CallContext, why: string, cause?: unknown): OptionError {
  return new OptionError("option_invalid", {
    problem: `The default ${name} of ${fnName === "" ? "the step" : `step "${fnName}"`} could not be computed.`,
    why,
    fix: `Mend the function that defineStep has for ${name}, or give ${name} in the call.`,
    path: name,
    ...(cause === undefined ? {} : { cause }),
  });
}
