/** Charts of a user's own specification, over whatever has rows. */
import type * as lite from "vega-lite";
import { OptionError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import type { Chart, DataFrame, Relation, UnknownRow } from "../types.ts";
import { RowsChart } from "./chart.ts";
import { plottedRows } from "./relation.ts";

/** Any Vega-Lite specification, as Vega-Lite itself knows it. */
export type AnyVegaLiteSpec = lite.TopLevelSpec;

/** Each of several types without a property. */
export type WithoutProperty<T, K extends string> = T extends unknown ? Omit<T, K> : never;

/**
 * A Vega-Lite specification as the editor knows it, without its data: `const spec = { ... } satisfies VegaLiteSpec`. `chart` takes any object, so
 * that what a newer Vega-Lite knows is no error here.
 */
export type VegaLiteSpec = WithoutProperty<AnyVegaLiteSpec, "data">;

/** What `chart` draws. */
// deno-lint-ignore no-explicit-any -- which rows a relation has does not matter here
export type ChartSource = DataFrame | Relation<any> | readonly object[];

/**
 * Draws a DataFrame, a relation or rows with a Vega-Lite specification: layers, facets, error bands, axis titles, whatever `plot()` has no
 * option for. The specification is written without `data`.
 *
 * Rows are read when the chart is shown. Colours and sizes that it does not set are those of `plot()`. Of more than 5,000 rows a part is
 * drawn, and the chart says so; where it would sum them up it is an error instead.
 *
 * @param data What to draw.
 * @param spec A Vega-Lite specification.
 * @returns A chart that shows itself in a notebook.
 * @throws {OptionError} `option_invalid` where the data has no rows to give or the specification is none; when it is shown, `unknown_key`
 * where a field is no column.
 *
 * @example A line in its band
 * ```ts
 * import { chart } from "consist";
 * import assert from "node:assert/strict";
 *
 * const rows = [{ year: 2020, mean: 3, low: 2, high: 4 }, { year: 2030, mean: 4, low: 2, high: 6 }];
 * const x = { field: "year", type: "quantitative", axis: { format: "d" } };
 * const band = chart(rows, {
 *   layer: [
 *     { mark: { type: "area", opacity: 0.3 }, encoding: { x, y: { field: "low", type: "quantitative" }, y2: { field: "high" } } },
 *     { mark: "line", encoding: { x, y: { field: "mean", type: "quantitative" } } },
 *   ],
 * });
 * assert.match(await band.svg(), /^<svg/);
 * await assert.rejects(chart(rows, { mark: "bar", encoding: { x: { field: "yaer" } } }).svg(), /Did you mean "year"/);
 * ```
 */
export function chart(data: ChartSource, spec: VegaLiteSpec | { readonly [key: string]: unknown }): Chart {
  const rows = readerOf(data);
  checkSpec(spec);
  const own = spec as { readonly [key: string]: unknown };
  return new RowsChart(rows, async (found) => (await import("../notebook/render/mod.ts")).ownSpec(own, found), own);
}

function readerOf(data: unknown): () => Promise<readonly UnknownRow[]> {
  if (Array.isArray(data)) {
    const odd = data.findIndex((row) => typeof row !== "object" || row === null || Array.isArray(row));
    if (odd >= 0) {
      throw noRows(
        `Row ${odd + 1} (index ${odd}) is ${JSON.stringify(data[odd]) ?? typeof data[odd]}, and a row is an object: { column: value }.`,
      );
    }
    return () => Promise.resolve(data);
  }
  if (Object.prototype.toString.call(data) === "[object DataFrame]") {
    return () => Promise.resolve((data as DataFrame).toRecords() as UnknownRow[]);
  }
  const read = plottedRows(data);
  if (read === undefined) throw noRows(`It was given ${data === null ? "null" : `a value of type ${typeof data}`}.`);
  return read;
}

function checkSpec(spec: unknown): void {
  const isSpec = typeof spec === "object" && spec !== null && !Array.isArray(spec);
  if (isSpec && !("data" in spec)) return;
  throw new OptionError("option_invalid", {
    problem: "chart() was called with a specification that it cannot use.",
    why: isSpec ? "It has `data` of its own, and the rows are the first argument." : "A Vega-Lite specification is an object.",
    fix: isSpec ? "Leave `data` out." : 'Give one, such as { mark: "line", encoding: { x: { field: "year" }, y: { field: "trips" } } }.',
    path: "spec",
  });
}

function noRows(why: string): OptionError {
  return new OptionError("option_invalid", {
    problem: "chart() was called with something that has no rows.",
    why,
    fix: "Give a DataFrame, a relation (`relation(artifact)`, sql`...`, a view) or a list of rows.",
    path: "data",
  });
}
