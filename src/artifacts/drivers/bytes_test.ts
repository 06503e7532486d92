import fc from "fast-check";
import { driverNamed } from "../driver.ts";
import { testDriver } from "./contract_suite.ts";

testDriver({
  driver: driverNamed("bytes"),
  values: {
    "bytes": () => new Uint8Array([0, 1, 255]),
    "no bytes": () => new Uint8Array(),
    "a part of a buffer": () => new Uint8Array([1, 2, 3, 4]).subarray(1, 3),
  },
  any: fc.uint8Array(),
  foreign: { "numbers": () => [1, 2], "text": () => "x", "other numbers": () => new Float32Array(1), "a buffer": () => new ArrayBuffer(2) },
  damaged: {},
});
