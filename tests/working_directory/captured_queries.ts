/** Queries that a step captures: they count by their words and what stands in them, and what they read is read by the step. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Relation, relation, run, sql } from "consist";
import { assertHit, assertMiss, withTracker } from "consist/testing";

const inFolder = (body: (dir: string) => Promise<void>) => withTracker(({ dbPath }) => body(join(dbPath, "..")));

/** The rows of a query that a step captured. */
const rowsOf = (query: Relation<unknown>) => run({ name: "rows", fn: async () => ({ rows: await query.rows() }), outputs: ["rows"] });
/** The same as a table that the step returns. */
const tableOf = (query: Relation<unknown>) => run({ name: "table", fn: () => ({ rows: query }), outputs: ["rows"] });

Deno.test("run() hits with a captured query, and tells its text, its parameters and the queries in it apart", () =>
  inFolder(async () => {
    const inner = (n: number) => sql`select ${n} as v`;
    const makes: ((n: number) => Relation<unknown>)[] = [
      inner,
      (n) => sql`select v + 1 as v from ${inner(n)}`,
      (n) => sql`select 1 as v where 1 in (${[1, n]}) and ${n} = ${n}`,
    ];
    for (const make of makes) {
      assertMiss(await rowsOf(make(1)));
      assertMiss(await rowsOf(make(2)));
      const again = await rowsOf(make(1));
      assertHit(again);
      assert.deepEqual(await again.outputs.rows.load(), await make(1).rows());
    }
  }));

for (
  const [name, make] of Object.entries<(dir: string) => Relation<unknown>>({
    "a relation": (dir) => relation(join(dir, "t.csv")),
    "a relation of a list": (dir) => relation([join(dir, "t.csv"), join(dir, "u.csv")]),
    "a relation of a pattern": (dir) => relation(join(dir, "*.csv")),
    "a relation in a query in a query": (dir) => sql`select * from ${sql`select sum(x) as s from ${relation(join(dir, "t.csv"))}`}`,
  })
) {
  for (const work of [rowsOf, tableOf]) {
    Deno.test(`run() counts the files of ${name} that a step captures by their content (${work === rowsOf ? "rows" : "table"})`, () =>
      inFolder(async (dir) => {
        const put = (x: number) => Deno.writeTextFile(join(dir, "t.csv"), `x\n${x}\n`);
        await put(1);
        await Deno.writeTextFile(join(dir, "u.csv"), "x\n5\n");
        const query = make(dir);
        assertMiss(await work(query));
        assertHit(await work(make(dir)));
        await put(2);
        const changed = await work(query);
        assertMiss(changed);
        assert.match(changed.explain(), /what it read besides its declared inputs changed/);
        await put(1);
        assertHit(await work(query));
      }));
  }
}

Deno.test("run() counts a captured relation of an artifact by the artifact's content", () =>
  inFolder(async () => {
    const make = async (n: number) =>
      (await run({
        name: "make",
        fn: (_: object, { config }: { config: { n: number } }) => ({ t: [{ x: config.n }] }),
        config: { n },
        outputs: ["t"],
      }))
        .outputs.t;
    const query = async (n: number) => sql`select x from ${relation(await make(n))}`;
    assertMiss(await rowsOf(await query(1)));
    assertMiss(await rowsOf(await query(2)));
    assertHit(await rowsOf(await query(1)));
  }));

Deno.test("run() tells a captured relation by where its file was when the working directory has changed since", () =>
  inFolder(async (dir) => {
    const before = Deno.cwd();
    try {
      const made: Relation<unknown>[] = [];
      for (const name of ["a", "b"]) {
        await Deno.mkdir(join(dir, name));
        await Deno.writeTextFile(join(dir, name, "t.csv"), `x\n"${name}"\n`);
        Deno.chdir(join(dir, name));
        made.push(relation("t.csv"));
      }
      Deno.chdir(dir);
      for (const query of made) {
        const result = await rowsOf(query);
        assertMiss(result);
        assert.deepEqual(await result.outputs.rows.load(), await query.rows());
        assertHit(await rowsOf(query));
      }
    } finally {
      Deno.chdir(before);
    }
  }));

Deno.test("run() executes with a captured query that gives other rows each time, or that asks the ledger", () =>
  inFolder(async () => {
    for (const query of [sql`select random() as r`, sql`select current_date as d`, sql`select count(*) as n from run`]) {
      assertMiss(await rowsOf(query));
      assertMiss(await rowsOf(query));
    }
    const { explain } = await rowsOf(sql`select uuid() as u`).then((result) => ({ explain: result.explain() }));
    assert.match(explain, /give it to the step as an input/);
  }));
