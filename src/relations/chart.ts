/** Charts over rows that are read when the chart is shown, and charts that were kept. */
import { JSON } from "../intrinsics.ts";
import {
  chartText,
  type ChartView,
  completeSpec,
  contentHash,
  DISPLAY,
  INSPECT,
  type MadeBy,
  oneLine,
  pictureOf,
  plotSpec,
  renderCompleteChart,
  specText,
} from "../notebook/mod.ts";
import type { Chart, MimeBundle, PlotOptions, UnknownRow } from "../types.ts";
import { saveChart } from "./save_chart.ts";

type Spec = { readonly [key: string]: unknown };

/** The key under which a chart gives its specification with its data; shared by copies of the library. */
const COMPLETE: unique symbol = Symbol.for("consist.chart") as typeof COMPLETE;

/** A chart with its specification and its data at one moment. */
export interface CompleteChart {
  /** The specification, with its data. */
  readonly spec: Spec;
  /** The chart in words. */
  readonly text: string;
}

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
    return await pictureOf((await this[COMPLETE]()).spec);
  }

  /** Writes the chart to a file: a picture where its name ends in `.svg` or `.png`, the specification with its data where it ends in `.json` or `.vl`. */
  async save(path: string | URL): Promise<void> {
    await saveChart(path, async () => (await this[COMPLETE]()).spec, this.madeBy);
  }

  /** Shows the chart. */
  async [DISPLAY](): Promise<MimeBundle> {
    const { spec, text } = await this[COMPLETE]();
    return await renderCompleteChart(spec, { text, madeBy: this.madeBy });
  }
}

/** A Vega-Lite chart whose rows are read when it is shown. */
export class RowsChart extends DrawnChart {
  readonly #rows: () => Promise<readonly UnknownRow[]>;
  readonly #specOf: (rows: readonly UnknownRow[]) => Spec;
  #spec: Spec;

  /** Wraps a reader of rows; `draft` stands for the specification until the rows are known. */
  constructor(rows: () => Promise<readonly UnknownRow[]>, specOf: (rows: readonly UnknownRow[]) => Spec, draft: Spec) {
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
    this.#spec = this.#specOf(rows);
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

/** A chart with all that it shows, as an output or a file of its own had it. */
export class KeptChart extends DrawnChart {
  readonly #complete: Spec;
  readonly #madeBy: MadeBy | undefined;
  readonly #picture: () => Promise<string | undefined>;

  /** Wraps a specification with its data; `picture` gives the one that was drawn when it was made, if it is there. */
  constructor(complete: Spec, madeBy?: MadeBy, picture: () => Promise<string | undefined> = () => Promise.resolve(undefined)) {
    super();
    this.#complete = complete;
    this.#madeBy = madeBy;
    this.#picture = picture;
  }

  /** The Vega-Lite specification, without its data. */
  get spec(): { readonly [key: string]: unknown } {
    const { data: _data, ...spec } = this.#complete;
    return spec;
  }

  override get madeBy(): MadeBy | undefined {
    return this.#madeBy;
  }

  /** The chart as an SVG document: as it was drawn when it was made, where that picture is unharmed. */
  override async svg(): Promise<string> {
    return await this.#picture() ?? await super.svg();
  }

  /**
   * What it holds.
   * @internal
   */
  [COMPLETE](): Promise<CompleteChart> {
    return Promise.resolve({ spec: this.#complete, text: this.#text() });
  }

  /** Shows the chart, with the picture that was drawn when it was made. */
  override async [DISPLAY](): Promise<MimeBundle> {
    const made = this.#madeBy === undefined ? "" : `\n  made by ${oneLine(this.#madeBy.run)}`;
    const text = `${this.#text()}${made}`;
    return await renderCompleteChart(this.#complete, { text, madeBy: this.#madeBy, svg: await this.#picture() });
  }

  /** The chart in words, for terminals. */
  [INSPECT](): string {
    return this.#text();
  }

  /** What it is to a step that captures it: its content. */
  [Symbol.for("consist.identity")](): string {
    return `chart:${contentHash(specText(this.#complete))}`;
  }

  #text(): string {
    const { values } = (this.#complete.data ?? {}) as { values?: unknown };
    return chartText(this.#complete, Array.isArray(values) ? values as UnknownRow[] : []);
  }
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
  return new RowsChart(rows, (found) => plotSpec(options, found), { ...title, mark: options.mark ?? "point", encoding });
}
