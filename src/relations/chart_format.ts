/** What a file of a chart can be. */

/** What a chart's file can be. */
export type ChartFormat = "svg" | "png" | "json";

const FORMATS: readonly (readonly [ending: RegExp, format: ChartFormat])[] = [
  [/\.svg$/i, "svg"],
  [/\.png$/i, "png"],
  [/\.(?:json|vl|vegalite)$/i, "json"],
];

/** What a file of this name holds of a chart; nothing where its ending says nothing. */
export function chartFormat(path: string): ChartFormat | undefined {
  return FORMATS.find(([ending]) => ending.test(path))?.[1];
}
