import pl from "polars";
import { driverNamed } from "../driver.ts";
import { testDriver } from "./contract_suite.ts";
import { anyFrame, framesOf, NO_FRAMES, typedColumns } from "./frame_values.ts";

testDriver({
  driver: driverNamed("arrow"),
  values: {
    "a small table": () => pl.DataFrame({ id: [1, 2, null], name: ["x", null, "é😀"] }),
    ...framesOf(Object.keys(typedColumns())),
    "a frame without rows": () => pl.DataFrame({ a: [1], b: ["x"] }).head(0),
    "a frame without columns": () => pl.DataFrame({}),
  },
  any: anyFrame(),
  foreign: NO_FRAMES,
  damaged: {
    "an empty file": "",
    "text": "id,value\n1,2\n",
    "a file that only begins well": "PAR1ARROW1",
    "bytes": new Uint8Array(500).map((_, index) => (index * 7919) % 256),
  },
});
