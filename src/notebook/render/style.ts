/** Inline styles. Notebook frontends drop style sheets of untrusted notebooks, and a card must read well on light and dark pages. */
import type { RunState } from "../views.ts";

/** White text on any of these has a contrast of at least 4.5, and the colour itself stands out on white and on near-black. */
export const ACCENT: { readonly [K in RunState | "neutral" | "warning"]: string } = {
  hit: "#1b7f4f",
  executed: "#2f6db5",
  failed: "#c2343c",
  running: "#9a6700",
  warning: "#9a6700",
  neutral: "#66707d",
};

const MONO = "ui-monospace, Menlo, Consolas, monospace";
const LINE = "1px solid rgba(128, 128, 128, 0.25)";
const STRONG = "1px solid rgba(128, 128, 128, 0.6)";

/** The styles that the cards and tables share. */
export const STYLE = {
  muted: "opacity: 0.65",
  name: "font-weight: 600; font-size: 14px",
  mono: `font-family: ${MONO}; font-size: 12px`,
  path: `font-family: ${MONO}; font-size: 12px; word-break: break-all`,
  table: "border-collapse: collapse; margin: 0; table-layout: auto; font-size: 13px",
  row: "background: transparent",
  label: "padding: 2px 14px 2px 0; text-align: left; vertical-align: top; white-space: nowrap; opacity: 0.65",
  cell: "padding: 2px 14px 2px 0; text-align: left; vertical-align: top",
  number: "padding: 2px 14px 2px 0; text-align: right; vertical-align: top; white-space: nowrap",
  section: "margin: 6px 0 0 0",
  details: "margin: 6px 0 0 0",
  summary: "cursor: pointer; opacity: 0.65; font-size: 12px",
  warning: `margin: 6px 0 0 0; padding: 3px 8px; border-left: 3px solid ${ACCENT.warning}; background: rgba(200, 140, 0, 0.12)`,
  error:
    `margin: 6px 0 0 0; padding: 3px 8px; border-left: 3px solid ${ACCENT.failed}; background: rgba(200, 60, 60, 0.1); font-family: ${MONO}; font-size: 12px; white-space: pre-wrap; word-break: break-word`,
  pre:
    `margin: 4px 0 0 0; padding: 6px 8px; background: rgba(128, 128, 128, 0.1); font-family: ${MONO}; font-size: 11px; line-height: 1.4; white-space: pre-wrap; word-break: break-word; max-height: 260px; overflow: auto`,
  caption: "font-weight: 600; font-size: 13px; margin: 0 0 4px 0",
  footer: "opacity: 0.65; font-size: 12px; margin: 3px 0 0 0",
  grid: "border-collapse: collapse; margin: 0; table-layout: auto; font-size: 12px; line-height: 1.35; border: none",
  head: `padding: 3px 10px; text-align: left; vertical-align: bottom; font-weight: 600; white-space: nowrap; border-bottom: ${STRONG}`,
  headNumber:
    `padding: 3px 10px; text-align: right; vertical-align: bottom; font-weight: 600; white-space: nowrap; border-bottom: ${STRONG}`,
  type: "font-weight: 400; font-size: 10px; opacity: 0.6",
  gridCell: `padding: 2px 10px; text-align: left; vertical-align: top; border-bottom: ${LINE}`,
  gridNumber: `padding: 2px 10px; text-align: right; vertical-align: top; white-space: nowrap; border-bottom: ${LINE}`,
} as const;

/** The frame of a card, with the colour of what it says at its left. */
export function frame(accent: string): string {
  return `border: ${LINE}; border-left: 3px solid ${accent}; border-radius: 3px; padding: 8px 12px; margin: 2px 0; max-width: 900px; font-size: 13px; line-height: 1.45; overflow-x: auto`;
}

/** A small word in white on a colour. */
export function pill(accent: string): string {
  return `display: inline-block; background: ${accent}; color: #ffffff; border-radius: 3px; padding: 0 7px; margin-right: 8px; font-size: 11px; font-weight: 600; line-height: 18px; letter-spacing: 0.02em`;
}
