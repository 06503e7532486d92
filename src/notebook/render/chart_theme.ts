/** Colours and sizes of charts. */

import { recordOf } from "./spec_parts.ts";

type Spec = { readonly [key: string]: unknown };

const GREY = "#808080";
const FAINT = "rgba(128, 128, 128, 0.25)";

/** Colours and sizes that read on light and dark pages; what the specification says itself wins. */
export function themed(spec: Spec): Spec {
  const own = recordOf(spec.config);
  const config: { readonly [part: string]: object } = {
    axis: {
      labelColor: GREY,
      titleColor: GREY,
      domainColor: GREY,
      tickColor: GREY,
      gridColor: FAINT,
      titleFontWeight: "normal",
      labelFontSize: 11,
      titleFontSize: 12,
      titleLimit: 420,
    },
    legend: { labelColor: GREY, titleColor: GREY, titleFontWeight: "normal", labelFontSize: 11, titleFontSize: 12 },
    header: { labelColor: GREY, titleColor: GREY },
    title: { color: GREY, subtitleColor: GREY, anchor: "start", fontSize: 13, fontWeight: 600, subtitleFontSize: 11, limit: 560 },
    view: { stroke: null },
    mark: { color: "#3f7fc1" },
    text: { color: GREY },
  };
  const merged = Object.fromEntries(Object.entries(config).map(([part, value]) => [part, { ...value, ...recordOf(own[part]) }]));
  return { background: "transparent", ...spec, config: { font: "system-ui, sans-serif", ...own, ...merged } };
}
