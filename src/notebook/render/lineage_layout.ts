/** Where the nodes of a lineage stand: columns by how far the work has come, rows so that arrows cross little. */
import type { LineageEdge } from "../views.ts";

/** A box to place. */
export interface Box {
  /** Its id. */
  readonly id: string;
  /** Its width. */
  readonly width: number;
  /** Its height. */
  readonly height: number;
}

/** A placed box; `x` and `y` are its upper left corner. */
export interface PlacedBox extends Box {
  /** From the left. */
  readonly x: number;
  /** From the top. */
  readonly y: number;
}

/** An arrow as the points it passes. */
export interface PlacedEdge {
  /** The edge. */
  readonly edge: LineageEdge;
  /** Its points: the end of a box, places between, the begin of a box. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A drawing. */
export interface Layout {
  /** Whole width. */
  readonly width: number;
  /** Whole height. */
  readonly height: number;
  /** The boxes. */
  readonly boxes: readonly PlacedBox[];
  /** The arrows. */
  readonly edges: readonly PlacedEdge[];
}

const COLUMN_GAP = 48;
const ROW_GAP = 14;
const SWEEPS = 6;

/** A box or a bend of an arrow that passes a column. */
interface Slot {
  readonly id: string;
  width: number;
  readonly height: number;
  x: number;
  y: number;
  before: Slot[];
  after: Slot[];
}

/** Places boxes in columns from left to right. Edges between unknown ids and those that close a circle are left out of the order. */
export function layOut(boxes: readonly Box[], edges: readonly LineageEdge[]): Layout {
  const known = new Set(boxes.map((box) => box.id));
  const real = edges.filter((edge) => known.has(edge.from) && known.has(edge.to) && edge.from !== edge.to);
  const layerOf = layersOf(boxes, real);
  const forward = real.filter((edge) => layerOf.get(edge.from)! < layerOf.get(edge.to)!);
  const slots = new Map<string, Slot>(boxes.map((box) => [box.id, { ...box, x: 0, y: 0, before: [], after: [] }]));
  const layers: Slot[][] = Array.from({ length: Math.max(0, ...layerOf.values()) + 1 }, () => []);
  for (const box of boxes) layers[layerOf.get(box.id)!]!.push(slots.get(box.id)!);
  const paths = forward.map((edge) => pathOf(edge, slots, layers, layerOf));
  order(layers);
  const width = columns(layers);
  rows(layers);
  const height = Math.max(0, ...layers.flat().map((slot) => slot.y + slot.height));
  return {
    width,
    height,
    boxes: boxes.map((box) => ({ ...box, x: slots.get(box.id)!.x, y: slots.get(box.id)!.y })),
    edges: forward.map((edge, i) => ({ edge, points: pointsOf(paths[i]!) })),
  };
}

/** The column of each box: one more than the furthest of those before it. */
function layersOf(boxes: readonly Box[], edges: readonly LineageEdge[]): Map<string, number> {
  const before = Map.groupBy(edges, (edge) => edge.to);
  const layer = new Map<string, number>();
  const open = new Set<string>();
  const visit = (id: string): number => {
    const known = layer.get(id);
    if (known !== undefined) return known;
    if (open.has(id)) return -1; // a circle: this edge does not count
    open.add(id);
    const found = 1 + Math.max(-1, ...(before.get(id) ?? []).map((edge) => visit(edge.from)));
    open.delete(id);
    layer.set(id, found);
    return found;
  };
  for (const box of boxes) visit(box.id);
  return layer;
}

/** The slots an edge passes; columns between its ends get a bend, so that it does not run through a box. */
function pathOf(edge: LineageEdge, slots: Map<string, Slot>, layers: Slot[][], layerOf: Map<string, number>): Slot[] {
  const path = [slots.get(edge.from)!];
  for (let layer = layerOf.get(edge.from)! + 1; layer < layerOf.get(edge.to)!; layer++) {
    const bend: Slot = { id: "", width: 0, height: 6, x: 0, y: 0, before: [], after: [] };
    layers[layer]!.push(bend);
    path.push(bend);
  }
  path.push(slots.get(edge.to)!);
  for (let i = 1; i < path.length; i++) {
    path[i]!.before.push(path[i - 1]!);
    path[i - 1]!.after.push(path[i]!);
  }
  return path;
}

/** Sorts each column by the middle of its neighbours, forth and back. */
function order(layers: Slot[][]): void {
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forth = sweep % 2 === 0;
    for (const layer of forth ? layers : layers.toReversed()) {
      const neighbours = (slot: Slot) => forth ? slot.before : slot.after;
      const key = new Map(layer.map((slot, i) => [slot, middle(neighbours(slot).map((other) => other.y)) ?? i]));
      layer.sort((a, b) => key.get(a)! - key.get(b)!);
      layer.forEach((slot, i) => slot.y = i);
    }
  }
}

function middle(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function columns(layers: readonly Slot[][]): number {
  let x = 0;
  for (const layer of layers) {
    const width = Math.max(0, ...layer.map((slot) => slot.width));
    for (const slot of layer) {
      if (slot.id === "") slot.width = width;
      slot.x = x + (width - slot.width) / 2;
    }
    x += width + COLUMN_GAP;
  }
  return Math.max(0, x - COLUMN_GAP);
}

/** Stacks each column, then pulls every slot towards its neighbours as far as the order allows. */
function rows(layers: readonly Slot[][]): void {
  for (const layer of layers) stack(layer, layer.map((slot) => slot.y));
  for (let sweep = 0; sweep < SWEEPS * 2; sweep++) {
    const forth = sweep % 2 === 0;
    for (const layer of forth ? layers : layers.toReversed()) {
      const wanted = layer.map((slot) => {
        const others = forth ? slot.before : slot.after;
        return middle((others.length > 0 ? others : forth ? slot.after : slot.before).map((other) => other.y + other.height / 2)) ??
          slot.y + slot.height / 2;
      });
      stack(layer, wanted.map((centre, i) => centre - layer[i]!.height / 2));
    }
  }
  const top = Math.min(0, ...layers.flat().map((slot) => slot.y));
  for (const slot of layers.flat()) slot.y -= top;
  const lift = Math.min(...layers.flat().map((slot) => slot.y));
  if (Number.isFinite(lift)) { for (const slot of layers.flat()) slot.y -= lift; }
}

/** Gives each slot the place it wants; those that would overlap are moved apart as a block around the middle of their wishes. */
function stack(layer: readonly Slot[], wanted: readonly number[]): void {
  const blocks: { from: number; to: number; top: number; height: number; wish: number }[] = [];
  layer.forEach((slot, i) => {
    let block = { from: i, to: i, top: wanted[i]!, height: slot.height, wish: wanted[i]! };
    for (let last = blocks.at(-1); last && last.top + last.height + ROW_GAP > block.top; last = blocks.at(-1)) {
      blocks.pop();
      block = merged(last, block);
    }
    blocks.push(block);
  });
  for (const block of blocks) {
    let y = block.top;
    for (let i = block.from; i <= block.to; i++) {
      layer[i]!.y = y;
      y += layer[i]!.height + ROW_GAP;
    }
  }
}

type Block = { from: number; to: number; top: number; height: number; wish: number };

/** `wish` is the sum of where each member would put the block's top. */
function merged(a: Block, b: Block): Block {
  const offset = a.height + ROW_GAP;
  const wish = a.wish + b.wish - offset * (b.to - b.from + 1);
  const size = b.to - a.from + 1;
  return { from: a.from, to: b.to, height: offset + b.height, wish, top: wish / size };
}

function pointsOf(path: readonly Slot[]): (readonly [number, number])[] {
  return path.flatMap((slot, i) => {
    const y = slot.y + slot.height / 2;
    if (i === 0) return [[slot.x + slot.width, y] as const];
    if (i === path.length - 1) return [[slot.x, y] as const];
    return [[slot.x, y] as const, [slot.x + slot.width, y] as const];
  });
}
