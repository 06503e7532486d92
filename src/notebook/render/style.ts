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

const MONO = "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:12px";
const LINE = "1px solid rgba(128,128,128,0.25)";
const STRONG = "1px solid rgba(128,128,128,0.6)";
const RED = "background:rgba(215,60,70,0.16)";
const GREEN = "background:rgba(40,165,95,0.18)";
const CELL = "padding:2px 14px 2px 0;text-align:left;vertical-align:top";
const DIFF_LINES = `${MONO};padding:1px 6px;margin:1px 0;white-space:pre-wrap;overflow-wrap:break-word`;
const HEAD = `padding:3px 10px;vertical-align:bottom;font-weight:600;white-space:nowrap;border-bottom:${STRONG}`;
const GRID = `padding:2px 10px;vertical-align:top;border-bottom:${LINE}`;
const PILL = "display:inline-block;color:#ffffff;border-radius:3px;padding:0 7px;font-weight:600";
const NOTICE = "margin:6px 0 0 0;padding:3px 8px";

/** The styles that the cards and tables share. */
export const STYLE = {
  muted: "opacity:0.65",
  faint: "opacity:0.65",
  name: "font-weight:600;font-size:14px",
  mono: MONO,
  hash: `${MONO};opacity:0.65`,
  setting: "display:inline-block;margin-right:12px",
  right: "float:right;margin-left:14px;white-space:nowrap",
  path: `${MONO};word-break:break-all`,
  table: "border-collapse:collapse;margin:0;table-layout:auto;font-size:13px;border:none",
  row: "background:transparent",
  label: `${CELL};min-width:52px;white-space:nowrap;opacity:0.65`,
  key: `${CELL};white-space:nowrap`,
  cell: CELL,
  section: "margin:6px 0 0 0",
  details: "margin:6px 0 0 0",
  summary: "cursor:pointer;opacity:0.65;font-size:12px",
  warning: `${NOTICE};border-left:3px solid ${ACCENT.warning};background:rgba(200,140,0,0.12)`,
  error:
    `${NOTICE};border-left:3px solid ${ACCENT.failed};background:rgba(200,60,60,0.1);${MONO};white-space:pre-wrap;overflow-wrap:break-word`,
  pre:
    `margin:6px 0 0 0;padding:6px 8px;background:rgba(128,128,128,0.1);${MONO};line-height:1.4;white-space:pre-wrap;overflow-wrap:break-word;max-height:260px;overflow:auto`,
  before: `${MONO};${RED};padding:0 4px;border-radius:3px;overflow-wrap:break-word`,
  after: `${MONO};${GREEN};padding:0 4px;border-radius:3px;overflow-wrap:break-word`,
  beforeLines: `${DIFF_LINES};${RED}`,
  afterLines: `${DIFF_LINES};${GREEN}`,
  track:
    "display:inline-block;width:160px;height:6px;border-radius:3px;background:rgba(128,128,128,0.3);vertical-align:middle;margin-right:10px",
  bar: `display:block;height:6px;border-radius:3px;background:${ACCENT.executed}`,
  caption: "font-weight:600;font-size:13px;margin:0 0 4px 0",
  mark: "font-size:12px;margin:3px 0 0 0",
  footer: "opacity:0.65;font-size:12px;margin:3px 0 0 0",
  query: `opacity:0.65;${MONO};font-size:11px;margin:1px 0 0 0;white-space:nowrap`,
  picture: "margin:2px 0;max-width:100%;max-height:480px;overflow:auto;direction:rtl;text-align:left",
  scroll: "margin:2px 0;max-width:100%;overflow-x:auto;font-size:13px",
  grid: "border-collapse:collapse;margin:0;table-layout:auto;font-size:12px;line-height:1.35;border:none",
  head: `${HEAD};text-align:left`,
  headNumber: `${HEAD};text-align:right`,
  type: "font-weight:400;font-size:10px;opacity:0.65",
  gridCell: `${GRID};text-align:left`,
  gridPill: `${GRID};padding-left:0;text-align:left`,
  gridNumber: `${GRID};text-align:right;white-space:nowrap`,
} as const;

/** The frame of a card, with the colour of what it says at its left. */
export function frame(accent: string): string {
  return `border:${LINE};border-left:3px solid ${accent};border-radius:3px;padding:8px 12px;margin:2px 0;max-width:900px;font-size:13px;line-height:1.45;overflow-x:auto;overflow-wrap:break-word`;
}

/** A small word in white on a colour. */
export function pill(accent: string): string {
  return `${PILL};background:${accent};margin-right:8px;font-size:11px;line-height:18px`;
}

/** The same in a line of a table. */
export function smallPill(accent: string): string {
  return `${PILL};background:${accent};font-size:10px;line-height:15px`;
}
