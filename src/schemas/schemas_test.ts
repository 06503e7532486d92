import assert from "node:assert/strict";
import { join } from "@std/path";
import pl from "polars";
import { z } from "zod";
import { OutputError } from "../errors.ts";
import { columnsOf, profileOf, profileOfFile, schemaId } from "./mod.ts";
import { checkFrame } from "./tables/mod.ts";

const refused = (words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof OutputError, String(error));
  assert.equal(error.code, "schema_mismatch");
  assert.match(error.message, words);
  return true;
};
const check = (schema: z.ZodObject, frame: pl.DataFrame) => checkFrame(schema, frame, { key: "out" });

Deno.test("columnsOf() reads names, types, nulls and listed values through every wrapper", () => {
  const schema = z.object({
    int: z.int(),
    whole: z.number().int().min(3),
    small: z.int32(),
    float: z.number().nullable(),
    big: z.bigint(),
    text: z.string().optional(),
    mail: z.email(),
    day: z.coerce.date(),
    flag: z.boolean().default(true).readonly(),
    kind: z.enum(["a", "b"]),
    one: z.literal(["x", null]),
    level: z.literal([1, 2]),
    list: z.array(z.number()),
    either: z.union([z.string(), z.null()]),
    record: z.record(z.string(), z.number()),
    later: z.lazy(() => z.int().nullish()),
    length: z.string().transform((text) => text.length),
    "hostile\"'; name": z.string().brand("b"),
  });
  const columns = columnsOf(schema).map(({ name, type, nullable, values }) => [name, type, nullable, values]);
  assert.deepEqual(columns, [
    ["int", "BIGINT", false, undefined],
    ["whole", "BIGINT", false, undefined],
    ["small", "INTEGER", false, undefined],
    ["float", "DOUBLE", true, undefined],
    ["big", "BIGINT", false, undefined],
    ["text", "VARCHAR", true, undefined],
    ["mail", "VARCHAR", false, undefined],
    ["day", "TIMESTAMP", false, undefined],
    ["flag", "BOOLEAN", true, undefined],
    ["kind", "VARCHAR", false, ["a", "b"]],
    ["one", "VARCHAR", true, ["x", null]],
    ["level", "BIGINT", false, [1, 2]],
    ["list", "DOUBLE[]", false, undefined],
    ["either", "VARCHAR", true, undefined],
    ["record", "JSON", false, undefined],
    ["later", "BIGINT", true, undefined],
    ["length", "VARCHAR", false, undefined],
    ["hostile\"'; name", "VARCHAR", false, undefined],
  ]);
});

Deno.test("checkFrame() takes what fits: JavaScript's numbers as whole ones, nulls where allowed, columns that may be absent", async () => {
  const schema = z.object({
    id: z.int(),
    x: z.number().nullable(),
    name: z.string().optional(),
    at: z.date(),
    kind: z.enum(["a", "b"]).nullable(),
    none: z.string().nullable(),
  });
  const at = [new Date(0), new Date(1)];
  await check(schema, pl.DataFrame({ id: [1, 2], x: [0.5, null], at, kind: ["a", null], none: [null, null], extra: [1, 2] }));
  await check(z.object({ id: z.bigint(), wide: z.int() }), pl.DataFrame({ id: [1n, 2n], wide: [3n, 4n] }));
  await check(z.object({ id: z.int() }), pl.DataFrame({ id: [1] }).filter(pl.col("id").gt(5)));
});

Deno.test("checkFrame() names the column that is missing, and one that is near", async () => {
  await assert.rejects(
    check(z.object({ age: z.int() }), pl.DataFrame({ aeg: [1] })),
    refused(/column "age" is missing; it has "aeg"[\s\S]*Rename the column "aeg"/),
  );
  await assert.rejects(
    check(z.strictObject({ age: z.int() }), pl.DataFrame({ age: [1], more: [2] })),
    refused(/"more", which the schema does not know/),
  );
});

Deno.test("checkFrame() names the column of a wrong type", async () => {
  await assert.rejects(
    check(z.object({ x: z.number() }), pl.DataFrame({ x: ["a"] })),
    refused(/"x" is of type String, and the schema wants a number/),
  );
  await assert.rejects(
    check(z.object({ x: z.string() }), pl.DataFrame({ x: [1] })),
    refused(/"x" is of type Float64, and the schema wants text/),
  );
  await assert.rejects(check(z.object({ x: z.date() }), pl.DataFrame({ x: ["2020-01-01"] })), refused(/wants a date/));
  await check(z.object({ x: z.coerce.date() }), pl.DataFrame({ x: ["2020-01-01"] }));
});

Deno.test("checkFrame() names the first row that is null, not whole or not finite", async () => {
  await assert.rejects(
    check(z.object({ x: z.number() }), pl.DataFrame({ x: [1, null, null] })),
    refused(/"x" is null in row 2 of 3 \(index 1\)/),
  );
  await assert.rejects(
    check(z.object({ x: z.int() }), pl.DataFrame({ x: [1, 2, 2.5] })),
    refused(/"x" is 2.5 in row 3 of 3 \(index 2\), and the schema wants whole numbers/),
  );
  await assert.rejects(check(z.object({ x: z.number() }), pl.DataFrame({ x: [1, NaN] })), refused(/"x" is NaN in row 2 of 2 \(index 1\)/));
  await assert.rejects(
    check(z.object({ x: z.number().nullable() }), pl.DataFrame({ x: [null, Infinity] })),
    refused(/"x" is Infinity in row 2 of 2 \(index 1\)/),
  );
});

Deno.test("checkFrame() parses values where the schema has rules: enums, ranges, formats, whole rows", async () => {
  await assert.rejects(
    check(z.object({ k: z.enum(["a"]) }), pl.DataFrame({ k: ["a", "<b>"] })),
    refused(/"k" is "<b>" in row 2 of 2 \(index 1\)/),
  );
  await assert.rejects(
    check(z.object({ n: z.int().min(3).nullable() }), pl.DataFrame({ n: [4, null, 2] })),
    refused(/"n" is 2 in row 3 of 3 \(index 2\)/),
  );
  await assert.rejects(
    check(z.object({ m: z.email() }), pl.DataFrame({ m: ["a@b.cd", "nope"] })),
    refused(/"m" is "nope" in row 2 of 2 \(index 1\)/),
  );
  await assert.rejects(
    check(z.object({ l: z.array(z.number().max(1)) }), pl.DataFrame({ l: [[1], [2]] })),
    refused(/"l" is \[2\] in row 2 of 2 \(index 1\)/),
  );
  const rows = z.object({ a: z.int(), b: z.int() }).refine(({ a, b }) => a < b, { message: "a comes before b" });
  await check(rows, pl.DataFrame({ a: [1, 2], b: [2, 3] }));
  await assert.rejects(
    check(rows, pl.DataFrame({ a: [1, 3], b: [2, 3] })),
    refused(/Row 2 of 2 \(index 1\) does not fit: a comes before b/),
  );
});

Deno.test("checkFrame() looks into structs, and names the column and the first row that does not fit", async () => {
  const schema = z.object({ place: z.object({ zone: z.int(), name: z.string().nullable() }) });
  await check(schema, pl.DataFrame({ place: [{ zone: 1, name: "a" }, { zone: 2, name: null }] }));
  const wide = pl.DataFrame([pl.Series("zone", [1, 2]).cast(pl.Int64).alias("zone"), pl.Series("name", ["a", "b"])]).toStruct("place")
    .toFrame();
  await check(schema, wide);
  await assert.rejects(
    check(schema, pl.DataFrame({ place: [{ zone: 1, name: "a" }, { zone: 2.5, name: "b" }] })),
    refused(/column "place" is .*2\.5.* in row 2 of 2 \(index 1\): zone: /),
  );
  await assert.rejects(check(schema, pl.DataFrame({ place: ["x"] })), refused(/"place" is of type String, and the schema wants a struct/));
});

Deno.test("schemaId() is the id that the Python library gives to the same profile", () => {
  const field = (name: string, logical_type: string) => ({
    name,
    logical_type,
    nullable: true,
    stats: null,
    is_enum: false,
    enum_values: null,
  });
  const fields = [field("zone", "varchar"), field("n", "bigint"), field("mean", "double"), field("__index_level_0__", "UNKNOWN")];
  const id = schemaId({ profile_version: 1, source: "file", driver: "parquet", fields });
  assert.equal(id, "5e1869d038407163783a63e834b3b89b33bc7fc9c3f04c47e8e4eef2b99bf3da");
});

Deno.test("profileOf() changes its id with a name, a type, a null or a listed value, and with nothing else", () => {
  const id = (schema: z.ZodObject) => schemaId(profileOf(schema));
  const base = id(z.object({ a: z.int(), k: z.enum(["x", "ü"]) }));
  assert.equal(id(z.object({ a: z.int(), k: z.enum(["x", "ü"]) })), base);
  const others = [
    z.object({ b: z.int(), k: z.enum(["x", "ü"]) }),
    z.object({ a: z.number(), k: z.enum(["x", "ü"]) }),
    z.object({ a: z.int().nullable(), k: z.enum(["x", "ü"]) }),
    z.object({ a: z.int(), k: z.enum(["x"]) }),
  ];
  assert.equal(new Set([base, ...others.map(id)]).size, 5);
});

Deno.test("profileOfFile() reads the columns of a file under any name", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "it's [a].csv");
    await Deno.writeTextFile(path, 'id,"a ""b"" ü"\n1,x\n');
    const { fields } = await profileOfFile(path, "csv");
    assert.deepEqual(fields.map(({ name, logical_type }) => [name, logical_type]), [["id", "bigint"], ['a "b" ü', "varchar"]]);
    await assert.rejects(profileOfFile(join(folder, "gone.csv"), "csv"), { code: "input_missing" });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
