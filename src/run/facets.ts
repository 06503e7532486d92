/** Facets without asking: the scalar leaves of the config and the scalar outputs. */
import type { Facet } from "../types.ts";
import { ConfigError, listNames, nearestName } from "../errors.ts";
import type { MadeOutput, StepRequest } from "./request.ts";

const MOST_LEAVES = 100;

/** The facet of a run, or none where it was turned off. */
export function facetOf(
  request: StepRequest,
  plainConfig: Facet,
  scalars: { readonly [key: string]: MadeOutput["scalar"] },
): Facet | undefined {
  if (request.facet === false) return undefined;
  const chosen = { ...(request.facetFrom === undefined ? {} : picked(request, plainConfig)), ...request.facet };
  const own = request.facet !== undefined || request.facetFrom !== undefined ? chosen : scalarLeaves(plainConfig, { left: MOST_LEAVES });
  const facet: Record<string, unknown> = { ...own };
  for (const [key, value] of Object.entries(scalars)) facet[Object.hasOwn(facet, key) ? `output.${key}` : key] = value;
  return Object.keys(facet).length === 0 ? undefined : facet;
}

function picked(request: StepRequest, config: Facet): Facet {
  const keys = request.facetFrom ?? [];
  const unknown = keys.filter((key) => !Object.hasOwn(config, key));
  if (unknown.length > 0) {
    const near = nearestName(unknown[0]!, Object.keys(config));
    throw new ConfigError("unknown_key", {
      problem: `facetFrom of step "${request.name}" names ${listNames(unknown)}.`,
      why: `The config has ${listNames(Object.keys(config))}.`,
      fix: near === undefined ? "Name keys of the config." : `Did you mean "${near}"?`,
      step: request.name,
      path: "facetFrom",
    });
  }
  return Object.fromEntries(keys.map((key) => [key, config[key]]));
}

/** The config with only its scalars, in their places. Lists and long texts are no facets. */
function scalarLeaves(config: Facet, budget: { left: number }): Facet {
  const kept: [string, unknown][] = [];
  for (const [key, value] of Object.entries(config)) {
    if (key === "__consist_hash_inputs__") continue;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      const inner = scalarLeaves(value as Facet, budget);
      if (Object.keys(inner).length > 0) kept.push([key, inner]);
    } else if (isScalar(value) && budget.left-- > 0) {
      kept.push([key, value]);
    }
  }
  return Object.fromEntries(kept);
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value === "number" || typeof value === "boolean" || typeof value === "bigint" ||
    (typeof value === "string" && value.length <= 1024);
}
