import assert from "node:assert/strict";
import { OptionError } from "../../errors.ts";
import { parseType, typeText } from "../duck_type.ts";
import { zodModule } from "../tables/mod.ts";

const typed = (type: string) => /^ {2}c: (.*),(?: \/\/.*)?$/m.exec(zodModule("T", [{ name: "c", type, nullable: false }], "x"))?.[1];

Deno.test("parseType() and typeText() are each other's inverse for every shape that DuckDB writes", () => {
  const types = [
    "bigint",
    "timestamp with time zone",
    "decimal(18,3)",
    "double[]",
    'struct("a b" bigint, "B""x" varchar[], "c" decimal(18,3))[]',
    'map(varchar, struct("A" integer))',
    "enum('a', 'it''s, x', '')",
    'union("n" integer, "s" varchar)',
  ];
  for (const type of types) assert.equal(typeText(parseType(type)), type);
  assert.equal(typeText(parseType("STRUCT(Ab BIGINT, c VARCHAR)")), 'struct("Ab" bigint, "c" varchar)');
  assert.equal(typeText(parseType("BIGINT[3][]")), "bigint[][]");
  for (const odd of ["", "STRUCT(", "ENUM('a", "MAP(", "what(ever", "STRUCT(a BIGINT", "'", "😀"]) {
    assert.equal(typeof typeText(parseType(odd)), "string");
  }
});

Deno.test("zodModule() writes each type as the library loads it", () => {
  const wanted: readonly (readonly [string, string])[] = [
    ["BIGINT", "z.int()"],
    ["uinteger", "z.int()"],
    ["HUGEINT", "z.bigint()"],
    ["decimal(10,2)", "z.number()"],
    ["FLOAT", "z.number()"],
    ["varchar", "z.string()"],
    ["uuid", "z.string()"],
    ["time", "z.string()"],
    ["timestamp_ns", "z.date()"],
    ["TIMESTAMP WITH TIME ZONE", "z.date()"],
    ["date", "z.date()"],
    ["boolean", "z.boolean()"],
    ["json", "z.unknown()"],
    ["blob", "z.unknown()"],
    ["unknown", "z.unknown()"],
    ["double[]", "z.array(z.number().nullable())"],
    ['struct("a b" bigint, c json)', 'z.object({ "a b": z.int().nullable(), c: z.unknown() })'],
    ["map(varchar, bigint)", "z.map(z.string(), z.int().nullable())"],
    ["enum('a', 'b''')", `z.enum(["a", "b'"])`],
  ];
  for (const [type, zod] of wanted) assert.equal(typed(type), zod, type);
});

Deno.test("zodModule() is the same each time", async (t) => {
  await t.assertSnapshot(zodModule("Person", [
    { name: "id", type: "bigint", nullable: false, primaryKey: true },
    { name: "household", type: "bigint", nullable: true, references: { table: "Household", column: "id" } },
    { name: "kind", type: "varchar", nullable: false, values: ["a", "b"] },
    { name: "level", type: "bigint", nullable: true, values: [1, 2, null] },
    { name: "price", type: "decimal(18,3)", nullable: false },
    { name: "born", type: "date", nullable: false },
    { name: "consist_year", type: "bigint", nullable: true },
  ], 'The columns of "people"\nmade by */ the run r.'));
});

Deno.test("zodModule() refuses names that no constant can have", () => {
  for (const name of ["", "1a", "a-b", "class", "await", "z", "string", "a\nb", undefined, 3]) {
    assert.throws(() => zodModule(name as string, [], "x"), OptionError);
  }
  assert.match(zodModule("Größe$1", [], "x"), /export const Größe\$1 = z\.object/);
});
