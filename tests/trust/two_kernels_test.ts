/** Row j in two real kernels: they ask for one step at the same moment; one executes, the other waits, says for whom, and hits. */
import assert from "node:assert/strict";
import { KernelProcess } from "../../src/kernels/mod.ts";
import { tempDir } from "../child.ts";
import { configForElsewhere } from "./workshop.ts";

const OPEN = `
import { run, Tracker, useTracker } from "consist";
const tracker = new Tracker({ dbPath: "provenance.duckdb" });
useTracker(tracker);
const waitFor = async (path: string) => { while (!await Deno.stat(path).then(() => true, () => false)) await new Promise((go) => setTimeout(go, 20)); };`;
const STEP = `
async function slow() {
  await Deno.writeTextFile("executed.txt", Deno.pid + "\\n", { append: true });
  await waitFor("enough");
  return Deno.pid;
}`;
const ASK = `
await Deno.writeTextFile("ready." + Deno.pid, "");
await waitFor("go");
var made = await run({ fn: slow, outputs: ["by"] });
var answer = { pid: Deno.pid, hit: made.cacheHit, by: await made.load() };
await tracker.close();`;

interface Answer {
  readonly pid: number;
  readonly hit: boolean;
  readonly by: number;
}

/** What a cell displayed, as text. */
type Outputs = Awaited<ReturnType<KernelProcess["execute"]>>["outputs"];
const displayed = (outputs: Outputs): string => outputs.map((output) => "data" in output ? String(output.data["text/plain"]) : "").join("");

async function ready(dir: string, kernels: number): Promise<void> {
  const count = async () => (await Array.fromAsync(Deno.readDir(dir))).filter(({ name }) => name.startsWith("ready.")).length;
  while (await count() < kernels) await new Promise((go) => setTimeout(go, 20));
}

Deno.test("trust j, kernel: of two kernels that ask for one step at once one executes, the other waits, says so, and hits", async () => {
  await using dir = await tempDir();
  await Deno.writeTextFile(`${dir.path}/deno.json`, await configForElsewhere());
  await using first = await KernelProcess.start({ cwd: dir.path });
  await using second = await KernelProcess.start({ cwd: dir.path });
  const kernels = [first, second];
  for (const kernel of kernels) {
    for (const cell of [OPEN, STEP]) assert.equal((await kernel.execute(cell, { timeout: 60_000 })).error, undefined);
  }
  const asked = kernels.map((kernel) => kernel.execute(ASK, { timeout: 120_000 }));
  await ready(dir.path, kernels.length);
  await Deno.writeTextFile(`${dir.path}/go`, "");
  const isWaiting = () => kernels.some(({ outputs }) => displayed(outputs).includes(`waiting for step "slow"`));
  const ended = Promise.all(asked);
  let hasEnded = false;
  void ended.finally(() => hasEnded = true).catch(() => {}); // awaited below
  while (!isWaiting() && !hasEnded) await new Promise((go) => setTimeout(go, 20));
  await Deno.writeTextFile(`${dir.path}/enough`, ""); // the step takes as long as it takes the other kernel to wait for it
  const cells = await ended;
  for (const { error } of cells) assert.equal(error, undefined, error?.evalue);
  const answers = await Promise.all(kernels.map(async (kernel) => await kernel.ask("answer") as Answer));
  const by = (await Deno.readTextFile(`${dir.path}/executed.txt`)).trim().split("\n").map(Number);
  assert.equal(by.length, 1, by.join());
  assert.deepEqual(answers.map(({ hit }) => hit).sort(), [false, true]);
  assert.deepEqual(answers.map((answer) => answer.by), [by[0], by[0]]);
  const waiting = answers.findIndex(({ hit }) => hit);
  assert.match(displayed(cells[waiting]!.outputs), new RegExp(`waited .* for step "slow", which process ${by[0]} computed`));
  assert.deepEqual([...Deno.readDirSync(`${dir.path}/runs/claims`)], []);
});
