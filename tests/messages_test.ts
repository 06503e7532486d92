/** What ordinary mistakes are answered with: the problem, where it happened, and what was meant. */
import assert from "node:assert/strict";
import { join } from "@std/path";
import { ConsistError, load, materializeArtifact, relation, run, runContainer, Tracker, value } from "consist";
import pl from "polars";
import { z } from "zod";
import { inTracker } from "./in_tracker.ts";

const nothing = () => 1;
const step = (options: object): Promise<unknown> => run({ name: "clean", fn: nothing, outputs: ["n"], ...options } as never);
/** The step that was not waited for ends all the same. */
const notAwaited = (early: Promise<unknown>): Promise<unknown> => step({ inputs: { n: early } }).finally(() => early);

/** A call with a mistake, and what its error says, in this order. */
const MISTAKES: readonly [what: string, call: (dir: string) => unknown, words: RegExp][] = [
  [
    "a misspelt file",
    (dir) => step({ inputs: { raw: join(dir, "rwa.csv") } }),
    /cannot be found.*Did you mean .*[\\/]raw\.csv\?\nIn: step "clean"/s,
  ],
  [
    "a folder that is not there",
    (dir) => step({ inputs: { raw: join(dir, "data", "raw.csv") } }),
    /There is no folder .*data\..*In: step "clean"/s,
  ],
  ["a pattern that nothing matches", (dir) => step({ inputs: { raw: join(dir, "*.tsv") } }), /No file matches.*In: step "clean"/s],
  ["a misspelt file of a relation", (dir) => relation(join(dir, "rwa.csv")).rows(), /Did you mean .*raw\.csv\?/],
  ["outputs that are a text", () => step({ outputs: "n" }), /The option outputs is "n".*Give outputs: \["n"\]/s],
  ["a misspelt option of an output", () => step({ outputs: { n: { drivr: "csv" } } }), /has no option "drivr".*Did you mean driver\?/s],
  ["a list of inputs outside of a scenario", () => step({ inputs: ["raw.csv"] }), /inputs: \{ raw: "raw\.csv" \}/],
  ["an input that was not awaited", () => notAwaited(step({})), /is a Promise.*Await it/s],
  ["a misspelt word", () => step({ cacheOptions: { cacheMode: "reus" } }), /has to be one of.*Did you mean "reuse"\?/s],
  ["a config that is no data", () => step({ config: { f: nothing } }), /config\.f is a function.*In: step "clean"/s],
  [
    "a table that does not fit",
    () => step({ fn: () => pl.DataFrame({ age: ["x"] }), outputs: { t: { schema: z.object({ age: z.int() }) } } }),
    /column "age".*In: step "clean", run clean_/s,
  ],
  [
    "a value that its driver does not write",
    () => step({ outputs: { n: { driver: "csv" } } }),
    /driver "csv".*In: step "clean", run clean_/s,
  ],
  [
    "a misspelt engine",
    () => runContainer({ image: "x", command: ["true"], outputs: {}, backend: "podmn" } as never),
    /option backend.*Did you mean "podman"\?/s,
  ],
  ["a runDir that is no path", () => new Tracker({ runDir: 3 } as never), /runDir of the tracker is 3/],
  ["a key where an artifact is wanted", (dir) => materializeArtifact("n" as never, join(dir, "n.json")), /in place of "n".*artifact/s],
  ["loading what is not there", () => load("n" as never), /Cannot read "n".*There is no such file/s],
];
for (const [what, call, words] of MISTAKES) {
  Deno.test(`${what} is told with what was meant`, () =>
    inTracker(async (_, dir) => {
      await Deno.writeTextFile(join(dir, "raw.csv"), "a\n1\n");
      const error = await (async () => await call(dir))().then(() => assert.fail("no error"), (thrown) => thrown as Error);
      assert.ok(error instanceof ConsistError, String(error));
      assert.match(error.message, words);
    }));
}

Deno.test("the step that failed is named, not the one around it", () =>
  inTracker(async () => {
    const inner = () => run({ name: "inner", fn: nothing, inputs: { n: value(1), raw: "nothing.csv" }, outputs: ["n"] } as never);
    const error = await run({ name: "outer", fn: inner, outputs: ["n"] } as never).then(() => assert.fail(), (thrown) => thrown);
    assert.match((error.cause as Error).message, /In: step "inner"$/);
    assert.match(error.message, /In: step "outer", run outer_/);
  }));
