/** Is there room for a transaction? DuckDB ends the whole process where a disk is full while it takes back a commit that changed rows. */
import { statfsSync } from "node:fs";
import { dirname } from "@std/path";

/** More than the largest transaction of a run takes in the log. */
const ENOUGH = 4 * 1024 * 1024;

/** Refuses to begin a transaction on a disk that is nearly full. */
export function refuseFullDisk(path: string): void {
  const free = freeBytes(dirname(path));
  if (free < ENOUGH) {
    throw new Error(`No space left on device: ${Math.floor(free / 1024)} KiB are free, and ${ENOUGH / 1024} KiB are kept for a commit`);
  }
}

/** Where this program may not ask, or the file system does not say, there is as much as anybody knows. */
function freeBytes(folder: string): number {
  if (Deno.permissions.querySync({ name: "sys", kind: "statfs" }).state !== "granted") return Infinity;
  try {
    const { bavail, bsize, blocks } = statfsSync(folder);
    return blocks === 0 ? Infinity : bavail * bsize;
  } catch {
    return Infinity; // the transaction itself tells what is wrong with the folder
  }
}
