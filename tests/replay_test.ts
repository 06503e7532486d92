/** What a step printed is shown again on its hit, in order, to the same stream, and belongs to the step that printed it. */
import assert from "node:assert/strict";
import { fromFileUrl, join } from "@std/path";
import { type ConsistError, defineStep, findRuns, mapRuns, run, scenario, sql, Tracker, useTracker, verifyRun } from "consist";
import { withTracker } from "consist/testing";
import { TEXT_LIMIT } from "../src/run/recording.ts";
import { tempDir } from "./child.ts";

/** What the console was given while the body ran, without the mark's dates and ids. The spies count as nothing in a step's identity. */
async function heard(body: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const own = { log: console.log, error: console.error, warn: console.warn };
  const spy = (name: string) =>
    Object.assign((...args: unknown[]) => void lines.push(`${name} ${args.join(" ")}`), {
      [Symbol.for("consist.identity")]: () => name,
    });
  Object.assign(console, { log: spy("log"), error: spy("error"), warn: spy("warn") });
  try {
    await body();
  } finally {
    Object.assign(console, own);
  }
  return lines.map((line) => line.replace(/_[0-9a-f]{12}, \d{4}-\d\d-\d\d \d\d:\d\d/, "_ID"));
}
const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
const descriptors = () =>
  JSON.stringify(Object.entries(Object.getOwnPropertyDescriptors(console)).map(([name, { value }]) => [name, String(value)]));

function test(name: string, body: (tracker: Tracker) => Promise<void>): void {
  Deno.test(name, () => withTracker(body));
}

test("a hit prints again what the step printed, marked, and each line to its stream", async () => {
  const step = () =>
    run({
      name: "talk",
      outputs: ["n"],
      fn: () => {
        console.log("one", 1);
        console.info("two");
        console.error("a complaint");
        console.log("three");
        return 1;
      },
    });
  assert.deepEqual(await heard(step), ["log one 1", "error a complaint", "log three"]); // info is no spy
  assert.deepEqual(await heard(step), [
    "error ↻ replayed  talk  from run talk_ID: 4 lines",
    "log one 1\ntwo",
    "error a complaint",
    "log three",
  ]);
});

test("a step that printed nothing is hit without a word, nothing is kept, and nothing more is asked of the ledger", async (tracker) => {
  const step = () => run({ name: "silent", outputs: ["n"], fn: () => 1 });
  await step();
  assert.deepEqual(await sql`select count(*) as n from deno_display`.rows(), [{ n: 0 }]);
  const raw = await tracker.connection();
  await raw.run("drop table deno_display");
  raw.disconnectSync();
  let hit;
  assert.deepEqual(await heard(async () => hit = await step()), []);
  assert.doesNotMatch(hit!.explain(), /printed/);
});

test("displayOutputs: false records nothing, and shows nothing of what was recorded; it is the same step", async () => {
  const step = (more: object) => run({ name: "choose", outputs: ["n"], fn: () => (console.log("said"), 1), ...more });
  await heard(() => step({}));
  assert.deepEqual(await heard(() => step({ displayOutputs: false })), []);
  assert.equal((await heard(() => step({}))).length, 2);
  const unheard = (more: object) => run({ name: "unheard", outputs: ["n"], fn: () => (console.log("said"), 2), ...more });
  assert.deepEqual(await heard(() => unheard({ displayOutputs: false })), ["log said"]);
  assert.deepEqual(await heard(() => unheard({})), []);
  const defined = defineStep({ outputs: ["n"], displayOutputs: false }, function defined() {
    console.log("said");
    return 3;
  });
  await heard(() => run({ fn: defined }));
  assert.deepEqual(await heard(() => run({ fn: defined })), []);
  await assert.rejects(step({ displayOutputs: "no" }), (error: ConsistError) => error.code === "option_invalid");
});

test("steps that run at once keep what they printed apart", async () => {
  const step = (name: string) =>
    run({
      name,
      config: { name },
      outputs: ["n"],
      fn: async (_: unknown, { config }) => {
        for (let i = 0; i < 5; i++) {
          console.log(config.name, i);
          await pause();
        }
        return 1;
      },
    });
  const names = ["a", "b", "c"];
  await heard(() => Promise.all(names.map(step)));
  const lines = await heard(() => Promise.all(names.map(step)));
  for (const name of names) {
    const at = lines.findIndex((line) => line.includes(`replayed  ${name} `));
    assert.equal(lines[at + 1], `log ${[0, 1, 2, 3, 4].map((i) => `${name} ${i}`).join("\n")}`);
  }
});

test("the console is what it was after a step, also after one that failed, and while another one runs it counts as what it was", async () => {
  const before = descriptors();
  const [began, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const talks = () => run({ name: "talks", outputs: ["n"], fn: () => (console.log("said"), 1) });
  const first = await talks();
  const long = run({
    name: "long",
    outputs: ["n"],
    fn: async () => (began.resolve(), await go.promise, 1),
    cacheOptions: { untracked: "allow" },
  });
  await began.promise;
  assert.notEqual(descriptors(), before);
  const meanwhile = await talks();
  assert.equal(meanwhile.cacheHit, true, meanwhile.explain());
  assert.equal(meanwhile.run.signature, first.run.signature);
  const captured = console.warn;
  const captures = () => run({ name: "captures", outputs: ["n"], fn: () => (captured("said"), 1) });
  const inside = await captures();
  go.resolve();
  await long;
  assert.equal(descriptors(), before);
  assert.equal((await captures()).run.signature, inside.run.signature);
  await assert.rejects(run({
    name: "fails",
    outputs: ["n"],
    fn: () => {
      throw new Error("no");
    },
  }));
  assert.equal(descriptors(), before);
});

test("what a run inside a step prints belongs to both, whether it executes or is a hit", async () => {
  const inner = (n: number) =>
    run({ name: "inner", config: { n }, outputs: ["n"], fn: (_: unknown, { config }) => (console.log("inner", config.n), 1) });
  const outer = (k: number) =>
    run({
      name: "outer",
      config: { k },
      outputs: ["n"],
      fn: async (_: unknown, { config }) => {
        console.log("before");
        await inner(1);
        console.log("after", config.k);
        return 1;
      },
    });
  assert.deepEqual(await heard(() => outer(1)), ["log before", "log inner 1", "log after 1"]);
  assert.deepEqual(await heard(() => inner(1)), ["error ↻ replayed  inner  from run inner_ID: 1 line", "log inner 1"]);
  assert.deepEqual(await heard(() => outer(2)), [
    "log before",
    "error ↻ replayed  inner  from run inner_ID: 1 line",
    "log inner 1",
    "log after 2",
  ]);
  for (const k of [1, 2]) {
    assert.deepEqual(await heard(() => outer(k)), [
      "error ↻ replayed  outer  from run outer_ID: 3 lines",
      `log before\ninner 1\nafter ${k}`,
    ]);
  }
});

test("a sweep replays nothing of its rows; a run of one of them does", async () => {
  const simulate = (_: unknown, { config }: { config: { n: number } }) => (console.log("row", config.n), config.n);
  const sweep = () => mapRuns({ rows: [{ n: 1 }, { n: 2 }], model: "simulate", fn: simulate, outputs: ["n"] });
  assert.equal((await heard(sweep)).length, 2);
  assert.deepEqual(await heard(sweep), []);
  const alone = await heard(() => run({ name: "simulate", fn: simulate, config: { n: 2 }, outputs: ["n"] }));
  assert.deepEqual(alone, ["error ↻ replayed  simulate  from run simulate_ID: 1 line", "log row 2"]);
});

test("lines that a worker process printed are replayed without its name", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "steps.mjs");
  await Deno.writeTextFile(path, `export const there = () => { console.log("from there"); console.error("a complaint"); return 1; };`);
  const { there } = await import(`file://${path}`);
  const step = () => run({ name: "there", fn: there as () => number, outputs: ["n"], executionOptions: { executor: "worker" } });
  await step(); // under spies the worker's console would be another one
  const [{ shown }] = await sql`select shown from deno_display`.rows() as [{ shown: string }];
  const texts = JSON.parse(shown).shown as { text: string; stream: string }[];
  assert.deepEqual(texts.map(({ stream, text }) => `${stream} ${text}`).sort(), ["stderr a complaint\n", "stdout from there\n"]);
  assert.equal((await step()).cacheHit, true);
});

test("a trace prints what its body prints, a step that is not tracked too, and a repeated execution as well; none of it is kept", async () => {
  const sc = await scenario("study");
  const trace = () => sc.trace({ name: "check" }, () => void console.log("checked"));
  assert.deepEqual([await heard(trace), await heard(trace)], [["log checked"], ["log checked"]]);
  await sc.end();
  const step = (more = {}) => run({ name: "talk", outputs: ["n"], fn: () => (console.log("said"), 1), ...more });
  await heard(step);
  assert.deepEqual(await heard(async () => void await verifyRun(await step({ displayOutputs: false }))), ["log said"]);
  assert.deepEqual(await sql`select count(*) as n from deno_display`.rows(), [{ n: 1 }]);
  await using off = new Tracker({ enabled: false, runDir: await Deno.makeTempDir() });
  const untracked = () => useTracker(off, () => step());
  assert.deepEqual([await heard(untracked), await heard(untracked)], [["log said"], ["log said"]]);
  await Deno.remove(off.runDir, { recursive: true });
});

test("what is kept has an end, and the mark says what was left out", async () => {
  const step = () =>
    run({
      name: "floods",
      outputs: ["n"],
      fn: () => {
        for (let i = 0; i < 600; i++) console.log("x".repeat(999));
        return 1;
      },
    });
  assert.equal((await heard(step)).length, 600);
  const again = await heard(step);
  assert.match(again[0]!, /263 lines; not kept: 337,856 characters$/);
  assert.equal(again[1]!.length, TEXT_LIMIT + "log …".length);
});

test("displays that are damaged or gone do not break a hit, which says so", async (tracker) => {
  const step = (n: number) => run({ name: "talk", config: { n }, outputs: ["n"], fn: () => (console.log("said"), 1) });
  const harms = [
    "delete from deno_display",
    `update deno_display set shown = '{"shown":[{"kind":"text","stream":"stdout","te'`,
    `update deno_display set shown = '{"shown":[{"kind":"text","stream":"else","text":"x"}]}'`,
    `update deno_display set shown = '[]'`,
    "drop table deno_display",
  ];
  for (const [n, harm] of harms.entries()) {
    await heard(() => step(n));
    const raw = await tracker.connection();
    await raw.run(harm);
    raw.disconnectSync();
    let hit;
    assert.deepEqual(await heard(async () => hit = await step(n)), [], harm);
    assert.equal(hit!.cacheHit, true);
    assert.match(hit!.explain(), /Note: what run talk_[0-9a-f]{12} printed and displayed is gone from the ledger, or damaged/, harm);
  }
});

test("a ledger that is rebuilt from snapshots knows what steps printed", async (tracker) => {
  const step = () => run({ name: "talk", outputs: ["n"], fn: () => (console.log("said"), 1) });
  await heard(step);
  await tracker.close();
  await Deno.remove(tracker.dbPath);
  assert.equal((await tracker.rebuild()).runs.length, 1);
  assert.deepEqual(await heard(step), ["error ↻ replayed  talk  from run talk_ID: 1 line", "log said"]);
});

test("what is printed after a step's end belongs to nobody", async () => {
  const late = Promise.withResolvers<void>();
  const step = () =>
    run({
      name: "leaves",
      outputs: ["n"],
      cacheOptions: { untracked: "allow" },
      fn: () => {
        console.log("in time");
        void pause().then(pause).then(pause).then(() => (console.log("too late"), late.resolve()));
        return 1;
      },
    });
  await heard(async () => (await step(), await late.promise));
  assert.deepEqual((await heard(step)).slice(1), ["log in time"]);
});

test("a step that is never served keeps nothing", async () => {
  const fn = () => (console.log("said"), 1);
  await heard(() => run({ name: "off", fn, outputs: ["n"], cacheOptions: { cacheMode: "off" } }));
  await heard(() => run({ name: "readonly", fn, outputs: ["n"], cacheOptions: { cacheMode: "readonly" } }));
  assert.equal((await findRuns({ status: "completed" })).length, 1);
  assert.deepEqual(await sql`select count(*) as n from deno_display`.rows(), [{ n: 0 }]);
});

Deno.test("a program prints the same bytes to the same streams when its steps are hits", async () => {
  await using dir = await tempDir();
  const program = join(dir.path, "program.ts");
  await Deno.writeTextFile(
    program,
    `import { run } from "consist";
    const bytes = (text: string) => new TextEncoder().encode(text);
    await run({ name: "talk", outputs: ["n"], fn: () => {
      console.log("%s is %d", "x", 1, { deep: { a: [new Map([[1, 2]])] } });
      Deno.stdout.writeSync(bytes("half a line, "));
      Deno.stderr.writeSync(bytes("ü".repeat(2)));
      console.group("group");
      console.table([{ a: 1 }]);
      console.groupEnd();
      console.assert(false, "not so");
      console.count();
      console.log("\x1b[1m100 %% of it\x1b[0m");
      return 1;
    } });`,
  );
  const config = fromFileUrl(new URL("../deno.json", import.meta.url));
  const once = async () => {
    const args = ["run", "-A", "--no-check", "--config", config, program];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: dir.path }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.equal(code, 0, err);
    return { out, err: err! };
  };
  const [first, second] = [await once(), await once()];
  assert.equal(second.out, first.out);
  assert.match(second.err, /^↻ replayed {2}talk .*\n/);
  assert.equal(second.err.replace(/^.*\n/, ""), first.err);
});
