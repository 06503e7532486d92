import assert from "node:assert/strict";
import fc from "fast-check";
import pl from "polars";
import { driverNamed } from "./driver.ts";
import { hashValue } from "./hash_value.ts";
import { tempFolder } from "./temp_folder.ts";

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  withBoxedValues: true,
  withUnicodeString: true,
} as never);

Deno.test("hashValue() of a structured clone is the same", () => {
  fc.assert(fc.property(anything, (value) => assert.equal(hashValue(structuredClone(value)), hashValue(value))), { numRuns: 500 });
});

Deno.test("hashValue() is the same exactly for values that are deeply the same", () => {
  // few letters and numbers, so that equal pairs are not rare
  const leaf = fc.oneof(fc.constantFrom<unknown>(0, -0, 1, "1", "", "a", null, undefined, true, 1n, NaN), fc.constantFrom("b", "ab"));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      leaf,
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b"), tie("tree"), { maxKeys: 2 }),
    ),
  }));
  fc.assert(
    fc.property(tree, tree, (one, other) => {
      assert.equal(hashValue(one) === hashValue(other), text(one) === text(other));
    }),
    { numRuns: 2000 },
  );
});

/** A spelling of a tree that keeps all that counts. */
function text(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(text).join()}]`;
  if (typeof value === "object" && value !== null) return `{${Object.entries(value).map(([key, each]) => `${key}:${text(each)}`).join()}}`;
  return `${typeof value}(${Object.is(value, -0) ? "-0" : String(value)})`;
}

Deno.test("hashValue() tells apart what is easily confused", () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  const other: unknown[] = [[]];
  (other[0] as unknown[]).push(other);
  const shared = { a: 1 };
  const values: [string, unknown][] = [
    ["undefined", undefined],
    ["null", null],
    ["0", 0],
    ["-0", -0],
    ["NaN", NaN],
    ["0n", 0n],
    ["'0'", "0"],
    ["false", false],
    ["''", ""],
    ["[]", []],
    ["{}", {}],
    ["[hole]", [,]],
    ["[undefined]", [undefined]],
    ["[[],[]]", [[], []]],
    ["[[[]]]", [[[]]]],
    ["['a','b']", ["a", "b"]],
    ["['ab','']", ["ab", ""]],
    ["{a,b}", { a: 1, b: 2 }],
    ["{b,a}", { b: 2, a: 1 }],
    ["{a:undefined}", { a: undefined }],
    ["array with a name", Object.assign([], { a: 1 })],
    ["map", new Map()],
    ["set", new Set()],
    ["map ab", new Map([["a", 1], ["b", 2]])],
    ["map ba", new Map([["b", 2], ["a", 1]])],
    ["set 12", new Set([1, 2])],
    ["set 21", new Set([2, 1])],
    ["date 0", new Date(0)],
    ["date NaN", new Date(NaN)],
    ["regexp", /a/],
    ["regexp g", /a/g],
    ["regexp y", /a/y],
    ["u8", new Uint8Array(8)],
    ["i8", new Int8Array(8)],
    ["f64", new Float64Array(1)],
    ["view", new DataView(new ArrayBuffer(8))],
    ["buffer", new ArrayBuffer(8)],
    ["half", "\ud800"],
    ["other half", "\ud801"],
    ["replacement", "\ufffd"],
    ["url", new URL("http://a")],
    ["url text", "http://a/"],
    ["error", new Error("a")],
    ["type error", new TypeError("a")],
    ["error with cause", new Error("a", { cause: undefined })],
    ["half error", new Error("\ud800")],
    ["replaced error", new Error("\ufffd")],
    ["boxed", Object(1)],
    ["boxed text", Object("1")],
    ["cycle", cycle],
    ["longer cycle", other],
    ["twins", [{ a: 1 }, { a: 1 }]],
    ["shared", [shared, shared]],
    ["long text", "x".repeat(70_000)],
    ["longer text", "x".repeat(70_001)],
    ["long half", "x".repeat(70_000) + "\ud800"],
    ["other long half", "x".repeat(70_000) + "\ud801"],
    ["1e21", 1e21],
    ["1e21n", 10n ** 21n],
    ["named date", Object.assign(new Date(0), { a: 1 })],
  ];
  const seen = new Map<string, string>();
  for (const [label, value] of values) {
    const hash = hashValue(value);
    assert.match(hash, /^[0-9a-f]{64}$/);
    assert.equal(seen.get(hash), undefined, `${label} has the hash of ${seen.get(hash)}`);
    seen.set(hash, label);
  }
});

Deno.test("hashValue() of typed arrays counts their own bytes only", () => {
  const whole = new Float64Array([1, 2, 3]);
  assert.equal(hashValue(whole.subarray(1)), hashValue(new Float64Array([2, 3])));
  assert.notEqual(hashValue(new Float64Array([2, 3])), hashValue(new Float64Array([2, -3])));
});

Deno.test("hashValue() of frames counts columns, types, cells and order, and not how they were put together", () => {
  const frame = () => pl.DataFrame({ a: [1, 2, null], b: ["x", null, "é"] });
  assert.equal(hashValue(frame()), hashValue(frame().clone()));
  assert.equal(hashValue(pl.concat([frame().head(1), frame().tail(2)])), hashValue(frame()));
  assert.equal(hashValue({ f: frame() }), hashValue({ f: frame() }));
  const changed = [
    frame().rename({ a: "c" }),
    frame().select("b", "a"),
    frame().head(2),
    frame().fillNull("zero"),
    frame().withColumn(pl.col("a").cast(pl.Float32)),
    frame().reverse(),
  ];
  const hashes = [frame(), ...changed, frame().getColumn("a"), frame().getColumn("b"), frame().select("a")].map((each) => hashValue(each));
  assert.equal(new Set(hashes).size, hashes.length);
});

Deno.test("hashValue() and the bytes of written frames do not tell how a frame came to its rows", async () => {
  await using folder = await tempFolder();
  const rows = fc.array(fc.tuple(fc.option(fc.double()), fc.option(fc.string()), fc.option(fc.boolean())), { minLength: 2, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(rows, fc.nat(39), async (cells, at) => {
      const column = (index: 0 | 1 | 2, type: pl.DataType) => pl.Series("abc"[index]!, cells.map((row) => row[index]) as never[], type);
      const whole = pl.DataFrame([column(0, pl.Float64), column(1, pl.Utf8), column(2, pl.Bool)]);
      const parts = pl.concat([whole.head(at), whole.slice(Math.min(at, whole.height), whole.height)]);
      const padded = pl.concat([pl.DataFrame({ a: [7], b: ["other"], c: [true] }), whole]).slice(1, whole.height);
      assert.deepEqual([parts, padded].map((frame) => hashValue(frame)), [whole, whole].map((frame) => hashValue(frame)));
      const written = await Promise.all(
        [whole, parts, padded].map((frame, index) => driverNamed("parquet").write(frame, `${folder.path}/${index}`)),
      );
      assert.equal(new Set(written.map(({ hash }) => hash)).size, 1);
    }),
    { numRuns: 60 },
  );
});

Deno.test("hashValue() lets a handle say what it stands for", () => {
  const handle = (text: string) =>
    new (class {
      #text = text;
      [Symbol.for("consist.identity")]() {
        return this.#text;
      }
    })();
  assert.equal(hashValue([handle("a")]), hashValue([handle("a")]));
  assert.notEqual(hashValue([handle("a")]), hashValue([handle("b")]));
  assert.notEqual(hashValue(handle("a")), hashValue("a"));
});

for (
  const [problem, make] of Object.entries<() => unknown>({
    "value.fn is a function": () => ({ fn: () => 1 }),
    "value[0] is a symbol": () => [Symbol("x")],
    'value.get("k") is a Promise': () => new Map([["k", Promise.resolve()]]),
    "value is a Proxy": () => new Proxy({}, {}),
    "value.a.b is an instance of class Model, whose private state cannot be read": () => ({ a: { b: new (class Model {})() } }),
    "value is an instance of class Table, whose private state cannot be read": () => new (class Table extends Map {})(),
    "value is an instance of class WeakMap, whose private state cannot be read": () => new WeakMap(),
    "value is a LazyFrame, whose rows are not known before it is collected": () => pl.DataFrame({ a: [1] }).lazy(),
    "value[Symbol(x)] has a symbol for a name": () => ({ [Symbol("x")]: 1 }),
    "value.cause is a function": () => new Error("x", { cause: () => 1 }),
    "value is nested too deeply": () => Array.from({ length: 50_000 }).reduce((nest) => [nest], 1),
  })
) {
  Deno.test(`hashValue() refuses where ${problem}`, () => {
    assert.throws(() => hashValue(make()), {
      name: "InputError",
      code: "input_unreadable",
      problem: `Cannot tell the content of the value: ${problem}.`,
    });
  });
}

Deno.test("hashValue() is the same in every process", () => {
  assert.equal(
    hashValue({ a: [1, -0.5, "é", null, 5n], when: new Date(0) }),
    "39240ceb39630101f39063e28188d44f44d612f76f3bd900480027c87695de10",
  );
});
