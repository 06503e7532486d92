import assert from "node:assert/strict";
import { ask } from "./ask.ts";
import type { RunFilter } from "../mod.ts";
import { findRuns, listRuns } from "./mod.ts";
import { HOSTILE, Story, type Told } from "../support_test.ts";
import { sightOf, unseenInResults } from "./visible.ts";

/** Found in both ways: all of them, and the newest with their number. */
async function ids(story: Story, filter: RunFilter & { history?: boolean } = {}): Promise<string[]> {
  const found = (await findRuns(story.reading, filter)).map(({ id }) => id);
  for (const limit of [1, 3, 1000]) {
    const { runs, total } = await listRuns(story.reading, filter, limit);
    assert.deepEqual(runs.map(({ id }) => id), found.slice(0, limit));
    assert.equal(total, found.length);
  }
  return found;
}

Deno.test("outside of scenarios, of runs with one signature the newest completed one is seen, else the newest", async () => {
  await using story = await Story.begin();
  await story.tell({
    a1: { row: { signature: "a" } },
    a2: { row: { signature: "a", meta: { cache_hit: true } }, own: { hit: true, source_run_id: "a1" } },
    a3: { row: { signature: "a", status: "failed" } },
    b1: { row: { signature: "b", status: "failed" } },
    b2: { row: { signature: "b", status: "running" } },
    other: { row: { signature: "a", model_name: "other" } },
  });
  assert.deepEqual(await ids(story), ["other", "b2", "a2"]);
  assert.deepEqual(await ids(story, { history: true }), ["other", "b2", "b1", "a3", "a2", "a1"]);
});

Deno.test("a run without a signature stands for itself, also where Python wrote the word error", async () => {
  await using story = await Story.begin();
  await story.tell({
    a: { row: { signature: null } },
    b: { row: { signature: null } },
    c: { row: { signature: "error" } },
    d: { row: { signature: "error" } },
  });
  assert.deepEqual(await ids(story), ["d", "c", "b", "a"]);
});

Deno.test("Run All twice answers as once: the newer execution lies over the older one", async () => {
  await using story = await Story.begin();
  const run = (header: string, suffix: string, year: number) => ({
    [`sim_${year}${suffix}`]: story.step("study", header, { model_name: "sim", year, signature: `sim${year}` }),
  });
  await story.tell({ h1: story.header("study"), ...run("h1", "a", 2020), ...run("h1", "a", 2030) });
  const once = (await findRuns(story.reading, { scenario: "study" })).map(({ year }) => year);
  await story.tell({ h2: story.header("study"), ...run("h2", "b", 2020), ...run("h2", "b", 2030) });
  assert.deepEqual(await ids(story, { scenario: "study" }), ["sim_2030b", "sim_2020b"]);
  assert.deepEqual((await findRuns(story.reading, { scenario: "study" })).map(({ year }) => year), once);
  assert.equal((await ids(story, { scenario: "study", history: true })).length, 4);
});

Deno.test("after a failure half-way the older layers answer for what the newest one has not reached", async () => {
  await using story = await Story.begin();
  await story.tell({
    old: story.header("study"),
    old_a: story.step("study", "old", { model_name: "a", signature: "a0" }),
    h1: story.header("study"),
    a1: story.step("study", "h1", { model_name: "a", signature: "a1" }),
    b1: story.step("study", "h1", { model_name: "b", signature: "b1" }),
    c1: story.step("study", "h1", { model_name: "c", signature: "c1" }),
    h2: story.header("study", { status: "failed" }),
    a2: story.step("study", "h2", { model_name: "a", signature: "a2" }),
    b2: story.step("study", "h2", { model_name: "b", signature: "b2", status: "failed" }),
    h3: story.header("study", { status: "running" }),
    a3: story.step("study", "h3", { model_name: "a", signature: "a3" }),
  });
  assert.deepEqual(await ids(story, { scenario: "study" }), ["a3", "b2", "c1"]);
});

Deno.test("layers below the newest completed one do not show: a step that was removed from the notebook is gone", async () => {
  await using story = await Story.begin();
  await story.tell({
    h1: story.header("study"),
    gone: story.step("study", "h1", { model_name: "gone" }),
    h2: story.header("study"),
    kept: story.step("study", "h2", { model_name: "kept" }),
  });
  assert.deepEqual(await ids(story, { scenario: "study" }), ["kept"]);
  assert.deepEqual(await ids(story, { parentId: "h1" }), ["gone"]);
});

Deno.test("where no execution completed, all layers count", async () => {
  await using story = await Story.begin();
  await story.tell({
    h1: story.header("study", { status: "failed" }),
    a1: story.step("study", "h1", { model_name: "a" }),
    h2: story.header("study", { status: "failed" }),
    b2: story.step("study", "h2", { model_name: "b" }),
  });
  assert.deepEqual(await ids(story, { scenario: "study" }), ["b2", "a1"]);
});

Deno.test("in one layer a sweep shows every signature, and of one signature the newest completed run", async () => {
  await using story = await Story.begin();
  const step = (signature: string, status = "completed") => story.step("study", "h", { model_name: "case", signature, status });
  await story.tell({ h: story.header("study"), x1: step("x"), y1: step("y"), x2: step("x"), x3: step("x", "failed") });
  assert.deepEqual(await ids(story, { scenario: "study" }), ["x2", "y1"]);
  assert.deepEqual(await ids(story, { parentId: "h" }), ["x2", "y1"]);
  assert.deepEqual(await ids(story, { parentId: "h", history: true }), ["x3", "x2", "y1", "x1"]);
});

Deno.test("a hit in another scenario counts as that scenario's own", async () => {
  await using story = await Story.begin();
  await story.tell({
    h1: story.header("baseline"),
    made: story.step("baseline", "h1", { model_name: "sim", signature: "s" }),
    h2: story.header("high_gas"),
    hit: story.step("high_gas", "h2", { model_name: "sim", signature: "s" }, { own: { hit: true, source_run_id: "made" } }),
    outside: { row: { model_name: "sim", signature: "s" }, own: { hit: true, source_run_id: "made" } },
  });
  assert.deepEqual(await ids(story, { step: "sim" }), ["outside", "hit", "made"]);
  assert.deepEqual(await ids(story, { scenario: "baseline" }), ["made"]);
  assert.deepEqual(await ids(story, { scenario: "high_gas" }), ["hit"]);
});

Deno.test("of headers the newest of each name is seen; a header id means that execution", async () => {
  await using story = await Story.begin();
  await story.tell({ h1: story.header("a"), x1: story.step("a", "h1"), h2: story.header("a"), h3: story.header("b") });
  assert.deepEqual(await ids(story, { model: "scenario" }), ["h3", "h2"]);
  assert.deepEqual(await ids(story, { scenario: "h1" }), ["x1"]);
  assert.deepEqual(await ids(story, { parentId: "h2" }), []);
});

Deno.test("runs whose header is lost still belong to their scenario", async () => {
  await using story = await Story.begin();
  await story.tell({
    a: story.step("study", "lost", { model_name: "a" }),
    h: story.header("study", { status: "failed" }),
    b: story.step("study", "h", { model_name: "b" }),
  });
  assert.deepEqual(await ids(story, { scenario: "study" }), ["b", "a"]);
});

Deno.test("scenario names are compared as they are, whatever they contain", async () => {
  await using story = await Story.begin();
  for (const [index, name] of HOSTILE.entries()) {
    await story.tell({ [`h${index}`]: story.header(name), [`run${index}`]: story.step(name, `h${index}`, { model_name: name }) });
  }
  for (const [index, name] of HOSTILE.entries()) {
    const runs = await findRuns(story.reading, { scenario: name, step: name });
    assert.deepEqual(runs.map(({ id, scenarioId, parentId }) => [id, scenarioId, parentId]), [[`run${index}`, name, `h${index}`]]);
  }
  assert.equal((await ids(story, { history: true })).length, 2 * HOSTILE.length);
});

Deno.test("a tag that only looks like a header's does not make one", async () => {
  await using story = await Story.begin();
  await story.tell({ a: { row: { tags: ['say "scenario_header"', "scenario_headers"] } } });
  assert.deepEqual(await ids(story, { scenario: "a" }), []);
  assert.deepEqual(await ids(story, { model: "step" }), ["a"]);
});

interface Modelled extends Told {
  readonly id: string;
  readonly at: number;
}

/** What is seen, said once more without SQL. The runs come oldest first. */
function modelOfSeen(told: readonly Modelled[]): string[] {
  const headers = told.filter(({ row }) => row?.tags?.includes("scenario_header"));
  const scenarioOf = (id: string | null | undefined) => headers.find((header) => header.id === id)?.own?.scenario_name;
  const runs = told.filter((run) => !headers.includes(run)).map((run) => {
    const header = scenarioOf(run.row?.parent_run_id) === undefined ? run.own?.header_id : run.row?.parent_run_id;
    return { ...run, header, scenario: scenarioOf(run.row?.parent_run_id) ?? run.own?.scenario_name ?? null };
  });
  const depthOf = ({ header, scenario }: { header?: string | null | undefined; scenario: string | null }) => {
    const layers = headers.filter(({ own }) => own?.scenario_name === scenario).toReversed();
    const deepest = layers.findIndex(({ row }) => row?.status === undefined || row.status === "completed");
    const depth = layers.findIndex(({ id }) => id === header);
    if (depth < 0) return layers.length; // its header is lost: it lies at the bottom
    return deepest >= 0 && depth > deepest ? undefined : depth;
  };
  const laid = runs.filter((run) => run.scenario === null || depthOf(run) !== undefined);
  const placeOf = (run: typeof runs[0]) =>
    JSON.stringify([run.scenario, run.row?.model_name, run.row?.year ?? null, run.row?.iteration ?? null]);
  const topmost = laid.filter((run) => {
    const rivals = laid.filter((other) => placeOf(other) === placeOf(run));
    return run.scenario === null || depthOf(run) === Math.min(...rivals.map((rival) => depthOf(rival)!));
  });
  const results = Map.groupBy(topmost, (run) => JSON.stringify([run.scenario, run.row?.model_name, run.row?.signature ?? [run.id]]));
  return [...results.values()].map((group) => (group.findLast(({ row }) => row?.status === "completed") ?? group.at(-1)!).id).sort();
}

/** Numbers that look like chance and are the same each time. */
function chance(seed: number): <T>(choices: readonly T[]) => T {
  let state = seed;
  return (choices) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return choices[Math.floor(state / 2 ** 32 * choices.length)]!;
  };
}

function someRuns(seed: number): Modelled[] {
  const pick = chance(seed);
  const headers: { id: string; scenario: string }[] = [];
  return Array.from({ length: 40 }, (_, at) => {
    const id = `${pick(["a", "z"])}${at}`;
    const status = pick(["completed", "completed", "failed", "running"]);
    if (pick([true, false, false, false])) {
      headers.push({ id, scenario: pick(["A", "B", "C"]) });
      return { id, at, row: { status, tags: ["scenario_header"] }, own: { scenario_name: headers.at(-1)!.scenario } };
    }
    const header = pick([undefined, { id: "lost", scenario: pick(["A", "D"]) }, ...headers, ...headers]);
    const parent_run_id = header === undefined ? null : pick([header.id, header.id, "a step"]);
    const row = {
      status,
      parent_run_id,
      model_name: pick(["m", "n"]),
      year: pick([null, 2030]),
      signature: pick(["x", "y", `s${at}`, null]),
    };
    return { id, at, row, own: { scenario_name: header?.scenario ?? null, header_id: header?.id ?? null } };
  });
}

Deno.test("what is seen agrees with what the rules say, and what is not seen is all the rest, whatever the runs", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    await using story = await Story.begin();
    const runs = someRuns(seed);
    await story.tell(Object.fromEntries(runs.map((run) => [run.id, run])));
    const [seen, unseen] = await story.ledger.read(async (db) => [
      (await ask<{ id: string }>(db, `with ${sightOf("results")} select id from seen order by id`)).map(({ id }) => id),
      (await ask<{ id: string }>(db, `select id from ${unseenInResults()}`)).map(({ id }) => id),
    ]);
    assert.deepEqual(seen, modelOfSeen(runs), `seed ${seed}`);
    assert.deepEqual([...seen!, ...unseen!].sort(), runs.map(({ id }) => id).sort(), `seed ${seed}`);
  }
});
