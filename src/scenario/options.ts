/** The options of a scenario and of its calls, and what is refused. */
import { checkMembers, OptionError } from "../errors.ts";
import { type CacheHydration, checkTemplate } from "../run/mod.ts";
import type { Facet } from "../types.ts";

/** The options of a scenario. */
export interface ScenarioOptions<Keys extends string = string> {
  /** The header's model. @default "scenario" */
  readonly model?: string;
  /** What the scenario is for. */
  readonly description?: string;
  /** Words to find it and its steps by. */
  readonly tags?: readonly string[];
  /** Plain data kept with the header. */
  readonly config?: Facet;
  /** The header's queryable values. */
  readonly facet?: Facet;
  /** Outputs that its steps have to make before it ends. */
  readonly requireOutputs?: readonly Keys[];
  /** What a step's hit or miss brings along, where the step says nothing. @default "metadata" */
  readonly stepCacheHydration?: CacheHydration;
  /** How steps are called that say nothing themselves: `"{fnName}_{year}"`. */
  readonly nameTemplate?: string;
  /** The epoch of steps that say nothing themselves; another number makes each of them another step. @default the tracker's */
  readonly cacheEpoch?: number;
  /** `false`: nothing is tracked, the same code runs. @default the tracker's */
  readonly enabled?: boolean;
}
/** Which outputs go into the coupler, and under which names. */
export interface CollectOptions {
  /** Put before each key. */
  readonly prefix?: string;
}

const OPTIONS = [
  "model",
  "description",
  "tags",
  "config",
  "facet",
  "requireOutputs",
  "stepCacheHydration",
  "nameTemplate",
  "cacheEpoch",
  "enabled",
];

/** Throws where a scenario has no name, or an option that does not exist or fit. */
export function checkOptions(name: unknown, options: ScenarioOptions): void {
  if (typeof name !== "string" || name.trim() === "") {
    throw new OptionError("name_missing", {
      problem: "scenario() was called without a name.",
      why: "A scenario is found again by its name.",
      fix: 'Call scenario("my_analysis", ...).',
    });
  }
  checkMembers(options, OPTIONS, "scenario");
  const { nameTemplate, cacheEpoch } = options;
  if (nameTemplate !== undefined) checkTemplate(nameTemplate, undefined, "nameTemplate of the scenario");
  if (cacheEpoch === undefined || Number.isSafeInteger(cacheEpoch)) return;
  throw new OptionError("option_invalid", {
    problem: `The option cacheEpoch of the scenario is ${String(cacheEpoch)}.`,
    why: "It has to be a whole number.",
    fix: "Give a whole number, or leave the option out.",
    path: "cacheEpoch",
  });
}
