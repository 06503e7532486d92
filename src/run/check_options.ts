/** Refuses options that do not exist, and names the one that was meant and where it belongs. */
import { listNames, nearestName, OptionError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";

// These tables have no prototype: an option may be called "constructor".

/** Options inside a group, by the group's name. */
const GROUPS: { readonly [group: string]: readonly string[] } = Object.assign(Object.create(null), {
  cacheOptions: [
    "cacheMode",
    "cacheHydration",
    "cacheVersion",
    "cacheEpoch",
    "untracked",
    "codeIdentity",
    "codeIdentityExtraDeps",
  ],
  outputPolicy: ["outputMissing", "outputMismatch"],
  executionOptions: ["inputBinding", "loadInputs", "runtimeArgs", "executor"],
});
const SETTINGS: readonly string[] = [
  "name",
  "nameTemplate",
  "model",
  "description",
  "tags",
  "year",
  "iteration",
  "phase",
  "stage",
  "runId",
  "parentRunId",
  "facet",
  "facetFrom",
  "facetSchemaVersion",
  "facetIndex",
  "dependsOn",
  "inputs",
  "config",
  "configSchema",
  "outputs",
  "outputPaths",
  "outputDir",
  "captureDir",
  "capturePattern",
  "displayOutputs",
  "sync",
];
/** Names that users bring along from elsewhere, and what they are called here. */
const ALIASES: { readonly [name: string]: string } = Object.assign(Object.create(null), {
  inputKeys: "inputs",
  optionalInputKeys: "inputs",
  loadInputs: "executionOptions.loadInputs",
  runtimeKwargs: "executionOptions.runtimeArgs",
  runtimeArgs: "executionOptions.runtimeArgs",
  identityInputs: "dependsOn",
  hashInputs: "dependsOn",
  facetFields: "facetFrom",
  outputKeys: "outputs",
  scenario: "scenario(name, ...)",
});
/** The words that an option may be. */
const CHOICES: { readonly [option: string]: readonly unknown[] } = Object.assign(Object.create(null), {
  "cacheOptions.cacheMode": ["reuse", "overwrite", "readonly", "off"],
  "cacheOptions.cacheHydration": ["metadata", "inputs-missing", "outputs-requested", "outputs-all"],
  "cacheOptions.untracked": ["execute", "allow", "error"],
  "cacheOptions.codeIdentity": ["dependencies", "source", "module", "repo_git"],
  "outputPolicy.outputMissing": ["error", "warn", "ignore"],
  "outputPolicy.outputMismatch": ["error", "warn", "ignore"],
  "executionOptions.inputBinding": ["loaded", "paths", "none"],
  "executionOptions.loadInputs": [true, false],
});
const TYPES: { readonly [option: string]: string } = Object.assign(Object.create(null), {
  name: "string",
  nameTemplate: "string",
  sync: "boolean",
  model: "string",
  description: "string",
  year: "whole number",
  iteration: "whole number",
  phase: "string",
  stage: "string",
  cancelPendingOnFailure: "boolean",
  runId: "string",
  parentRunId: "string",
  outputDir: "string",
  captureDir: "string",
  capturePattern: "string",
  facetIndex: "boolean",
  displayOutputs: "boolean",
  "cacheOptions.cacheVersion": "whole number",
  "cacheOptions.cacheEpoch": "whole number",
});

/** A call that takes the options of a step. */
type Call = "run" | "trace" | "mapRuns";
const EXAMPLES: { readonly [call in Call]: string } = {
  run: "Call run({ fn, inputs, config, outputs }).",
  trace: 'Call sc.trace({ name: "..." }, body).',
  mapRuns: "Call mapRuns({ rows, fn, outputs }).",
};
/** Options of a sweep that a single run has not. */
const OF_SWEEPS = ["rows", "configFrom", "concurrency", "executor", "cancelPendingOnFailure", "signal"];
/** Options of a run that belong to one place or one execution. */
const OF_ONE_RUN = ["config", "runId", "outputPaths", "outputDir", "captureDir", "capturePattern", "sync"];
const KNOWN: { readonly [call in Call]: readonly string[] } = {
  run: ["fn", ...SETTINGS],
  trace: SETTINGS,
  mapRuns: ["fn", ...SETTINGS.filter((name) => !OF_ONE_RUN.includes(name)), ...OF_SWEEPS],
};

/** Options of every step that say nothing about how its function is called: what helpers pass through. */
export const settingNames = (): readonly string[] => [...SETTINGS, "cacheOptions", "outputPolicy"];

/** Throws an `OptionError` where the options of a step are not what they can be. `call` is how the user spelt the call. */
export function checkStepOptions(options: unknown, call: Call): void {
  if (typeof options !== "object" || options === null) {
    throw new OptionError("option_invalid", {
      problem: `${call}() was called with ${describe(options)}.`,
      why: "It takes one object of options.",
      fix: EXAMPLES[call],
    });
  }
  const known = KNOWN[call];
  for (const [name, value] of Object.entries(options)) {
    const group = GROUPS[name];
    if (group !== undefined) checkGroup(name, group, value);
    else if (known.includes(name)) checkValue(name, value);
    else throw unknownOption(name, known, call);
  }
  const execution = (options as { executionOptions?: { inputBinding?: unknown; loadInputs?: unknown } }).executionOptions;
  if (execution?.inputBinding !== undefined && execution.loadInputs !== undefined) {
    throw new OptionError("option_invalid", {
      problem: "executionOptions has both inputBinding and loadInputs.",
      why: 'They say the same thing: loadInputs true is inputBinding "loaded", false is "none".',
      fix: "Give one of them.",
      path: "executionOptions",
    });
  }
}

/** What belongs to one execution, and is no default. */
const NO_DEFAULTS: readonly string[] = ["runId", "parentRunId"];
/** Defaults that are values, and never computed from the call: the call is told by them. */
const ONLY_VALUES: readonly string[] = ["name", "year", "iteration", "phase", "stage", "sync", "configSchema", "schemaOutputs"];

/** Throws an `OptionError` where the defaults of a step are not what they can be. */
export function checkDefaults(defaults: unknown): void {
  if (typeof defaults !== "object" || defaults === null) {
    throw new OptionError("option_invalid", {
      problem: `defineStep() was called with ${describe(defaults)}.`,
      why: "It takes an object of defaults, and a function.",
      fix: "Call defineStep({ outputs }, fn).",
    });
  }
  const known = [...SETTINGS, "schemaOutputs"].filter((name) => !NO_DEFAULTS.includes(name));
  for (const [name, value] of Object.entries(defaults)) {
    if (typeof value === "function" && !ONLY_VALUES.includes(name) && (known.includes(name) || GROUPS[name] !== undefined)) continue;
    if (GROUPS[name] !== undefined) checkGroup(name, GROUPS[name], value);
    else if (known.includes(name)) checkValue(name, value);
    else throw unknownOption(name, known, "defineStep");
  }
}

function checkGroup(name: string, members: readonly string[], value: unknown): void {
  if (value === undefined) return;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(name, value, `an object with ${listNames(members)}`);
  }
  for (const [member, inner] of Object.entries(value)) {
    if (!members.includes(member)) throw unknownOption(`${name}.${member}`, members.map((known) => `${name}.${known}`), name);
    checkValue(`${name}.${member}`, inner);
  }
}

function checkValue(name: string, value: unknown): void {
  if (value === undefined) return;
  const choices = CHOICES[name];
  if (choices && !choices.includes(value)) throw noChoice(name, value, choices.map(String));
  const type = TYPES[name];
  if (type === "whole number" ? !Number.isSafeInteger(value) : type !== undefined && typeof value !== type) {
    throw invalid(name, value, `a ${type}`);
  }
  if (name === "configSchema" && !(typeof value === "object" && value !== null && "_zod" in value)) {
    throw invalid(name, value, "a zod schema");
  }
  if (name === "tags" && !(Array.isArray(value) && value.every((tag) => typeof tag === "string"))) {
    throw invalid(name, value, "a list of strings");
  }
}

/** An option that does not exist, with the one that was meant. */
function unknownOption(name: string, known: readonly string[], call: string): OptionError {
  const bare = name.slice(name.lastIndexOf(".") + 1);
  const everywhere = [
    ...SETTINGS,
    ...Object.entries(GROUPS).flatMap(([group, members]) => [group, ...members.map((m) => `${group}.${m}`)]),
  ];
  const place = ALIASES[bare] ?? everywhere.find((option) => option.endsWith(`.${bare}`));
  const near = nearestName(bare, [...known, ...everywhere].map((option) => option.slice(option.lastIndexOf(".") + 1)));
  const meant = place ?? [...known, ...everywhere].find((option) => option === near || option.endsWith(`.${near}`));
  return new OptionError("unknown_option", {
    problem: `${call} has no option "${name}".`,
    why: `Its options are ${listNames(known)}.`,
    fix: meant === undefined ? "Remove it, or check its spelling." : `Did you mean ${meant}?`,
    path: name,
  });
}

function noChoice(name: string, value: unknown, choices: readonly string[]): OptionError {
  const near = typeof value === "string" ? nearestName(value, choices) : undefined;
  const wanted = `one of ${listNames(choices)}`;
  return new OptionError("option_invalid", {
    problem: `The option ${name} is ${describe(value)}.`,
    why: `It has to be ${wanted}.`,
    fix: near === undefined ? `Give ${wanted}, or leave the option out.` : `Did you mean ${JSON.stringify(near)}?`,
    path: name,
  });
}

function invalid(name: string, value: unknown, wanted: string): OptionError {
  return new OptionError("option_invalid", {
    problem: `The option ${name} is ${describe(value)}.`,
    why: `It has to be ${wanted}.`,
    fix: `Give ${wanted}, or leave the option out.`,
    path: name,
  });
}

/** A value in a few words, for an error. */
export function describe(value: unknown): string {
  if (value === null || value === undefined || typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === "function") return value.name ? `the function ${value.name}` : "a function";
  if (typeof value === "symbol") return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag === "Object" ? "an object" : `a ${tag}`;
}
