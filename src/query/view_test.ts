import assert from "node:assert/strict";
import { join } from "@std/path";
import pl from "polars";
import { z } from "zod";
import { ContentError, OptionError, QueryError } from "../errors.ts";
import { DISPLAY } from "../notebook/mod.ts";
import { makeSql } from "../relations/mod.ts";
import { viewOf } from "./mod.ts";
import { Story } from "./support_test.ts";

const Person = z.object({ id: z.int(), age: z.int().nullable(), name: z.string().optional() });
const strict = { schema_name: "Person", has_strict_schema: true };

/** A story with a file of rows under a name. */
async function rows(
  story: Story,
  name: string,
  frame: pl.DataFrame,
  row: { key?: string; meta?: object; driver?: string; ext?: string } = {},
) {
  const path = join(story.dir, `${name}.${row.ext ?? row.driver ?? "parquet"}`);
  const driver = row.driver ?? "parquet";
  if (driver === "csv") frame.writeCSV(path);
  else if (driver === "json" || driver === "ndjson") frame.writeJSON(path, { format: driver === "json" ? "json" : "lines" });
  else if (driver === "arrow") frame.writeIPC(path);
  else frame.writeParquet(path);
  await story.artifact(name, { path, driver, key: row.key ?? name, meta: { ...row.meta } });
  return path;
}

Deno.test("viewOf() unites the files of every run that logged with the schema or under its key, with where they come from", async () => {
  await using story = await Story.begin();
  await rows(story, "one", pl.DataFrame({ id: [1, 2], age: [30, null], extra: ["x", "y"] }), { meta: strict });
  await rows(story, "two", pl.DataFrame({ id: [3] }), { meta: strict, driver: "csv" });
  await rows(story, "three", pl.DataFrame({ id: [4], name: ["é"] }), { key: "Person", driver: "ndjson" });
  await rows(story, "four", pl.DataFrame({ id: [5] }), { key: "Person", driver: "arrow" });
  await rows(story, "other", pl.DataFrame({ id: [9] }), { meta: { schema_name: "Other" } });
  await story.tell({
    h: story.header("study"),
    a: story.step("study", "h", { model_name: "sim", year: 2030, iteration: 1 }, { outputs: ["one", "two"] }),
    b: { outputs: ["three", "four", "other"] },
    c: { inputs: ["one"] },
  });
  const view = viewOf(story.reading, "Person", Person);
  const sql = makeSql(() => story.ledger);
  assert.deepEqual(await sql`select * exclude (consist_artifact_id) from ${view} order by id`.rows(), [
    { id: 1, age: 30, name: null, consist_run_id: "a", consist_scenario_id: "study", consist_year: 2030, consist_iteration: 1 },
    { id: 2, age: null, name: null, consist_run_id: "a", consist_scenario_id: "study", consist_year: 2030, consist_iteration: 1 },
    { id: 3, age: null, name: null, consist_run_id: "a", consist_scenario_id: "study", consist_year: 2030, consist_iteration: 1 },
    { id: 4, age: null, name: "é", consist_run_id: "b", consist_scenario_id: null, consist_year: null, consist_iteration: null },
    { id: 5, age: null, name: null, consist_run_id: "b", consist_scenario_id: null, consist_year: null, consist_iteration: null },
  ]);
  assert.equal((await view.df()).height, 5);
  assert.match(String((await view[DISPLAY]())["text/plain"]), /View Person/);
});

Deno.test("viewOf() with nothing in it has its columns", async () => {
  await using story = await Story.begin();
  const view = viewOf(
    story.reading,
    "Person",
    z.object({ id: z.int(), tags: z.array(z.string()), more: z.record(z.string(), z.unknown()), at: z.date() }),
  );
  assert.deepEqual(await view.rows(), []);
  const own = ["consist_run_id", "consist_artifact_id", "consist_scenario_id", "consist_year", "consist_iteration"];
  assert.deepEqual((await view.df()).columns, ["id", "tags", "more", "at", ...own]);
});

Deno.test("viewOf() counts a file once for each scenario that has it, and not for its header", async () => {
  await using story = await Story.begin();
  await rows(story, "made", pl.DataFrame({ id: [1] }), { key: "Person" });
  const step = (scenario: string, header: string) =>
    story.step(scenario, header, { model_name: "sim", signature: "s" }, { outputs: ["made"] });
  await story.tell({
    h1: { ...story.header("baseline"), outputs: ["made"] },
    a: step("baseline", "h1"),
    h2: { ...story.header("high_gas"), outputs: ["made"] },
    b: step("high_gas", "h2"),
    h3: { ...story.header("baseline"), outputs: ["made"] },
    c: step("baseline", "h3"),
  });
  const seen = async (history: boolean) =>
    (await viewOf(story.reading, "Person", Person, { history }).rows()).map((row) => [row.consist_scenario_id, row.consist_run_id]).sort();
  assert.deepEqual(await seen(false), [["baseline", "c"], ["high_gas", "b"]]);
  assert.deepEqual(await seen(true), [["baseline", "c"], ["high_gas", "b"]]);
});

Deno.test("viewOf() follows the runs: what replaces a result replaces its rows", async () => {
  await using story = await Story.begin();
  await rows(story, "old", pl.DataFrame({ id: [1] }), { key: "Person" });
  await rows(story, "new", pl.DataFrame({ id: [2] }), { key: "Person" });
  const view = viewOf(story.reading, "Person", Person);
  await story.tell({ h1: story.header("s"), a: story.step("s", "h1", { model_name: "sim", signature: "1" }, { outputs: ["old"] }) });
  assert.deepEqual((await view.rows()).map(({ id }) => id), [1]);
  await story.tell({ h2: story.header("s"), b: story.step("s", "h2", { model_name: "sim", signature: "2" }, { outputs: ["new"] }) });
  assert.deepEqual((await view.rows()).map(({ id }) => id), [2]);
});

Deno.test("viewOf() names files that are gone or were changed, or leaves them out where that is asked for", async () => {
  await using story = await Story.begin();
  const path = await rows(story, "one", pl.DataFrame({ id: [1] }), { key: "Person" });
  await rows(story, "two", pl.DataFrame({ id: [2] }), { key: "Person" });
  await story.tell({ a: { outputs: ["one", "two"] } });
  const view = viewOf(story.reading, "Person", Person);
  pl.DataFrame({ id: [7] }).writeParquet(path);
  const fails = (code: string, words: RegExp) => (error: unknown) =>
    error instanceof ContentError && error.code === code && words.test(error.message);
  await assert.rejects(view.rows(), fails("content_mismatch", /one\.parquet"; they belong to the runs "a"/));
  await Deno.remove(path);
  await assert.rejects(view.rows(), fails("artifact_missing", /are gone: .*one\.parquet/));
  assert.deepEqual((await viewOf(story.reading, "Person", Person, { damaged: "skip" }).rows()).map(({ id }) => id), [2]);
});

Deno.test("viewOf() casts to the schema's types, and refuses what does not fit instead of rounding it", async () => {
  await using story = await Story.begin();
  const at = new Date("2030-01-02T03:04:05Z");
  await rows(story, "one", pl.DataFrame({ id: [1, 2], at: [at, at], more: [{ a: 1 }, { a: 2 }], flag: [true, false] }), { key: "ok" });
  await rows(story, "half", pl.DataFrame({ id: [1, 2.5] }), { key: "half" });
  await rows(story, "word", pl.DataFrame({ id: ["x"] }), { key: "word" });
  await story.tell({ a: { outputs: ["one", "half", "word"] } });
  const ok = viewOf(story.reading, "ok", z.object({ id: z.int(), at: z.date(), more: z.object({ a: z.int() }), flag: z.boolean() }));
  const [row] = await ok.rows();
  assert.deepEqual([row!.id, row!.at, row!.more, row!.flag], [1, at, { a: 1 }, true]);
  const failed = (words: RegExp) => (error: unknown) => error instanceof QueryError && words.test(error.message);
  await assert.rejects(
    viewOf(story.reading, "half", z.object({ id: z.int() })).rows(),
    failed(/the column "id" of .*half\.parquet is "2\.5" in row 2 of 2 \(index 1\)[\s\S]*wants whole numbers[\s\S]*Use z\.number\(\)/),
  );
  assert.deepEqual((await viewOf(story.reading, "half", z.object({ id: z.number() })).rows()).map(({ id }) => id).sort(), [1, 2.5]);
  await assert.rejects(
    viewOf(story.reading, "word", z.object({ id: z.int() })).rows(),
    failed(/the column "id" of .*word\.parquet is "x" in row 1 of 1 \(index 0\)[\s\S]*z\.string\(\)/),
  );
});

Deno.test("viewOf() takes hostile names of columns, files and views", () => hostileView([]));
Deno.test("viewOf() takes the name of DuckDB's own column for a file's number", () => hostileView(["file_index"]));

async function hostileView(more: readonly string[]): Promise<void> {
  await using story = await Story.begin();
  const name = `it's "x"; drop table run; --`;
  const columns = ['a"b', "it's", "<b>", "$1", "ü 🚀", "filename", "file_row_number", ...more];
  const schema = z.object(Object.fromEntries(columns.map((column) => [column, z.int()])));
  const path = join(story.dir, "it's [1]*.parquet");
  pl.DataFrame(Object.fromEntries(columns.map((column, index) => [column, [index]]))).writeParquet(path);
  await story.artifact("hostile", { path, key: name });
  await story.tell({ [`r'"; --`]: { outputs: ["hostile"] } });
  const view = viewOf(story.reading, name, schema);
  const [row] = await view.rows();
  assert.deepEqual(Object.entries(row!).slice(0, columns.length), columns.map((column, index) => [column, index]));
  assert.equal(row!.consist_run_id, `r'"; --`);
  assert.match(await view.explainSql(), more.length === 0 ? /schema = map/ : /union all by name/);
}

Deno.test("viewOf() refuses a schema whose columns collide with each other or with those of a view", async () => {
  await using story = await Story.begin();
  const refused = (schema: z.ZodObject, words: RegExp) =>
    assert.throws(() => viewOf(story.reading, "v", schema), (error: unknown) => error instanceof OptionError && words.test(error.message));
  refused(z.object({ a: z.int(), A: z.int() }), /differs from another one by case only/);
  refused(z.object({ consist_Year: z.int() }), /one that every view has/);
  refused(z.object({}), /no columns/);
});

Deno.test("viewOf() reads ingested rows where a file is gone", async () => {
  await using story = await Story.begin();
  const meta = { is_ingested: true, dlt_table_name: 'per"sons' };
  const id = await story.artifact("rows", { path: join(story.dir, "gone.parquet"), key: "Person", meta });
  await story.ledger.write((db) =>
    db.run(
      `create schema global_tables; create table global_tables."per""sons" (id bigint, consist_run_id varchar, consist_artifact_id varchar, consist_year bigint);
    insert into global_tables."per""sons" values (7, 'a', '${id}', 2020), (8, 'z', 'another', 2020)`,
    )
  );
  await story.tell({ a: { row: { year: 2030 }, outputs: ["rows"] } });
  assert.deepEqual((await viewOf(story.reading, "Person", Person).rows()).map((row) => [row.id, row.consist_year]), [[7, 2030]]);
});

Deno.test("viewOf() names the one file of many whose value does not fit, whatever its format", async () => {
  await using story = await Story.begin();
  const names = [];
  for (let index = 0; index < 20; index++) {
    const driver = ["parquet", "csv", "ndjson"][index % 3]!;
    names.push(`f${index}`);
    await rows(story, `f${index}`, pl.DataFrame({ id: index === 13 ? ["7", "n/a"] : [index, index + 1] }), { key: "many", driver });
  }
  await story.tell({ a: { outputs: names } });
  const view = viewOf(story.reading, "many", z.object({ id: z.int() }));
  const named = (error: unknown) =>
    error instanceof QueryError && /"id" of .*f13\.csv is "n\/a" in row 2 of 2 \(index 1\)/.test(error.message);
  await assert.rejects(view.rows(), named);
  await assert.rejects(makeSql(() => story.ledger)`select sum(id) from ${view}`.rows(), named);
  assert.equal((await viewOf(story.reading, "many", z.object({ id: z.string() })).rows()).length, 40, "text holds all of them");
});

Deno.test("viewOf() tells DuckDB what it knows about separated values, and lets it guess the rest", async () => {
  await using story = await Story.begin();
  const files: { readonly [name: string]: string } = {
    "plain.csv": "id,name,more\n1,007,x\n2,,y\n",
    "crlf.csv": '\ufeffid,"na""me",name\r\n3,z,"a, ""b""\r\nc"\r\n',
    "lacking.csv": "name\nonly\n",
    "tabs.tsv": "name\tid\nwith\t4\n",
    "semicolons.csv": "id;name\n5;semi\n",
    "spaced.csv": "id, name\n6,spaced\n",
    "empty.csv": "id,name\n",
    "dated.csv": "id,at\n7,2030-01-02T03:04:05Z\n8,2030-01-02 03:04:05\n",
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(story.dir, name);
    await Deno.writeTextFile(path, text);
    await story.artifact(name, { path, driver: name.split(".")[1]!, key: "text" });
  }
  await story.tell({ a: { outputs: Object.keys(files) } });
  const view = viewOf(story.reading, "text", z.object({ id: z.int(), name: z.string() }));
  const rows = (await view.rows()).map(({ id, name }) => [id, name]).sort((a, b) => Number(a[0] ?? 99) - Number(b[0] ?? 99));
  const dated = [[7, null], [8, null]];
  assert.deepEqual(rows, [[1, "007"], [2, null], [3, 'a, "b"\r\nc'], [4, "with"], [5, "semi"], [6, "spaced"], ...dated, [null, "only"]]);
  const times = await viewOf(story.reading, "text", z.object({ id: z.int(), at: z.date() })).rows();
  const at = new Date("2030-01-02T03:04:05Z");
  assert.deepEqual(times.filter((row) => row.at !== null).map((row) => [row.id, row.at]), [[7, at], [8, at]]);
});

Deno.test("viewOf() says where separated values are no table, instead of reading them as another one", async () => {
  await using story = await Story.begin();
  const path = join(story.dir, "short.csv");
  await Deno.writeTextFile(path, "id,name\n1\n2,y\n");
  await story.artifact("short", { path, driver: "csv", key: "text" });
  await story.tell({ a: { outputs: ["short"] } });
  await assert.rejects(viewOf(story.reading, "text", z.object({ id: z.int(), name: z.string() })).rows(), QueryError);
});

Deno.test("viewOf() reads more files than are listed one by one, whatever their names", async () => {
  await using story = await Story.begin();
  const names = Array.from({ length: 60 }, (_, index) => `it's ${index} ü [x]`);
  for (const [index, name] of names.entries()) {
    const path = join(story.dir, `${name}.parquet`);
    pl.DataFrame({ id: [index] }).writeParquet(path);
    await story.artifact(name, { path, key: "many" });
  }
  await story.tell(
    Object.fromEntries(names.map((name, year) => [`run\\"${name}"`, { row: { year: year === 7 ? null : year }, outputs: [name] }])),
  );
  const rows = await viewOf(story.reading, "many", Person).rows();
  const found = rows.map(({ id, consist_run_id, consist_year }) => [id, consist_run_id, consist_year]).sort((a, b) =>
    Number(a[0]) - Number(b[0])
  );
  assert.deepEqual(found, names.map((name, year) => [year, `run\\"${name}"`, year === 7 ? null : year]));
});

Deno.test("viewOf() tells where rows come from in rows(), df() and sql alike, whatever the names, and where they are null", async () => {
  await using story = await Story.begin();
  const names = ["é 🚀", "trailing ", "", "a|b", "it's", "plain"];
  for (const index of names.keys()) await rows(story, `f${index}`, pl.DataFrame({ id: [index, index] }), { key: "many" });
  for (const [index, name] of names.entries()) {
    const year = index === 2 ? null : 2030 + index;
    await story.tell({
      [`h${index}`]: story.header(name),
      [`r${index}`]: story.step(name, `h${index}`, { year, iteration: index === 2 ? 1 : null }, { outputs: [`f${index}`] }),
    });
  }
  const view = viewOf(story.reading, "many", z.object({ id: z.int(), lacking: z.string().optional() }));
  const wanted = names.flatMap((name, id) => {
    const row = {
      ...{ id, lacking: null, consist_run_id: `r${id}`, consist_scenario_id: name },
      ...{ consist_year: id === 2 ? null : 2030 + id, consist_iteration: id === 2 ? 1 : null },
    };
    return [row, row];
  });
  const sorted = (found: readonly object[]) =>
    (found as Record<string, unknown>[]).map(({ consist_artifact_id, ...row }) => {
      assert.equal(typeof consist_artifact_id, "string");
      return row;
    }).sort((a, b) => Number(a.id) - Number(b.id));
  assert.deepEqual(sorted(await view.rows()), wanted);
  const frame = await view.df();
  assert.deepEqual(sorted(frame.toRecords()), wanted);
  assert.deepEqual(frame.columns, (await view.columns()).map(({ name }) => name));
  const path = join(story.dir, "copy.parquet");
  await view.copyTo(path);
  assert.deepEqual(frame.schema, pl.readParquet(path).schema);
  const sql = makeSql(() => story.ledger);
  const found = await sql`select id from ${view} where consist_scenario_id = ${"trailing "} and consist_year = ${2031}`.rows();
  assert.deepEqual(found, [{ id: 1 }, { id: 1 }]);
});

Deno.test("viewOf() gives the rows of a file for each scenario that has it, also as a frame", async () => {
  await using story = await Story.begin();
  await rows(story, "shared", pl.DataFrame({ id: [1, 2] }), { key: "Person" });
  await rows(story, "other", pl.DataFrame({ id: [3] }), { key: "Person" });
  const step = (scenario: string, header: string, outputs: string[]) =>
    story.step(scenario, header, { model_name: "sim", signature: outputs.join() }, { outputs });
  await story.tell({
    h1: story.header("one"),
    a: step("one", "h1", ["shared"]),
    h2: story.header("two"),
    b: step("two", "h2", ["shared"]),
    c: { ...step("two", "h2", ["other"]), row: { parent_run_id: "h2", model_name: "more" } },
  });
  const view = viewOf(story.reading, "Person", Person);
  const pairs = (found: readonly object[]) => found.map((row) => Object.values(row)).map((row) => [row[0], row[3]]).sort();
  const wanted = [[1, "a"], [1, "b"], [2, "a"], [2, "b"], [3, "c"]];
  assert.deepEqual(pairs(await view.rows()), wanted);
  assert.deepEqual(pairs((await view.df()).toRecords()), wanted);
});

Deno.test("viewOf() loads files without rows as a frame without rows", async () => {
  await using story = await Story.begin();
  await rows(story, "none", pl.DataFrame({ id: pl.Series("id", [1], pl.Int64) }).head(0), { key: "Person" });
  await story.tell({ a: { outputs: ["none"] } });
  const view = viewOf(story.reading, "Person", Person);
  const frame = await view.df();
  assert.deepEqual([frame.height, frame.columns], [0, (await view.columns()).map(({ name }) => name)]);
});

Deno.test("viewOf() takes whole numbers that JavaScript tells apart, and refuses every other number where they are wanted", async () => {
  await using story = await Story.begin();
  const { MAX_SAFE_INTEGER: largest } = Number;
  const fine = [largest, -largest, 0, -0, 1, null];
  await rows(story, "fine", pl.DataFrame({ id: pl.Series("id", fine, pl.Float64) }), { key: "fine" });
  await rows(story, "none", pl.DataFrame({ id: pl.Series("id", [null, null], pl.Float64) }), { key: "none" });
  const bad = [0.5, -0.1, 1e-300, largest + 1, -largest - 1, 2 ** 60, -(2 ** 63), 2 ** 63, 1e300, Infinity, -Infinity, NaN];
  for (const [index, value] of bad.entries()) {
    await rows(story, `bad${index}`, pl.DataFrame({ id: pl.Series("id", [1, value, null], pl.Float64) }), { key: `bad${index}` });
  }
  const big = pl.DataFrame({ id: ["9007199254740993"] }).select(pl.col("id").cast(pl.Int64));
  await rows(story, "big", big, { key: `bad${bad.length}` });
  await rows(story, "text", pl.DataFrame({ id: ["7", "7.5"] }), { key: `bad${bad.length + 1}`, driver: "csv" });
  await story.tell({ a: { outputs: ["fine", "none", ...bad.keys().map((index) => `bad${index}`), "big", "text"] } });
  const schema = z.object({ id: z.int() });
  const ids = (await viewOf(story.reading, "fine", schema).rows()).map(({ id }) => id);
  assert.deepEqual(ids, [largest, -largest, 0, 0, 1, null]);
  assert.deepEqual((await viewOf(story.reading, "none", schema).rows()).map(({ id }) => id), [null, null]);
  for (let index = 0; index < bad.length + 2; index++) {
    const view = viewOf(story.reading, `bad${index}`, schema);
    const refused = (error: unknown) => error instanceof QueryError && /whole numbers/.test(error.message);
    await assert.rejects(view.rows(), refused, `${bad[index]}`);
    await assert.rejects(view.df(), refused, `${bad[index]}`);
  }
});
