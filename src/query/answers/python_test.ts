import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";
import { z } from "zod";
import { makeSql, relation } from "../../relations/mod.ts";
import type { Run, Scalar } from "../../types.ts";
import { type Lineage, pivotFacets, type RunFilter, viewOf } from "../mod.ts";
import { artifactsForRun, diffRuns, findRuns, getRun, lineage, runSet } from "./mod.ts";
import { pythonProject } from "../support_test.ts";

interface ExpectedArtifact {
  readonly id: string;
  readonly key: string;
  readonly container_uri: string;
  readonly driver: string;
  readonly hash: string;
  readonly run_id: string | null;
}
interface ExpectedRun {
  readonly [column: string]: unknown;
  readonly tags: readonly string[];
  readonly meta_keys: readonly string[];
  readonly inputs: { readonly [key: string]: ExpectedArtifact };
  readonly outputs: { readonly [key: string]: ExpectedArtifact };
  readonly facet_json: object | null;
}
interface Expected {
  readonly find_runs: { readonly [name: string]: { readonly filter: Record<string, unknown>; readonly run_ids: readonly string[] } };
  readonly index_by: { readonly year_for_clean: { readonly [year: string]: string } };
  readonly pivot_facets: {
    readonly arguments: Record<string, unknown>;
    readonly columns: string[];
    readonly rows: Record<string, Scalar>[];
  };
  readonly runs: { readonly [id: string]: ExpectedRun };
  readonly diff_runs: {
    readonly a: string;
    readonly b: string;
    readonly answer: { readonly changes: Record<string, { left: unknown; right: unknown }> };
  };
  readonly latest_clean: unknown;
  readonly lineage_of_links: readonly unknown[];
  readonly tables: { readonly [name: string]: { artifact_id: string; columns: string[]; rows: number; first: object[] } };
  readonly view_zones_all: { readonly rows: readonly (readonly unknown[])[] };
}

const expected: Expected = JSON.parse(
  await Deno.readTextFile(fromFileUrl(new URL("../../../tests/fixtures/python-project/expected.json", import.meta.url))),
);

/** Filters that only the Python API has. */
const OTHER_FILTERS = ["metadata_cache_hit"];
const BOTH_CLEAN = ["baseline_2040_clean_7f29ba39", "baseline_2030_clean_57eb6b28"];
/** Where Python's own answer is a defect, the right one. */
const CORRECTED: { readonly [name: string]: readonly string[] } = {
  "facet_nested_deep_0.1": BOTH_CLEAN,
  "facet_sample_0.1": ["sim_2030_0"],
  tags_substring: [],
};

function filterOf({ parent_id, ...filter }: Record<string, unknown>): RunFilter {
  return { ...filter, ...(parent_id === undefined ? {} : { parentId: String(parent_id) }) } as RunFilter;
}

Deno.test("findRuns() answers on Python's ledger what Python answers, its two defects aside", async (t) => {
  await using project = await pythonProject();
  for (const [name, { filter, run_ids }] of Object.entries(expected.find_runs)) {
    if (OTHER_FILTERS.includes(name)) continue;
    await t.step(name, async () => {
      const runs = await findRuns(project.reading, { ...filterOf(filter), history: true });
      assert.deepEqual(runs.map(({ id }) => id), CORRECTED[name] ?? run_ids);
    });
  }
});

Deno.test("findRuns() finds a facet of Python's ledger by its path", async () => {
  await using project = await pythonProject();
  const ids = async (facet: Record<string, Scalar>) => (await findRuns(project.reading, { facet, history: true })).map(({ id }) => id);
  assert.deepEqual(await ids({ "nested.deep.x": 0.1 }), BOTH_CLEAN);
  assert.deepEqual(await ids({ "nested.a\\.b": 1 }), BOTH_CLEAN);
  assert.deepEqual(await ids({ "nested.deep.x": Math.fround(0.1) }), []);
});

Deno.test("findRuns() shows each result of Python's ledger once: the newest of one signature, a scenario's steps under its name", async () => {
  await using project = await pythonProject();
  const solo = await findRuns(project.reading, { model: "solo" });
  assert.deepEqual(solo.map(({ id, cacheHit }) => [id, cacheHit]), [["solo_a83917bf", false], ["solo_ce83829b", true]]);
  const steps = await findRuns(project.reading, { scenario: "baseline_2030" });
  assert.deepEqual(steps.map(({ id }) => id), expected.find_runs.children_of_2030!.run_ids);
  assert.ok(steps.every(({ scenarioId }) => scenarioId === "baseline_2030"));
  assert.equal((await findRuns(project.reading, { status: "failed" }))[0]!.error!.name, "Error");
  const inferred = await findRuns(project.reading, { parentId: "baseline_2030_by_zone_a6a33441" });
  assert.deepEqual(inferred.map(({ id, scenarioId }) => [id, scenarioId]), [["sim_2030_0", undefined]]);
});

Deno.test("findRuns() indexes Python's runs by year", async () => {
  await using project = await pythonProject();
  const index = await findRuns(project.reading, { model: "clean", indexBy: "year" });
  assert.deepEqual(Object.fromEntries([...index].map(([year, { id }]) => [String(year), id])), expected.index_by.year_for_clean);
});

Deno.test("pivotFacets() reads Python's facets exactly", async () => {
  await using project = await pythonProject();
  const { namespace, keys, value_columns, label_prefix, label_map, run_id_label } = expected.pivot_facets.arguments;
  const options = {
    namespace,
    keys,
    valueColumns: value_columns,
    labelPrefix: label_prefix,
    labelMap: label_map,
    runIdLabel: run_id_label,
  };
  for (const history of [true, false]) {
    const pivot = pivotFacets(project.reading, { ...options, history } as never);
    assert.deepEqual((await pivot.df()).columns, expected.pivot_facets.columns);
    const rows = await pivot.rows() as Record<string, Scalar>[];
    assert.deepEqual(rows.map(rounded), expected.pivot_facets.rows);
    assert.equal(rows[0]!["f_nested.deep.x"], 0.1);
  }
});

/** Numbers as Python's 32-bit column gives them. */
function rounded(row: Record<string, Scalar>): Record<string, Scalar> {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, typeof value === "number" ? Math.fround(value) : value]));
}

Deno.test("getRun() gives each of Python's runs as it is recorded", async (t) => {
  await using project = await pythonProject();
  for (const [id, want] of Object.entries(expected.runs)) {
    await t.step(id, async () => {
      const run = await getRun(project.reading, id);
      assert.ok(run);
      assert.deepEqual(recorded(run), {
        ...{ status: want.status, model: want.model, description: want.description, year: want.year, iteration: want.iteration },
        ...{ phase: want.phase, stage: want.stage, parent_run_id: want.parent_run_id, signature: want.signature, tags: want.tags },
        ...{
          cache_hit: want.cache_hit ?? false,
          started_at: Date.parse(String(want.started_at)),
          ended_at: Date.parse(String(want.ended_at)),
        },
        ...{ facet: want.facet_json ?? {}, meta_keys: want.meta_keys },
      });
      const { inputs, outputs } = await artifactsForRun(project.reading, id);
      for (const [found, wanted] of [[inputs, want.inputs], [outputs, want.outputs]] as const) {
        assert.deepEqual(
          Object.fromEntries(
            Object.entries(found).map(([key, { id, uri, driver, hash, runId }]) => [key, [id, uri, driver, hash, runId ?? null]]),
          ),
          Object.fromEntries(Object.entries(wanted).map(([key, a]) => [key, [a.id, a.container_uri, a.driver, a.hash, a.run_id]])),
        );
      }
    });
  }
});

function recorded(run: Run) {
  const or = <T>(value: T | undefined) => value ?? null;
  return {
    ...{ status: run.status, model: run.model, description: or(run.description), year: or(run.year), iteration: or(run.iteration) },
    ...{ phase: or(run.phase), stage: or(run.stage), parent_run_id: or(run.parentId), signature: run.signature, tags: run.tags },
    ...{ cache_hit: run.cacheHit, started_at: run.startedAt.getTime(), ended_at: run.endedAt!.getTime() },
    ...{ facet: run.facet, meta_keys: Object.keys(run.meta).sort() },
  };
}

Deno.test("lineage() follows Python's artifacts to their source", async () => {
  await using project = await pythonProject();
  const { links } = (await artifactsForRun(project.reading, "sim_2030_0")).outputs;
  const told = ({ artifact, run, inputs }: Lineage): unknown[] => [artifact.key, run?.id ?? null, inputs.map(told)];
  assert.deepEqual(told(await lineage(project.reading, links!)), expected.lineage_of_links);
});

Deno.test("diffRuns() and runSet() read Python's configs from the snapshots", async () => {
  await using project = await pythonProject();
  const { a, b, answer } = expected.diff_runs;
  const diff = await diffRuns(project.reading, a, b);
  assert.deepEqual(diff.config, Object.fromEntries(Object.entries(answer.changes).map(([key, { left, right }]) => [key, { left, right }])));
  assert.deepEqual(diff.changed, ["config"]);
  const clean = await runSet(project.reading, { model: "clean" });
  assert.deepEqual(clean.configDiff(), { threshold: [0.5, 0.25] });
});

Deno.test("viewOf() unites Python's ingested rows with files, by key", async () => {
  await using project = await pythonProject();
  const zones = viewOf(project.reading, "zones", z.object({ zone: z.string(), n: z.int(), mean: z.number() }));
  const sql = makeSql(() => project.reading.ledger);
  const rows = await sql`select zone, n, mean, consist_run_id, consist_artifact_id, consist_year, consist_iteration, consist_scenario_id
    from ${zones} order by consist_year, zone`.rows();
  assert.deepEqual(rows.map((row) => Object.values(row)), expected.view_zones_all.rows);
});

Deno.test("sql reads the files of Python's artifacts", async () => {
  await using project = await pythonProject();
  const sql = makeSql(() => project.reading.ledger);
  for (const { artifact_id, columns, rows, first } of Object.values(expected.tables)) {
    const { artifact } = await lineage(project.reading, artifact_id, { maxDepth: 0 });
    const list = columns.map((name) => `"${name}"`).join(", ");
    assert.equal(await relation(artifact).count(), rows);
    const found = await sql`select * from ${relation(artifact)} limit ${first.length}`.rows();
    assert.deepEqual(found.map((row) => Object.fromEntries(columns.map((name) => [name, row[name]]))), first, list);
  }
});
