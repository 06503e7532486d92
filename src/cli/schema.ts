/** `consist schema capture-file` and `consist schema export`. */
import { renderTable } from "../notebook/render/mod.ts";
import { exportSchema, type NamedArtifacts, namedArtifacts } from "../query/answers/mod.ts";
import { captureSchema } from "../run/mod.ts";
import { servicesOf } from "../tracker/mod.ts";
import { FindError } from "../errors.ts";
import type { Artifact } from "../types.ts";
import type { FileFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { placeThatIs } from "./place.ts";
import { readerFor, readingOf, trackerFor } from "./tracker.ts";

/** Looks at the columns of an artifact's file, and records them. */
export async function schemaCapture(output: Output, flags: FileFlags, text: string): Promise<boolean> {
  placeThatIs(flags);
  await using tracker = trackerFor(flags);
  const artifact = only(text, await namedArtifacts(readingOf(tracker), text));
  const { schema, columns } = await captureSchema(servicesOf(tracker), artifact);
  output.answer({
    json: () => ({ artifact: artifact.id, key: artifact.key, schema, columns }),
    text: () =>
      renderTable({
        caption: `schema ${schema.slice(0, 12)} of "${artifact.key}" (${artifact.id})`,
        columns: ["column", "type", "nullable"].map((name) => ({ name })),
        rows: columns.map(({ name, type, nullable }) => [name, type, nullable]),
      }),
  });
  return true;
}

/** What the export takes. */
export interface SchemaExportFlags extends FileFlags {
  /** Name of what the module exports. */
  readonly className?: string;
}

/** Prints a schema as a zod module. */
export async function schemaExport(output: Output, flags: SchemaExportFlags, text: string): Promise<boolean> {
  await using tracker = readerFor(flags);
  const reading = readingOf(tracker);
  const { className = "Row" } = flags;
  const source = /^[0-9a-f]{64}$/.test(text) ? { schemaId: text } : { artifactId: only(text, await namedArtifacts(reading, text)).id };
  const module = await exportSchema(reading, { ...source, className });
  if (output.json) output.answer({ json: () => ({ className, module }), text: () => module });
  else output.raw(module);
  return true;
}

function only(text: string, { artifacts, run }: NamedArtifacts): Artifact {
  if (artifacts.length === 1) return artifacts[0]!;
  throw new FindError(artifacts.length === 0 ? "artifact_missing" : "run_ambiguous", {
    problem: `Cannot tell which artifact "${text}" is.`,
    why: artifacts.length === 0 ? "The run read and made nothing." : `The run has ${artifacts.length} of them.`,
    fix: `Give one of them as ${run?.id ?? "RUN"}:KEY${
      artifacts.length === 0 ? "" : `, such as ${run?.id ?? "RUN"}:${artifacts[0]!.key}`
    }.`,
  });
}
