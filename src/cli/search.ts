/** `consist search`: runs and artifacts with a text in them. */
import { renderRunTable, renderTable } from "../notebook/render/mod.ts";
import { lineOf } from "../query/mod.ts";
import { search as find } from "../query/answers/mod.ts";
import { artifactJson, WIDE } from "./artifacts.ts";
import type { FileFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { readerFor, readingOf } from "./tracker.ts";

/** What it takes. */
export interface SearchFlags extends FileFlags {
  /** At most so many of each. */
  readonly limit?: number;
}

/** Does it; `false` where nothing is found. */
export async function search(output: Output, flags: SearchFlags, text: string): Promise<boolean> {
  await using tracker = readerFor(flags);
  const { runs, totalRuns, artifacts, totalArtifacts } = await find(readingOf(tracker), text, flags.limit);
  output.answer({
    json: () => ({ runs, totalRuns, artifacts: artifacts.map(artifactJson), totalArtifacts }),
    text: () => {
      const tables = [
        ...(runs.length === 0 ? [] : [renderRunTable({ runs: runs.map(lineOf), total: totalRuns })]),
        ...(artifacts.length === 0 ? [] : [renderTable({
          columns: ["key", "driver", "run", "path"].map((name) => ({ name })),
          rows: artifacts.map(({ key, driver, runId, uri }) => [key, driver, runId ?? "", uri]),
          total: totalArtifacts,
          textWidth: WIDE,
        })]),
      ].map((bundle) => String(bundle["text/plain"]));
      return tables.length === 0 ? `Nothing has "${text}" in it.` : tables.join("\n\n");
    },
  });
  return totalRuns + totalArtifacts > 0;
}
