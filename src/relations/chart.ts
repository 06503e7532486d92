/** Charts over rows that are read when the chart is shown. */
import { chartSvg, chartText, DISPLAY, plotSpec, renderChart } from "../notebook/mod.ts";
import type { Chart, MimeBundle, PlotOptions, UnknownRow } from "../types.ts";

type Spec = { readonly [key: string]: unknown };

/** A Vega-Lite chart whose rows are read when it is shown. */
export class RowsChart implements Chart {
  readonly #rows: () => Promise<readonly UnknownRow[]>;
  readonly #specOf: (rows: readonly UnknownRow[]) => Spec;
  #spec: Spec;

  /** Wraps a reader of rows; `draft` stands for the specification until the rows are known. */
  constructor(rows: () => Promise<readonly UnknownRow[]>, specOf: (rows: readonly UnknownRow[]) => Spec, draft: Spec) {
    this.#rows = rows;
    this.#specOf = specOf;
    this.#spec = draft;
  }

  /** The Vega-Lite specification, without its data. How each column is measured is known once the chart was shown. */
  get spec(): { readonly [key: string]: unknown } {
    return this.#spec;
  }

  /** The chart as an SVG document. */
  async svg(): Promise<string> {
    const rows = await this.#read();
    return await chartSvg(this.#spec, rows);
  }

  /** Reads the rows and shows the chart. */
  async [DISPLAY](): Promise<MimeBundle> {
    const rows = await this.#read();
    return await renderChart({ spec: this.#spec, rows, text: chartText(this.#spec, rows) });
  }

  async #read(): Promise<readonly UnknownRow[]> {
    const rows = await this.#rows();
    this.#spec = this.#specOf(rows);
    return rows;
  }
}

/** A chart of some columns, measured by their values. */
export function plotOf(rows: () => Promise<readonly UnknownRow[]>, options: PlotOptions<string>): RowsChart {
  const encoding = {
    x: { field: options.x },
    y: { field: options.y },
    ...(options.color === undefined ? {} : { color: { field: options.color } }),
  };
  const title = options.title === undefined ? {} : { title: options.title };
  return new RowsChart(rows, (found) => plotSpec(options, found), { ...title, mark: options.mark ?? "point", encoding });
}
