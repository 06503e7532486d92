/** `verifyRun`: a recorded step executed again beside the original, and `assertReproducible`. */
import assert from "node:assert/strict";
import pl from "polars";
import { file, findRuns, input, run, type RunResult, scenario, Tracker, useTracker, value, verifyRun } from "consist";
import { assertHit, assertMiss, assertReproducible } from "consist/testing";
import { test } from "./in_tracker.ts";

const textOf = (shown: object): string => Deno.inspect(shown);
const isThere = (path: string) => Deno.stat(path).then(() => true, () => false);
/** Folders of executions of a step. */
async function foldersOf(tracker: Tracker, step: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(`${tracker.runDir}/outputs/${step}`))).map(({ name }) => name).sort();
}

test("verifyRun() finds a deterministic step equal, and leaves no second run behind", async ({ tracker }) => {
  let executed = 0;
  const counter = { add: () => void executed++ };
  const step = () => run({ name: "table", fn: () => pl.DataFrame({ x: [1, 2] }), outputs: ["t"] });
  const made = await step();
  const before = await tracker.findRuns({ history: true });
  const { verdict, original, repeated, differences, reason } = await verifyRun(made);
  assert.deepEqual([verdict, original.id, differences, reason], ["equal", made.run.id, [], undefined]);
  assert.notEqual(repeated?.id, made.run.id);
  assert.equal(repeated?.model, "table");
  assert.deepEqual((await tracker.findRuns({ history: true })).map(({ id }) => id), before.map(({ id }) => id));
  assert.equal(await tracker.getRun(repeated!.id), undefined);
  assert.deepEqual(await foldersOf(tracker, "table"), [made.run.id]);
  const hit = await step();
  assertHit(hit);
  assert.equal(hit.outputs.t.runId, made.run.id);
  assert.match(textOf(hit), /verified: equal on \d{4}-\d\d-\d\d/);
  counter.add();
});

test("verifyRun() names row and column of the first difference, likely causes, and keeps the verdict", async ({ tracker }) => {
  const step = (n = 1) =>
    run({
      name: "draws",
      fn: (_, { config }) => pl.DataFrame({ id: [1, 2, 3], x: [config.n, Math.random(), 2] }),
      config: { n },
      outputs: ["t"],
    });
  const made = await step();
  const verified = await verifyRun(made.run.id);
  assert.equal(verified.verdict, "different");
  assert.equal(verified.differences.length, 1);
  assert.equal(verified.differences[0]!.key, "t");
  assert.match(verified.differences[0]!.first, /^row 2 \(index 1\), column "x": 0\.\d+ → 0\.\d+$/);
  assert.match(verified.reason ?? "", /Math\.random \(randomness\)/);
  assert.match(textOf(verified), /^different: Step "draws" executed again/);
  assert.match(textOf(verified), /output t, row 2 \(index 1\), column "x"/);
  // the files of an execution that differs stay, and are never served
  const paths = verified.repeated?.meta.outputs as { t: string };
  assert.ok(await isThere(paths.t));
  const hit = await step();
  assertHit(hit);
  assert.equal(hit.outputs.t.path, made.outputs.t.path);
  // its hits say so, later runs of the step too, and the run in the ledger
  assert.match(hit.explain(), /verified: different on \d{4}-\d\d-\d\d \(output "t", row 2 \(index 1\), column "x"/);
  const later = await step(2);
  assertMiss(later);
  assert.match(later.explain(), new RegExp(`run ${made.run.id} of this step verified: different on `));
  const kept = (await tracker.getRun(made.run.id))?.meta.verified as { verdict: string; differences: unknown };
  assert.deepEqual([kept.verdict, kept.differences], ["different", verified.differences]);
  // also for another process
  await tracker.close();
  await using other = new Tracker({ dbPath: tracker.dbPath, runDir: tracker.runDir });
  assert.match((await useTracker(other, () => step())).explain(), /verified: different/);
});

test("verifyRun() of a hit compares with the run that executed", async () => {
  const step = () => run({ name: "steady", fn: () => ({ a: 1 }), outputs: ["n"] });
  const made = await step();
  const hit = await step();
  assertHit(hit);
  const verified = await verifyRun(hit);
  assert.deepEqual([verified.verdict, verified.original.id], ["equal", made.run.id]);
});

test("verifyRun() names differences of values, texts, bytes and of outputs that are not made", async () => {
  let n = 0;
  const state = { next: () => ++n };
  const first = async (fn: () => unknown, options: object = {}) => {
    const made = await run({ name: "state", fn, outputs: ["x"], executionOptions: {}, ...options } as never) as RunResult;
    return (await verifyRun(made)).differences.map(({ key, first }) => `${key}: ${first}`);
  };
  assert.deepEqual(await first(() => ({ list: [0, { at: state.next() }] })), ["x: $.list[1].at: 1 → 2"]);
  assert.deepEqual(await first(() => `same\nline ${state.next()}`), ['x: line 2: "line 3" → "line 4"']);
  assert.deepEqual(await first(() => Uint8Array.of(0, state.next())), ["x: byte 1: 0x05 → 0x06"]);
  const sometimes = async (
    _: unknown,
    step: { logOutput(path: string, options: object): Promise<unknown>; outputPath(key: string, ext: string): string },
  ) => {
    await Deno.writeTextFile(step.outputPath("a", ".txt"), "a");
    await step.logOutput(step.outputPath("a", ".txt"), { key: state.next() % 2 === 1 ? "a" : "b" });
  };
  const made = await run({ name: "sometimes", fn: sometimes as never, outputs: [] }) as RunResult;
  const { differences } = await verifyRun(made);
  assert.deepEqual(differences, [
    { key: "a", first: "the output: made → not made" },
    { key: "b", first: "the output: not made → made" },
  ]);
});

test("verifyRun() says that a step changes what it also reads", async () => {
  let n = 0;
  const made = await run({ name: "counts", fn: () => ++n, outputs: ["n"] });
  const verified = await verifyRun(made);
  assert.equal(verified.verdict, "different");
  assert.match(verified.reason ?? "", /n \(changed by the step itself\)/);
});

test("verifyRun() does not compare where inputs, implicit inputs, config or code changed since", async ({ dir }) => {
  const [raw, k] = [`${dir}/raw.txt`, `${dir}/k.txt`];
  await Deno.writeTextFile(raw, "1");
  await Deno.writeTextFile(k, "1");
  const step = (more: object = {}) => ({
    name: "reads",
    fn: async ({ raw }: { raw: string }) => `${raw}${await input(k)}`,
    inputs: { raw },
    config: { a: 1 },
    outputs: ["text"] as const,
    ...more,
  });
  const made = await run(step());
  const reason = async (options?: object) => {
    const verified = await verifyRun(made, options as never);
    assert.equal(verified.verdict, "not_repeatable");
    assert.equal(verified.repeated, undefined);
    return verified.reason ?? "";
  };
  assert.equal((await verifyRun(made)).verdict, "equal");
  assert.match(await reason(step({ config: { a: 2 } })), /not what it was: "config\.a"/);
  assert.match(await reason(step({ fn: ({ raw }: { raw: string }) => raw })), /not what it was: .*function/);
  await Deno.writeTextFile(k, "2");
  assert.match(await reason(), /not what it was: .*k\.txt/);
  await Deno.writeTextFile(k, "1");
  await Deno.writeTextFile(raw, "2");
  assert.match(await reason(), /not what it was: .*raw/);
  assert.match(await reason(step()), /not what it was: .*raw/);
});

test("verifyRun() of a step that this process has not run wants its options", async ({ tracker }) => {
  const step = { name: "elsewhere", fn: () => 1, outputs: ["n"] } as const;
  const made = await tracker.run(step);
  await tracker.close();
  await using other = new Tracker({ dbPath: tracker.dbPath, runDir: tracker.runDir });
  const without = await other.verifyRun(made.run.id);
  assert.equal(without.verdict, "not_repeatable");
  assert.match(without.reason ?? "", /not run in this process.*verifyRun\(run, \{/);
  assert.equal((await other.verifyRun(made.run.id, step)).verdict, "equal");
  // a hit here brings the function along
  await using third = new Tracker({ dbPath: tracker.dbPath, runDir: tracker.runDir });
  assertHit(await third.run(step) as RunResult);
  assert.equal((await third.verifyRun(made.run.id)).verdict, "equal");
});

test("verifyRun() of failed runs, headers, traces and unknown runs", async ({ tracker }) => {
  await assert.rejects(verifyRun("nobody_000000000000"), /nobody_000000000000/);
  await run({ name: "fails", fn: () => Promise.reject(new Error("no")), outputs: ["x"] }).catch(() => {});
  const [failed] = await tracker.findRuns({ step: "fails" });
  assert.match((await verifyRun(failed!)).reason ?? "", /The run is failed/);
  const traced = await scenario("study", async (sc) => {
    const result = await sc.trace({ name: "check" }, () => 1);
    assert.match((await verifyRun(sc.id)).reason ?? "", /The run is running/);
    return result;
  });
  assert.match((await verifyRun(traced as RunResult)).reason ?? "", /It is a trace/);
  assert.match((await verifyRun(traced.run.parentId!)).reason ?? "", /it is no step/);
});

test("verifyRun() of a step that fails when it is executed again says with what", async () => {
  const calls = { n: 0 };
  const state = { fail: () => calls.n++ > 0 };
  const fn = () => {
    if (state.fail()) throw new Error("only once");
    return 1;
  };
  const made = await run({ name: "once", fn, outputs: ["x"] });
  const verified = await verifyRun(made);
  assert.deepEqual([verified.verdict, /only once/.test(verified.reason ?? "")], ["not_repeatable", true]);
});

test("verifyRun() leaves couplers, named paths and folders as they are", async ({ dir, tracker }) => {
  let n = 0;
  const state = { next: () => ++n };
  await scenario("study", async (sc) => {
    const made = await sc.run({
      name: "draw",
      fn: () => ({ a: state.next(), b: "same" }),
      outputs: ["a", "b"],
      outputPaths: { a: `${dir}/a.json` },
      outputDir: `${dir}/copies`,
    });
    assert.equal((await verifyRun(made as RunResult)).verdict, "different");
    assert.equal(sc.coupler.require("a").runId, made.run.id);
    assert.equal(await Deno.readTextFile(`${dir}/a.json`), "1");
    assert.deepEqual((await Array.fromAsync(Deno.readDir(`${dir}/copies`))).length, 1);
  });
  assert.equal((await tracker.findRuns({ scenario: "study", history: true })).length, 1);
});

test("verifyRun() records nothing of what runs inside the step", async ({ tracker }) => {
  const outer = () =>
    run({ name: "outer", fn: async () => (await run({ name: "inner", fn: () => 1, outputs: ["n"] }).load()) + 1, outputs: ["m"] });
  const made = await outer();
  const before = (await tracker.findRuns({ history: true })).length;
  assert.equal((await verifyRun(made)).verdict, "equal");
  assert.equal((await tracker.findRuns({ history: true })).length, before);
});

test("verifyRun() looks at values in memory anew, and at the original's file", async () => {
  const data = { list: [1] };
  const step = () => run({ name: "sum", fn: ({ data }) => data.list.length, inputs: { data: value(data) }, outputs: ["n"] });
  const made = await step();
  assert.equal((await verifyRun(made)).verdict, "equal");
  data.list.push(2);
  assert.equal((await verifyRun(made)).verdict, "not_repeatable");
  const random = await run({ name: "random", fn: () => Math.random(), outputs: ["n"] });
  await Deno.remove(random.outputs.n.path);
  assert.match((await verifyRun(random)).differences[0]!.first, /^content: [0-9a-f]{12} → [0-9a-f]{12}$/);
});

test("verifyRun() compares files that the step wrote itself by their bytes too", async () => {
  let n = 0;
  const state = { next: () => ++n };
  const made = await run({
    name: "spaces",
    fn: async (_, step) => {
      const path = step.outputPath("x", ".json");
      await Deno.writeTextFile(path, `{"a":${" ".repeat(state.next())}1}`);
      return file(path);
    },
    outputs: ["x"],
  });
  assert.equal((await verifyRun(made as RunResult)).differences[0]!.first, "same values in other bytes, byte 6: 0x31 → 0x20");
});

test("a verdict outlives a lost ledger", async ({ tracker }) => {
  const made = await run({ name: "random", fn: () => Math.random(), outputs: ["n"] });
  await verifyRun(made);
  const snapshot = JSON.parse(await Deno.readTextFile(`${tracker.runDir}/consist_runs/${made.run.id}.json`));
  assert.equal(snapshot.run.meta.verified.verdict, "different");
  assert.equal(JSON.parse(snapshot.deno.run.result).verified.verdict, "different");
  assert.equal((await findRuns({ step: "random" })).length, 1);
});

Deno.test("assertReproducible() passes, and fails with the first difference and likely causes", async () => {
  await assertReproducible({ name: "sum", fn: ({ x }) => x * 2, inputs: { x: value(2) }, outputs: ["n"] });
  await assert.rejects(assertReproducible({ name: "now", fn: () => ({ at: Math.random() }), outputs: ["t"] }), (error: Error) => {
    assert.equal(error.name, "AssertionError");
    assert.match(error.message, /Step "now" gave other outputs .*output "t", \$\.at: 0.* → 0.*Math\.random/);
    return true;
  });
  await assert.rejects(assertReproducible({ name: "fails", fn: () => Promise.reject(new Error("no")), outputs: ["x"] }), /no/);
});
