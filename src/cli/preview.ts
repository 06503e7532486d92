/** `consist preview`: the first rows of a table, or the beginning of a value. */
import { renderArtifactCard, renderTable } from "../notebook/render/mod.ts";
import { type Preview, preview as previewOf } from "../query/answers/mod.ts";
import { artifactJson } from "./artifacts.ts";
import type { FileFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { ledgerPlace } from "../ledger/mod.ts";
import { Tracker } from "../tracker/mod.ts";
import { mountsOf, readingOf } from "./tracker.ts";

/** What it takes. */
export interface PreviewFlags extends FileFlags {
  /** So many rows. */
  readonly rows?: number;
}

/** Does it. A file can be looked at where there is no ledger. */
export async function preview(output: Output, flags: PreviewFlags, text: string): Promise<boolean> {
  await using tracker = new Tracker({
    enabled: true,
    accessMode: "read_only",
    ...ledgerPlace(flags.db, flags.runDir),
    mounts: mountsOf(flags.mount),
  });
  const found = await previewOf(readingOf(tracker), text, flags.rows ?? 20);
  output.answer({ json: () => previewJson(found), text: () => shown(found) });
  return true;
}

function previewJson({ path, driver, artifact, table, text }: Preview): object {
  return { path, driver, artifact: artifact === undefined ? null : artifactJson(artifact), table: table ?? null, text: text ?? null };
}

function shown({ path, artifact, table, text }: Preview): string {
  const view = table &&
    { columns: table.columns, rows: table.rows.map((row) => table.columns.map(({ name }) => row[name])), total: table.total };
  if (artifact === undefined) return view === undefined ? text! : String(renderTable({ ...view, caption: path })["text/plain"]);
  const { id, key, uri, driver, hash, runId } = artifact;
  const card = renderArtifactCard({
    ...{ id, key, path: artifact.path, uri, driver, hash, meta: runId === undefined ? [] : [["run", runId]] },
    ...(view === undefined ? {} : { preview: view }),
  });
  return [String(card["text/plain"]), ...(text === undefined ? [] : [text])].join("\n");
}
