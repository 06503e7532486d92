/**
 * `deno task soak:mixed [seconds]`: two processes of this library and two of the Python library run steps on one ledger, with hits and misses,
 * some computing for seconds without a pause. Afterwards nothing may be lost. Needs `python3` with `venv`, and PyPI the first time.
 */
import { soakMixed } from "../tests/python/mixed_soak.ts";

const seconds = Number(Deno.args[0] ?? 300);
if (!(seconds > 0)) {
  console.error(`The number of seconds was wanted, and ${Deno.args[0]} was given.`);
  Deno.exit(2);
}
const { done, lost, servedAcross, complaints, ...figures } = await soakMixed(seconds);
console.table(done);
console.table({ seconds, ...figures, lost: lost.length, servedAcross: servedAcross.length });
for (const text of [...lost, ...servedAcross, ...new Set(complaints)]) console.log(text);
if (lost.length + servedAcross.length + complaints.length + figures.notIndexed + figures.unrecorded > 0) Deno.exit(1);
