/** Every executor passes the suite: in this process, in workers, and one of the user's that starts a process for each run. */
import { type Executor, ExecutorError } from "consist";
import { testExecutor } from "consist/testing";

testExecutor("in_process", () => "in_process");
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
