/** Is a text a notebook of format 4.5? The format's rules in our own words; keys that it does not know are faults, outside of metadata. */
import { z } from "zod";

const lines = z.union([z.string(), z.array(z.string())]);
const count = z.int().min(0).nullable();
const metadata = z.looseObject({ tags: z.array(z.string().regex(/^[^,]+$/)).optional() });
const id = z.string().regex(/^[a-zA-Z0-9-_]+$/).min(1).max(64);
const bundle = z.record(z.string(), z.unknown()).refine(
  (data) => Object.entries(data).every(([mime, value]) => /^application\/(.*\+)?json$/.test(mime) || lines.safeParse(value).success),
  "a representation that is not JSON has to be text",
);
const output = z.discriminatedUnion("output_type", [
  z.strictObject({ output_type: z.literal("execute_result"), execution_count: count, data: bundle, metadata: z.looseObject({}) }),
  z.strictObject({ output_type: z.literal("display_data"), data: bundle, metadata: z.looseObject({}) }),
  z.strictObject({ output_type: z.literal("stream"), name: z.string(), text: lines }),
  z.strictObject({ output_type: z.literal("error"), ename: z.string(), evalue: z.string(), traceback: z.array(z.string()) }),
]);
const attachments = z.record(z.string(), bundle).optional();
const cell = z.discriminatedUnion("cell_type", [
  z.strictObject({ cell_type: z.literal("raw"), id, metadata, source: lines, attachments }),
  z.strictObject({ cell_type: z.literal("markdown"), id, metadata, source: lines, attachments }),
  z.strictObject({ cell_type: z.literal("code"), id, metadata, source: lines, outputs: z.array(output), execution_count: count }),
]);
const notebook = z.strictObject({
  metadata: z.looseObject({
    kernelspec: z.looseObject({ name: z.string(), display_name: z.string() }).optional(),
    language_info: z.looseObject({ name: z.string() }).optional(),
    title: z.string().optional(),
  }),
  nbformat_minor: z.int().min(5),
  nbformat: z.literal(4),
  cells: z.array(cell),
});

/** What is wrong with it. */
export function isNbformat(text: string): string[] {
  const parsed = notebook.safeParse(JSON.parse(text));
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}
