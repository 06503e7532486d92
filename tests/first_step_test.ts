/** The first step of a process: less is known of its code than of all later ones, and the ledger may not be there yet. */
import assert from "node:assert/strict";
import { Child, tempDir } from "./child.ts";
import { callIn } from "./cli/call.ts";
import type { Args } from "./programs/first_step.ts";

interface Said {
  readonly cacheHit: boolean;
  readonly signature: string | null;
  readonly value: number;
  readonly again: boolean;
  readonly warnings: readonly string[];
}

const said = (args: Args): Promise<Said> => new Child("first_step.ts", args).answer<Said>();

for (const step of ["captured", "waits"] as const) {
  Deno.test(`a first step that ${step === "waits" ? "waits" : "captured a number"} is the same step as a later one, and another one with another number`, async () => {
    await using dir = await tempDir();
    const first = await said({ dir: dir.path, step });
    assert.deepEqual([first.cacheHit, first.value, first.again, first.warnings], [false, 2, true, []]);
    for (const isSecond of [true, false]) {
      const { cacheHit, signature } = await said({ dir: dir.path, step, isSecond });
      assert.deepEqual([cacheHit, signature], [true, first.signature]);
      const other = await said({ dir: dir.path, step, isSecond, number: isSecond ? 2 : 3 });
      assert.deepEqual([other.cacheHit, other.value], [false, isSecond ? 4 : 6]);
    }
  });
}

for (const step of ["captured", "table", "global", "twice"] as const) {
  const what = {
    captured: "of its own",
    table: "with a package's data",
    global: "with a package's data as a global",
    twice: "of a package",
  };
  Deno.test(`a step ${what[step]} is the same as the first one, as a later one, and beside one that has just begun`, async () => {
    await using dir = await tempDir();
    const first = await said({ dir: dir.path, step });
    assert.deepEqual([first.cacheHit, first.value, first.again], [false, 2, true]);
    for (const place of [{ isSecond: true }, { isBeside: true }]) {
      const { cacheHit, signature } = await said({ dir: dir.path, step, ...place });
      assert.deepEqual([cacheHit, signature], [true, first.signature], Object.keys(place)[0]);
    }
  });
}

Deno.test("a first step that changes what it captured says so, and executes again", async () => {
  await using dir = await tempDir();
  const { cacheHit, again, warnings } = await said({ dir: dir.path, step: "counts" });
  assert.deepEqual([cacheHit, again], [false, false]);
  assert.match(warnings.join("\n"), /changes "count", which it also reads/);
});

Deno.test("a first step of which somebody else changes what it captured is served to nobody", async () => {
  await using dir = await tempDir();
  for (let round = 0; round < 2; round++) {
    const { cacheHit, value, warnings } = await said({ dir: dir.path, step: "disturbed" });
    assert.deepEqual([cacheHit, value], [false, 1]);
    assert.match(warnings.join("\n"), /the captured "limit" changed while the step ran/);
  }
});

Deno.test("a first step that keeps the thread busy is shown by the command line, and as one that failed once it was killed", async () => {
  await using dir = await tempDir();
  await using child = new Child("first_step.ts", { dir: dir.path, step: "blocks" } satisfies Args);
  await child.until("executing");
  assert.match((await callIn(dir.path, "runs")).out, /running +blocks/);
  await child.kill();
  assert.equal((await said({ dir: dir.path, step: "captured" })).cacheHit, false);
  assert.match((await callIn(dir.path, "runs")).out, /failed +blocks/);
});

Deno.test("two processes that make one new ledger at once have the runs of both in it", async () => {
  await using dir = await tempDir();
  const steps = ["captured", "waits"] as const;
  await Promise.all(steps.map((step) => said({ dir: dir.path, step })));
  for (const step of steps) assert.equal((await said({ dir: dir.path, step })).cacheHit, true);
  assert.match((await callIn(dir.path, "runs")).out, /2 runs: 2 hits/);
});
