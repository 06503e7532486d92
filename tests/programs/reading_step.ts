/** A step that reads an output of another one, and takes its time before it does. Arguments: JSON of `Args`. */
import { run, Tracker, useTracker } from "consist";

export interface Args {
  readonly dir: string;
  /** How long it waits, in milliseconds. */
  readonly ms: number;
}

const { dir, ms } = JSON.parse(Deno.args[0]!) as Args;

await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
await useTracker(tracker, async () => {
  const made = await run({ name: "make", fn: () => "made", outputs: ["text"] });
  const read = async ({ text }: { text: string }, { runtime }: { runtime: { ms: number } }) => {
    console.log("reading");
    await new Promise((resolve) => setTimeout(resolve, runtime.ms));
    return await Deno.readTextFile(text);
  };
  const executionOptions = { inputBinding: "paths", runtimeArgs: { ms } } as const;
  const cacheOptions = { untracked: "allow" } as const;
  const result = await run({
    name: "read",
    fn: read,
    inputs: { text: made.outputs.text },
    outputs: ["copy"],
    executionOptions,
    cacheOptions,
  });
  console.log(JSON.stringify({ hit: made.cacheHit, copy: await result.load() }));
});
