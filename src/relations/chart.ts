/** Charts over rows that are read when the chart is shown. */
import { JSON } from "../intrinsics.ts";
import { type ChartView, DISPLAY, INSPECT, oneLine } from "../notebook/mod.ts";
import type { Chart, MimeBundle, PlotOptions, UnknownRow } from "../types.ts";
import type { MadeBy } from "../notebook/render/mod.ts";

type Spec = { readonly [key: string]: unknown };

/** The key under which a chart gives its specification with its data; shared by copies of the library. */
export const COMPLETE: unique symbol = Symbol.for("consist.chart") as typeof COMPLETE;

/** A chart with its specification and its data at one moment. */
export interface CompleteChart {
  /** The specification, with its data. */
  readonly spec: Spec;
  /** The chart in words. */
  readonly text: string;
}

/** What draws charts. */
const drawing = (): Promise<typeof import("../notebook/render/mod.ts")> => import("../notebook/render/mod.ts");

/** A Vega-Lite chart that can be shown, drawn and saved. */
export abstract class DrawnChart implements Chart {
  /** The Vega-Lite specification, without its data. */
  abstract get spec(): { readonly [key: string]: unknown };

  /**
   * The specification with the data that it has now.
   * @internal
   */
  abstract [COMPLETE](): Promise<CompleteChart>;

  /**
   * The run that made it, where one did.
   * @internal
   */
  get madeBy(): MadeBy | undefined {
    return undefined;
  }

  /** The chart as an SVG document. */
  async svg(): Promise<string> {
    return await (await drawing()).pictureOf((await this[COMPLETE]()).spec);
  }

  /** Writes the chart to a file: a picture where its name ends in `.svg` or `.png`, the specification with its data where it ends in `.json` or `.vl`. */
  async save(path: string | URL): Promise<void> {
    const { saveChart } = await import("./charts/mod.ts");
    await saveChart(path, async () => (await this[COMPLETE]()).spec, this.madeBy);
  }

  /** Shows the chart. */
  async [DISPLAY](): Promise<MimeBundle> {
    const { spec, text } = await this[COMPLETE]();
    return await (await drawing()).renderCompleteChart(spec, { text, madeBy: this.madeBy });
  }
}

/** A Vega-Lite chart whose rows are read when it is shown. */
export class RowsChart extends DrawnChart {
  readonly #rows: () => Promise<readonly UnknownRow[]>;
  readonly #specOf: (rows: readonly UnknownRow[]) => Promise<Spec>;
  #spec: Spec;

  /** Wraps a reader of rows; `draft` stands for the specification until the rows are known. */
  constructor(rows: () => Promise<readonly UnknownRow[]>, specOf: (rows: readonly UnknownRow[]) => Promise<Spec>, draft: Spec) {
    super();
    this.#rows = rows;
    this.#specOf = specOf;
    this.#spec = draft;
  }

  /** The Vega-Lite specification, without its data. How each column is measured is known once the chart was shown. */
  get spec(): { readonly [key: string]: unknown } {
    return this.#spec;
  }

  /**
   * Reads the rows.
   * @internal
   */
  async [COMPLETE](): Promise<CompleteChart> {
    const rows = await this.#rows();
    this.#spec = await this.#specOf(rows);
    const { chartText, completeSpec } = await drawing();
    return { spec: completeSpec({ spec: this.#spec, rows }), text: chartText(this.#spec, rows) };
  }

  /** What it is, for terminals: its rows come later than a terminal can wait. */
  [INSPECT](): string {
    return `Chart${titleOf(this.#spec)}: its rows are read when it is shown; await its svg() or save("figure.svg")`;
  }
}

/** A chart of ours, whose rows and specification are made when it is shown. */
class ViewChart extends DrawnChart {
  readonly #view: () => Promise<ChartView>;
  #spec: Spec = {};

  constructor(view: () => Promise<ChartView>) {
    super();
    this.#view = view;
  }

  get spec(): Spec {
    return this.#spec;
  }

  async [COMPLETE](): Promise<CompleteChart> {
    const view = await this.#view();
    this.#spec = view.spec;
    const { chartText, completeSpec } = await drawing();
    return { spec: completeSpec(view), text: view.text ?? chartText(view.spec, view.rows) };
  }

  [INSPECT](): string {
    return 'Chart: its rows are read when it is shown; await its svg() or save("figure.svg")';
  }
}

/** A chart that is made when it is shown. */
export function viewChart(view: () => Promise<ChartView>): Chart {
  return new ViewChart(view);
}

function titleOf({ title }: Spec): string {
  return typeof title === "string" && title !== "" ? ` ${JSON.stringify(oneLine(title))}` : "";
}

/** Gives the specification of a chart with its data, if the value is a chart. */
export function completeChart(value: unknown): (() => Promise<CompleteChart>) | undefined {
  if (typeof value !== "object" || value === null || !(COMPLETE in value)) return undefined;
  return () => (value as { [COMPLETE](): Promise<CompleteChart> })[COMPLETE]();
}

/** A chart of some columns, measured by their values. */
export function plotOf(rows: () => Promise<readonly UnknownRow[]>, options: PlotOptions<string>): RowsChart {
  const encoding = {
    x: { field: options.x },
    y: { field: options.y },
    ...(options.color === undefined ? {} : { color: { field: options.color } }),
  };
  const title = options.title === undefined ? {} : { title: options.title };
  return new RowsChart(rows, async (found) => (await drawing()).plotSpec(options, found), {
    ...title,
    mark: options.mark ?? "point",
    encoding,
  });
}
