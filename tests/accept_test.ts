/** Results of old code that stand for new code: when they are served, when they are not, and what is said of it. */
import assert from "node:assert/strict";
import { accept, acceptances, type Artifact, type ConsistError, lineage, revokeAccept, run, scenario, Tracker, wouldHit } from "consist";
import { assertHit, assertMiss } from "consist/testing";
import { findRun } from "consist";
import { runRecord } from "../src/query/answers/mod.ts";
import { pruneCache } from "../src/run/care/mod.ts";
import { servicesOf } from "../src/tracker/mod.ts";
import { inTracker } from "./in_tracker.ts";

type Double = (inputs: object, step: { config: { n: number } }) => number;
/** The same function in words of its own. */
const V1: Double = (_, { config }) => config.n * 2;
const V2: Double = (_, { config }) => config.n + config.n;
const V3: Double = (_, { config }) => 2 * config.n;
const OTHER: Double = (_, { config }) => config.n * 3;

const options = (fn: Double, n: number, name = "double") => ({ name, fn, config: { n }, outputs: ["twice"] }) as const;
const step = (fn: Double, n: number, name?: string) => run(options(fn, n, name));
const refused = (code: ConsistError["code"], words: RegExp) => (error: unknown): true => {
  assert.equal((error as ConsistError).code, code);
  assert.match((error as ConsistError).message, words);
  return true;
};

/** Steps of the old code, and one of the new that is accepted. */
async function accepted(reason = "written as a sum") {
  const old = [await step(V1, 1), await step(V1, 2), await step(V1, 3)];
  const seen = await step(V2, 1);
  return { old, seen, acceptance: await accept(seen, reason) };
}

Deno.test("an accepted difference serves the old results, and its card, its explanation and the ledger say who, when and why", (t) =>
  inTracker(async (tracker) => {
    const { old, acceptance } = await accepted();
    assert.equal((await wouldHit(options(V2, 2))).hit, true);
    const hit = await step(V2, 2);
    assertHit(hit);
    assert.equal(await hit.load(), 4);
    const why =
      /Config and inputs are the same\. The code differs \(function V2.*\), which \S+@\S+ accepted on \d{4}-.*: written as a sum\./;
    assert.match(hit.explain(), why);
    assert.match(Deno.inspect(hit), /Config and inputs are the same\. The code differs/);
    const record = await runRecord(servicesOf(tracker), hit.run);
    assert.match(record.explanation.text, why);
    assert.deepEqual(hit.run.meta.accepted, [acceptance.id]);
    assert.equal(hit.run.signature, old[1]!.run.signature, "nothing is recorded under the new code's signature");
    const again = await step(V2, 2);
    assertHit(again);
    assert.match(again.explain(), why, "a second hit rests on it as well");
    assert.match(Deno.inspect(await acceptances()), /written as a sum/);
    const card = Deno.inspect(hit).replaceAll(/double_\w{12}/g, "<run>").replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, "<time>")
      .replaceAll(/\S+@\S+/g, "<user>").replace(/ {2}[\d.]+ (?:ms|s)(?:, saved .*)?\n/, "  <time>\n").replaceAll(/[0-9a-f]{8}/g, "<hash>")
      .replaceAll(/ {2,}/g, "  ");
    await t.assertSnapshot(card, { serializer: (text) => text });
  }));

Deno.test("what has a run of its own is served from that, whatever was accepted", () =>
  inTracker(async () => {
    const { seen } = await accepted();
    const hit = await step(V2, 1);
    assertHit(hit);
    assert.equal(hit.run.meta.cache_source, seen.run.id);
    assert.equal(hit.run.meta.accepted, undefined);
  }));

Deno.test("config and inputs decide as before, a further change of code is a miss, and so is everything after a revocation", () =>
  inTracker(async () => {
    const { acceptance } = await accepted();
    assertMiss(await step(V2, 4));
    assertMiss(await step(V3, 2));
    assertHit(await step(V2, 2));
    const revoked = await revokeAccept(acceptance);
    assert.ok(revoked.revoked?.at instanceof Date);
    assertMiss(await step(V2, 2));
    assertHit(await step(V2, 2));
    assertMiss(await step(V2, 3));
    assert.equal((await acceptances("double"))[0]!.revoked?.by, acceptance.by);
    assert.equal((await acceptances("nothing")).length, 0);
    await assert.rejects(revokeAccept("accept_1"), refused("unknown_key", /There is no acceptance "accept_1"/));
  }));

Deno.test("the card of a hit whose acceptance was taken back says so", () =>
  inTracker(async (tracker) => {
    const { acceptance } = await accepted();
    const { run: { id } } = await step(V2, 2);
    await revokeAccept(acceptance.id);
    const record = await runRecord(servicesOf(tracker), await findRun({ id, history: true }));
    assert.match(record.explanation.text, /It was taken back by \S+@\S+ on \d{4}-/);
  }));

Deno.test("an accepted difference does not leak to other steps, and not to the other direction", () =>
  inTracker(async () => {
    await accepted();
    for (const n of [2, 3]) await step(V1, n, "other");
    assertMiss(await step(V2, 2, "other"));
    await step(V2, 7);
    assertMiss(await step(V1, 7));
  }));

Deno.test("a helper that was accepted within one step counts in every other step that uses it", () =>
  inTracker(async () => {
    const make = (helper: (n: number) => number) => ({
      one: (n: number) => run({ name: "one", fn: (_, { config }) => helper(config.n), config: { n }, outputs: ["x"] }),
      two: (n: number) => run({ name: "two", fn: (_, { config }) => helper(config.n) + 1, config: { n }, outputs: ["x"] }),
    });
    const [before, after] = [make((n) => n * 2), make((n) => n + n)];
    for (const n of [1, 2]) await before.one(n), await before.two(n);
    await accept(await after.one(1), "the same");
    assertHit(await after.one(2));
    assertMiss(await after.two(2), "code");
  }));

Deno.test("acceptances are followed from code to code, also in circles, and a step on the way that was taken back ends them", () =>
  inTracker(async () => {
    const { acceptance } = await accepted();
    const second = await accept(await step(V3, 1), "the other way round");
    const hit = await step(V3, 3);
    assertHit(hit);
    assert.equal(await hit.load(), 6);
    await step(V1, 9);
    await accept(await step(V1, 1).then(({ run }) => findRun({ id: String(run.meta.cache_source) })), "a circle"); // V1 stands for the newest other code
    assertMiss(await step(V3, 5));
    assertHit(await step(V3, 9));
    await revokeAccept(acceptance);
    await revokeAccept(second);
    assertMiss(await step(V3, 2));
  }));

Deno.test("a chain of two acceptances names both", () =>
  inTracker(async () => {
    await step(V1, 1);
    await step(V1, 2);
    const first = await accept(await step(V2, 1), "first");
    // V3 is only compared with V2: V1's run of this config is younger than none.
    await step(V2, 8);
    const second = await accept(await step(V3, 8), "second");
    const hit = await step(V3, 2);
    assertHit(hit);
    assert.deepEqual(hit.run.meta.accepted, [second.id, first.id]);
    assert.match(hit.explain(), /: second\. The code differs .*: first\./);
  }));

Deno.test("outputs that differ are not accepted, unless they are to stand all the same, and then every card says so", () =>
  inTracker(async () => {
    for (const n of [0, 1, 2]) await step(V1, n);
    const same = await step(OTHER, 0); // 0 is 0 either way
    const different = await step(OTHER, 1);
    await assert.rejects(
      accept(different, "harmless"),
      refused("accept_refused", /output "twice" of double_\w+ and double_\w+, .*: 2 → 3/),
    );
    await assert.rejects(accept(same, "harmless"), refused("accept_refused", /2 → 3/), "another pair of the same codes is known to differ");
    assertMiss(await step(OTHER, 2));
    await step(V1, 5);
    await accept(different, "the difference is wanted", { force: true });
    const hit = await step(OTHER, 5);
    assertHit(hit);
    assert.match(hit.explain(), /the difference is wanted\. Outputs are known to differ: output "twice"/);
  }));

Deno.test("what cannot be compared or followed is refused, and so is a missing reason", () =>
  inTracker(async () => {
    const first = await step(V1, 1);
    await assert.rejects(accept(first, "x"), refused("accept_refused", /No run of another code of this step is on record/));
    await assert.rejects(accept(await step(V2, 2), "x"), refused("accept_refused", /has the same config, inputs and outputs/));
    await assert.rejects(accept(await step(V2, 2), "x"), refused("accept_refused", /It was a hit/));
    await assert.rejects(accept(first, " "), refused("option_invalid", /without a reason/));
    await assert.rejects(accept("nobody", "x"), refused("run_not_found", /nobody/));
    const proxy = new Proxy({}, {});
    const opaque = await run({ name: "double", fn: () => Object.keys(proxy).length + 2, config: { n: 1 }, outputs: ["twice"] });
    await assert.rejects(accept(opaque, "x"), refused("accept_refused", /cannot be established/));
    const allowed = await run({
      name: "double",
      fn: () => Object.keys(proxy).length + 2,
      config: { n: 1 },
      outputs: ["twice"],
      cacheOptions: { untracked: "allow" },
    });
    await assert.rejects(accept(allowed, "x"), refused("accept_refused", /cannot be followed/));
    const failed: Double = () => {
      throw new Error("no");
    };
    const error = await step(failed, 1).catch((error: ConsistError) => error);
    await assert.rejects(accept((error as ConsistError).run!, "x"), refused("accept_refused", /did not complete/));
  }));

Deno.test("where the new code failed with this config, the old result is not served in its place", () =>
  inTracker(async (_tracker, dir) => {
    const flag = `${dir}/fail`;
    const fn = (_: object, { config, runtime }: { config: { n: number }; runtime: { flag: string } }) => {
      if (config.n === 2 && runtime.flag !== "") throw new Error("told to");
      return config.n * 2;
    };
    const other = (_: object, { config, runtime }: { config: { n: number }; runtime: { flag: string } }) => {
      if (config.n === 2 && runtime.flag !== "") throw new Error("told to");
      return config.n + config.n;
    };
    const call = (body: typeof fn, n: number, flag: string) =>
      run({ name: "maybe", fn: body, config: { n }, outputs: ["x"], executionOptions: { runtimeArgs: { flag } } });
    await call(fn, 1, "");
    await assert.rejects(call(other, 2, flag));
    await call(fn, 2, "");
    await accept(await call(other, 1, ""), "same");
    assertMiss(await call(other, 2, ""));
  }));

Deno.test("old results that were pruned, or whose files were changed, are not served by an acceptance", () =>
  inTracker(async (tracker) => {
    const { old } = await accepted();
    await Deno.writeTextFile(old[1]!.outputs.twice.path, "5");
    assertMiss(await step(V2, 2));
    await pruneCache(servicesOf(tracker), { step: "double" }, { graceMs: 1 });
    assertMiss(await step(V2, 3));
  }));

Deno.test("two ways of following code are two codes", () =>
  inTracker(async () => {
    await accepted();
    assertMiss(await run({ ...options(V2, 2), cacheOptions: { codeIdentity: "source" } }));
  }));

Deno.test("an acceptance holds in a new process's tracker, and in one that only reads", () =>
  inTracker(async (tracker) => {
    await accepted();
    await tracker.close();
    await using reader = new Tracker({ dbPath: tracker.dbPath, accessMode: "read_only" });
    assert.equal((await reader.wouldHit(options(V2, 3))).hit, true);
    await assert.rejects(reader.accept("x", "y"), refused("access_refused", /accept a difference/));
  }));

Deno.test("a step that reads an accepted result says so, and so does what reads that one's: live, on record, in lineage, and after a rebuild", () =>
  inTracker(async (tracker, dir) => {
    const next = (twice: Artifact | string, name: string) =>
      run({ name, fn: ({ x }: { x: number }) => x + 1, inputs: { x: twice as Artifact<string, number> }, outputs: ["more"] });
    const { old, acceptance } = await accepted();
    const before = await next(old[2]!.outputs.twice, "before");
    assert.equal(before.run.meta.rests_on, undefined);
    const says = new RegExp(`an input rests on results of other code of step double, .*written as a sum \\(${acceptance.id}`);
    const hit = await step(V2, 2);
    const one = await next(hit.outputs.twice, "one");
    const two = await next(one.outputs.more, "two");
    const again = await next(hit.outputs.twice, "one");
    assertHit(again);
    for (const result of [one, two, again]) {
      assert.deepEqual(result.run.meta.rests_on, [acceptance.id]);
      assert.match(result.explain(), says);
      assert.match(Deno.inspect(result), says);
    }
    const three = await next((await tracker.getArtifact(two.outputs.more.id))!, "three"); // another process holds none of these objects
    const explained = async (id: string) => (await runRecord(servicesOf(tracker), await findRun({ id, history: true }))).explanation.text;
    for (const { run } of [one, two, again, three]) assert.match(await explained(run.id), says);
    assert.doesNotMatch(await explained(before.run.id), /rests on/);
    assert.match(Deno.inspect(await lineage(three.outputs.more)), new RegExp(`rests on ${acceptance.id}`));
    await revokeAccept(acceptance);
    assert.match(await explained(three.run.id), /taken back by/);
    await tracker.close();
    for (const name of ["provenance.duckdb", "provenance.duckdb.wal"]) await Deno.remove(`${dir}/${name}`).catch(() => {});
    await tracker.rebuild();
    assert.match(
      Deno.inspect(await lineage(three.outputs.more.id)),
      /run three[^]*run two[^]*run one[^]*run double/,
      "snapshots know what was read",
    );
    assert.match(await explained(three.run.id), /taken back by/);
  }));

Deno.test("within a scenario the way back leads over the run that was served by an acceptance", () =>
  inTracker(async () => {
    await accepted();
    await scenario("study", async (sc) => {
      await sc.run(options(V2, 2));
      const { outputs } = await sc.run({
        name: "next",
        fn: ({ twice }: { twice: number }) => twice + 1,
        inputs: ["twice"],
        outputs: ["more"],
      });
      assert.match(Deno.inspect(await lineage(outputs.more)), /other code, accept_/);
    });
  }));
