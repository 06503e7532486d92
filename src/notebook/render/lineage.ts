/** A graph of runs and artifacts, as a picture and as a tree. */
import type { MimeBundle } from "../../types.ts";
import { short } from "../text/printable.ts";
import { countOf } from "../text/units.ts";
import type { LineageEdge, LineageNode, LineageView } from "../views.ts";
import { bundleOf } from "./bundle.ts";
import { footerHtml } from "./grid.ts";
import { markup } from "./html.ts";
import { lineageSvg } from "./lineage_svg.ts";
import { muted } from "./parts.ts";
import { pictured } from "./picture.ts";
import { STYLE } from "./style.ts";

/** More nodes than this are not drawn: those nearest to what was asked about are. */
const NODES = 60;

/** A wide picture shrinks to this part of its size before it scrolls. */
const LEAST = 0.75;

/** Shows a lineage. What was asked about is at the right; a picture that has to scroll begins there. */
export function renderLineage(view: LineageView): MimeBundle {
  if (view.nodes.length === 0) return bundleOf(muted("no lineage"), "no lineage");
  const { nodes, hidden } = nearest(view);
  const notice = hidden === 0 ? [] : [`The ${nodes.length} nodes nearest to it; ${countOf(hidden, "more node")} not drawn.`];
  const { svg, width } = lineageSvg({ ...view, nodes });
  const root = view.nodes.find((node) => node.id === view.root)?.label ?? view.root;
  const picture = pictured(svg.toString(), `lineage of ${short(root, 80)}`, { width, least: LEAST });
  return bundleOf(
    markup`<div><div style="${STYLE.picture}">${picture}</div>${notice.map(footerHtml)}</div>`,
    [tree(view), ...notice].join("\n"),
  );
}

/** The nodes that can be drawn, by distance from the root. */
function nearest(view: LineageView): { nodes: readonly LineageNode[]; hidden: number } {
  if (view.nodes.length <= NODES) return { nodes: view.nodes, hidden: 0 };
  const neighbours = Map.groupBy(
    view.edges.flatMap(({ from, to }) => [{ at: from, other: to }, { at: to, other: from }]),
    ({ at }) => at,
  );
  const reached = new Set([view.root]);
  for (const id of reached) {
    for (const { other } of neighbours.get(id) ?? []) if (reached.size < NODES) reached.add(other);
  }
  const nodes = view.nodes.filter((node) => reached.has(node.id));
  return { nodes, hidden: view.nodes.length - nodes.length };
}

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
