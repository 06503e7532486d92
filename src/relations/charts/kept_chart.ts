/** Charts that were kept, with their data and the picture that was drawn. */
import { DISPLAY, INSPECT, oneLine } from "../../notebook/mod.ts";
import { chartText, contentHash, type MadeBy, renderCompleteChart, specText } from "../../notebook/render/mod.ts";
import type { MimeBundle, UnknownRow } from "../../types.ts";
import { COMPLETE, type CompleteChart, DrawnChart } from "../chart.ts";

type Spec = { readonly [key: string]: unknown };

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
