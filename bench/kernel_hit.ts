/** The cost of a hit in the cells of a real kernel. */
import { fromFileUrl, join } from "@std/path";
import { KernelProcess } from "../src/kernels/mod.ts";
import { type Measure, summary } from "./measure.ts";

const ROUNDS = 300;

/** Measures hits of a step that stands in a cell, with a helper in another one. */
export async function kernelHit(): Promise<Measure[]> {
  const dir = await Deno.makeTempDir({ prefix: "consist-bench-" });
  await using kernel = await KernelProcess.start({ cwd: fromFileUrl(new URL("..", import.meta.url)) });
  await cell(
    kernel,
    `import { run, Tracker, useTracker } from "consist"; useTracker(new Tracker({ dbPath: ${
      JSON.stringify(join(dir, "provenance.duckdb"))
    } }));`,
  );
  await cell(kernel, "const factor = 2; const helper = (n: number) => n * factor;");
  await cell(
    kernel,
    'const step = () => run({ name: "tiny", fn: (_, { config }) => helper(config.n), config: { n: 1 }, outputs: ["n"] }); await step();',
  );
  await cell(kernel, "await new Promise((done) => setTimeout(done, 2500)); for (let i = 0; i < 30; i++) await step();");
  const loop =
    `(async () => { const taken = []; for (let i = 0; i < ${ROUNDS}; i++) { const began = performance.now(); await step(); taken.push(performance.now() - began); } return taken; })()`;
  const taken = await kernel.ask(loop) as number[];
  await kernel.shutdown();
  await Deno.remove(dir, { recursive: true });
  return [{ ...summary("warm hit in a kernel's cells", taken), budget: 3 }];
}

async function cell(kernel: KernelProcess, code: string): Promise<void> {
  const { error } = await kernel.execute(code, { timeout: 60_000 });
  if (error !== undefined) throw new Error(`${error.ename}: ${error.evalue}`);
}
