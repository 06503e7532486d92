/** Scenarios as the ledger has them: a list of them, and one with its steps and what they made. */
import { FindError, listNames, nearestName } from "../../errors.ts";
import { artifactsOfRuns, type Db } from "../../ledger/mod.ts";
import type { ScenarioCardView } from "../../notebook/mod.ts";
import type { Artifact, Run } from "../../types.ts";
import { ask } from "./ask.ts";
import { findRuns } from "./find.ts";
import type { Reading } from "../reading.ts";
import { lineOf, secondsOf } from "../run_lines.ts";
import { runsOf } from "../run_rows.ts";
import { sightOf } from "./visible.ts";

/** A scenario in a list. */
export interface ScenarioSummary {
  /** Its name. */
  readonly name: string;
  /** How often it was opened. */
  readonly executions: number;
  /** How many distinct results it has. */
  readonly runs: number;
  /** How the newest execution ended. */
  readonly status: string;
  /** When the newest execution began. */
  readonly startedAt: Date;
  /** Id of the newest execution's header. */
  readonly headerId: string;
}

/** All scenarios, the newest first. */
export async function scenarios({ ledger }: Pick<Reading, "ledger">): Promise<ScenarioSummary[]> {
  return await ledger.read((db) =>
    ask<ScenarioSummary>(
      db,
      `with ${sightOf("results")}, each as (
        select scenario, count(*)::int as executions, arg_max(id, (made, id)) as newest from header group by scenario
      ), counts as (select scenario, count(*)::int as runs from seen where scenario is not null group by scenario)
      select e.scenario as name, e.executions, coalesce(c.runs, 0) as runs, r.status, r.started_at as "startedAt", r.id as "headerId"
      from each e join run r on r.id = e.newest left join counts c on c.scenario = e.scenario
      order by epoch_us(r.created_at) desc, e.scenario`,
    )
  );
}

/** A scenario with its steps and what they made. */
export interface ScenarioRecord {
  /** Its name. */
  readonly name: string;
  /** The header of its newest execution. */
  readonly header: Run;
  /** Its steps, each distinct result once, in their order. */
  readonly steps: readonly Run[];
  /** What they made, by key: of several the newest. */
  readonly outputs: ReadonlyMap<string, Artifact>;
}

/**
 * A scenario by its name.
 *
 * @throws {FindError} `run_not_found`, with the nearest name
 */
export async function scenarioRecord(reading: Reading, name: string): Promise<ScenarioRecord> {
  const header = await reading.ledger.read((db) => newestHeader(db, name));
  if (header === undefined) throw noScenario(name, (await scenarios(reading)).map((each) => each.name));
  const found = await findRuns(reading, { scenario: name });
  const steps = found.filter(({ tags }) => !tags.includes("scenario_header")).toReversed();
  const linked = await reading.ledger.read((db) => artifactsOfRuns(db, steps.map(({ id }) => id)));
  const made = linked.filter(({ direction }) => direction === "output").map(({ artifact }) =>
    [artifact.key, reading.artifactOf(artifact)] as const
  );
  return { name, header, steps, outputs: new Map(made) };
}

async function newestHeader(db: Db, name: string): Promise<Run | undefined> {
  const rows = await ask<{ id: string }>(
    db,
    `with ${sightOf("history")} select id from header where scenario = $1 or id = $1 order by made desc, id desc limit 1`,
    [name],
  );
  return (await runsOf(db, rows.map(({ id }) => id)))[0];
}

function noScenario(name: string, known: readonly string[]): FindError {
  const near = nearestName(name, known);
  return new FindError("run_not_found", {
    problem: `Cannot find the scenario "${name}".`,
    why: known.length === 0 ? "The ledger has no scenarios." : `There are ${listNames(known)}.`,
    fix: near === undefined ? "consist scenarios lists all of them." : `Did you mean "${near}"?`,
  });
}

/** What the card of a scenario shows. */
export function cardOfScenario({ name, header, steps, outputs }: ScenarioRecord): ScenarioCardView {
  const seconds = secondsOf(header);
  return {
    ...{ id: header.id, name, tags: header.tags.filter((tag) => tag !== "scenario_header"), startedAt: header.startedAt },
    status: (["completed", "running"] as const).find((status) => status === header.status) ?? "failed",
    ...(seconds === null ? {} : { seconds }),
    ...(header.description === undefined ? {} : { description: header.description }),
    ...(header.error === undefined ? {} : { error: header.error }),
    steps: steps.map((run) => ({ ...lineOf(run), scenario: undefined })),
    outputs: [...outputs].map(([key, { uri, path, driver, hash, runId }]) => ({
      key,
      label: uri,
      path,
      driver,
      hash,
      ...(runId === undefined ? {} : { runId }),
    })),
    warnings: header.status === "interrupted" ? ["Its process ended before it did."] : [],
  };
}
