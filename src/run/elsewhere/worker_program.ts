/**
 * The program of a worker process. `--serve <secret>` takes tasks from its input, one after the other, and ends when that is closed; with two
 * paths it executes one spec and leaves one manifest.
 *
 * @module
 */
import { type Mark, markLine, orders } from "../../executors/mod.ts";
import { enterStepWorker } from "../../ledger/mod.ts";
import { performTask } from "./perform_task.ts";

enterStepWorker();

/** The manifest is there whole or not at all. */
async function leave(manifest: string, bytes: Uint8Array): Promise<void> {
  await Deno.writeFile(`${manifest}.aside`, bytes);
  await Deno.rename(`${manifest}.aside`, manifest);
}

async function executeOne(spec: string, manifest: string): Promise<void> {
  const watch = { signal: new AbortController().signal, onProgress: () => {} };
  await leave(manifest, await performTask(await Deno.readFile(spec), watch));
}

async function serve(secret: string): Promise<void> {
  const say = (mark: Mark, ...streams: { writeSync(bytes: Uint8Array): number }[]): void => {
    for (const stream of streams) stream.writeSync(markLine(secret, mark));
  };
  const running = new Map<string, AbortController>();
  const execute = async (id: string, spec: Uint8Array, manifest: string): Promise<void> => {
    const abort = new AbortController();
    running.set(id, abort);
    const onProgress = (state: { done: number; total?: number; note?: string }) =>
      say({ kind: "progress", id, ...state, ...(state.note === undefined ? {} : { note: state.note.slice(0, 200) }) }, Deno.stdout);
    await leave(manifest, await performTask(spec, { signal: abort.signal, onProgress }));
    running.delete(id);
    say({ kind: "done", id }, Deno.stdout, Deno.stderr);
  };
  // An interrupt of the keyboard reaches every process of the terminal: the coordinator decides what it means.
  Deno.addSignalListener("SIGINT", () => {});
  say({ kind: "ready" }, Deno.stdout);
  for await (const order of orders(Deno.stdin.readable)) {
    if (order.kind === "task") void execute(order.id, order.spec, order.manifest);
    else running.get(order.id)?.abort(new DOMException("The run was cancelled.", "AbortError"));
  }
  Deno.exit(0); // whatever is still running: nobody wants it any more
}

const [first, second] = Deno.args;
if (first === "--serve") await serve(second!);
else {
  await executeOne(first!, second!);
  Deno.exit(0); // a timer that the step left behind would keep the process
}
