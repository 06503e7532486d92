/** Files as a polars LazyFrame: nothing is read before `collect()`. */
import { InputError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import type { LazyFrame } from "../types.ts";
import { driverNamed } from "./driver.ts";
import { loadPolars } from "./frames.ts";

/**
 * One LazyFrame over all files, their rows one after another. A column whose type differs between files takes the type that holds both.
 *
 * @throws {InputError} `input_unreadable` where files of this driver are no tables, `input_missing` where there is no file
 */
export async function lazyFrame(paths: readonly string[], driver: string): Promise<LazyFrame> {
  const { isTable, scan } = driverNamed(driver);
  if (!isTable) throw unscannable(paths[0] ?? "", `Its driver ${JSON.stringify(driver)} reads no tables.`);
  const frames = await Promise.all(paths.map((path) => scan(path)));
  if (frames.length === 1) return frames[0]!;
  // the type declarations of polars do not say that lazy frames stay lazy here
  return (await loadPolars()).concat(frames as never[], { how: "verticalRelaxed" }) as unknown as LazyFrame;
}

function unscannable(path: string, why: string): InputError {
  return new InputError("input_unreadable", {
    problem: `Cannot make a LazyFrame of ${JSON.stringify(path)}.`,
    why,
    fix: "Let the input be loaded, without lazy(...).",
    path,
  });
}
