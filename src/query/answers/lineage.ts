/** How an artifact came to be: the run that made it, what that run read, and so on. */
import { isAbsolute, relative } from "@std/path";
import { FindError, OptionError } from "../../errors.ts";
import { JSON } from "../../intrinsics.ts";
import { type ArtifactRow, artifactsById, artifactsOfRuns, type Db } from "../../ledger/mod.ts";
import { DISPLAY, INSPECT, type LineageEdge, type LineageNode } from "../../notebook/mod.ts";
import { renderLineage } from "../../notebook/render/mod.ts";
import type { Artifact, MimeBundle, Run } from "../../types.ts";
import { restsOn } from "../acceptance.ts";
import { ask } from "./ask.ts";
import type { Lineage, Reading } from "../reading.ts";
import { runsOf } from "../run_rows.ts";

/** How far to look. */
export interface LineageOptions {
  /** At most so many runs behind the artifact. @default all */
  readonly maxDepth?: number;
}

/** The artifacts and runs behind an artifact. */
interface Graph {
  readonly artifacts: Map<string, ArtifactRow>;
  /** Artifact, in the eyes of a header → the run that made it there. */
  readonly makers: Map<string, Maker | undefined>;
  readonly runs: Map<string, Run>;
  /** Run → ids of the artifacts that it read. */
  readonly inputs: Map<string, readonly string[]>;
}

interface Maker {
  readonly runId: string;
  readonly header: string | null;
}

interface Sought {
  readonly artifactId: string;
  readonly header: string | null;
  /** The run that is known to have made it, as of a result's output. */
  readonly runId?: string | undefined;
}

/**
 * The lineage of an artifact, or of the artifact with this id. A run that took its outputs from the cache stands for itself where it is
 * asked from within its scenario. A cycle ends where it closes.
 *
 * @throws {FindError} `run_not_found` where the ledger has no such artifact
 */
export async function lineage(
  reading: Pick<Reading, "ledger" | "artifactOf">,
  artifact: Artifact | string,
  options: LineageOptions = {},
): Promise<Lineage> {
  const { maxDepth = Infinity } = options;
  if (!(maxDepth >= 0)) throw badDepth(maxDepth);
  const root: Sought = typeof artifact === "string"
    ? { artifactId: artifact, header: null }
    : { artifactId: artifact.id, header: null, runId: artifact.runId };
  const graph = await reading.ledger.read((db) => graphOf(db, [root], maxDepth));
  if (!graph.artifacts.has(root.artifactId)) throw unknownArtifact(root.artifactId);
  return treeOf(reading, graph, root);
}

/** The runs behind some artifacts, all the way, as an execution of a scenario has them. */
export async function runsBehind(db: Db, artifactIds: readonly string[], header: string | null): Promise<Run[]> {
  return [...(await graphOf(db, artifactIds.map((artifactId) => ({ artifactId, header })), Infinity)).runs.values()];
}

async function graphOf(db: Db, roots: readonly Sought[], maxDepth: number): Promise<Graph> {
  const graph: Graph = { artifacts: new Map(), makers: new Map(), runs: new Map(), inputs: new Map() };
  let frontier = roots;
  for (let depth = 0; frontier.length > 0; depth++) {
    await addArtifacts(db, graph, frontier);
    if (depth >= maxDepth) break;
    await addMakers(db, graph, frontier);
    frontier = await addRuns(db, graph, frontier.flatMap((sought) => graph.makers.get(placeOf(sought)) ?? []));
  }
  return graph;
}

const placeOf = ({ artifactId, header }: Sought): string => JSON.stringify([artifactId, header]);

async function addArtifacts(db: Db, graph: Graph, sought: readonly Sought[]): Promise<void> {
  const missing = [...new Set(sought.map(({ artifactId }) => artifactId))].filter((id) => !graph.artifacts.has(id));
  for (const row of await artifactsById(db, missing)) graph.artifacts.set(row.id, row);
}

interface OutputLink {
  readonly artifact_id: string;
  readonly run_id: string;
  readonly header_id: string | null;
}

/** Who made these artifacts: a run of the same execution of a scenario, though it were a hit, before the run that wrote the file. */
async function addMakers(db: Db, graph: Graph, sought: readonly Sought[]): Promise<void> {
  const links = await ask<OutputLink>(db, OUTPUT_LINKS, [[...new Set(sought.map(({ artifactId }) => artifactId))]]);
  const byArtifact = Map.groupBy(links, ({ artifact_id }) => artifact_id);
  for (const each of sought) {
    const candidates = byArtifact.get(each.artifactId) ?? [];
    const producer = each.runId ?? graph.artifacts.get(each.artifactId)?.run_id ?? undefined;
    const own = each.runId !== undefined || each.header === null
      ? undefined
      : candidates.find(({ header_id }) => header_id === each.header);
    const found = own ?? candidates.find(({ run_id }) => run_id === producer);
    const maker = found ?? (producer === undefined ? undefined : { run_id: producer, header_id: null });
    graph.makers.set(placeOf(each), maker && { runId: maker.run_id, header: maker.header_id });
  }
}

/** Headers are linked to all that their steps made, and made none of it. */
const OUTPUT_LINKS = `select l.artifact_id, l.run_id, d.header_id from run_artifact_link l join run r on r.id = l.run_id
left join deno_run d on d.run_id = l.run_id
where l.direction = 'output' and l.artifact_id in (select unnest($1::varchar[]))
  and not coalesce(contains(r.tags::varchar, '"scenario_header"'), false)
order by epoch_us(r.created_at) desc, r.id desc`;

/** Adds runs with what they read, and gives what is to be looked for next. */
async function addRuns(db: Db, graph: Graph, makers: readonly Maker[]): Promise<Sought[]> {
  const fresh = [...new Map(makers.map((maker) => [maker.runId, maker])).values()].filter(({ runId }) => !graph.inputs.has(runId));
  const ids = fresh.map(({ runId }) => runId);
  for (const run of await runsOf(db, ids)) graph.runs.set(run.id, run);
  const links = (await artifactsOfRuns(db, ids)).filter(({ direction }) => direction === "input");
  const byRun = Map.groupBy(links, ({ run_id }) => run_id);
  for (const id of ids) graph.inputs.set(id, (byRun.get(id) ?? []).map(({ artifact_id }) => artifact_id));
  const sought = fresh.flatMap(({ runId, header }) => graph.inputs.get(runId)!.map((artifactId) => ({ artifactId, header })));
  return [...new Map(sought.map((each) => [placeOf(each), each])).values()].filter((each) => !graph.makers.has(placeOf(each)));
}

/** The graph as a tree; what is reached twice is one object. */
function treeOf({ artifactOf }: Pick<Reading, "artifactOf">, graph: Graph, root: Sought): Lineage {
  const done = new Map<string, Lineage>();
  const open = new Set<string>();
  const grow = (sought: Sought): Lineage => {
    const place = placeOf(sought);
    const known = done.get(place);
    if (known !== undefined) return known;
    const artifact = artifactOf(graph.artifacts.get(sought.artifactId)!);
    const maker = graph.makers.get(place);
    const run = maker && graph.runs.get(maker.runId);
    if (open.has(place)) return new LineageTree(artifact, run, []);
    open.add(place);
    const read = run === undefined ? [] : graph.inputs.get(run.id) ?? [];
    const inputs = read.filter((id) => graph.artifacts.has(id)).map((artifactId) => grow({ artifactId, header: maker!.header }));
    open.delete(place);
    const tree = new LineageTree(artifact, run, inputs);
    done.set(place, tree);
    return tree;
  };
  return grow(root);
}

/** A lineage that shows itself as a graph. */
class LineageTree implements Lineage {
  readonly artifact: Artifact;
  declare readonly run?: Run;
  readonly inputs: readonly Lineage[];

  constructor(artifact: Artifact, run: Run | undefined, inputs: readonly Lineage[]) {
    this.artifact = artifact;
    if (run !== undefined) this.run = run;
    this.inputs = inputs;
  }

  [DISPLAY](): MimeBundle {
    const nodes = new Map<string, LineageNode>();
    const edges = new Map<string, LineageEdge>();
    draw(this, nodes, edges);
    return renderLineage({ root: this.artifact.id, nodes: [...nodes.values()], edges: [...edges.values()] });
  }

  /** The same as text, for terminals. */
  [INSPECT](): string {
    return String(this[DISPLAY]()["text/plain"]);
  }
}

function draw({ artifact, run, inputs }: Lineage, nodes: Map<string, LineageNode>, edges: Map<string, LineageEdge>): void {
  if (!nodes.has(artifact.id)) {
    nodes.set(artifact.id, { id: artifact.id, kind: "artifact", label: artifact.key, detail: fileText(artifact) });
  }
  if (run === undefined || edges.has(`${run.id}→${artifact.id}`)) return;
  nodes.set(run.id, { id: run.id, kind: "run", label: run.model, detail: placeText(run) + acceptedText(run) });
  edges.set(`${run.id}→${artifact.id}`, { from: run.id, to: artifact.id });
  for (const input of inputs) {
    edges.set(`${input.artifact.id}→${run.id}`, { from: input.artifact.id, to: run.id });
    draw(input, nodes, edges);
  }
}

/** Where a file is: portable below the folder of runs, else as it is seen from the working directory where it is below that. */
function fileText({ uri }: Artifact): string {
  if (!isAbsolute(uri)) return uri;
  const seen = relative(Deno.cwd(), uri);
  return seen === "" || seen.startsWith("..") || isAbsolute(seen) ? uri : seen;
}

function placeText({ scenarioId, year, iteration, id }: Run): string {
  const parts = [scenarioId, year, iteration === undefined ? undefined : `iteration ${iteration}`].filter((part) => part !== undefined);
  return parts.length === 0 ? id : parts.join(", ");
}

/** Results of other code are told of where they stand in for these, and where they were taken up. */
function acceptedText(run: Run): string {
  const { accepted, inputs } = restsOn(run);
  const words = [...accepted.map((id) => `other code, ${id}`), ...inputs.map((id) => `rests on ${id}`)];
  return words.length === 0 ? "" : ` (${words.join("; ")})`;
}

function badDepth(depth: number): OptionError {
  return new OptionError("option_invalid", {
    problem: `Cannot follow a lineage to the depth ${depth}.`,
    why: "A depth is a number from 0 on.",
    fix: "Leave it out to follow it to its end.",
    path: "maxDepth",
  });
}

function unknownArtifact(id: string): FindError {
  return new FindError("run_not_found", {
    problem: `Cannot follow the lineage of the artifact "${id}".`,
    why: "The ledger has no artifact with this id.",
    fix: "Give an artifact of this ledger: an output of a run, or one of `getArtifactsForRun`.",
  });
}
