import assert from "node:assert/strict";
import { OptionError } from "../errors.ts";
import { DISPLAY } from "../notebook/mod.ts";
import { makeSql } from "../relations/mod.ts";
import { pivotFacets } from "./mod.ts";
import { HOSTILE, Story } from "./support_test.ts";

Deno.test("pivotFacets() gives a row for each result and a column for each key, by type", async () => {
  await using story = await Story.begin();
  await story.tell({
    a: { row: { model_name: "m" }, facet: { alpha: 0.1, mode: "car", ok: true, list: [1, 2], mixed: 1, none: null } },
    b: { row: { model_name: "m" }, facet: { alpha: 2, mode: "bus", mixed: "x" } },
    c: { row: { model_name: "n" }, facet: { alpha: 9 } },
    d: { row: { model_name: "m" }, facet: { other: 1 } },
  });
  const pivot = pivotFacets(story.reading, { namespace: "m", keys: ["alpha", "mode", "ok", "list", "mixed", "none", "missing"] });
  assert.deepEqual(await pivot.rows(), [
    { run_id: "a", alpha: 0.1, mode: "car", ok: true, list: "[1,2]", mixed: "1", none: null, missing: null },
    { run_id: "b", alpha: 2, mode: "bus", ok: null, list: null, mixed: "x", none: null, missing: null },
  ]);
  assert.equal(await pivotFacets(story.reading, { keys: ["alpha"] }).count(), 3);
});

Deno.test("pivotFacets() takes value columns, prefixes, labels and a name for the id", async () => {
  await using story = await Story.begin();
  await story.tell({ a: { row: { model_name: "m" }, facet: { alpha: 0.1, mode: "car" } } });
  const pivot = pivotFacets(story.reading, {
    keys: ["alpha", "mode"],
    valueColumns: { alpha: "value_num", mode: "value_str" },
    labelPrefix: "p_",
    labelMap: { mode: "travel_mode" },
    runIdLabel: "id",
  });
  const rows: { id: string; p_alpha: number | null; travel_mode: string | null }[] = await pivot.rows();
  assert.deepEqual(rows, [{ id: "a", p_alpha: 0.1, travel_mode: "car" }]);
  assert.deepEqual((await pivot.df()).columns, ["id", "p_alpha", "travel_mode"]);
});

Deno.test("pivotFacets() composes into SQL, charts, shows itself", async () => {
  await using story = await Story.begin();
  await story.tell({ a: { row: { model_name: "m" }, facet: { x: 1, y: 2 } }, b: { row: { model_name: "m" }, facet: { x: 3, y: 4 } } });
  const pivot = pivotFacets(story.reading, { namespace: "m", keys: ["x", "y"] });
  const sql = makeSql(() => story.ledger);
  assert.deepEqual(await sql`select r.id, p.y from ${pivot} p join run r on r.id = p.run_id where p.x > ${1}`.rows(), [{ id: "b", y: 4 }]);
  assert.match(await pivot.plot({ x: "x", y: "y", color: "run_id" }).svg(), /^<svg/);
  assert.match(String((await pivot[DISPLAY]())["text/plain"]), /Facets of m: x, y/);
});

Deno.test("pivotFacets() orders its rows as the runs began, whatever their ids and the columns are called", async () => {
  await using story = await Story.begin();
  await story.tell({ z: { facet: { x: 1 } }, a: { facet: { x: 2 } }, m: { facet: { x: 3 } } });
  for (const runIdLabel of ["run_id", "id", "r", "created_at", 'a "b"']) {
    const pivot = pivotFacets(story.reading, { keys: ["x"], runIdLabel });
    const rows: { readonly [name: string]: unknown }[] = await pivot.rows();
    assert.deepEqual(rows.map((row) => row[runIdLabel]), ["z", "a", "m"], runIdLabel);
    assert.deepEqual([...(await pivot.df()).getColumn("x")], [1, 2, 3], runIdLabel);
  }
});

Deno.test("pivotFacets() shows each result once, a hit with the facets of its own run, and history shows all", async () => {
  await using story = await Story.begin();
  const row = { model_name: "m", signature: "s" };
  await story.tell({ a: { row, facet: { x: 1 } }, b: { row, own: { hit: true, source_run_id: "a" }, facet: { x: 1 } } });
  const rows = async (history: boolean) => (await pivotFacets(story.reading, { keys: ["x"], history }).rows()).map(({ run_id }) => run_id);
  assert.deepEqual([await rows(false), await rows(true)], [["b"], ["a", "b"]]);
});

Deno.test("pivotFacets() sees runs that were recorded after it was made", async () => {
  await using story = await Story.begin();
  const pivot = pivotFacets(story.reading, { keys: ["x"] });
  assert.deepEqual(await pivot.rows(), []);
  assert.deepEqual((await pivot.df()).columns, ["run_id", "x"]);
  await story.tell({ a: { facet: { x: "text" } } });
  assert.deepEqual(await pivot.rows(), [{ run_id: "a", x: "text" }]);
});

Deno.test("pivotFacets() takes hostile keys and labels as names, and injects nothing", async () => {
  await using story = await Story.begin();
  const facet = Object.fromEntries(HOSTILE.filter((key) => key !== "a.b").map((key, index) => [key, index]));
  await story.tell({ a: { row: { model_name: HOSTILE[0]! }, facet } });
  const keys = Object.keys(facet).map((key) => key.replaceAll(".", "\\."));
  const plain = pivotFacets(story.reading, { namespace: HOSTILE[0]!, keys });
  assert.deepEqual(await plain.rows(), [{ run_id: "a", ...Object.fromEntries(keys.map((key, index) => [key, index])) }]);
  const label = 'x", (select 1) as "y';
  const hostile = pivotFacets(story.reading, {
    keys: [keys[0]!],
    labelMap: { [keys[0]!]: label },
    runIdLabel: "id'; --",
    labelPrefix: '"',
  });
  assert.deepEqual(await hostile.rows(), [{ "id'; --": "a", [label]: 0 }]);
  assert.deepEqual((await hostile.df()).columns, ["id'; --", label]);
});

Deno.test("pivotFacets() refuses no keys, an unknown value column, keys that are none and columns that collide", async () => {
  await using story = await Story.begin();
  const refused = (options: object, words: RegExp) =>
    assert.throws(
      () => pivotFacets(story.reading, options as never),
      (error: unknown) => error instanceof OptionError && words.test(error.message),
    );
  refused({ keys: [] }, /no keys/);
  refused({ keys: ["a"], valueColumns: { a: "value_nmu" } }, /Use "value_num"/);
  refused({ keys: ["alpha"], valueColumns: { alhpa: "value_num" } }, /Use "alpha"/);
  refused({ keys: ["a"], labelMap: { b: "x" } }, /"b" is none of the keys/);
  refused({ keys: ["a", "A"] }, /would be called "A"/);
  refused({ keys: ["run_id"] }, /would be called "run_id"/);
  refused({ keys: ["a", "a"] }, /would be called "a"/);
});

Deno.test("pivotFacets() refuses wrong columns at compile time", async () => {
  await using story = await Story.begin();
  // @ts-expect-error beta is not a key
  assert.throws(() => pivotFacets(story.reading, { keys: ["alpha"], valueColumns: { beta: "value_num" } }));
  // @ts-expect-error there is no such column
  assert.throws(() => pivotFacets(story.reading, { keys: ["alpha"], valueColumns: { alpha: "value_nmu" } }));
  // @ts-expect-error there is no such column to plot
  pivotFacets(story.reading, { keys: ["alpha"] }).plot({ x: "aplha", y: "alpha" });
});

Deno.test("pivotFacets() tells once which of its names no run has, and what is near or where it belongs", async () => {
  await using story = await Story.begin();
  const told: string[] = [];
  const asking = async (options: { namespace?: string; keys: string[]; valueColumns?: Record<string, "value_num"> }) => {
    told.length = 0;
    const pivot = pivotFacets(story.reading, options as never, (message) => void told.push(message));
    await pivot.rows();
    await pivot.count();
    return told.map((message) => message.replace(/^pivotFacets: /, "").replace(/ Where it may be absent.*/, ""));
  };
  assert.deepEqual(await asking({ namespace: "model", keys: ["alpha"] }), [], "no run has facets yet");
  await story.tell({
    a: { row: { model_name: "model" }, facet: { alpha: 1, mode: "car", none: null } },
    b: { row: { model_name: "clean" }, facet: { threshold: 2 } },
  });
  assert.deepEqual(await asking({ namespace: "model", keys: ["alpha", "mode", "none"] }), []);
  assert.deepEqual(await asking({ namespace: "modle", keys: ["alpha"] }), [
    'no run of "modle" has facets, so that the table is empty. Did you mean "model"?',
  ]);
  assert.deepEqual(await asking({ namespace: "model", keys: ["alhpa", "threshold", "utterly_other"] }), [
    'no run of "model" has the facet "alhpa", so that its column has no values. Did you mean "alpha"?',
    'no run of "model" has the facet "threshold", so that its column has no values. It is a facet of "clean".',
    'no run of "model" has the facet "utterly_other", so that its column has no values. There are "alpha", "mode", "none".',
  ]);
  assert.deepEqual(await asking({ keys: ["thresold"] }), [
    'no run has the facet "thresold", so that its column has no values. Did you mean "threshold"?',
  ]);
  assert.deepEqual(await asking({ namespace: "model", keys: ["error_bound"], valueColumns: { error_bound: "value_num" } }), []);
  assert.equal((await asking({ namespace: HOSTILE[0]!, keys: [...HOSTILE] })).length, 1);
});
