/**
 * m: the clock moved backwards, another time zone, a file system that keeps times in whole seconds. Every round of the matrix in programs has
 * another time zone; `clock_test.ts` runs other rows under a clock that goes back.
 */
import { hits, misses, PROGRAMS, type TrustCase } from "../case.ts";

const MOMENT = "2024-03-31T01:30:00.000Z";
/** The rounds of programs are in UTC and in Auckland, in turn. */
const local = (name: string, declare: string, body: string, results: readonly [unknown, unknown]): TrustCase => ({
  row: "m",
  name,
  where: PROGRAMS,
  stages: [
    { declare, body, expect: "miss", result: results[0] },
    { expect: "miss", result: results[1], says: /time zone/ },
    { expect: "hit", result: results[0] },
    { expect: "hit", result: results[1] },
  ],
});

/** Row m. */
export const TIME: readonly TrustCase[] = [
  hits(
    "m",
    "a Date in the config, in another time zone",
    {
      body: "return step.config.day.toISOString();",
      options: `{ config: { day: new Date("${MOMENT}") } }`,
    },
    {},
    MOMENT,
  ),
  hits(
    "m",
    "a captured Date, in another time zone",
    { declare: `const day = new Date("${MOMENT}");`, body: "return day.toISOString();" },
    {},
    MOMENT,
  ),
  hits(
    "m",
    "a table with times, in another time zone",
    {
      declare: 'import pl from "polars";',
      body: 'return inputs.raw.getColumn("t").toArray().map(String);',
      options: '{ inputs: { raw: "raw.csv" } }',
      files: { "raw.csv": "t\n2024-03-31T01:30:00\n" },
    },
    {},
    ["2024-03-31T01:30:00"],
  ),
  local(
    "a step in local time, in another time zone",
    `const day = new Date("${MOMENT}");`,
    "return day.getHours();",
    [1, 14],
  ),
  local(
    "a helper that makes local dates, in another time zone",
    "const start = () => new Date(2024, 2, 31).toISOString();",
    "return start();",
    [
      "2024-03-31T00:00:00.000Z",
      "2024-03-30T11:00:00.000Z",
    ],
  ),
  misses("m", "a captured Date that is another moment of the same second", {
    declare: `const day = new Date("${MOMENT}");`,
    body: "return day.getTime();",
  }, {
    declare: 'const day = new Date("2024-03-31T01:30:00.001Z");',
  }, [1711848600000, 1711848600001]),
];
