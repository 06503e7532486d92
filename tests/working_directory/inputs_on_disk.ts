/** Inputs as they lie on the disk: links, empty folders, names that look like patterns, and steps that change the working directory. */
import assert from "node:assert/strict";
import { dirname } from "@std/path";
import { input, relation, run, type RunResult, sql } from "consist";
import pl from "polars";
import { assertHit, assertMiss } from "consist/testing";
import { inTracker } from "../in_tracker.ts";

const CSV = "id,v\n1,2\n", OTHER = "id,v\n1,7\n";

/** Writes files below a folder. */
async function write(dir: string, files: { readonly [name: string]: string }): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(dirname(`${dir}/${name}`), { recursive: true });
    await Deno.writeTextFile(`${dir}/${name}`, text);
  }
}

/** Leads a link to another place. */
async function lead(link: string, target: string): Promise<void> {
  await Deno.remove(link).catch(() => {}); // it may be new
  await Deno.symlink(target, link);
}

/** The value of a run's one output. */
const only = async ({ outputs }: RunResult): Promise<unknown> => await Object.values(outputs)[0]!.load();

/** Does something in another working directory. */
async function within<T>(dir: string, work: () => Promise<T>): Promise<T> {
  const before = Deno.cwd();
  Deno.chdir(dir);
  try {
    return await work();
  } finally {
    Deno.chdir(before);
  }
}

Deno.test("a link to a folder inside an input that leads elsewhere is a miss, and back again a hit", async () => {
  await inTracker(async (_, dir) => {
    await write(dir, { "in/2020/x.txt": "old", "in/2030/x.txt": "new" });
    const step = () =>
      run({
        name: "reads",
        inputs: { all: `${dir}/in` },
        executionOptions: { inputBinding: "paths" },
        fn: ({ all }) => Deno.readTextFileSync(`${all}/current/x.txt`),
        outputs: ["text"],
      });
    await lead(`${dir}/in/current`, "2020");
    assert.equal(await step().load(), "old");
    assertHit(await step());
    await lead(`${dir}/in/current`, "2030");
    assert.equal(await step().load(), "new");
    await lead(`${dir}/in/current`, `${dir}/in/2020`);
    assertHit(await step());
  });
});

Deno.test("an empty folder inside an input is seen by the step and counts", async () => {
  await inTracker(async (_, dir) => {
    await write(dir, { "in/2020/x.txt": "" });
    const step = () =>
      run({
        name: "lists",
        inputs: { all: `${dir}/in` },
        executionOptions: { inputBinding: "paths" },
        fn: ({ all }) => [...Deno.readDirSync(String(all))].length,
        outputs: ["count"],
      });
    assert.equal(await step().load(), 1);
    await Deno.mkdir(`${dir}/in/2030`);
    assert.equal(await step().load(), 2);
    await Deno.remove(`${dir}/in/2030`);
    assertHit(await step());
  });
});

Deno.test("patterns are inputs also in folders whose names look like patterns: declared, read inside, and queried", async () => {
  await inTracker(async (_, dir) => {
    await write(dir, { "p [1]/in/a.csv": CSV, "p 1/in/a.csv": OTHER });
    const values = async (table: { rows(): Promise<unknown[]> }) => (await table.rows()).map((row) => Number((row as { v: number }).v));
    const steps = [
      () =>
        run({ name: "declared", inputs: { all: "in/*.csv" }, fn: ({ all }) => Deno.readTextFileSync(String(all[0])), outputs: ["text"] }),
      () => run({ name: "whole path", inputs: { all: `${dir}/p [1]/in/*.csv` }, fn: ({ all }) => all.length, outputs: ["n"] }),
      () => run({ name: "inside", fn: async () => Deno.readTextFileSync((await input("in/*.csv"))[0]!), outputs: ["text"] }),
      () => run({ name: "queried", fn: async () => await values(relation("in/*.csv")), outputs: ["v"] }),
    ];
    await within(`${dir}/p [1]`, async () => {
      const found = [];
      for (const step of steps) found.push(await only(await step()));
      assert.deepEqual(found, [CSV, 1, CSV, [2]]);
      for (const step of steps) assertHit(await step());
    });
  });
});

Deno.test("what a step reads after it went to another folder is looked for there by the next lookup", async () => {
  await inTracker(async (_, dir) => {
    await write(dir, { "x.txt": "same", "sub/x.txt": "same", "t.csv": CSV, "sub/t.csv": CSV, "sub/in/a.txt": "", "in/a.txt": "" });
    const there = <T>(work: () => Promise<T>) => within("sub", work);
    const steps = [
      () => run({ name: "reads", fn: () => there(() => input("x.txt")), outputs: ["text"] }),
      () =>
        run({ name: "reads later", fn: async () => await (await there(() => Promise.resolve([input("x.txt")])))[0], outputs: ["text"] }),
      () => run({ name: "looks", fn: () => there(() => input("none.txt").catch(() => "none")), outputs: ["text"] }),
      () => run({ name: "lists", fn: async () => (await there(() => input("in/*.txt"))).length, outputs: ["n"] }),
      () => run({ name: "queries", fn: () => there(async () => await relation("t.csv").rows()), outputs: ["rows"] }),
      () => run({ name: "asks", fn: () => there(async () => await sql`select * from 't.csv'`.rows()), outputs: ["rows"] }),
      () =>
        run({
          name: "logs",
          fn: (_, step) => there(async () => (await step.logInput("x.txt", { key: "x" })).hash),
          outputs: ["hash"],
        }),
      () =>
        run({
          name: "runs",
          fn: () => there(async () => await run({ name: "inner", inputs: { x: "x.txt" }, fn: ({ x }) => x, outputs: ["o"] }).load()),
          outputs: ["text"],
        }),
    ];
    await within(dir, async () => {
      for (const step of steps) await step();
      for (const step of steps) assertHit(await step());
      await write(dir, { "x.txt": "other", "none.txt": "here", "t.csv": OTHER, "in/b.txt": "" });
      for (const step of steps) assertHit(await step());
      await write(`${dir}/sub`, { "x.txt": "other", "none.txt": "here", "t.csv": OTHER, "in/b.txt": "" });
      for (const step of steps) assertMiss(await step());
    });
  });
});

Deno.test("a query whose pattern goes through a link to a folder is not served, and nor is one of a file that looks like a pattern", async () => {
  await inTracker(async (_, dir) => {
    await write(dir, { "data/a/x.csv": CSV, "far/x.csv": OTHER, "s*.csv": CSV, "sx.csv": CSV });
    const sums = [
      () => run({ name: "asks", fn: async () => (await sql`select sum(v)::int as v from 'data/*/x.csv'`.rows())[0], outputs: ["sum"] }),
      () => run({ name: "relation", fn: async () => (await relation("data/*/x.csv").rows()).length, outputs: ["rows"] }),
    ];
    const named = () =>
      run({ name: "named", fn: async () => (await sql`select sum(v)::int as v from 's*.csv'`.rows())[0], outputs: ["sum"] });
    await within(dir, async () => {
      for (const sum of sums) await sum();
      for (const sum of sums) assertHit(await sum());
      await Deno.symlink("../far", `${dir}/data/b`);
      assert.deepEqual(await Promise.all(sums.map(async (sum) => await only(await sum()))), [{ v: 9 }, 2]);
      await Deno.writeTextFile(`${dir}/far/x.csv`, `${OTHER}2,1\n`);
      assert.deepEqual(await Promise.all(sums.map(async (sum) => await only(await sum()))), [{ v: 10 }, 3]);
      await named();
      await Deno.writeTextFile(`${dir}/sx.csv`, OTHER);
      assert.deepEqual(await named().load(), { v: 9 });
    });
  });
});

Deno.test("a pipe or device as an input is refused as what it is", { ignore: Deno.build.os === "windows" }, async () => {
  await inTracker(async (_, dir) => {
    await new Deno.Command("mkfifo", { args: [`${dir}/pipe`] }).output();
    for (const path of [`${dir}/pipe`, "/dev/null"]) {
      const refused = run({ name: "reads", inputs: { x: path }, fn: () => 1, outputs: ["n"] });
      await assert.rejects(refused, { code: "input_unreadable", why: "It is no ordinary file." });
    }
  });
});

Deno.test("files that a step reads by polars are inputs of it; temporary files that it makes are none", async () => {
  await inTracker(async (_, dir) => {
    await write(dir, { "x.csv": CSV, "in/a.csv": CSV, "in/b.csv": CSV, "far/c.csv": CSV });
    const sum = (frame: pl.DataFrame) => frame.getColumn("v").sum();
    const total = (paths: unknown) => (paths as string[]).reduce((before, path) => before + sum(pl.readCSV(path)), 0);
    const declared = (folder: string) => run({ name: "declared", inputs: { all: folder }, fn: ({ all }) => total(all), outputs: ["sum"] });
    const reading = {
      "x.csv": [
        () => run({ name: "reads", fn: () => sum(pl.readCSV("x.csv")), outputs: ["sum"] }),
        () => run({ name: "scans", fn: async () => sum(await pl.scanCSV("x.csv").collect()), outputs: ["sum"] }),
        () => run({ name: "loads", fn: async () => sum((await import("polars")).default.readCSV("x.csv")), outputs: ["sum"] }),
      ],
      "in/b.csv": [
        () => run({ name: "pattern", fn: async () => sum(await pl.scanCSV("in/*.csv").collect()), outputs: ["sum"] }),
        () => declared("in"),
      ],
    };
    const own = () =>
      run({
        name: "own",
        fn: async () => {
          const path = await Deno.makeTempFile({ suffix: ".csv" });
          await new Promise((resolve) => setTimeout(resolve, 20)); // the disk's clock may lag behind
          await Deno.writeTextFile(path, CSV);
          const frame = pl.readCSV(path);
          await Deno.remove(path);
          return sum(frame);
        },
        outputs: ["sum"],
      });
    const edited = () =>
      run({
        name: "edited",
        fn: async () => {
          if ((await Deno.readTextFile("late.csv")) === "") await Deno.writeTextFile("late.csv", CSV); // as somebody else might meanwhile
          return sum(pl.readCSV("late.csv"));
        },
        outputs: ["sum"],
      });
    await within(dir, async () => {
      await Deno.writeTextFile("late.csv", "");
      for (const [file, steps] of Object.entries(reading)) {
        for (const step of steps) {
          await Deno.writeTextFile(file, CSV);
          const before = await only(await step());
          assertHit(await step());
          await Deno.writeTextFile(file, OTHER);
          const after = await step();
          assertMiss(after);
          assert.equal(await only(after), Number(before) + 5);
        }
      }
      assertMiss(await own());
      assertHit(await own());
      assert.equal(await only(await edited()), 2);
      assertHit(await edited());
      await Deno.writeTextFile("late.csv", OTHER);
      assertMiss(await edited());
      await Deno.rename("in", "moved");
      assertHit(await declared("moved"));
    });
  });
});
