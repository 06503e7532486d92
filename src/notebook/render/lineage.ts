/** A graph of runs and artifacts, as a picture and as a tree. */
import type { MimeBundle } from "../../types.ts";
import type { LineageEdge, LineageNode, LineageView } from "../views.ts";
import { bundleOf } from "./bundle.ts";
import { type Html, html } from "./html.ts";
import { type Layout, layOut, type PlacedEdge } from "./lineage_layout.ts";
import { displayWidth, short } from "./printable.ts";
import { STYLE } from "./style.ts";
import { countOf } from "./units.ts";

/** More nodes than this are not drawn: those nearest to what was asked about are. */
const NODES = 60;
const LABEL = 30;
const DETAIL = 36;
const MARGIN = 8;
const FONT = "system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif";

/** Shows a lineage. */
export function renderLineage(view: LineageView): MimeBundle {
  const { nodes, hidden } = nearest(view);
  const notice = hidden === 0 ? "" : `The ${nodes.length} nodes nearest to it; ${countOf(hidden, "more node")} not drawn.`;
  const text = [tree(view), ...(notice === "" ? [] : [notice])].join("\n");
  if (nodes.length === 0) return bundleOf(html`<div style="${STYLE.muted}">no lineage</div>`, text);
  const { svg, width } = lineageSvg({ ...view, nodes });
  const picture = html`<div style="margin: 2px 0; max-width: 100%; overflow-x: auto">${
    picturedSvg(svg, `lineage of ${short(labelOf(view, view.root), 80)}`, width)
  }${notice === "" ? "" : html`<div style="${STYLE.footer}">${notice}</div>`}</div>`;
  return bundleOf(picture, text);
}

/** An SVG document as an image that also an untrusted notebook shows. */
export function picturedSvg(svg: Html | string, alt: string, width: number): Html {
  const bytes = new TextEncoder().encode(svg.toString());
  return html`<img src="${`data:image/svg+xml;base64,${bytes.toBase64()}`}" alt="${alt}" width="${
    Math.ceil(width)
  }" style="max-width: 100%; height: auto">`;
}

const labelOf = (view: LineageView, id: string) => view.nodes.find((node) => node.id === id)?.label ?? id;

/** The nodes that can be drawn, by distance from the root. */
function nearest(view: LineageView): { nodes: LineageNode[]; hidden: number } {
  if (view.nodes.length <= NODES) return { nodes: [...view.nodes], hidden: 0 };
  const neighbours = new Map<string, string[]>();
  for (const { from, to } of view.edges) {
    neighbours.set(from, [...(neighbours.get(from) ?? []), to]);
    neighbours.set(to, [...(neighbours.get(to) ?? []), from]);
  }
  const reached = new Set([view.root]);
  for (const id of reached) {
    if (reached.size >= NODES) break;
    for (const other of neighbours.get(id) ?? []) if (reached.size < NODES) reached.add(other);
  }
  const nodes = view.nodes.filter((node) => reached.has(node.id));
  return { nodes, hidden: view.nodes.length - nodes.length };
}

/** The picture as an SVG document. Runs are filled and artifacts are paper-white, so that both read on any page. */
export function lineageSvg(view: LineageView): { svg: Html; width: number; height: number } {
  const layout = layOut(view.nodes.map((node) => ({ id: node.id, ...sizeOf(node) })), view.edges);
  const width = layout.width + 2 * MARGIN;
  const height = layout.height + 2 * MARGIN;
  const svg = html`
    <svg xmlns="http://www.w3.org/2000/svg" width="${px(width)}" height="${px(height)}" viewBox="${`${-MARGIN} ${-MARGIN} ${px(width)} ${
      px(height)
    }`}"
      font-family="${FONT}">${layout.edges.map(edgeSvg)}${boxesSvg(view, layout)}</svg>
  `;
  return { svg, width, height };
}

function sizeOf(node: LineageNode): { width: number; height: number } {
  const label = displayWidth(short(node.label, LABEL)) * 7.1;
  const detail = displayWidth(short(node.detail ?? "", DETAIL)) * 5.6;
  return { width: Math.max(56, Math.ceil(Math.max(label, detail)) + 24), height: node.detail === undefined ? 28 : 40 };
}

function boxesSvg(view: LineageView, layout: Layout): Html[] {
  const nodes = new Map(view.nodes.map((node) => [node.id, node]));
  return layout.boxes.map((box) => {
    const node = nodes.get(box.id)!;
    const look = LOOK[node.kind];
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const root = box.id === view.root;
    return html`
      <rect x="${px(box.x)}" y="${px(box.y)}" width="${px(box.width)}" height="${px(box.height)}" rx="${node.kind === "run"
        ? px(box.height / 2)
        : "4"}" fill="${look.fill}" stroke="${root ? "#d97706" : look.stroke}"
        stroke-width="${root ? "2.5" : "1"}" /><text x="${px(x)}" y="${px(
          node.detail === undefined ? y + 4 : y - 2,
        )}" font-size="12" font-weight="600" text-anchor="middle"
        fill="${look.text}">${short(node.label, LABEL)}</text>${node.detail === undefined
          ? ""
          : html`<text x="${px(x)}" y="${px(y + 12)}" font-size="10" text-anchor="middle" fill="${look.detail}">${
            short(node.detail, DETAIL)
          }</text>`}
    `;
  });
}

const LOOK = {
  run: { fill: "#2f6db5", stroke: "#255a97", text: "#ffffff", detail: "#dbe8f7" },
  artifact: { fill: "#f4f6f8", stroke: "#9aa4b0", text: "#1f2933", detail: "#5b6673" },
} as const;

function edgeSvg({ edge, points }: PlacedEdge): Html {
  const [endX, endY] = points.at(-1)!;
  const head = `M${px(endX - 7)},${px(endY - 3.5)} L${px(endX)},${px(endY)} L${px(endX - 7)},${px(endY + 3.5)} Z`;
  const label = edge.label === undefined ? "" : edgeLabel(edge.label, points);
  return html`
    <path d="${curve(points)}" fill="none" stroke="#8b95a1" stroke-width="1.3" /><path d="${head}" fill="#8b95a1" />${label}
  `;
}

function edgeLabel(label: string, points: PlacedEdge["points"]): Html {
  const [a, b] = [points.at(-2)!, points.at(-1)!];
  return html`<text x="${px((a[0] + b[0]) / 2)}" y="${px((a[1] + b[1]) / 2 - 4)}" font-size="9" text-anchor="middle" fill="#808080">${
    short(label, 14)
  }</text>`;
}

/** A smooth line from left to right through the points. */
function curve(points: PlacedEdge["points"]): string {
  const [first, ...others] = points;
  let path = `M${px(first![0])},${px(first![1])}`;
  let [x, y] = first!;
  for (const [toX, toY] of others) {
    const bend = (x + toX) / 2;
    path += ` C${px(bend)},${px(y)} ${px(bend)},${px(toY)} ${px(toX)},${px(toY)}`;
    [x, y] = [toX, toY];
  }
  return path;
}

const px = (value: number) => String(Math.round(value * 10) / 10);

/** What it was made from, as a tree; a node that was shown already is only named. */
function tree(view: LineageView): string {
  const nodes = new Map(view.nodes.map((node) => [node.id, node]));
  const before = Map.groupBy(view.edges, (edge) => edge.to);
  const shown = new Set<string>();
  const lines: string[] = [];
  const visit = (id: string, lead: string, branch: string, edge?: LineageEdge) => {
    if (lines.length >= 2 * NODES) return;
    const again = shown.has(id);
    const inner = before.get(id) ?? [];
    lines.push(`${lead}${branch}${nodeText(nodes.get(id), id, edge)}${again && inner.length > 0 ? " (as above)" : ""}`);
    if (again) return;
    shown.add(id);
    const next = lead + (branch === "" ? "" : branch.startsWith("└") ? "   " : "│  ");
    inner.forEach((one, i) => visit(one.from, next, i === inner.length - 1 ? "└─ " : "├─ ", one));
  };
  visit(view.root, "", "");
  return [...lines, ...(lines.length >= 2 * NODES ? ["…"] : [])].join("\n");
}

function nodeText(node: LineageNode | undefined, id: string, edge: LineageEdge | undefined): string {
  if (!node) return short(id, 60);
  const role = edge?.label === undefined || edge.label === node.label ? "" : `${short(edge.label, 30)}: `;
  const detail = node.detail === undefined ? "" : `  ${short(node.detail, 60)}`;
  return `${role}${node.kind === "run" ? "run " : ""}${short(node.label, 60)}${detail}`;
}
