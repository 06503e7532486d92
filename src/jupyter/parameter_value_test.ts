import assert from "node:assert/strict";
import { parameterValue } from "./parameter_value.ts";

const VALUES: readonly (readonly [word: string, value: unknown])[] = [
  ["2030", 2030],
  ["-1.5e3", -1500],
  [".5", 0.5],
  ["+7", 7],
  ["0x1F", 31],
  ["0o17", 15],
  ["-.inf", -Infinity],
  [".inf", Infinity],
  [".NaN", NaN],
  ["true", true],
  ["False", false],
  ["~", null],
  ["", null],
  ["null", null],
  ["yes", "yes"],
  ["low emission", "low emission"],
  ["2030-01-01", "2030-01-01"],
  ["1.2.3", "1.2.3"],
  ["nan", "nan"],
  ['"2030"', "2030"],
  ["'it''s'", "it's"],
  ["[1, 2]", [1, 2]],
  ['{"a": [true]}', { a: [true] }],
  ["a=b", "a=b"],
  ["ü\n", "ü\n"],
];
for (const [word, value] of VALUES) {
  Deno.test(`parameterValue() reads ${JSON.stringify(word)}`, () => assert.deepEqual(parameterValue(word), value));
}

Deno.test("parameterValue() refuses what would be another value than is meant", () => {
  assert.throws(() => parameterValue("[a, b]"), /begins like JSON and is none.*put in quotes/);
  assert.throws(() => parameterValue("{"), /begins like JSON/);
  assert.throws(() => parameterValue("12345678901234567890"), /more digits than a number/);
});
