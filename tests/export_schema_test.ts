import assert from "node:assert/strict";
import { join, toFileUrl } from "@std/path";
import pl from "polars";
import { z } from "zod";
import { exportSchema, file, FindError, ingest, logArtifact, logOutput, OptionError, outputPath, run, scenario, Tracker } from "consist";
import { inTracker } from "./in_tracker.ts";

/** A step that writes a csv file and says how it is kept. */
const csv = (key: string, text: string, options: { profileFileSchema?: boolean; schema?: z.ZodObject } = {}) =>
  run({
    name: `make_${key}`,
    fn: async (_, step) => {
      await Deno.writeTextFile(step.outputPath(key, "csv"), text);
      return file(step.outputPath(key, "csv"));
    },
    config: { text },
    outputs: { [key]: options },
  });

/** The module as it is imported, without a registry. */
async function imported(dir: string, text: string): Promise<Record<string, z.ZodObject>> {
  assert.match(text, /^import \{ z \} from "npm:zod@\d[\w.]*";$/m);
  const path = join(dir, `schema_${crypto.randomUUID()}.ts`);
  await Deno.writeTextFile(path, text.replace(/"npm:zod@[^"]*"/, JSON.stringify(import.meta.resolve("zod"))));
  return await import(toFileUrl(path).href);
}

Deno.test("exportSchema() gives a module that imports, parses and registers unchanged", () =>
  inTracker(async (_, dir) => {
    const { outputs } = await csv("people", "person_id,age,nick\n1,30,x\n2,40,\n", { profileFileSchema: true });
    assert.match(String(outputs.people!.meta.schema_id), /^[0-9a-f]{64}$/);
    await Deno.remove(outputs.people!.path);
    const text = await exportSchema({ artifactId: outputs.people!.id, className: "Person" });
    assert.equal(await exportSchema({ artifactId: outputs.people!.id, className: "Person" }), text);
    assert.equal(await exportSchema({ key: "people", className: "Person" }), text);
    const byId = await exportSchema({ schemaId: String(outputs.people!.meta.schema_id), className: "Person" });
    const body = (module: string) => module.slice(module.indexOf("import"));
    assert.equal(body(byId), body(text));
    const { Person } = await imported(dir, text);
    assert.deepEqual(Person!.parse({ person_id: 1, age: 30, nick: null }), { person_id: 1, age: 30, nick: null });
    assert.throws(() => Person!.parse({ person_id: null, age: 30, nick: null }));
    await csv("people", "person_id,age,nick\n3,50,y\n");
    await using other = new Tracker({ dbPath: join(dir, "other.duckdb"), schemas: { Person: Person! } });
    const made = await other.run({
      name: "people",
      fn: () => pl.DataFrame({ person_id: [7], age: [1], nick: ["n"] }),
      outputs: { Person: { schema: Person! } },
    });
    assert.equal(made.cacheHit, false);
    assert.deepEqual((await other.views.Person.rows()).map((row) => [row.person_id, row.nick]), [[7, "n"]]);
  }));

Deno.test("exportSchema() takes what was ingested, what is only on the disk, and nothing else", () =>
  inTracker(async () => {
    const fn = async () => {
      await Deno.writeTextFile(outputPath("kept", "csv"), "a\n1\n");
      await ingest(await logOutput(outputPath("kept", "csv"), { key: "kept" }));
      await Deno.writeTextFile(outputPath("plain", "csv"), "a\n1\n");
      await logOutput(outputPath("plain", "csv"), { key: "plain" });
    };
    const { outputs } = await run({ name: "two", fn, outputs: ["kept", "plain"] });
    await Deno.remove(outputs.kept.path);
    assert.match(await exportSchema({ artifactId: outputs.kept.id, className: "Kept" }), /a: z\.int\(\),/);
    assert.match(await exportSchema({ artifactId: outputs.plain.id, className: "Plain" }), /a: z\.int\(\),/);
    await Deno.remove(outputs.plain.path);
    const nothing = (error: unknown) => error instanceof FindError && error.code === "artifact_missing";
    await assert.rejects(exportSchema({ artifactId: outputs.plain.id, className: "Plain" }), nothing);
    await assert.rejects(exportSchema({ key: "no such key", className: "X" }), nothing);
    await assert.rejects(exportSchema({ schemaId: "'; drop table run; --", className: "X" }), nothing);
    const refused = (words: RegExp) => (error: unknown) => error instanceof OptionError && words.test(error.message);
    for (const className of ["", "class", "1a", "a b", "z", "a'); drop", "x\ny"]) {
      await assert.rejects(exportSchema({ artifactId: outputs.kept.id, className }), refused(/Cannot export a schema as/));
    }
    await assert.rejects(exportSchema({ className: "X" } as never), refused(/nothing that names a schema/));
    await assert.rejects(exportSchema({ key: "a", schemaId: "b", className: "X" } as never), refused(/schemaId and key/));
    await assert.rejects(exportSchema({ key: "a", name: "X" } as never), refused(/no option "name"/));
  }));

Deno.test("keys, references and listed values of a given schema come back, and lie in the ledger for joins", () =>
  inTracker(async (tracker, dir) => {
    const Trip = z.object({
      id: z.int().meta({ primaryKey: true }),
      person: z.int().nullable().meta({ references: "Person.person_id" }),
      zone: z.string().meta({ references: { table: "Zone.2030", column: "id" } }).optional(),
      mode: z.enum(["car", "bus"]),
    });
    tracker.view({ Trip });
    const fn = () => pl.DataFrame({ id: [1, 2], person: [1, null], zone: ["a", "b"], mode: ["car", "bus"] });
    const { outputs } = await run({ name: "trips", fn, outputs: { trips: { schema: Trip, profileFileSchema: true } } });
    const text = await exportSchema({ artifactId: outputs.trips.id, className: "Trip" });
    assert.match(text, /^ {2}id: z\.int\(\)\.meta\(\{ primaryKey: true \}\),$/m);
    assert.match(text, /^ {2}person: z\.int\(\)\.nullable\(\)\.meta\(\{ references: "Person\.person_id" \}\),$/m);
    assert.match(text, /^ {2}zone: z\.string\(\)\.nullable\(\)\.meta\(\{ references: \{ table: "Zone\.2030", column: "id" \} \}\),$/m);
    assert.match(text, /^ {2}mode: z\.enum\(\["car", "bus"\]\),$/m);
    const again = (await imported(dir, text)).Trip!;
    const copy = await run({ name: "again", fn: () => fn().head(1), outputs: { trips: { schema: again } } });
    assert.equal(
      (await exportSchema({ artifactId: copy.outputs.trips.id, className: "Trip" })).split("import")[1],
      text.split("import")[1],
    );
    const connection = await tracker.connection();
    const links = await connection.runAndReadAll(
      "select from_table, from_field, to_table, to_field from consist_schema_links order by all",
    );
    connection.disconnectSync();
    assert.deepEqual(links.getRowsJS().slice(0, 2), [["Trip", "person", "Person", "person_id"], ["Trip", "zone", "Zone.2030", "id"]]);
    assert.throws(
      () => tracker.view({ Bad: z.object({ a: z.int().meta({ references: "nothing" }) }) }),
      /names a schema and one of its columns/,
    );
  }));

Deno.test("columns of every type and any name are written so that the module imports", () =>
  inTracker(async (tracker, dir) => {
    const names = [
      "ok",
      "with space",
      "class",
      "__proto__",
      "q\"uo'te`",
      "ü🚀",
      "new\nline",
      "\u2028",
      "${x}",
      "consist_run_id",
      "*/",
      "l".repeat(10_000),
      "a",
      "A",
    ];
    const at = new Date(0);
    const typed = pl.DataFrame({
      f: [1.5],
      n: [null],
      b: [true],
      s: ["x"],
      t: [at],
      big: pl.Series("big", [1]).cast(pl.Int64),
      l: [[1]],
      st: [{ "a b": 1, c: "x" }],
    })
      .withColumn(pl.col("t").cast(pl.Date).alias("d"));
    const named = pl.DataFrame(names.map((name) => pl.Series(name, ["x"])));
    const { outputs } = await run({
      name: "make",
      fn: () => ({ typed, named }),
      outputs: { typed: { profileFileSchema: true }, named: { profileFileSchema: true } },
    });
    const text = await exportSchema({ artifactId: outputs.typed.id, className: "Typed" });
    const expected = { f: 1.5, n: null, b: true, s: "x", t: at, big: 1, l: [1], st: { "a b": 1, c: "x" }, d: at };
    const { Typed } = await imported(dir, text);
    assert.deepEqual(Typed!.parse(expected), expected);
    assert.match(text, /d: z\.date\(\), \/\/ a day/);
    await run({ name: "checked", fn: () => typed, outputs: { Typed: { schema: Typed! } } });
    const [row] = await tracker.view({ Typed: Typed! }).Typed.rows();
    assert.deepEqual([row!.f, row!.big, row!.l, row!.st, row!.d], [1.5, 1, [1], { "a b": 1, c: "x" }, at]);
    const hostile = await exportSchema({ artifactId: outputs.named.id, className: "Named" });
    const { Named } = await imported(dir, hostile);
    const wanted = names.filter((name) => name !== "consist_run_id").map((name) => name === "A" ? "A_1" : name);
    assert.deepEqual(Object.keys(Named!.shape), wanted);
    assert.match(hostile, /Left out: 1 column/);
    const { Named: view } = tracker.view({ named: Named!, Named: Named! });
    assert.deepEqual(await view.rows(), []);
  }));

Deno.test("a schema is captured when a file is logged, on the hit of a step that asks for it later, and once for each content", () =>
  inTracker(async (tracker) => {
    const count = async (table: string) => {
      const connection = await tracker.connection();
      const rows = (await connection.runAndReadAll(`select count(*)::int from ${table}`)).getRowsJS();
      connection.disconnectSync();
      return rows[0]![0];
    };
    const step = (profileFileSchema: boolean) =>
      run({ name: "make", fn: () => pl.DataFrame({ id: [1, null] }), outputs: { t: { profileFileSchema } } });
    await step(false);
    assert.equal(await count("artifact_schema"), 0);
    for (let pass = 0; pass < 2; pass++) {
      const hit = await step(true);
      assert.deepEqual([hit.cacheHit, (hit.outputs.t.meta.schema_summary as { n_columns: number }).n_columns], [true, 1]);
      assert.deepEqual([await count("artifact_schema"), await count("artifact_schema_observation")], [1, 1]);
    }
    for (let pass = 0; pass < 2; pass++) {
      await scenario("log", async (sc) => {
        const traced = await sc.trace({ name: "log", outputs: ["wide"] }, async (step) => {
          await Deno.writeTextFile(step.outputPath("wide", "csv"), "a,b\n1,\n2,3\n");
          const options = { key: "wide", direction: "output", profileFileSchema: true, fileSchemaSampleRows: 1 } as const;
          await logArtifact(step.outputPath("wide", "csv"), options);
        });
        const text = await exportSchema({ artifactId: traced.outputs.wide.id, className: "Wide" });
        assert.match(text, /a: z\.int\(\),\n {2}b: z\.int\(\)\.nullable\(\),/);
      });
    }
    assert.equal(await count("artifact_schema_observation"), 2);
    const bad = (fileSchemaSampleRows: number) =>
      run({ name: "bad", fn: (_, step) => step.logOutput("deno.json", { key: "x", profileFileSchema: true, fileSchemaSampleRows }) });
    await assert.rejects(bad(0), /fileSchemaSampleRows is 0/);
  }));

Deno.test("a declared schema also holds for what the step logs itself, and for a relation", () =>
  inTracker(async () => {
    const schema = z.object({ id: z.int() });
    const logged = async () => {
      await Deno.writeTextFile(outputPath("t", "csv"), "id\nx\n");
      await logOutput(outputPath("t", "csv"), { key: "t" });
    };
    await assert.rejects(run({ name: "logged", fn: logged, outputs: { t: { schema } } }), /column "id" is of type String/);
    const { sql } = await import("consist");
    await assert.rejects(
      run({ name: "related", fn: () => sql`select 'x' as id`, outputs: { t: { schema } } }),
      /column "id" is of type String/,
    );
  }));
