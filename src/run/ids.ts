/** Ids of runs and artifacts. */
import { crypto } from "../intrinsics.ts";

/** A UUID of version 7: its beginning is the time, so that ids sort by age. */
export function newId(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setUint16(0, Math.floor(now / 2 ** 32));
  new DataView(bytes.buffer).setUint32(2, now % 2 ** 32);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** `<name>_<hex>`: twelve digits, so that a million runs of one name do not meet. */
export function newRunId(name: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return `${name}_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
