/** A long step in a notebook's cell: one display that is updated in place, and nothing of what is quick. */
import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";
import { KernelProcess, type Output } from "../src/kernels/mod.ts";

const CLI = fromFileUrl(new URL("../cli.ts", import.meta.url));
const CONFIG = fromFileUrl(new URL("../deno.json", import.meta.url));
const KERNELS = {
  "Deno's kernel": [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"],
  "our kernel": [Deno.execPath(), "run", "-A", "--no-check", "--config", CONFIG, CLI, "kernel", "start", "{connection_file}"],
};

const texts = (outputs: readonly Output[]): string[] =>
  outputs.map((output) =>
    output.output_type === "stream" ? output.text : "data" in output ? String(output.data["text/plain"]) : output.evalue
  );

for (const [name, command] of Object.entries(KERNELS)) {
  Deno.test(`${name}: a long step has one display, its last state stays, and its outputs are recorded without it`, async () => {
    const dir = await Deno.makeTempDir();
    await using kernel = await KernelProcess.start({ command });
    const cell = async (code: string): Promise<string[]> => {
      const { outputs, error } = await kernel.execute(code);
      assert.equal(error, undefined, error?.evalue);
      return texts(outputs);
    };
    try {
      await cell(`const { run, Tracker, useTracker } = await import("consist");
        const tracker = new Tracker({ dbPath: ${JSON.stringify(`${dir}/p.duckdb`)} });
        useTracker(tracker);
        const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
        const inner = () => run({ name: "inner", outputs: ["n"], fn: async (_, step) => {
          for (let i = 1; i <= 3; i++) { await pause(150); step.progress(i, 3); }
          return 1;
        } });
        undefined`);
      const says = `await run({ name: "says", outputs: ["n"], fn: async (_, step) => {
        console.log("begins");
        for (let i = 1; i <= 8; i++) { await pause(80); step.progress(i, 8, "part " + i); }
        await inner();
        console.log("ends");
        return 1;
      } }); undefined`;
      const [begins, progress, ends, ...more] = await cell(says);
      assert.deepEqual([begins, ends, more], ["begins\n", "ends\n", []]);
      assert.match(progress!, /^says: 8 of 8, part 8, /);
      const hit = await cell(says);
      assert.match(hit[0]!, /^↻ replayed {2}says .*: 2 lines$/);
      assert.deepEqual(hit.slice(1), ["begins\nends\n"]);
      const silent = (ms: number) =>
        cell(
          `await run({ name: "silent", config: { ms: ${ms} }, outputs: ["n"], fn: async (_, { config }) => (await pause(config.ms), 1) }); undefined`,
        );
      assert.match((await silent(1500)).join(), /^silent: \d/);
      assert.deepEqual(await silent(1), []);
      const failed = await kernel.execute(`await run({ name: "fails", outputs: ["n"], fn: async (_, step) => {
        await pause(400);
        step.progress(1, 3, "<script>");
        throw new Error("no");
      } })`);
      assert.match(texts(failed.outputs)[0]!, /^fails: 1 of 3, <script>, failed, /);
      assert.doesNotMatch(JSON.stringify(failed.outputs[0]), /"text\/html":"[^"]*<script>/);
      await cell("await tracker.close(); undefined");
    } finally {
      await kernel.shutdown();
      await Deno.remove(dir, { recursive: true });
    }
  });
}
