/** Does a value fit the schema that was declared for its output? */
import type { z } from "zod";
import { isFrame } from "../artifacts/mod.ts";
import { InputError, OutputError } from "../errors.ts";
import { rowWords } from "../schemas/mod.ts";
import type { DataFrame } from "../types.ts";

/** Checks a table column by column, a list row by row, any other value as it is. */
export async function checkSchema(schema: z.ZodObject, value: unknown, key: string): Promise<void> {
  if (isFrame(value)) {
    const { checkFrame } = await import("../schemas/tables/mod.ts");
    return await checkFrame(schema, value as DataFrame, { key });
  }
  if (!Array.isArray(value)) return refuse(schema.safeParse(value), key);
  value.forEach((row, index) => refuse(schema.safeParse(row), key, rowWords(index, value.length)));
}

/** The same of a file that a step read. */
export async function checkInputSchema(schema: z.ZodObject, value: unknown, key: string): Promise<void> {
  try {
    await checkSchema(schema, value, key);
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    const problem = error.problem.replace("The output", () => "The input");
    throw new InputError("schema_mismatch", { problem, why: error.why, fix: "Correct the file, or the schema.", cause: error.cause });
  }
}

function refuse(parsed: z.ZodSafeParseResult<unknown>, key: string, row?: string): void {
  if (parsed.success) return;
  const [issue] = parsed.error.issues;
  const column = issue === undefined || issue.path.length === 0 ? "" : ` column "${issue.path.map(String).join(".")}"`;
  throw new OutputError("schema_mismatch", {
    problem: `The output "${key}" does not fit its schema${row === undefined ? "" : ` in ${row}`}${column === "" ? "" : `:${column}`}.`,
    why: issue?.message ?? parsed.error.message,
    fix: "Correct the step, or the schema.",
    cause: parsed.error,
  });
}
