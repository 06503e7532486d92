/** A config that a zod schema parses. */
import type { z } from "zod";
import { ConfigError, listNames, nearestName } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import { memberPath } from "../identity/mod.ts";
import { describe } from "./check_options.ts";

/** A problem that zod found, as far as we look at it. */
interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

/** How many problems an error tells. */
const TOLD = 5;

/**
 * The config as its schema gives it, with defaults filled in.
 *
 * @throws {ConfigError} `schema_mismatch`, with the path and the problem of each value that does not fit
 */
export async function parseConfig(schema: unknown, config: unknown, step: string | undefined): Promise<unknown> {
  const known = shapeOf(schema);
  const whose = step === undefined ? "the step" : `step "${step}"`;
  const parsed = await parse(schema as z.ZodType, config ?? {}, whose, step);
  if (parsed.success) {
    if (known !== undefined) refuseMisspelt(known, config, parsed.data, { whose, step });
    return parsed.data;
  }
  const issues = parsed.error.issues as readonly Issue[];
  const lines = issues.slice(0, TOLD).map((issue) => `${pathOf(issue)}: ${problemOf(issue, config)}`);
  if (issues.length > TOLD) lines.push(`and ${issues.length - TOLD} more`);
  throw new ConfigError("schema_mismatch", {
    problem: `The config of ${whose} does not fit its schema: ${lines.join("; ")}.`,
    why: "configSchema says what a config may be.",
    fix: hintOf(issues, known) ?? "Give a config that fits, or change the schema.",
    path: pathOf(issues[0]!),
    ...(step === undefined ? {} : { step }),
    cause: parsed.error,
  });
}

/** A schema's own functions may throw. */
async function parse(schema: z.ZodType, config: unknown, whose: string, step: string | undefined): Promise<z.ZodSafeParseResult<unknown>> {
  try {
    return await schema.safeParseAsync(config);
  } catch (cause) {
    throw new ConfigError("schema_mismatch", {
      problem: `The config of ${whose} could not be parsed by its schema.`,
      why: cause instanceof Error ? cause.message : describe(cause),
      fix: "Mend the schema: a rule or transformation of it threw.",
      path: "configSchema",
      ...(step === undefined ? {} : { step }),
      cause,
    });
  }
}

function pathOf({ path }: Issue): string {
  return path.reduce<string>((whole, key) => memberPath(whole, typeof key === "number" ? key : String(key)), "config");
}

function problemOf(issue: Issue, config: unknown): string {
  const found = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], config);
  return `${issue.message}${issue.code === "invalid_value" && found !== undefined ? `, found ${describe(found)}` : ""}`;
}

/** The names that an object schema has; none where it is another kind of schema. */
function shapeOf(schema: unknown): readonly string[] | undefined {
  const { shape } = schema as { readonly shape?: unknown };
  return typeof shape === "object" && shape !== null ? Object.keys(shape) : undefined;
}

function hintOf(issues: readonly Issue[], known: readonly string[] | undefined): string | undefined {
  const strange = issues.find((issue) => issue.keys !== undefined && issue.path.length === 0)?.keys?.[0];
  const near = strange === undefined || known === undefined ? undefined : nearestName(strange, known);
  return near === undefined ? undefined : `Did you mean config.${near}?`;
}

/** `z.object` drops keys that it does not know. One that is nearly a key which was not given was meant to be that one. */
function refuseMisspelt(
  known: readonly string[],
  config: unknown,
  parsed: unknown,
  { whose, step }: { readonly whose: string; readonly step: string | undefined },
): void {
  if (typeof config !== "object" || config === null || typeof parsed !== "object" || parsed === null) return;
  const absent = known.filter((name) => !Object.hasOwn(config, name));
  for (const key of Object.keys(config).filter((name) => !known.includes(name) && !Object.hasOwn(parsed, name))) {
    const near = nearestName(key, absent);
    if (near === undefined) continue;
    throw new ConfigError("schema_mismatch", {
      problem: `The config of ${whose} has ${JSON.stringify(key)}, which its schema does not know.`,
      why: `The schema has ${listNames(known)}.`,
      fix: `Did you mean config.${near}?`,
      path: memberPath("config", key),
      ...(step === undefined ? {} : { step }),
    });
  }
}
