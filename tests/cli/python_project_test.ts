/** The reference project of the Python library through the command line, against what its own API answered. */
import assert from "node:assert/strict";
import { fromFileUrl, join } from "@std/path";
import { Tracker } from "consist";
import { SHAPES } from "../../src/cli/json_shapes.ts";
import { commandOf } from "../../src/cli/application.ts";
import { callIn } from "./call.ts";

interface TheirArtifact {
  readonly id: string;
  readonly key: string;
  readonly container_uri: string;
  readonly driver: string;
  readonly hash: string;
  readonly run_id: string | null;
}
interface TheirRun {
  readonly status: string;
  readonly model: string;
  readonly year: number | null;
  readonly iteration: number | null;
  readonly phase: string | null;
  readonly stage: string | null;
  readonly tags: readonly string[];
  readonly parent_run_id: string | null;
  readonly signature: string;
  readonly cache_hit: boolean | null;
  readonly cache_source: string | null;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly config: object;
  readonly facet_json: object | null;
  readonly inputs: Readonly<Record<string, TheirArtifact>>;
  readonly outputs: Readonly<Record<string, TheirArtifact>>;
}
interface Expected {
  readonly find_runs: Readonly<Record<string, { readonly run_ids: readonly string[] }>>;
  readonly runs: Readonly<Record<string, TheirRun>>;
  readonly lineage_of_links: [key: string, run: string, inputs: unknown[]];
  readonly diff_runs: { a: string; b: string; answer: { changes: Readonly<Record<string, { left: unknown; right: unknown }>> } };
  readonly tables: Readonly<Record<string, { artifact_id: string; columns: string[]; rows: number; first: object[] }>>;
}

const FIXTURE = fromFileUrl(new URL("../fixtures/python-project/", import.meta.url));
const expected: Expected = JSON.parse(await Deno.readTextFile(join(FIXTURE, "expected.json")));
const runs = Object.entries(expected.runs);
const HEADERS = ["baseline_2030", "baseline_2040"];
const MOUNT = (dir: string) => ["--mount", `inputs=${join(dir, "inputs")}`];

/** A copy of the project at another place than the one where it was made. */
async function project() {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "consist_python_" }));
  const { success } = await new Deno.Command("cp", { args: ["-r", `${FIXTURE}.`, dir] }).output();
  assert.ok(success);
  await Deno.rename(join(dir, "ledger.duckdb"), join(dir, "provenance.duckdb"));
  return { dir, [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) };
}

/** What a command gives, of the documented shape. */
// deno-lint-ignore no-explicit-any -- the shape is checked, and each test says what it expects of it
async function json(dir: string, ...words: readonly string[]): Promise<any> {
  const { code, out, err } = await callIn(dir, ...words, "--json");
  assert.equal(code, 0, `${words.join(" ")}: ${err}`);
  const found: unknown = JSON.parse(out);
  SHAPES[commandOf(words)!.json!]!.parse(found);
  return found;
}

/** Nested keys are joined by dots; a dot inside a key has a backslash. */
function flat(value: object, before = ""): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).filter(([key]) => !key.startsWith("__consist_")).flatMap(([key, each]) => {
      const path = before + key.replaceAll(".", "\\.");
      return typeof each === "object" && each !== null && !Array.isArray(each) ? Object.entries(flat(each, `${path}.`)) : [[path, each]];
    }),
  );
}

const ids = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id);
const fieldsOf = (run: TheirRun) => ({
  ...{ model: run.model, status: run.status, signature: run.signature, cacheHit: run.cache_hit === true, tags: run.tags },
  ...{ year: run.year ?? undefined, iteration: run.iteration ?? undefined, phase: run.phase ?? undefined, stage: run.stage ?? undefined },
  ...{ parentId: run.parent_run_id ?? undefined, facet: run.facet_json ?? {} },
});

Deno.test("runs: the reference project's runs, their fields and filters are what Python answers", async () => {
  await using here = await project();
  const all = await json(here.dir, "runs", "--history");
  assert.deepEqual(ids(all), expected.find_runs.all!.run_ids);
  for (const { id, startedAt, endedAt, ...run } of all) {
    const theirs = expected.runs[id]!;
    const { scenarioId: _, meta: __, error: ___, description: ____, ...fields } = run;
    assert.deepEqual(fields, JSON.parse(JSON.stringify(fieldsOf(theirs))), id);
    assert.equal(Date.parse(startedAt), Date.parse(theirs.started_at));
    assert.equal(endedAt && Date.parse(endedAt), theirs.ended_at && Date.parse(theirs.ended_at));
  }
  const filtered = async (...words: string[]) =>
    ids(await json(here.dir, "runs", "--history", ...words)).filter((id) => !HEADERS.includes(id));
  const theirs = (name: string) => expected.find_runs[name]!.run_ids.filter((id) => !HEADERS.includes(id));
  assert.deepEqual(await filtered("--status", "failed"), theirs("failed"));
  assert.deepEqual(await filtered("--step", "clean"), theirs("model_clean"));
  assert.deepEqual(await filtered("--year", "2030"), theirs("year_2030"));
  assert.deepEqual(await filtered("--iteration", "0"), theirs("iteration_0"));
  assert.deepEqual(await filtered("--scenario", "baseline_2030"), theirs("children_of_2030"));
  assert.deepEqual(await filtered("--tag", "fixture"), theirs("tags_fixture"));
});

Deno.test("show, artifacts: each run's config, files and cache source are what Python answers, wherever the project lies now", async () => {
  await using here = await project();
  for (const [id, theirs] of runs.filter(([id]) => !HEADERS.includes(id))) {
    const shown = await json(here.dir, "show", id, ...MOUNT(here.dir));
    assert.equal(shown.source, theirs.cache_source);
    assert.deepEqual(
      shown.config,
      flat(theirs.config),
      id,
    );
    for (const side of ["inputs", "outputs"] as const) {
      const wanted = Object.values(theirs[side]).map(({ id, key, container_uri: uri, driver, hash, run_id: run }) => ({
        id,
        key,
        uri,
        driver,
        hash,
        run,
      }));
      const found = shown[side].map(({ id, key, uri, driver, hash, run }: Record<string, unknown>) => ({
        id,
        key,
        uri,
        driver,
        hash,
        run,
      }));
      const byKey = (a: { key?: unknown }, b: { key?: unknown }) => String(a.key) < String(b.key) ? -1 : 1;
      assert.deepEqual(found.sort(byKey), wanted.sort(byKey), id);
      for (const { present, path } of shown[side]) assert.equal(present, true, path);
    }
    const listed = await json(here.dir, "artifacts", id);
    assert.deepEqual(
      new Set(ids(listed)),
      new Set([...Object.values(theirs.inputs), ...Object.values(theirs.outputs)].map(({ id }) => id)),
    );
  }
  const unplaced = await json(here.dir, "show", "baseline_2030_clean_57eb6b28");
  assert.equal(unplaced.inputs[0].present, false, "the mount's folder is where the project was made");
});

Deno.test("--mount that says no folder, or has a name that is none, is a wrong call", async () => {
  await using here = await project();
  for (const wrong of ["inputs", "=x", "a b=x", "inputs="]) {
    const { code, err } = await callIn(here.dir, "show", "solo_ce83829b", "--mount", wrong, "--json");
    assert.deepEqual([code, JSON.parse(err).error.code, JSON.parse(err).error.path], [2, "option_invalid", "mount"], wrong);
  }
});

Deno.test("lineage, which: the way back of the reference project's files is what Python answers", async () => {
  await using here = await project();
  const links = Object.values(expected.runs["sim_2030_0"]!.outputs)[0]!;
  const path = join(here.dir, "runs", links.container_uri);
  for (const asked of [links.id, "sim_2030_0:links", path]) {
    const [{ artifact, runs }] = await json(here.dir, "lineage", asked);
    assert.equal(artifact, links.id);
    const way = (runs as { run: string; made: string[]; read: string[] }[]).map(({ run }) => run);
    assert.deepEqual(way, ["sim_2030_0", "baseline_2030_by_zone_a6a33441", "baseline_2030_clean_57eb6b28"]);
    assert.deepEqual(expected.lineage_of_links.flat(9).filter((word) => way.includes(String(word))), way);
  }
  for (const [id, { outputs, inputs }] of runs.filter(([id]) => !HEADERS.includes(id))) {
    for (const { container_uri, hash, run_id } of Object.values(outputs)) {
      const made = ids(await json(here.dir, "which", join(here.dir, "runs", container_uri)));
      const same = runs.filter(([other, run]) =>
        !HEADERS.includes(other) && !run.cache_hit && Object.values(run.outputs).some((each) => each.hash === hash)
      );
      assert.ok(same.every(([other]) => made.includes(other)) && made.includes(run_id!), `${id}: ${made}`);
    }
    if ("raw" in inputs) {
      assert.ok(ids(await json(here.dir, "which", join(here.dir, "inputs", "raw.csv"))).includes(expected.runs[id]!.cache_source ?? id));
    }
  }
});

Deno.test("preview, sql: tables of the reference project have the rows that Python wrote", async () => {
  await using here = await project();
  for (const { artifact_id, columns, rows, first } of Object.values(expected.tables)) {
    const { table } = await json(here.dir, "preview", artifact_id, "--rows", "2");
    assert.deepEqual([table.columns.map(({ name }: { name: string }) => name), table.total], [columns, rows]);
    const close = (row: object) => Object.values(row).map((value) => typeof value === "number" ? Number(value.toPrecision(6)) : value);
    assert.deepEqual(table.rows.map(close), first.map(close));
  }
  const { rows } = await json(here.dir, "sql", "select id, model_name as model, status from run order by id");
  assert.deepEqual(rows, runs.map(([id, { model, status }]) => ({ id, model, status })).sort((a, b) => a.id < b.id ? -1 : 1));
});

Deno.test("scenarios, scenario, search, summary, validate, diff: the reference project", async () => {
  await using here = await project();
  const scenarios = await json(here.dir, "scenarios");
  assert.deepEqual(
    scenarios.map(({ name, headerId }: Record<string, unknown>) => [name, headerId]),
    HEADERS.toReversed().map((name) => [name, name]),
  );
  for (const header of HEADERS) {
    const { steps, outputs } = await json(here.dir, "scenario", header);
    const children = runs.filter(([, { parent_run_id }]) => parent_run_id === header);
    assert.deepEqual(new Set(ids(steps)), new Set(children.map(([id]) => id)));
    const made = Object.fromEntries(children.flatMap(([, run]) => Object.values(run.outputs).map(({ key, id }) => [key, id])));
    assert.deepEqual(Object.fromEntries(Object.entries(outputs).map(([key, each]) => [key, (each as { id: string }).id])), made);
  }
  const found = await json(here.dir, "search", "solo");
  assert.deepEqual(ids(found.runs).sort(), runs.filter(([id]) => id.startsWith("solo")).map(([id]) => id).sort());
  assert.deepEqual(ids((await json(here.dir, "search", "zürich")).runs).sort(), [
    "baseline_2030_clean_57eb6b28",
    "baseline_2040_clean_7f29ba39",
  ]);
  const summary = await json(here.dir, "summary");
  const steps = runs.filter(([id]) => !HEADERS.includes(id)).map(([, run]) => run);
  const count = (fits: (run: TheirRun) => boolean) => steps.filter(fits).length;
  assert.deepEqual([summary.runs, summary.hits, summary.failed, summary.executed, summary.scenarios], [
    steps.length,
    count(({ cache_hit }) => cache_hit === true),
    count(({ status }) => status === "failed"),
    count(({ cache_hit, status }) => !cache_hit && status === "completed"),
    HEADERS.length,
  ]);
  const made = new Set(runs.flatMap(([, { outputs }]) => Object.values(outputs).map(({ id }) => id)));
  assert.deepEqual(await json(here.dir, "validate"), { checked: made.size, faults: [], partial: [] });
  const { a, b, answer } = expected.diff_runs;
  const { left, right, changed, config } = await json(here.dir, "diff", a, b);
  assert.deepEqual([left, right, changed], [a, b, ["config"]]);
  assert.deepEqual(config, Object.fromEntries(Object.entries(answer.changes).map(([key, { left, right }]) => [key, { left, right }])));
});

Deno.test("outputs of Python's runs are put back by their content, and damaged ones are not taken", async () => {
  await using here = await project();
  await using tracker = new Tracker({ dbPath: join(here.dir, "provenance.duckdb") });
  for (const [id, { outputs, status }] of runs) {
    if (status !== "completed" || HEADERS.includes(id)) continue;
    const targetDir = join(here.dir, "restored", id);
    const restored = await hydrated(tracker, id, targetDir);
    assert.deepEqual(Object.keys(restored).sort(), Object.keys(outputs).sort(), id);
    for (const [key, { path }] of Object.entries(restored)) assert.equal(await digest(path!), outputs[key]!.hash, `${id} ${key}`);
  }
  for (const id of ["solo_917606eb", "solo_a83917bf"]) {
    await Deno.writeTextFile(join(here.dir, "runs", expected.runs[id]!.outputs.cleaned!.container_uri), "PAR1 another");
  }
  const elsewhere = (await hydrated(tracker, "solo_917606eb", join(here.dir, "again"))).cleaned!;
  assert.equal(await digest(elsewhere.path!), expected.runs["solo_917606eb"]!.outputs.cleaned!.hash, "another run has the same content");
  const lost = (await hydrated(tracker, "solo_a83917bf", join(here.dir, "third"))).cleaned!;
  assert.match(lost.status, /missing|failed/);
});

/** The four ways in which a hit may leave or take files, for steps that read what Python made. */
for (const cacheHydration of ["metadata", "inputs-missing", "outputs-requested", "outputs-all"] as const) {
  Deno.test(`a step over what Python made hits with cacheHydration ${cacheHydration}`, async () => {
    await using here = await project();
    await using tracker = new Tracker({ dbPath: join(here.dir, "provenance.duckdb") });
    const [zones] = Object.values(expected.runs["baseline_2030_by_zone_a6a33441"]!.outputs);
    const [cleaned] = Object.values(expected.runs["baseline_2040_clean_7f29ba39"]!.outputs);
    const [one, other] = [(await tracker.getArtifact(zones!.id))!, (await tracker.getArtifact(cleaned!.id))!];
    let executions = 0;
    const step = (over: object = {}) =>
      tracker.run({
        name: "rows",
        fn: ({ zones, cleaned }: { zones: unknown; cleaned: unknown }) => {
          executions++;
          const [a, b] = [zones, cleaned] as { height: number }[];
          return { both: `${a!.height + b!.height}`, first: `${a!.height}` };
        },
        inputs: { zones: one, cleaned: other },
        outputs: ["both", "first"],
        outputPaths: { both: join(here.dir, "taken", "both.txt") },
        cacheOptions: { cacheHydration, untracked: "allow", ...over },
        ...(cacheHydration === "outputs-all" ? { outputDir: join(here.dir, "taken") } : {}),
      } as never) as Promise<{ cacheHit: boolean; load(key: string): Promise<unknown> }>;
    const first = await step();
    assert.equal(first.cacheHit, false);
    const sum = expected.tables.zones_2030!.rows + (await other.load() as { height: number }).height;
    assert.equal(await first.load("both"), String(sum));
    await Deno.remove(join(here.dir, "taken"), { recursive: true });
    if (cacheHydration === "inputs-missing") await Deno.remove(one.path);
    const again = await step();
    assert.deepEqual([again.cacheHit, executions, await again.load("both")], [true, 1, String(sum)]);
    const taken = await Array.fromAsync(Deno.readDir(join(here.dir, "taken"))).catch(() => []);
    const names = { metadata: [], "inputs-missing": [], "outputs-requested": ["both.txt"], "outputs-all": ["both.txt", "first.txt"] };
    assert.deepEqual(taken.map(({ name }) => name).sort(), names[cacheHydration]);
    if (cacheHydration !== "inputs-missing") return;
    const anew = await step({ cacheMode: "overwrite" });
    assert.deepEqual(
      [anew.cacheHit, await anew.load("both")],
      [false, String(sum)],
      "the rows that Python ingested stand for the file that is gone",
    );
  });
}

const hydrated = (tracker: Tracker, id: string, targetDir: string) =>
  tracker.hydrateRunOutputs(id, { targetDir }) as Promise<Readonly<Record<string, { readonly path?: string; readonly status: string }>>>;

async function digest(path: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
