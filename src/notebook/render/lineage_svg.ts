/** A lineage as an SVG document. It has colours of its own: an image does not know the page that it stands on. */
import { clipMiddle, displayWidth, oneLine, short } from "../text/printable.ts";
import type { LineageNode, LineageView } from "../views.ts";
import { type Html, markup } from "./html.ts";
import { type Layout, layOut, type PlacedBox, type PlacedEdge } from "./lineage_layout.ts";

/** Characters of a box's two lines, and of an arrow's role. */
const LABEL = 30;
const DETAIL = 36;
const ROLE = 12;
/** Room around the drawing, so that thick borders are whole. */
const MARGIN = 6;
const FONT = "system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif";
const ARROW = "#8b95a1";
const ROOT = "#d97706";

/** Runs are filled and artifacts are like paper: both read on light and dark pages. */
const LOOK = {
  run: { fill: "#2f6db5", stroke: "#255a97", text: "#ffffff", detail: "#dbe8f7" },
  artifact: { fill: "#f4f6f8", stroke: "#9aa4b0", text: "#1f2933", detail: "#5b6673" },
} as const;

/** Draws the nodes and the edges between them. */
export function lineageSvg(view: LineageView): { svg: Html; width: number; height: number } {
  const layout = layOut(view.nodes.map((node) => ({ id: node.id, ...sizeOf(node) })), view.edges);
  const [width, height] = [layout.width + 2 * MARGIN, layout.height + 2 * MARGIN];
  const box = `${-MARGIN} ${-MARGIN} ${px(width)} ${px(height)}`;
  const content = [edgesSvg(view, layout), boxesSvg(view, layout)];
  const svg = markup`<svg xmlns="http://www.w3.org/2000/svg" width="${px(width)}" height="${
    px(height)
  }" viewBox="${box}" font-family="${FONT}">${content}</svg>`;
  return { svg, width, height };
}

/** A box that its two lines fit in, by the usual width of letters. */
function sizeOf(node: LineageNode): { width: number; height: number } {
  const label = displayWidth(short(node.label, LABEL)) * 7.1;
  const detail = displayWidth(detailText(node.detail ?? "")) * 5.6;
  return { width: Math.max(56, Math.ceil(Math.max(label, detail)) + 24), height: node.detail === undefined ? 28 : 40 };
}

function boxesSvg(view: LineageView, layout: Layout): Html[] {
  const nodes = new Map(view.nodes.map((node) => [node.id, node]));
  return layout.boxes.map((box) => boxSvg(nodes.get(box.id)!, box, box.id === view.root));
}

function boxSvg(node: LineageNode, box: PlacedBox, root: boolean): Html {
  const look = LOOK[node.kind];
  const [x, y] = [px(box.x + box.width / 2), box.y + box.height / 2];
  const label = markup`<text x="${x}" y="${
    px(node.detail === undefined ? y + 4 : y - 2)
  }" font-size="12" font-weight="600" text-anchor="middle" fill="${look.text}">${short(node.label, LABEL)}</text>`;
  const detail = node.detail === undefined
    ? ""
    : markup`<text x="${x}" y="${px(y + 12)}" font-size="10" text-anchor="middle" fill="${look.detail}">${detailText(node.detail)}</text>`;
  return markup`${frameSvg(node, box, root)}${label}${detail}`;
}

function frameSvg({ kind }: LineageNode, box: PlacedBox, root: boolean): Html {
  const { fill, stroke } = LOOK[kind];
  const [x, y, width, height] = [box.x, box.y, box.width, box.height].map(px);
  const round = px(kind === "run" ? box.height / 2 : 4);
  const border = root ? { colour: ROOT, width: 2.5 } : { colour: stroke, width: 1 };
  return markup`<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${round}" fill="${fill}" stroke="${border.colour}" stroke-width="${border.width}"/>`;
}

/** Of a path both ends say something: where it is, and the file. */
function detailText(detail: string): string {
  return /[\\/]/.test(detail) ? clipMiddle(oneLine(detail.slice(0, 2000)), DETAIL) : short(detail, DETAIL);
}

/** The arrows. A role that a box has as its name is not said again. */
function edgesSvg(view: LineageView, layout: Layout): Html[] {
  const names = new Set(view.nodes.map((node) => node.label));
  return layout.edges.map((placed) => {
    const role = placed.edge.label;
    return markup`${arrowSvg(placed)}${role === undefined || names.has(role) ? "" : roleSvg(role, placed)}`;
  });
}

function arrowSvg({ points }: PlacedEdge): Html {
  const [x, y] = points.at(-1)!;
  const head = `M${px(x - 7)},${px(y - 3.5)} L${px(x)},${px(y)} L${px(x - 7)},${px(y + 3.5)} Z`;
  return markup`<path d="${curve(points)}" fill="none" stroke="${ARROW}" stroke-width="1.3"/><path d="${head}" fill="${ARROW}"/>`;
}

/** The role, at the begin of the last stretch, where the arrow is still level and alone: on the side that it does not turn to. */
function roleSvg(role: string, { points }: PlacedEdge): Html {
  const [x, y] = points.at(-2)!;
  const rises = points.at(-1)![1] < y - 12;
  return markup`<text x="${px(x + 5)}" y="${px(rises ? y + 11 : y - 4)}" font-size="9" fill="#808080">${short(role, ROLE)}</text>`;
}

/** A smooth line from left to right through the points. */
function curve(points: PlacedEdge["points"]): string {
  const [first, ...others] = points;
  let [x, y] = first!;
  const parts = others.map(([toX, toY]) => {
    const bend = (x + toX) / 2;
    const part = ` C${px(bend)},${px(y)} ${px(bend)},${px(toY)} ${px(toX)},${px(toY)}`;
    [x, y] = [toX, toY];
    return part;
  });
  return `M${px(first![0])},${px(first![1])}${parts.join("")}`;
}

const px = (value: number) => String(Math.round(value * 10) / 10);
