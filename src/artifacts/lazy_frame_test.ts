import assert from "node:assert/strict";
import pl from "polars";
import { driverNamed } from "./driver.ts";
import { lazyFrame } from "./lazy_frame.ts";
import { tempFolder } from "./temp_folder.ts";

const HOSTILE = ["year=2030 [a]*?{b}", 'it\'s "odd"\n%20', "é😀"];

for (const name of ["csv", "tsv", "ndjson", "parquet", "arrow", "ipc"]) {
  Deno.test(`lazyFrame() of ${name} files gives their rows one after another, whatever they are called`, async () => {
    await using folder = await tempFolder();
    const paths = HOSTILE.map((each) => `${folder.path}/${each}/x.${name}`);
    for (const [index, path] of paths.entries()) await driverNamed(name).write(pl.DataFrame({ a: [index + 0.5], b: ["x"] }), path);
    const frame = await lazyFrame(paths, name);
    assert.equal(Object.prototype.toString.call(frame), "[object LazyDataFrame]");
    assert.deepEqual((await frame.collect()).rows(), [[0.5, "x"], [1.5, "x"], [2.5, "x"]]);
    const one = await (await lazyFrame([paths[1]!], name)).collect();
    assert.deepEqual([one.columns, one.rows()], [["a", "b"], [[1.5, "x"]]]);
  });
}

Deno.test("lazyFrame() widens a column that is whole in one file and not in another", async () => {
  await using folder = await tempFolder();
  const paths = [await folder.write("1.csv", "a\n1\n"), await folder.write("2.csv", "a\n1.5\n")];
  assert.deepEqual((await (await lazyFrame(paths, "csv")).collect()).rows(), [[1], [1.5]]);
});

Deno.test("lazyFrame() refuses missing files and drivers without tables", async () => {
  await using folder = await tempFolder();
  const path = `${folder.path}/x.json`;
  await assert.rejects(lazyFrame([path], "json"), { code: "input_unreadable", path, why: /"json" reads no tables/ });
  await assert.rejects(lazyFrame([`${folder.path}/none.csv`], "csv"), { code: "input_missing" });
  await assert.rejects(lazyFrame([path], "parket"), { code: "option_invalid" });
});
