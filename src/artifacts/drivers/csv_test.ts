import assert from "node:assert/strict";
import pl from "polars";
import type { DataFrame } from "../../types.ts";
import { driverNamed } from "../driver.ts";
import { tempFolder } from "../temp_folder.ts";
import { testDriver } from "./contract_suite.ts";
import { anyFrame, framesOf, NO_FRAMES } from "./frame_values.ts";

for (const name of ["csv", "tsv"]) {
  const comma = (text: string) => text.replaceAll(",", name === "csv" ? "," : "\t");
  testDriver({
    driver: driverNamed(name),
    values: {
      "a small table": () => pl.DataFrame({ id: [1.5, 2, null], name: ["x", null, "é😀"] }),
      ...framesOf(["DataType(Int64)", "DataType(Float64)", "bool", "text", "not a number"]),
      "nulls at the end of a single column": () => pl.DataFrame({ a: [1.5, null, null] }),
      "a frame of text without rows": () => pl.DataFrame({ a: ["x"], b: ["x"] }).head(0),
    },
    any: anyFrame(),
    foreign: {
      ...NO_FRAMES,
    },
    damaged: {
      "an empty file": "",
      "a row that is too long": comma("a,b\n1,2\n3,4,5\n"),
      "a row that is too short": comma("a,b\n1,2\n3\n4,5\n"),
      "an unfinished last row": comma("a,b\n1,2\n3"),
      "an empty line between rows": comma("a,b\n1,2\n\n3,4\n"),
      "a quote that never ends": comma('a,b\n1,"x\n2,y\n'),
      "text that is not UTF-8": new Uint8Array([97, 10, 0xff, 0xfe, 10]),
    },
  });
}

async function readCsv(text: string | Uint8Array): Promise<DataFrame> {
  await using folder = await tempFolder();
  return await driverNamed("csv").read(await folder.write("x.csv", text)) as DataFrame;
}

Deno.test("driver csv finds a type that only a late row shows", async () => {
  const rows = "1\n".repeat(20_000);
  assert.equal(String((await readCsv(`a\n${rows}1.5\n`)).dtypes), "DataType(Float64)");
  assert.equal(String((await readCsv(`a\n${rows}x\n`)).dtypes), "DataType(String)");
  assert.equal((await readCsv(`a\n${rows}x\n`)).height, 20_001);
});

Deno.test("driver csv does not take a column for text because it begins with nulls", async () => {
  const frame = await readCsv(`a,b\n${",1\n".repeat(10_000)}7,1\n`);
  assert.deepEqual(frame.dtypes.map(String), ["DataType(Int64)", "DataType(Int64)"]);
  assert.equal(frame.getColumn("a").nullCount(), 10_000);
});

Deno.test("driver csv takes empty lines at the end of a file for its end", async () => {
  assert.equal((await readCsv("a,b\n1,2\n\n\r\n\n")).height, 1);
  assert.equal((await readCsv("a,b\r\n1,2\r\n\r\n")).getColumn("b").get(0), 2);
  assert.deepEqual((await readCsv("a,b\n\n")).shape, { height: 0, width: 2 });
});

Deno.test("driver csv keeps rows that end in an empty field, quoted line ends and a byte order mark", async () => {
  const frame = await readCsv('\ufeffa,"b\nc",d\n1,"x\ny,z",\n2,"""",\n');
  assert.deepEqual(frame.columns, ["a", "b\nc", "d"]);
  assert.deepEqual(frame.getColumn("b\nc").toArray(), ["x\ny,z", '"']);
  assert.equal(frame.getColumn("d").nullCount(), 2);
});

Deno.test("driver csv reads column names with quotes in them, scanned or not", async () => {
  await using folder = await tempFolder();
  const path = await folder.write("x.csv", '"say ""hi""","","b"\r\n1,2,3\r\n');
  const names = ['say "hi"', "", "b"];
  assert.deepEqual((await driverNamed("csv").read(path) as DataFrame).columns, names);
  assert.deepEqual((await (await driverNamed("csv").scan(path)).collect()).columns, names);
});

Deno.test("driver csv names the line of a row that is too short", async () => {
  await assert.rejects(readCsv('a,b\n"1\n1",\n3\n'), { why: "line 4 has 1 of 2 fields." });
});

Deno.test("driver csv refuses nested columns and frames without columns", async () => {
  await using folder = await tempFolder();
  const write = (frame: DataFrame) => driverNamed("csv").write(frame, `${folder.path}/x.csv`);
  await assert.rejects(write(pl.DataFrame({ a: [[1, 2]] })), { code: "output_not_storable", why: /nested/ });
  await assert.rejects(write(pl.DataFrame({})), { code: "output_not_storable", why: /without columns/ });
  assert.deepEqual(await folder.names(), []);
});
