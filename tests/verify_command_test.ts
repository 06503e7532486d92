/** `consist verify`: what another process can execute again, what it says of each run, and its exit code. */
import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";
import { tempDir } from "./child.ts";

const fromRoot = (path: string): string => fromFileUrl(new URL(`../${path}`, import.meta.url));

/** A program in a process of its own; files of a project on disk, as a user has them. */
async function deno(cwd: string, script: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--config", fromRoot("deno.json"), script, ...args],
    cwd,
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}
const verify = (cwd: string, ...args: string[]) => deno(cwd, fromRoot("cli.ts"), "verify", ...args);

/** What changes from run to run: ids, random numbers and folders. */
const steady = (text: string, dir: string): string =>
  text.replaceAll(dir, "<project>").replace(/_[0-9a-f]{8,}/g, "_<id>").replace(/0\.\d{5,}/g, "<random>").replace(/[0-9a-f]{12}/g, "<hash>");

const STEPS = `
import { run } from "consist";
import { z } from "zod";
const factor = 3;
export function scaled({ raw }, { config }) { return raw.map(({ x }) => ({ x: x * factor * config.by })); }
export const draws = () => { console.log("drawing"); return [1, 2, Math.random()]; };
export const total = ({ rows }) => rows.reduce((sum, { x }) => sum + x, 0);
export const times = ({ at }) => Deno.readTextFile(at).then((text) => text.length);
`;
const PROGRAM = `
import { run, scenario, relation, value, lazy } from "consist";
import { draws, scaled, total, times } from "./steps.ts";
function inProgram() { return 7; }
const made = await run({ fn: scaled, inputs: { raw: "raw.json" }, config: { by: 2 }, outputs: ["rows"], year: 2030 });
await run({ fn: draws, outputs: ["n"] });
await run({ fn: inProgram, outputs: ["seven"] });
await run({ name: "inline", fn: () => 8, outputs: ["eight"] });
await run({ name: "in_memory", fn: total, inputs: { rows: value([{ x: 1 }]) }, outputs: ["n"] });
await run({ fn: times, inputs: { at: "raw.json" }, executionOptions: { inputBinding: "paths" }, dependsOn: ["steps.ts"], outputs: { n: { driver: "json" } } });
await using sc = await scenario("base");
await sc.run({ fn: total, inputs: { rows: made.outputs.rows }, outputs: ["sum"] });
await sc.run({ name: "again", fn: total, inputs: { rows: made.outputs.rows }, outputs: ["sum"] });
`;

async function project(program = PROGRAM): Promise<{ path: string } & AsyncDisposable> {
  const dir = await tempDir();
  await Deno.mkdir(`${dir.path}/p`);
  const path = `${dir.path}/p`;
  await Deno.writeTextFile(`${path}/raw.json`, JSON.stringify([{ x: 1 }, { x: 2 }]));
  await Deno.writeTextFile(`${path}/steps.ts`, STEPS);
  await Deno.writeTextFile(`${path}/program.ts`, program);
  const ran = await deno(path, "program.ts");
  assert.equal(ran.code, 0, ran.err);
  return { path, [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose]() };
}

Deno.test("verify executes what another process made, and says what differs or cannot be executed again", async (t) => {
  await using at = await project();
  const { code, out, err } = await verify(at.path);
  assert.equal(code, 1, out + err);
  await t.assertSnapshot(steady(out, at.path));
  assert.match(err, /^1\/8 /m);
  const all = await verify(at.path, "--json");
  assert.equal(JSON.parse(all.out.trimEnd().split("\n").at(-1)!).length, 8, "what a step prints comes before the answer");
  // as data, and chosen
  const chosen = await verify(at.path, "--step", "scaled", "--json");
  assert.equal(chosen.code, 0, chosen.err);
  const [only, ...rest] = JSON.parse(chosen.out);
  assert.deepEqual([only.step, only.verdict, only.differences, rest], ["scaled", "equal", [], []]);
  assert.match((await verify(at.path, only.run)).out, /^equal {11}scaled {2}scaled_\w+\n1 run: 1 equal, 0 different, 0 not repeatable\n$/);
  assert.match((await verify(at.path, only.run.slice(0, -4))).out, /^equal {11}scaled /, "the beginning of an id names a run");
  const none = await verify(at.path, "--step", "scaledd");
  assert.deepEqual([none.code, none.out], [1, ""], "no run at all proves nothing");
  assert.match(none.err, /^Found no run of step "scaledd" to verify\./m);
  assert.match((await verify(at.path, "--scenario", "base", "--limit", "1")).out, /^equal +again .*\n1 run: 1 equal/);
  // a verdict is kept, and nothing else: the same runs as before
  const runs = JSON.parse((await deno(at.path, fromRoot("cli.ts"), "runs", "--history", "--json")).out) as {
    meta: { verified?: { verdict: string } };
  }[];
  assert.equal(runs.length, 9);
  assert.equal(runs.filter(({ meta }) => meta.verified?.verdict === "equal").length, 6);
});

Deno.test("verify finds steps in a project that was moved, and says what changed since", async () => {
  await using at = await project();
  const moved = at.path.replace(/p$/, "q");
  await Deno.rename(at.path, moved);
  const { out } = await verify(moved, "--step", "scaled");
  assert.match(out, /^equal/);
  await Deno.writeTextFile(`${moved}/steps.ts`, STEPS.replace("factor = 3", "factor = 4"));
  assert.match(
    (await verify(moved, "--step", "scaled")).out,
    /^not repeatable {2}scaled .*\n +What decides its result is not what it was: .*factor/,
  );
  await Deno.writeTextFile(`${moved}/steps.ts`, STEPS.replace("export function scaled", "function scaled"));
  assert.match((await verify(moved, "--step", "scaled")).out, /cannot be imported|"scaled" is not exported by/);
  await Deno.writeTextFile(`${moved}/steps.ts`, STEPS);
  await Deno.remove(`${moved}/raw.json`);
  assert.match(
    (await verify(moved, "--step", "scaled")).out,
    /It cannot be called again: The input "raw" of step "scaled" cannot be found/,
  );
  await Deno.remove(`${moved}/steps.ts`);
  assert.match((await verify(moved, "--step", "scaled")).out, /steps\.ts cannot be imported: /);
});

Deno.test("verify executes and records nothing of what a module does when it is imported", async () => {
  await using at = await project(`
    import { run, scenario } from "consist";
    function first() { return 1; }
    async function second() { await Deno.writeTextFile("second.txt", "ran"); return 2; }
    const sc = await scenario("s");
    await sc.run({ fn: first, outputs: ["a"] });
    if (Deno.args.length > 0 || await Deno.stat("more").catch(() => undefined)) await sc.run({ fn: second, outputs: ["b"] });
    await sc.end?.();
  `);
  const before = (await deno(at.path, fromRoot("cli.ts"), "runs", "--history", "--json")).out;
  assert.match((await verify(at.path)).out, /^equal +first .*\n1 run: 1 equal/);
  await Deno.writeTextFile(`${at.path}/more`, "");
  const { code, out } = await verify(at.path);
  assert.equal(code, 0);
  assert.match(out, /^equal +first|Step "second" is not in the cache, and is not executed/);
  await assert.rejects(Deno.stat(`${at.path}/second.txt`));
  const after = JSON.parse((await deno(at.path, fromRoot("cli.ts"), "runs", "--history", "--json")).out) as { id: string }[];
  assert.deepEqual(after.map(({ id }) => id), (JSON.parse(before) as { id: string }[]).map(({ id }) => id));
});

Deno.test("verify refuses arguments that it does not take, and runs that there are not", async () => {
  await using at = await tempDir();
  for (const args of [["--limit", "0"], ["--limit", "x"], ["a", "--step", "b"], ["--nothing"]]) {
    const { code, err } = await verify(at.path, ...args);
    assert.equal(code, 2, args.join(" "));
    assert.match(err, /See consist verify --help|Name runs, or choose/);
  }
  const absent = await verify(at.path, "nobody");
  assert.equal(absent.code, 1);
  assert.match(absent.err, /No run has the id|nobody/);
  assert.match((await verify(at.path)).out, /^0 runs: 0 equal/);
  const bad = await verify(at.path, "--import", "absent.ts");
  assert.equal(bad.code, 2);
  assert.match(bad.err, /absent\.ts cannot be imported/);
});
