import assert from "node:assert/strict";
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from "kysely";
import { OptionError, QueryError } from "../errors.ts";
import { makeSql } from "../relations/mod.ts";
import { pivotFacets, runQuery } from "./mod.ts";

import { HOSTILE, Story } from "./support_test.ts";

interface Tables {
  run: { id: string; model_name: string; year: number | null };
}

const db = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new PostgresIntrospector(kysely),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

Deno.test("runQuery() runs relations, text with parameters, and what Kysely compiles", async () => {
  await using story = await Story.begin();
  const ambient = () => story.ledger;
  await story.tell({
    a: { row: { model_name: "x", year: 2020 }, facet: { alpha: 1 } },
    b: { row: { model_name: HOSTILE[0]!, year: 2030 }, facet: { alpha: 2 } },
  });
  const sql = makeSql(ambient);
  const params = pivotFacets(story.reading, { keys: ["alpha"] });
  assert.deepEqual(await runQuery(ambient, sql`select count(*)::int as n from ${params} where alpha > ${1}`), [{ n: 1 }]);
  assert.deepEqual(await runQuery(ambient, "select count(*)::int as n from run where model_name = $1", ["x"]), [{ n: 1 }]);
  const query = db.selectFrom("run").select(["id", "year"]).where("model_name", "=", HOSTILE[0]!).where("year", "in", [2020, 2030]).orderBy(
    "id",
  ).compile();
  assert.deepEqual(await runQuery(ambient, query), [{ id: "b", year: 2030 }]);
});

Deno.test("runQuery() gives whole numbers as numbers, larger ones as bigint, times as Date", async () => {
  await using story = await Story.begin();
  await story.tell({ a: {} });
  const [row] = await runQuery(
    () => story.ledger,
    "select count(*) as n, 9007199254740993 as big, started_at as at, date '2030-01-02' as day from run group by all",
  );
  assert.deepEqual(row, { n: 1, big: 9007199254740993n, at: new Date("2030-01-01T00:00:01Z"), day: new Date("2030-01-02T00:00:00Z") });
});

Deno.test("runQuery() sees what is queued but not yet written", async () => {
  await using story = await Story.begin();
  await story.tell({ a: {} });
  story.ledger.later((db) => db.run("update run set description = 'late'"));
  assert.deepEqual(await runQuery(() => story.ledger, "select description from run"), [{ description: "late" }]);
});

Deno.test("runQuery() refuses what is no query, and what changes the ledger", async () => {
  await using story = await Story.begin();
  await story.tell({ a: {} });
  const ambient = () => story.ledger;
  await assert.rejects(runQuery(ambient, 7 as never), OptionError);
  await assert.rejects(runQuery(ambient, makeSql(ambient)`select 1`, [1]), OptionError);
  await assert.rejects(runQuery(ambient, "delete from run"), QueryError);
  await assert.rejects(runQuery(ambient, "select 1 as n; drop table run"), QueryError);
  await assert.rejects(
    runQuery(ambient, "select modle_name from run"),
    (error: unknown) => error instanceof QueryError && /"model_name"/.test(error.fix),
  );
  assert.deepEqual(await runQuery(ambient, "select id from run where id = $1 or id = 'a'", ["'; drop table run; --"]), [{ id: "a" }]);
});
