import assert from "node:assert/strict";
import { FindError, OptionError } from "../../errors.ts";
import { DISPLAY } from "../../notebook/mod.ts";
import type { MimeBundle, Scalar } from "../../types.ts";
import type { RunFilter } from "../mod.ts";
import { findLatestRun, findRun, findRuns, getRun } from "./mod.ts";
import { HOSTILE, Story } from "../support_test.ts";

const finds = (code: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof FindError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, words);
  return true;
};

Deno.test("findRuns() gives a plain list, or map, that shows itself as a table of runs", async () => {
  await using story = await Story.begin();
  await story.tell({ a: { row: { model_name: "<b>x", year: 2020 } }, b: { row: { model_name: "y", status: "failed" } } });
  const shown = (runs: object) => (runs as { [DISPLAY](): MimeBundle })[DISPLAY]();
  const runs = await findRuns(story.reading);
  assert.deepEqual(Object.keys(runs), ["0", "1"]);
  assert.deepEqual(runs, [...runs]);
  assert.match(String(shown(runs)["text/plain"]), /executed +<b>x +2020[^]*2 runs: 1 executed, 1 failed/);
  assert.ok(!String(shown(runs)["text/html"]).includes("<b>x"));
  assert.match(String(shown(await findRuns(story.reading, { indexBy: "year" }))["text/plain"]), /<b>x[^]*1 run: 1 executed/);
  assert.match(String(shown(await findRuns(story.reading, { step: "none" }))["text/plain"]), /no runs/);
});

Deno.test("findRuns() filters by each field, applies the limit last, and takes what is undefined as not given", async () => {
  await using story = await Story.begin();
  await story.tell({
    a: { row: { model_name: "x", year: 2020, iteration: 0, stage: "s", phase: "p", tags: ["one", "two"] } },
    b: { row: { model_name: "x", year: 2030, status: "failed" } },
    c: { row: { model_name: "y", year: 2020 } },
  });
  const ids = async (filter: RunFilter) => (await findRuns(story.reading, filter)).map(({ id }) => id);
  assert.deepEqual(await ids({ step: "x" }), ["b", "a"]);
  assert.deepEqual(await ids({ model: "x", year: 2020 }), ["a"]);
  assert.deepEqual(await ids({ iteration: 0 }), ["a"]);
  assert.deepEqual(await ids({ stage: "s", phase: "p" }), ["a"]);
  assert.deepEqual(await ids({ status: "failed" }), ["b"]);
  assert.deepEqual(await ids({ tags: ["two", "one"] }), ["a"]);
  assert.deepEqual(await ids({ tags: ["tw"] }), []);
  assert.deepEqual(await ids({ tags: [], year: undefined, facet: {} }), ["c", "b", "a"]);
  assert.deepEqual(await ids({ year: 2020, limit: 1 }), ["c"]);
  assert.deepEqual(await ids({ limit: 0 }), []);
});

Deno.test("findRuns() finds facets of every type exactly, nested ones by their path", async () => {
  await using story = await Story.begin();
  const facets: { [id: string]: Record<string, unknown> } = {
    num: { v: 0.1 },
    near: { v: 0.1 + Number.EPSILON },
    int: { v: 9007199254740991 },
    text: { v: "0.1" },
    yes: { v: true },
    no: { v: false },
    nothing: { v: null },
    zero: { v: 0 },
    empty: { v: "" },
    deep: { v: { x: { y: 7 } } },
    dotted: { "v.x.y": 7 },
  };
  await story.tell(Object.fromEntries(Object.entries(facets).map(([id, facet]) => [id, { facet }])));
  const ids = async (facet: Record<string, Scalar>) => (await findRuns(story.reading, { facet })).map(({ id }) => id);
  for (const id of ["num", "near", "int", "text", "yes", "no", "nothing", "zero", "empty"]) {
    assert.deepEqual(await ids({ v: facets[id]!.v as Scalar }), [id]);
  }
  assert.deepEqual(await ids({ "v.x.y": 7 }), ["dotted", "deep"]);
  assert.deepEqual(await ids({ "v\\.x\\.y": 7 }), ["dotted"]);
  assert.deepEqual(await ids({ v: 0.1, w: 1 }), []);
});

Deno.test("findRuns() takes hostile names as values everywhere", async () => {
  await using story = await Story.begin();
  for (const [index, name] of HOSTILE.entries()) {
    await story.tell({
      [`r${index}`]: { row: { model_name: name, tags: [name], stage: name, phase: name, status: name }, facet: { [name]: name } },
    });
  }
  for (const [index, name] of HOSTILE.entries()) {
    const filters = [{ step: name }, { tags: [name] }, { stage: name }, { phase: name }, { status: name }, { facet: { [name]: name } }];
    for (const filter of filters) {
      assert.deepEqual((await findRuns(story.reading, filter)).map(({ id }) => id), [`r${index}`], JSON.stringify(filter));
    }
  }
});

Deno.test("findRuns() with indexBy gives the newest run of each value, and leaves out runs without one", async () => {
  await using story = await Story.begin();
  await story.tell({ a: { row: { year: 2020 } }, b: { row: { year: 2030 } }, c: { row: { year: 2030 } }, d: {} });
  const index = await findRuns(story.reading, { indexBy: "year" });
  assert.deepEqual([...index].map(([year, { id }]) => [year, id]), [[2030, "c"], [2020, "a"]]);
});

Deno.test("findRuns() refuses an unknown filter, an unknown field and a limit that is none", async () => {
  await using story = await Story.begin();
  const refused = (words: RegExp) => (error: unknown) => error instanceof OptionError && words.test(error.message);
  await assert.rejects(findRuns(story.reading, { parentID: "x" } as never), refused(/filter "parentID"[\s\S]*Use "parentId"/));
  await assert.rejects(findRuns(story.reading, { indexBy: "yaer" } as never), refused(/field "yaer"[\s\S]*Use "year"/));
  await assert.rejects(findRuns(story.reading, { limit: -1 }), refused(/limit -1/));
});

Deno.test("findRun() wants exactly one: none and several are errors of their own", async () => {
  await using story = await Story.begin();
  await assert.rejects(findRun(story.reading, { step: "x" }), finds("run_not_found", /The ledger has no runs/));
  await story.tell({
    h: story.header("baseline"),
    a: story.step("baseline", "h", { model_name: "simulate", year: 2020 }),
    b: story.step("baseline", "h", { model_name: "simulate", year: 2030 }),
  });
  assert.equal((await findRun(story.reading, { scenario: "baseline", year: 2030 })).id, "b");
  await assert.rejects(
    findRun(story.reading, { scenario: "baselin", step: "simulat" }),
    finds("run_not_found", /scenario "baselin", step "simulat"[\s\S]*Use the step "simulate"[\s\S]*Use the scenario "baseline"/),
  );
  await assert.rejects(
    findRun(story.reading, { step: "simulate" }),
    finds("run_ambiguous", /2 runs fit: b \(baseline, 2030\); a \(baseline, 2020\)/),
  );
});

Deno.test("findLatestRun() gives the newest, or says that there is none", async () => {
  await using story = await Story.begin();
  await story.tell({ a: { row: { model_name: "x" } }, b: { row: { model_name: "x" } } });
  assert.equal((await findLatestRun(story.reading, { step: "x" })).id, "b");
  await assert.rejects(findLatestRun(story.reading, { step: "y" }), finds("run_not_found", /step "y"/));
});

Deno.test("findRun() by id finds a run that a newer one hides, and the newest with a label", async () => {
  await using story = await Story.begin();
  await story.tell({
    a: { row: { signature: "s" } },
    b: { row: { signature: "s" } },
    mine: { own: { label: "mine" } },
    again: { own: { label: "mine" } },
  });
  assert.equal((await findRun(story.reading, { id: "a" })).id, "a");
  assert.equal((await findRun(story.reading, { id: "mine" })).id, "again");
  assert.equal((await getRun(story.reading, "b"))!.id, "b");
  assert.equal(await getRun(story.reading, "'; drop table run; --"), undefined);
});

Deno.test("a run has what the ledger knows, and leaves out what is not there", async () => {
  await using story = await Story.begin();
  const error = { name: "TypeError", message: "x is not a function", stack: "at cell 1" };
  const meta = { error: error.message, error_name: error.name, error_stack: error.stack, note: 1 };
  await story.tell({
    full: { row: { year: 2030, description: "d", status: "failed", meta }, own: { hit: true }, facet: { alpha: 0.1 } },
    bare: { row: { signature: null, ended_at: null } },
  });
  const [bare, full] = await findRuns(story.reading);
  assert.deepEqual([full!.error, full!.facet, full!.cacheHit, full!.year, full!.meta], [error, { alpha: 0.1 }, true, 2030, meta]);
  assert.deepEqual(Object.keys(bare!).sort(), ["cacheHit", "facet", "id", "meta", "model", "signature", "startedAt", "status", "tags"]);
  assert.equal(bare!.signature, "");
});
