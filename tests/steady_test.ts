/** Inputs that change while a step runs: its result belongs to no known content, so nobody is served it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import pl from "polars";
import { type DataFrame, lazy, type Relation, run, type RunResult, sql, untracked, value } from "consist";
import { assertHit, assertMiss, withTracker } from "consist/testing";

/** A step that waits until `change` was made in the middle of it, then reads. */
type Reading = (during: () => unknown) => Promise<RunResult<{ seen: unknown }>>;

/** The step reads "old", and "new" where the content is changed while it runs; what it read then is not served for "old". */
function test(name: string, make: (dir: string) => Promise<{ read: Reading; put: (text: "old" | "new") => unknown }>): void {
  Deno.test(`run() serves no result of a step during which ${name} changed`, () =>
    withTracker(async ({ dbPath }) => {
      const { read, put } = await make(join(dbPath, ".."));
      await put("old");
      const disturbed = await read(() => put("new"));
      assert.equal(await disturbed.load("seen"), "new");
      await put("old");
      const again = await read(() => {});
      assertMiss(again);
      assert.equal(await again.load("seen"), "old");
      assertHit(await read(() => {}));
    }));
}

/** What a step waits for: captured values count by their content, and this one shows none. */
const middle = { during: (): unknown => undefined, [Symbol.for("consist.identity")]: () => "test" };

const readPath = (path: string): string => Deno.readTextFileSync(path);

test("a file", (dir) => {
  const path = join(dir, "in.txt");
  const read: Reading = (during) => {
    middle.during = during;
    return run({
      name: "read",
      fn: async ({ f }) => (await middle.during(), readPath(f)),
      inputs: { f: path },
      executionOptions: { inputBinding: "paths" },
      outputs: ["seen"],
    });
  };
  return Promise.resolve({ read, put: (text) => Deno.writeTextFile(path, text) });
});

test("a file of a list", (dir) => {
  const path = join(dir, "in.csv");
  const read: Reading = (during) => {
    middle.during = during;
    return run({
      name: "read",
      fn: async ({ f }) => (await middle.during(), ((await f.collect()).row(0) as string[])[0]),
      inputs: { f: lazy([path] as unknown as `${string}.csv`) },
      outputs: ["seen"],
    });
  };
  return Promise.resolve({ read, put: (text) => Deno.writeTextFile(path, `text\n${text}\n`) });
});

test("the file of an artifact", async () => {
  const made = await run({ name: "make", fn: () => "old", outputs: ["text"] });
  const { text } = made.outputs;
  const read: Reading = (during) => {
    middle.during = during;
    return run({
      name: "read",
      fn: async ({ f }) => (await middle.during(), readPath(f)),
      inputs: { f: text },
      executionOptions: { inputBinding: "paths" },
      outputs: ["seen"],
    });
  };
  return { read, put: (content) => Deno.writeTextFile(text.path, content) };
});

test("the table behind a query", (dir) => {
  const path = join(dir, "in.csv");
  const read: Reading = (during) => {
    middle.during = during;
    return run({
      name: "read",
      fn: async ({ q }) => (await middle.during(), ((await (q as Relation<{ text: string }>).rows())[0]!).text),
      inputs: { q: sql`select text from read_csv(${path})` as unknown as string },
      outputs: ["seen"],
    });
  };
  return Promise.resolve({ read, put: (text) => Deno.writeTextFile(path, `id,text\n1,${text}\n`) });
});

Deno.test("run() gives a step a copy of a value, which nobody changes while it runs", () =>
  withTracker(async () => {
    const held = { text: "old" };
    const step = (during: () => void) => {
      middle.during = during;
      return run({ name: "read", fn: async ({ v }) => (await middle.during(), v.text), inputs: { v: value(held) }, outputs: ["seen"] });
    };
    assert.equal(await step(() => void (held.text = "new")).load("seen"), "old");
    held.text = "old";
    assert.equal(await step(() => {}).load("seen"), "old");
  }));

Deno.test("run() gives a step a copy of a value, so that a step which changes it in place is a hit all the same", () =>
  withTracker(async () => {
    const numbers = [3, 1, 2];
    const sort = () =>
      run({ name: "sort", fn: ({ numbers }) => numbers.sort((a, b) => a - b)[0], inputs: { numbers: value(numbers) }, outputs: ["least"] });
    assert.equal(await sort().load("least"), 1);
    assert.deepEqual(numbers, [3, 1, 2]);
    assertHit(await sort());
  }));

Deno.test("run() takes a DataFrame whose columns the step renamed in place for changed", () =>
  withTracker(async () => {
    const step = (frame: DataFrame) =>
      run({ name: "rename", fn: ({ frame }) => (frame.columns = ["b"], frame.columns[0]), inputs: { frame }, outputs: ["name"] });
    await step(pl.DataFrame({ a: [1, 2] }));
    assertMiss(await step(pl.DataFrame({ a: [1, 2] })));
    const height = () =>
      run({ name: "height", fn: ({ frame }) => frame.height, inputs: { frame: pl.DataFrame({ a: [1] }) }, outputs: ["rows"] });
    await height();
    assertHit(await height());
  }));

Deno.test("run() serves no result of a step during which somebody else changed what it captured", () =>
  withTracker(async () => {
    let captured = "old";
    const begun = Promise.withResolvers<void>();
    const begins = untracked(() => begun.resolve());
    const step = () =>
      run({
        name: "late",
        fn: async () => {
          begins();
          await new Promise((done) => setTimeout(done, 20));
          return captured;
        },
        outputs: ["seen"],
      });
    const disturbed = step();
    await begun.promise;
    captured = "new";
    assert.equal((await disturbed).run.signature, "");
    captured = "old";
    const again = await step();
    assertMiss(again);
    assert.equal(await again.load(), "old");
    assertHit(await step());
  }));

Deno.test("run() gives a step the bytes of a view and none of the buffer around it", () =>
  withTracker(async () => {
    const step = (bytes: Uint8Array) =>
      run({ name: "around", fn: ({ view }) => new Uint8Array(view.buffer).length, inputs: { view: value(bytes) }, outputs: ["length"] });
    assert.equal(await step(new Uint8Array([1, 2, 3, 9]).subarray(1, 3)).load(), 2);
    assertHit(await step(new Uint8Array([2, 3])));
  }));
