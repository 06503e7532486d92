import assert from "node:assert/strict";
import { join } from "@std/path";
import pl from "polars";
import { DuckDBInstance } from "@duckdb/node-api";
import { QueryError } from "../errors.ts";
import { DISPLAY } from "../notebook/mod.ts";
import type { Artifact } from "../types.ts";
import { isRelation, type LedgerReader, makeSql, ownPiece, relation, relationOf, textRelation } from "./mod.ts";

type CountedLedger = LedgerReader & Disposable & { reads: number };

/** A ledger in memory with one table `run`, which counts how often it was read. */
async function ledgerWithRuns(path = "ledger"): Promise<CountedLedger> {
  const instance = await DuckDBInstance.create(":memory:");
  const raw = await instance.connect();
  await raw.run("create table run as select 'r' || i as id, i as year from range(3) t(i)");
  const ledger: CountedLedger = {
    path,
    reads: 0,
    read(work) {
      ledger.reads++;
      return work({ raw });
    },
    [Symbol.dispose]() {
      raw.closeSync();
      instance.closeSync();
    },
  };
  return ledger;
}

const nowhere = () => {
  throw new Error("no ledger is needed here");
};
const sql = makeSql(nowhere);

async function temporary(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

function failsWith(code: string, words: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof QueryError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, words);
    return true;
  };
}

Deno.test("sql gives parameters of each type back as they went in", async () => {
  const day = new Date("2030-05-06T07:08:09.123Z");
  const values = ["it's; drop table run --", 3, -0.5, 2 ** 40, 12345678901234567890n, true, null, day, new Uint8Array([0, 255])] as const;
  const [a, b, c, d, e, f, g, h, i] = values;
  const [row] = await sql`select ${a} as a, ${b} as b, ${c} as c, ${d} as d, ${e} as e, ${f} as f, ${g} as g, ${h} as h, ${i} as i`.rows();
  assert.deepEqual(Object.values(row!), values);
});

Deno.test("sql expands lists after in, also empty ones, and binds them as lists elsewhere", async () => {
  const numbers = sql`select i from range(6) t(i)`;
  assert.deepEqual(await sql`select i from ${numbers} where i in ${[1, 3]} order by i`.rows(), [{ i: 1 }, { i: 3 }]);
  assert.deepEqual(await sql`select i from ${numbers} where i in (${[1, 3]}, ${4}) order by i`.rows(), [{ i: 1 }, { i: 3 }, { i: 4 }]);
  assert.equal(await sql`select * from ${numbers} where i in ${[]}`.count(), 0);
  assert.equal(await sql`select * from ${numbers} where i not in (${[]})`.count(), 6);
  assert.deepEqual(await sql`select len(${["a", "b"]}) as n, ${[1, 2.5]} as x, ${[]} as e`.rows(), [{ n: 2, x: [1, 2.5], e: [] }]);
});

Deno.test("sql nests relations with parameters of their own, each number once", async () => {
  const inner = sql`select i, ${"a"} as word from range(${5}) t(i) where i > ${1};`;
  const outer = sql`select * from ${inner} x join (${inner}) y using (i) where i < ${4} and i in (${sql`select ${2} -- a comment`})`;
  assert.deepEqual(await outer.rows(), [{ i: 2, word: "a", word_1: "a" }]);
  const condition = sql`i >= ${3}`;
  assert.deepEqual(await sql`select i from ${inner} where ${condition} order by i`.rows(), [{ i: 3 }, { i: 4 }]);
});

Deno.test("sql reads DataFrames, and leaves no file behind", async () => {
  await using folder = await temporary();
  const before = Deno.env.get("TMPDIR");
  Deno.env.set("TMPDIR", folder.path);
  try {
    const frame = pl.DataFrame({ 'a "b"; --': [1, 2, 3], g: ["x", "y", "x"] });
    const rows = await sql`select g, sum("a ""b""; --")::int as n from ${frame} f join (select 'x' as g) using (g) group by g`.rows();
    assert.deepEqual(rows, [{ g: "x", n: 4 }]);
    await assert.rejects(sql`select nope from ${frame}`.rows());
    assert.deepEqual([...Deno.readDirSync(folder.path)].filter(({ name }) => name.startsWith("consist-query")), []);
  } finally {
    before === undefined ? Deno.env.delete("TMPDIR") : Deno.env.set("TMPDIR", before);
  }
});

Deno.test("sql refuses what is no parameter, where it is written", () => {
  assert.throws(() => sql`select ${(() => 1) as unknown as string}`, failsWith("query_failed", /a function/));
  assert.throws(() => sql`select ${{ a: 1 } as unknown as string}`, failsWith("query_failed", /type Object/));
  assert.throws(() => sql`select ${undefined as unknown as string}`, failsWith("query_failed", /Pass null/));
  assert.throws(() => sql`select ${new Date(NaN)}`, failsWith("query_failed", /invalid Date/));
  assert.throws(() => sql`select ${2n ** 130n}`, failsWith("query_failed", /128 bits/));
  assert.throws(() => sql`select ${["a", 1]}`, failsWith("query_failed", /different types/));
});

Deno.test("sql refuses, at compile time, a function and a mapping", () => {
  // @ts-expect-error a function cannot be interpolated
  assert.throws(() => sql`select ${() => 1}`);
  // @ts-expect-error nor can a mapping
  assert.throws(() => sql`select ${{ a: 1 }}`);
});

Deno.test("rows() gives plain JavaScript values for every type", async () => {
  const [row] = await sql`select 9007199254740993 as big, 7::hugeint as small, 1.10::decimal(10, 2) as money, date '1969-12-31' as day,
    timestamp '2020-01-02 03:04:05.678' as moment, timestamptz '2020-01-02 03:04:05+01:00' as zoned, [1, null]::bigint[] as list,
    {'d': date '2020-01-01', 'n': 1::hugeint} as struct, map {'k': 1::bigint} as map, 'x'::blob as bytes, '{"a": 1}'::json as json,
    time '10:11:12' as time, 'b'::enum('a', 'b') as word, 'nan'::double as nan, null as nothing, [1, 2]::int[2] as pair,
    union_value(n := 2::bigint) as choice`.rows();
  assert.deepEqual(row, {
    big: 9007199254740993n,
    small: 7,
    money: 1.1,
    day: new Date("1969-12-31T00:00:00Z"),
    moment: new Date("2020-01-02T03:04:05.678Z"),
    zoned: new Date("2020-01-02T02:04:05Z"),
    list: [1, null],
    struct: { d: new Date("2020-01-01T00:00:00Z"), n: 1 },
    map: new Map([["k", 1]]),
    bytes: new Uint8Array([120]),
    json: '{"a": 1}',
    time: "10:11:12",
    word: "b",
    nan: NaN,
    nothing: null,
    pair: [1, 2],
    choice: 2,
  });
});

Deno.test("rows() keeps columns of hostile and of equal names", async () => {
  const [row] = await sql`select 1 as "__proto__", 2 as "constructor", 3 as "a""b", 4 as x, 5 as X, 6 as "<b>"`.rows();
  assert.deepEqual(Object.entries(row!), [["__proto__", 1], ["constructor", 2], ['a"b', 3], ["x", 4], ["X_1", 5], ["<b>", 6]]);
});

Deno.test("df() loads every row and type as polars can use it", async () => {
  const frame = await sql`select i, (i / 10)::decimal(5, 2) as money, '{"a":1}'::json as json, uuid() as id, interval 1 day as pause,
    [1.5, 2.5] as list from range(3) t(i) order by i desc`.df();
  assert.equal(frame.height, 3);
  assert.deepEqual(frame.getColumn("i").toArray(), [2, 1, 0]);
  assert.deepEqual(frame.getColumn("money").toArray(), [0.2, 0.1, 0]);
  assert.deepEqual(
    frame.toRecords().map(({ json, pause, list }) => [json, pause, list]),
    Array(3).fill(['{"a":1}', "1 day", [1.5, 2.5]]),
  );
  assert.equal((await sql`select 1 as a where ${"x"} = 'y'`.df()).height, 0);
});

Deno.test("copyTo() writes a parquet file under any name", async () => {
  await using folder = await temporary();
  const path = join(folder.path, "it's [1]*.parquet");
  await sql`select i, ${"v"} as v from range(1000) t(i)`.copyTo(path);
  assert.equal(await relation(path).count(), 1000);
  assert.deepEqual(await sql`select max(i)::int as top, min(v) as v from ${relation(path)}`.rows(), [{ top: 999, v: "v" }]);
});

Deno.test("count() counts without loading", async () => {
  assert.equal(await sql`select * from range(1000000)`.count(), 1_000_000);
});

Deno.test("columns() names columns with DuckDB's types", async () => {
  assert.deepEqual(await sql`select ${1} as a, 'x' as "b""b", [1.5] as c`.columns(), [
    { name: "a", type: "INTEGER" },
    { name: 'b"b', type: "VARCHAR" },
    { name: "c", type: "DECIMAL(2,1)[]" },
  ]);
});

Deno.test("a relation shows the query in its author's words, not what its parts stand for", async () => {
  const inner = sql`select 1 as a, 'inner' as b`;
  const frame = pl.DataFrame({ a: [1], c: [2] });
  const bundle = await sql`select c from ${inner} join ${frame} using (a) where a < ${5}`[DISPLAY]();
  assert.match(
    String(bundle["text/plain"]),
    /^select c from \(select 1 as a, 'inner' as b\) join ⟨DataFrame⟩ using \(a\) where a < \$1 -- \$1 = 5$/m,
  );
});

Deno.test("explainSql() shows the text and the parameters, and runs nothing", async () => {
  const text = await sql`select * from ${pl.DataFrame({ a: [1] })} where a > ${0.5} and b = ${"x"}`.explainSql();
  assert.match(text, /read_parquet\('DataFrame 1'\)/);
  assert.match(text, /-- \$1 = 0.5\n-- \$2 = x$/);
});

Deno.test("a relation shows its first rows, their number and the query", async () => {
  const bundle = await sql`select i as "<b>", ${"<i>"} as v from range(1000) t(i)`[DISPLAY]();
  assert.match(String(bundle["text/html"]), /1,000/);
  assert.ok(!String(bundle["text/html"]).includes("<b>0"));
  assert.ok(!String(bundle["text/html"]).includes("<i>"));
  assert.match(String(bundle["text/plain"]), /1,000/);
});

Deno.test("plot() measures its columns when it is shown, and refuses a column that is not there", async () => {
  const chart = sql<{ t: Date; n: number; "a.b": string }>`
    select timestamp '2020-01-01' + interval (i) day as t, i as n, 'k' || (i % 2) as "a.b" from range(9) t(i)`
    .plot({ x: "t", y: "n", color: "a.b", title: "growth" });
  assert.equal(chart.spec.title, "growth");
  assert.match(await chart.svg(), /^<svg/);
  const encoding = chart.spec.encoding as { x: { type: string }; y: { type: string } };
  assert.deepEqual([encoding.x.type, encoding.y.type], ["temporal", "quantitative"]);
  const bundle = await chart[DISPLAY]();
  assert.equal(bundle["text/html"], undefined);
  assert.ok(bundle["application/vnd.vegalite.v5+json"]);
  await assert.rejects(
    sql`select 1 as alpha`.plot({ x: "aplha", y: "alpha" }).svg(),
    failsWith("query_failed", /Did you mean "alpha"/),
  );
});

Deno.test("a query over files and frames never touches the ledger; one that names a table runs in it", async () => {
  using ledger = await ledgerWithRuns();
  const tagged = makeSql(() => ledger);
  const frame = pl.DataFrame({ id: ["r1"] });
  assert.equal(await tagged`with run as (select * from ${frame}) select * from run`.count(), 1);
  assert.equal(ledger.reads, 0);
  assert.deepEqual(await tagged`select year from run join ${frame} using (id) where year >= ${0}`.rows(), [{ year: 1 }]);
  assert.equal(ledger.reads, 1);
  assert.equal(await tagged`select (select count(*) from "run") as n, ${1} as one`.count(), 1);
  assert.equal(await tagged`select * from (${tagged`select * from main.run`})`.count(), 3);
  assert.deepEqual((await tagged`show tables`.rows()).length, 1);
  assert.equal(ledger.reads, 4);
});

Deno.test("a relation that needs a ledger takes the others with it; two ledgers are refused", async () => {
  using left = await ledgerWithRuns("left");
  using right = await ledgerWithRuns("right");
  const of = (ledger: LedgerReader) =>
    relationOf({
      write: (statement) => {
        statement.needs(ledger);
        return ownPiece("select * from run", "runs");
      },
    });
  assert.equal(await sql`select * from ${of(left)} union all select * from ${of(left)}`.count(), 6);
  await assert.rejects(
    sql`select * from ${of(left)} union all select * from ${of(right)}`.count(),
    failsWith("query_failed", /two ledgers/),
  );
});

Deno.test("textRelation() runs text with $1 and ? parameters, as query builders compile it", async () => {
  using ledger = await ledgerWithRuns();
  assert.deepEqual(await textRelation(() => ledger, "select id from run where year = $1 and id = $2;", [2, "r2"]).rows(), [{ id: "r2" }]);
  assert.deepEqual(await textRelation(() => ledger, 'select "id" from "run" where "year" in (?, ?) order by 1', [0, 1]).rows(), [{
    id: "r0",
  }, {
    id: "r1",
  }]);
  assert.deepEqual(
    await textRelation(() => ledger, "select count(*)::int as n from run where list_contains($1, id)", [["r0", "r2"]]).rows(),
    [{
      n: 2,
    }],
  );
});

Deno.test("a query that changes something, or is several, is refused and does nothing", async () => {
  using ledger = await ledgerWithRuns();
  for (
    const text of [
      "drop table run",
      "delete from run",
      "select 1; drop table run",
      "explain select 1; drop table run",
      "copy run to 'x.csv'",
    ]
  ) {
    await assert.rejects(textRelation(() => ledger, text).rows(), failsWith("query_failed", /tracker\.connection/));
  }
  assert.equal(await textRelation(() => ledger, "explain select * from run").rows().then((rows) => rows.length), 1);
  assert.equal(await textRelation(() => ledger, "from run").count(), 3);
});

Deno.test("a failing query names its text, DuckDB's words and what is near", async () => {
  using ledger = await ledgerWithRuns();
  const tagged = makeSql(() => ledger);
  await assert.rejects(
    tagged`select yaer from run`.rows(),
    failsWith("query_failed", /"select yaer from run"[\s\S]*Use "year" instead of "yaer"/),
  );
  await assert.rejects(tagged`select * from rnu`.rows(), failsWith("query_failed", /table "run"/));
  await assert.rejects(tagged`selec 1`.rows(), failsWith("query_failed", /syntax error/));
  await assert.rejects(tagged`select '${"x"}'`.rows(), failsWith("query_failed", /put no quotes around/));
  await assert.rejects(tagged`select ${"x"}::int`.rows(), failsWith("query_failed", /try_cast/));
  await assert.rejects(
    tagged`select b from ${pl.DataFrame({ a: [1] })} where a in (${[1]}) and ${tagged`a > ${0}`}`.rows(),
    failsWith("query_failed", /"select b from ⟨DataFrame⟩ where a in \(\$1\) and \(a > \$2\)"/),
  );
  await assert.rejects(tagged`select * from '/nowhere/*.parquet'`.rows(), failsWith("query_failed", /No files found/));
});

Deno.test("relation() reads files, lists, folders, globs and URLs, and unites columns by name", async () => {
  await using folder = await temporary();
  const at = (name: string) => join(folder.path, name);
  await Deno.writeTextFile(at("a.csv"), "id,x\n1,0.5\n");
  await Deno.writeTextFile(at("b.csv"), "id,y\n2,z\n");
  await Deno.writeTextFile(at("c.tsv"), "id\tx\n3\t1.5\n");
  await Deno.writeTextFile(at("d.ndjson"), '{"id":4,"x":2.5}\n{"id":5}\n');
  await Deno.writeTextFile(at(".hidden.csv"), "id\n99\n");
  await Deno.writeTextFile(at("note.txt"), "not a table");
  pl.DataFrame({ id: [6], x: [3.5] }).writeIPC(at("e.arrow"));
  const ids = async (source: Parameters<typeof relation>[0]) =>
    (await sql`select id::int as id from ${relation(source)} order by id`.rows()).map(({ id }) => id);
  assert.deepEqual(await ids(at("a.csv")), [1]);
  assert.deepEqual(await ids([at("a.csv"), at("b.csv")]), [1, 2]);
  assert.deepEqual(await ids(at("[ab].csv")), [1, 2]);
  assert.deepEqual(await ids(folder.path), [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(await ids([at("e.arrow"), at("e.arrow")]), [6, 6]);
  assert.deepEqual(await ids(new URL(`file://${at("c.tsv")}`)), [3]);
  assert.deepEqual(await sql`select y from ${relation([at("a.csv"), at("b.csv")])} order by id`.rows(), [{ y: null }, { y: "z" }]);
});

Deno.test("relation() names a file that is missing or no table", async () => {
  await using folder = await temporary();
  await assert.rejects(relation(join(folder.path, "gone.csv")).rows(), { code: "input_missing" });
  await assert.rejects(relation(folder.path).rows(), failsWith("query_failed", /no table in it/));
  assert.throws(() => relation(pl.DataFrame({ a: [1] }) as never), failsWith("query_failed", /no file.*from \$\{table\}/s));
  assert.throws(() => relation([3] as never), failsWith("query_failed", /relation of number 3.*path of a file/s));
  await assert.rejects(relation(join(folder.path, "note.txt")).rows(), failsWith("query_failed", /parquet, csv/));
  await assert.rejects(relation("https://example.org/a.parquet").rows(), failsWith("query_failed", /input/));
  assert.throws(() => relation([]), failsWith("query_failed", /empty/));
});

Deno.test("relation() sees an edit of a file between two queries, with size and time kept", async () => {
  await using folder = await temporary();
  const path = join(folder.path, "a.csv");
  await Deno.writeTextFile(path, "id\n1\n");
  const { mtime } = await Deno.stat(path);
  assert.deepEqual(await relation(path).rows(), [{ id: 1 }]);
  await Deno.writeTextFile(path, "id\n2\n");
  await Deno.utime(path, mtime!, mtime!);
  assert.deepEqual(await relation(path).rows(), [{ id: 2 }]);
});

Deno.test("sql scans an artifact by its driver, and refuses one that is no table", async () => {
  await using folder = await temporary();
  const path = join(folder.path, "rows.bin");
  await sql`select 7 as n`.copyTo(path);
  const artifact = (driver: string) =>
    ({ id: "i", key: "k", path, uri: path, driver, hash: "", meta: {}, load: () => Promise.resolve(1) }) as Artifact;
  assert.deepEqual(await sql`select n from ${artifact("parquet")} a`.rows(), [{ n: 7 }]);
  assert.deepEqual(await relation(artifact("parquet")).rows(), [{ n: 7 }]);
  const damaged = { ...artifact("parquet"), check: () => Promise.resolve(new Error("changed since")) };
  await assert.rejects(sql`select n from ${damaged}`.rows(), /changed since/);
  await assert.rejects(sql`select * from ${artifact("txt")}`.rows(), failsWith("query_failed", /the artifact "k" \(driver "txt"\)/));
});

Deno.test("isRelation() tells relations from other values", () => {
  assert.deepEqual([sql`select 1`, relation("a.csv"), null, {}, "select 1"].map(isRelation), [true, true, false, false, false]);
});

Deno.test("queries run side by side", async () => {
  const sums = await Promise.all(Array.from({ length: 8 }, (_, k) => sql`select sum(i)::int + ${k} as n from range(1000) t(i)`.rows()));
  assert.deepEqual(sums.map(([row]) => row!.n), Array.from({ length: 8 }, (_, k) => 499500 + k));
});
