import assert from "node:assert/strict";
import pl from "polars";
import type { DataFrame } from "../../types.ts";
import { driverNamed } from "../driver.ts";
import { tempFolder } from "../temp_folder.ts";
import { testDriver } from "./contract_suite.ts";
import { anyFrame, framesOf, NO_FRAMES } from "./frame_values.ts";

testDriver({
  driver: driverNamed("ndjson"),
  values: {
    "a small table": () => pl.DataFrame({ id: [1.5, 2, null], name: ["x", null, "é😀"] }),
    ...framesOf(["DataType(Int64)", "DataType(Float64)", "bool", "text", "list", "struct"]),
  },
  any: anyFrame(),
  foreign: NO_FRAMES,
  damaged: {
    "a line that is not JSON": '{"a":1}\n{oops\n',
    "an unfinished last line": '{"a":1}\n{"a":',
    "lines that are no objects": "1\n2\n",
  },
});

async function readLines(text: string): Promise<DataFrame> {
  await using folder = await tempFolder();
  return await driverNamed("ndjson").read(await folder.write("x.ndjson", text)) as DataFrame;
}

Deno.test("driver ndjson keeps a key that comes late", async () => {
  const frame = await readLines(`${'{"a":1}\n'.repeat(2000)}{"a":2,"late":"x"}\n`);
  assert.deepEqual(frame.columns, ["a", "late"]);
  assert.equal(frame.getColumn("late").nullCount(), 2000);
});

Deno.test("driver ndjson reads a file without rows as a frame without columns", async () => {
  assert.deepEqual((await readLines("\n \r\n")).shape, { height: 0, width: 0 });
});

Deno.test("driver ndjson scans what comes late too", async () => {
  await using folder = await tempFolder();
  const path = await folder.write("x.ndjson", `${'{"a":1}\n'.repeat(2000)}{"a":2,"late":"x"}\n`);
  assert.deepEqual((await (await driverNamed("ndjson").scan(path)).collect()).columns, ["a", "late"]);
});
