import assert from "node:assert/strict";
import { z } from "zod";
import { OutputError } from "../errors.ts";
import { checkSchema } from "./check_schema.ts";

Deno.test("checkSchema() says which row of a list does not fit, so that it cannot be counted otherwise", async () => {
  const schema = z.object({ km: z.number().min(0) });
  await checkSchema(schema, [{ km: 1 }, { km: 2 }], "trips");
  const refused = (error: unknown) =>
    error instanceof OutputError && error.code === "schema_mismatch" &&
    error.problem === 'The output "trips" does not fit its schema in row 2 of 3 (index 1): column "km".';
  await assert.rejects(checkSchema(schema, [{ km: 1 }, { km: -1 }, { km: 2 }], "trips"), refused);
});
