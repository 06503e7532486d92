/** `consist lineage` and `consist which`: how a file came to be, and who made or read one. */
import { DISPLAY } from "../notebook/mod.ts";
import { renderRunTable } from "../notebook/render/mod.ts";
import { type Lineage, lineOf, restsOn } from "../query/mod.ts";
import { lineage as lineageOf, namedArtifacts, which as runsWith } from "../query/answers/mod.ts";
import { artifactJson } from "./artifacts.ts";
import type { FileFlags, LedgerFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { readerFor, readingOf } from "./tracker.ts";

/** What it takes. */
export interface LineageFlags extends FileFlags {
  /** At most so many runs behind it. */
  readonly depth?: number;
}

/** Shows how an artifact, a file, or each output of a run came to be. */
export async function lineage(output: Output, flags: LineageFlags, text: string): Promise<boolean> {
  await using tracker = readerFor(flags);
  const reading = readingOf(tracker);
  const { artifacts } = await namedArtifacts(reading, text);
  const options = flags.depth === undefined ? {} : { maxDepth: flags.depth };
  const found: Lineage[] = [];
  for (const artifact of artifacts) found.push(await lineageOf(reading, artifact, options));
  output.answer({
    json: () => found.map(lineageJson),
    text: () => found.map(shown).join("\n") || "no lineage: the run read and made nothing",
  });
  return true;
}

const shown = (tree: Lineage): string => String((tree as unknown as { [DISPLAY](): Record<string, unknown> })[DISPLAY]()["text/plain"]);

/** A graph as two lists: a tree would repeat what is reached twice. */
function lineageJson(root: Lineage): object {
  const artifacts = new Map<string, object>();
  const runs = new Map<
    string,
    { run: string; step: string; scenario: string | null; made: string[]; read: string[]; accepted: string[] }
  >();
  const visit = ({ artifact, run, inputs }: Lineage): void => {
    if (!artifacts.has(artifact.id)) artifacts.set(artifact.id, artifactJson(artifact));
    if (run === undefined) return;
    const rests = restsOn(run);
    const known = runs.get(run.id) ??
      {
        run: run.id,
        step: run.model,
        scenario: run.scenarioId ?? null,
        made: [],
        read: [],
        accepted: [...rests.accepted, ...rests.inputs],
      };
    const isNew = !runs.has(run.id);
    runs.set(run.id, known);
    if (!known.made.includes(artifact.id)) known.made.push(artifact.id);
    if (!isNew) return;
    known.read = inputs.map((input) => input.artifact.id);
    inputs.forEach(visit);
  };
  visit(root);
  return { artifact: root.artifact.id, artifacts: [...artifacts.values()], runs: [...runs.values()] };
}

/** Lists the runs that made, then those that read, a file with this content; `false` where there is none. */
export async function which(output: Output, flags: LedgerFlags, file: string): Promise<boolean> {
  await using tracker = readerFor(flags);
  const runs = await runsWith(readingOf(tracker), file);
  output.answer({
    json: () => runs,
    text: () => runs.length === 0 ? runs.note ?? nobody(file) : renderRunTable({ caption: runs.note, runs: runs.map(lineOf) }),
  });
  return runs.length > 0;
}

const nobody = (file: string): string => `No run made or read a file with the content of ${file}.`;
