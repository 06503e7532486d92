import fc from "fast-check";
import { driverNamed } from "../driver.ts";
import { testDriver } from "./contract_suite.ts";

testDriver({
  driver: driverNamed("txt"),
  values: {
    "text": () => "# hi\r\n\0é😀",
    "an empty text": () => "",
    "a byte order mark": () => "\ufeffx",
  },
  any: fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
  foreign: {
    "half of a surrogate pair": () => "a\udc00",
    "a number": () => 1,
    "a boxed text": () => Object("x"),
    "bytes": () => new Uint8Array(1),
  },
  damaged: { "bytes that are no UTF-8": new Uint8Array([97, 0xff, 98]) },
});
