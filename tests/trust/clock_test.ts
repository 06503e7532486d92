/** m: the rows that look at files, under a clock that goes back a day from round to round, on a file system that keeps times in steps of two seconds. */
import { CASES } from "./cases/mod.ts";
import { testMatrix } from "./check.ts";

const DAY = 86_400_000;
const touchesFiles = CASES.filter(({ row }) => row === "f" || row === "i");

testMatrix("deno run", touchesFiles, {
  title: "deno run, clock going back, coarse times",
  disturbance: (round) => ({ TRUST_CLOCK_SHIFT_MS: String(-DAY * round), TRUST_STAT_STEP_MS: round % 2 === 0 ? "1000" : "2000" }),
});
