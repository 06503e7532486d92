/** `consist artifacts`: what runs read and made. */
import { renderTable } from "../notebook/render/mod.ts";
import { listArtifacts, namedRun } from "../query/answers/mod.ts";
import type { Artifact } from "../types.ts";
import type { FileFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { readerFor, readingOf } from "./tracker.ts";

/** What it takes. */
export interface ArtifactsFlags extends FileFlags {
  /** Only artifacts with this key. */
  readonly key?: string;
  /** At most so many. */
  readonly limit?: number;
}

const SHOWN = 20;
/** Ids and paths are there to be copied. */
export const WIDE = 100;

/** Does it. */
export async function artifacts(output: Output, flags: ArtifactsFlags, text?: string): Promise<boolean> {
  await using tracker = readerFor(flags);
  const reading = readingOf(tracker);
  const run = text === undefined ? undefined : (await namedRun(reading, text)).id;
  const limit = flags.limit ?? (output.json ? Number.MAX_SAFE_INTEGER : SHOWN);
  const found = await listArtifacts(reading, { run, key: flags.key }, limit);
  output.answer({
    json: () => found.artifacts.map(({ artifact, direction }) => ({ ...artifactJson(artifact), direction })),
    text: () =>
      renderTable({
        columns: ["", "key", "driver", "hash", "run", "path"].map((name) => ({ name })),
        rows: found.artifacts.map((
          { artifact: { key, driver, hash, runId, uri }, direction },
        ) => [direction, key, driver, hash.slice(0, 8), runId ?? "", uri]),
        total: found.total,
        textWidth: WIDE,
      }),
  });
  return true;
}

/** An artifact as programs read it. */
export function artifactJson({ id, key, path, uri, driver, hash, runId, meta }: Artifact): object {
  return { id, key, path, uri, driver, hash, run: runId ?? null, meta };
}
