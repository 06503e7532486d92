import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalFacet, exactFacetValue, facetId, type FacetLeaf, facetLeaves } from "./facet_rows.ts";
import { parseJson } from "./json.ts";

interface Vector {
  name: string;
  facet: unknown;
  facetCanonical: string;
  facetId: string;
  runConfigKv: FacetLeaf[];
  artifactKv?: FacetLeaf[];
}
const { vectors } = parseJson(
  await Deno.readTextFile(new URL("../../tests/fixtures/kv-vectors.json", import.meta.url)),
) as { vectors: Vector[] };

/** JavaScript has no 1.0 beside 1: key and value agree there, type and id cannot. */
const WITHOUT_FLOATS = "float that is a whole number";

for (const vector of vectors) {
  Deno.test(`facetLeaves() and facetId() agree with Python: ${vector.name}`, () => {
    const leaves = facetLeaves(vector.facet);
    const loose = vector.name === WITHOUT_FLOATS;
    const expected = vector.runConfigKv.map((leaf) => loose && leaf.value_type === "float" ? { ...leaf, value_type: "int" } : leaf);
    assert.deepEqual(leaves, expected);
    if (vector.artifactKv) assert.deepEqual(leaves.filter((leaf) => leaf.value_type !== "json"), vector.artifactKv);
    if (loose) return assert.notEqual(facetId(vector.facet), vector.facetId);
    assert.equal(canonicalFacet(vector.facet), vector.facetCanonical);
    assert.equal(facetId(vector.facet), vector.facetId);
  });
}

Deno.test("exactFacetValue() takes a leaf by its key from the facet itself", () => {
  const facet = { a: { "b.c": 0.1, t: false }, list: [1], none: null };
  assert.equal(exactFacetValue(facet, "a.b\\.c"), 0.1);
  assert.equal(exactFacetValue(facet, "a.t"), false);
  assert.deepEqual(exactFacetValue(facet, "list"), [1]);
  assert.equal(exactFacetValue(facet, "none"), null);
  assert.equal(exactFacetValue(facet, "a.b.c"), undefined);
});

Deno.test("facetId() is the same for the same content and another for another", () => {
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
    assert.equal(facetId(a), facetId(JSON.parse(JSON.stringify(a))));
    if (canonicalFacet(a) !== canonicalFacet(b)) assert.notEqual(facetId(a), facetId(b));
  }));
});
