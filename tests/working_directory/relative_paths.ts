/** Relative paths count by where the program stands. */
import assert from "node:assert/strict";
import { findRuns, input, run, scenario, useTracker } from "consist";
import { refused, test } from "../in_tracker.ts";

test("useTracker() and couplers of other trackers: a relative path counts by where the program stands", async ({ dir, tracker }) => {
  const before = Deno.cwd();
  const step = { name: "reads", fn: () => input("rel.txt"), outputs: ["k"] } as const;
  try {
    for (const [folder, content] of [["a", "1"], ["b", "2"], ["c", "1"]] as const) {
      await Deno.mkdir(`${dir}/${folder}`);
      await Deno.writeTextFile(`${dir}/${folder}/rel.txt`, content);
      Deno.chdir(`${dir}/${folder}`);
      const result = await useTracker(tracker, () => run(step));
      assert.equal(await result.load(), content);
      assert.equal(result.cacheHit, folder === "c");
    }
  } finally {
    Deno.chdir(before);
  }
  assert.equal((await findRuns({ step: "reads" })).length, 1);
});

test("sc.run takes a string as a key if there is one, else as a path; both is an error that asks", async ({ dir }) => {
  const before = Deno.cwd();
  await Deno.writeTextFile(`${dir}/numbers`, "from the file");
  const sc = await scenario("ambiguous");
  await sc.run({ name: "draw", fn: () => "from the step", outputs: ["numbers"] });
  const read = (ref: string) => sc.run({ name: "read", fn: ({ x }: { x: unknown }) => String(x), inputs: { x: ref }, outputs: ["text"] });
  assert.equal(await read("numbers").load(), "from the step");
  Deno.chdir(dir);
  try {
    const error = await refused(read("numbers"));
    assert.equal(error.code, "input_ambiguous");
    assert.match(error.fix, /sc\.key\("numbers"\).*"\.\/numbers"/);
    assert.equal(
      await sc.run({ name: "read", fn: ({ x }) => String(x), inputs: { x: sc.key("numbers") }, outputs: ["text"] }).load(),
      "from the step",
    );
  } finally {
    Deno.chdir(before);
  }
  const missing = await refused(sc.run({ name: "read", fn: () => 1, inputs: ["nubmers"], outputs: ["n"] }));
  assert.match(missing.fix, /"numbers"/);
  await sc.end().catch(() => {});
});
