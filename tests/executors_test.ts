/** Every executor passes the suite: in this process, in workers, and one of the user's that starts a process for each run. */
import assert from "node:assert/strict";
import { type Executor, ExecutorError, type ExecutorTask, findRuns, run } from "consist";
import { testExecutor, withTracker } from "consist/testing";
import { inProcess } from "../src/executors/mod.ts";

testExecutor("in_process", () => "in_process");
testExecutor("in_process, as a value", () => inProcess);
testExecutor("worker", () => "worker");
testExecutor("of the user's own, by files", () => byFiles());

/** As a cluster does it: the spec in a file, a command, and the manifest that it leaves. */
function byFiles(): Executor {
  return {
    name: "by_files",
    slots: 2,
    async execute(task) {
      const dir = await Deno.makeTempDir();
      try {
        const [spec, manifest] = [`${dir}/spec`, `${dir}/manifest`];
        await Deno.writeFile(spec, await task.spec());
        const [program, ...args] = await task.argv(spec, manifest);
        const { stderr } = await new Deno.Command(program!, { args, signal: task.signal, stdout: "null", stderr: "piped" }).output();
        task.signal.throwIfAborted();
        return await Deno.readFile(manifest).catch((cause) => {
          const why = new TextDecoder().decode(stderr);
          throw new ExecutorError("worker_failed", { problem: `${task.name} left no manifest.`, why, fix: "Run it again.", cause });
        });
      } finally {
        await Deno.remove(dir, { recursive: true });
      }
    },
    close: () => Promise.resolve(),
  };
}

Deno.test("an executor is not believed: a manifest of another run, of nothing or without its files is refused", () =>
  withTracker(async () => {
    const kept: Uint8Array[] = [];
    const answering = (answer: (task: ExecutorTask, manifest: Uint8Array) => Uint8Array | Promise<Uint8Array>): Executor => ({
      ...byFiles(),
      name: "odd",
      execute: async (task) => await answer(task, (await byFiles().execute(task))!),
    });
    const dir = await Deno.makeTempDir();
    await Deno.writeTextFile(`${dir}/steps.mjs`, "export const step = (_, { config }) => config.i;");
    const { step } = await import(`file://${dir}/steps.mjs`);
    const call = (i: number, executor: Executor) => run({ fn: step, config: { i }, outputs: ["n"], executionOptions: { executor } });
    const keep = answering((_, manifest) => (kept.push(manifest), manifest));
    assert.equal(await call(1, keep).load(), 1);
    await assert.rejects(call(2, answering(() => kept[0]!)), /does not fit[\s\S]*It is that of the run/);
    await assert.rejects(call(3, answering(() => new Uint8Array([1, 2, 3]))), /does not fit[\s\S]*cannot be read/);
    const losing = answering(async (task, manifest) => (await Deno.remove(task.dir, { recursive: true }), manifest));
    await assert.rejects(call(4, losing), /does not fit[\s\S]*"n" is not there/);
    assert.equal((await findRuns({ status: "failed" })).length, 3);
    await Deno.remove(dir, { recursive: true });
  }));
