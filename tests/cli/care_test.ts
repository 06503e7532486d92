/** Commands that take care of the cache: what is asked, what is done, and what the next call of a step says. */
import assert from "node:assert/strict";
import { Tracker } from "../../src/tracker/mod.ts";
import { tempDir } from "../child.ts";
import { callIn, callWith } from "./call.ts";

type Double = (inputs: object, step: { config: { n: number } }) => number;
const V1: Double = (_, { config }) => config.n * 2;
const V2: Double = (_, { config }) => config.n + config.n;

/** A folder with a ledger of some runs. */
async function place() {
  const dir = await tempDir();
  const tracker = new Tracker({ dbPath: `${dir.path}/provenance.duckdb` });
  const step = (fn: Double, n: number) => tracker.run({ name: "double", fn, config: { n }, outputs: ["twice"] });
  for (const n of [1, 2, 3]) await step(V1, n);
  return { dir: dir.path, step, tracker, [Symbol.asyncDispose]: () => tracker.close().finally(() => dir[Symbol.asyncDispose]()) };
}

Deno.test("consist cache prune asks, does nothing where the user says no, and deletes with yes or --yes", async () => {
  await using here = await place();
  const rules = ["cache", "prune", "--step", "double", "--keep-latest", "2"];
  const refused = await callWith(here.dir, rules, { answer: false });
  assert.deepEqual([refused.code, refused.out], [1, ""]);
  assert.match(refused.err, /would delete the cached files of 1 run with 1 B of 3 B[^]*nothing was deleted/);
  assert.equal((await here.step(V1, 1)).cacheHit, true);
  const agreed = await callWith(here.dir, rules, { answer: true });
  assert.equal(agreed.code, 0);
  assert.match(agreed.out, /^deleted the cached files of 1 run with 1 B of 3 B\n/);
  assert.equal((await here.step(V1, 1)).miss?.code, "outputs_pruned");
  const { code, out } = await callIn(here.dir, ...rules, "--yes", "--json");
  assert.deepEqual([code, JSON.parse(out).runs.length], [0, 1]);
  assert.match((await callIn(here.dir, "cache", "status")).out, /2 runs, .* 2 runs pruned/);
});

Deno.test("consist accept takes the newest run that executed, lists it, and takes it back", async () => {
  await using here = await place();
  await here.step(V2, 1);
  const { code, out } = await callIn(here.dir, "accept", "double", "--because", "written as a sum");
  assert.equal(code, 0);
  const [, id] = /^(accept_[0-9a-f]{8}): the results of the code of double_\w+ stand for the code of double_\w+ \(step double\)\n/.exec(
    out,
  )!;
  assert.match(out, /\n {2}because: written as a sum\n/);
  assert.equal((await here.step(V2, 2)).cacheHit, true);
  assert.match((await callIn(here.dir, "accept", "--list")).out, new RegExp(`${id} .*written as a sum`));
  const runs = await callIn(here.dir, "runs", "--history", "--json");
  const hit = JSON.parse(runs.out).find((run: { cacheHit: boolean }) => run.cacheHit);
  assert.match((await callIn(here.dir, "show", hit.id)).out, /The code differs [^]*written as a sum/);
  assert.match((await callIn(here.dir, "explain", hit.id)).out, /The code differs [^]*written as a sum/);
  const revoked = await callIn(here.dir, "accept", "--revoke", id!, "--json");
  assert.equal(typeof JSON.parse(revoked.out).revoked.at, "string");
  assert.equal((await here.step(V2, 3)).cacheHit, false);
});
