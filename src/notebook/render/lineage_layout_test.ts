import assert from "node:assert/strict";
import fc from "fast-check";
import { type Box, layOut, type PlacedBox } from "./lineage_layout.ts";

const box = (id: string): Box => ({ id, width: 60, height: 30 });
const graph = fc.integer({ min: 1, max: 14 }).chain((n) =>
  fc.record({
    boxes: fc.constant(Array.from({ length: n }, (_, i) => box(`n${i}`))),
    edges: fc.array(fc.record({ from: fc.nat(n).map((i) => `n${i}`), to: fc.nat(n).map((i) => `n${i}`) }), { maxLength: 30 }),
  })
);

function overlaps(a: PlacedBox, b: PlacedBox): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

Deno.test("layOut() places every box inside the drawing, none over another, for any graph", () => {
  fc.assert(fc.property(graph, ({ boxes, edges }) => {
    const layout = layOut(boxes, edges);
    assert.equal(layout.boxes.length, boxes.length);
    for (const [i, a] of layout.boxes.entries()) {
      assert.ok(a.x >= 0 && a.y >= 0 && a.x + a.width <= layout.width + 1e-6 && a.y + a.height <= layout.height + 1e-6);
      for (const b of layout.boxes.slice(i + 1)) assert.ok(!overlaps(a, b), `${a.id} and ${b.id}`);
    }
  }));
});

Deno.test("layOut() draws every arrow from left to right", () => {
  fc.assert(fc.property(graph, ({ boxes, edges }) => {
    for (const { points } of layOut(boxes, edges).edges) {
      for (let i = 1; i < points.length; i++) assert.ok(points[i]![0] >= points[i - 1]![0]);
    }
  }));
});

Deno.test("layOut() leads an arrow that passes a column around its boxes", () => {
  const edges = [{ from: "a", to: "b" }, { from: "b", to: "c" }, { from: "a", to: "c" }];
  const layout = layOut(["a", "b", "c"].map(box), edges);
  const between = layout.boxes.find(({ id }) => id === "b")!;
  const long = layout.edges.find(({ edge }) => edge.from === "a" && edge.to === "c")!;
  for (const [, y] of long.points.slice(1, -1)) assert.ok(y < between.y || y > between.y + between.height);
});

Deno.test("layOut() draws what is left of a graph with circles and unknown ends", () => {
  const edges = [{ from: "a", to: "b" }, { from: "b", to: "a" }, { from: "a", to: "a" }, { from: "a", to: "nobody" }];
  const layout = layOut([box("a"), box("b")], edges);
  assert.equal(layout.boxes.length, 2);
  assert.equal(layout.edges.length, 1);
});

Deno.test("layOut() of nothing is empty", () => {
  assert.deepEqual(layOut([], []), { width: 0, height: 0, boxes: [], edges: [] });
});
