/** Every combination of some axes. */
import { OptionError } from "../errors.ts";

/** Axes by name: the values that a parameter takes. */
export type Axes = { readonly [key: string]: readonly unknown[] };
/** One combination of them. */
export type GridRow<T extends Axes> = { readonly [K in keyof T]: T[K][number] };

/**
 * Every combination of some axes, as rows for `mapRuns`. The last axis changes fastest.
 *
 * @param axes Values by name.
 * @returns A row for each combination; none where an axis is empty.
 * @throws {OptionError} `option_invalid`, where an axis is no list.
 *
 * @example Four rows
 * ```ts
 * import { grid } from "consist";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(grid({ alpha: [1, 2], mode: ["car", "bus"] }), [
 *   { alpha: 1, mode: "car" },
 *   { alpha: 1, mode: "bus" },
 *   { alpha: 2, mode: "car" },
 *   { alpha: 2, mode: "bus" },
 * ]);
 * ```
 */
export function grid<const T extends Axes>(axes: T): GridRow<T>[] {
  let rows: [string, unknown][][] = [[]];
  for (const [name, values] of Object.entries(axes)) {
    if (!Array.isArray(values)) throw noAxis(name);
    rows = rows.flatMap((row) => values.map((value: unknown): [string, unknown][] => [...row, [name, value]]));
  }
  return rows.map((row) => Object.fromEntries(row) as GridRow<T>);
}

function noAxis(name: string): OptionError {
  return new OptionError("option_invalid", {
    problem: `The axis "${name}" of grid() is no list.`,
    why: "A grid has a row for each combination of its axes' values.",
    fix: `Give a list: grid({ ${name}: [1, 2, 3] }). One value is a list of one.`,
    path: name,
  });
}
