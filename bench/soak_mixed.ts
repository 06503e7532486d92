/**
 * Processes of this library and of the Python library run steps on one ledger, with hits and misses, some computing for seconds without a
 * pause. Afterwards nothing may be lost. Needs `python3` with `venv`, and PyPI the first time.
 *
 *     deno task soak:mixed [seconds] [--deno 2] [--python 2] [--pause 0.4] [--among 60]
 */
import { parseArgs } from "node:util";
import { soakMixed } from "../tests/python/mixed_soak.ts";

const { values, positionals } = parseArgs({
  args: Deno.args,
  options: {
    deno: { type: "string", default: "2" },
    python: { type: "string", default: "2" },
    pause: { type: "string", default: "0.4" },
    among: { type: "string", default: "60" },
  },
  allowPositionals: true,
});
const seconds = Number(positionals[0] ?? 300);
const [deno, python, pause, among] = [Number(values.deno), Number(values.python), Number(values.pause), Number(values.among)];
if (!(seconds > 0) || !(deno + python > 0) || !(pause >= 0) || !(among > 0)) {
  console.error(`Numbers were wanted, and ${Deno.args.join(" ")} was given.`);
  Deno.exit(2);
}
const { done, lost, servedAcross, complaints, starved, ...figures } = await soakMixed(seconds, { deno, python, pause, among });
console.table(done);
console.table({ seconds, ...figures, lost: lost.length, servedAcross: servedAcross.length, starved: starved.length });
for (const text of [...lost, ...servedAcross, ...new Set(complaints)]) console.log(text);
if (starved.length > 0) console.log(`nothing executed: ${starved.join(", ")}`);
const found = [lost, servedAcross, complaints, starved].reduce((sum, { length }) => sum + length, 0);
if (found + figures.notIndexed + figures.unrecorded > 0) Deno.exit(1);
