/** Frames for the drivers' tests. */
import fc from "fast-check";
import pl from "polars";
import type { DataFrame } from "../../types.ts";

/** A column of each type that polars makes, with nulls. */
export function typedColumns(): { [type: string]: () => pl.Series } {
  const whole = () => pl.Series("c", [1, null, 3]).cast(pl.Int64);
  const time = () => pl.Series("c", [new Date(0), null, new Date(1e12 + 1)]);
  const numbers = [pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64, pl.Float32, pl.Float64];
  return {
    ...Object.fromEntries(numbers.map((type) => [String(type), () => whole().cast(type)])),
    "bool": () => pl.Series("c", [true, null, false]),
    "text": () => pl.Series("c", ["", null, "é😀\n\"', \t", "null", " x "]),
    "date": () => time().cast(pl.Date),
    "datetime in ms": time,
    "datetime in us": () => time().cast(pl.Datetime("us")),
    "datetime in ns": () => time().cast(pl.Datetime("ns")),
    "datetime with a zone": () => time().cast(pl.Datetime("ms", "Europe/Zurich")),
    "time": () => whole().cast(pl.Time),
    "list": () => pl.Series("c", [[1, 2], null, []]),
    "struct": () => pl.DataFrame({ a: [1, null], b: ["x", "y"] }).toStruct("c"),
    "category": () => pl.Series("c", ["a", null, "b"]).cast(pl.Categorical),
    "not a number": () => pl.Series("c", [NaN, Infinity, -Infinity, -0, null]),
    "nothing but nulls": () => pl.Series("c", [null, null]),
  };
}

/** A frame of each of these columns. */
export function framesOf(types: readonly string[]): { [label: string]: () => DataFrame } {
  const columns = typedColumns();
  return Object.fromEntries(types.map((type) => [`a column of ${type}`, () => pl.DataFrame([columns[type]!()])]));
}

/** Values that are no frames. */
export const NO_FRAMES: { readonly [label: string]: () => unknown } = {
  "a number": () => 5,
  "nothing": () => undefined,
  "records": () => [{ a: 1 }],
  "something that claims to be a frame": () => ({ columns: ["a"], height: 1 }),
};

/** Frames of numbers, text and truth values with nulls; text begins with a letter, so that formats without types keep it. */
export function anyFrame(): fc.Arbitrary<DataFrame> {
  const text = fc.string({ unit: "grapheme" }).filter((each) => !/[\0\r]/.test(each)).map((each) => `t${each}`);
  return fc.integer({ min: 1, max: 8 }).chain((rows) => {
    const column = <T>(cell: fc.Arbitrary<T>) => fc.array(fc.option(cell), { minLength: rows, maxLength: rows });
    // the first cell decides the type where a format has none
    const filled = <T>(cell: fc.Arbitrary<T>, first: T) => column(cell).map((cells) => [first, ...cells]);
    return fc.record({
      number: filled(fc.double({ noNaN: true, noDefaultInfinity: true }), 0.5),
      whole: filled(fc.maxSafeInteger(), 1),
      text: filled(text, "t"),
      'sp ace,"é': filled(fc.boolean(), true),
    }).map((columns) => pl.DataFrame(columns).withColumn(pl.col("whole").cast(pl.Int64)));
  });
}
