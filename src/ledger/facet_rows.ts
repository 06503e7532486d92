/** A facet as rows: its canonical text and id, and one row for each of its leaves. Agrees with Python's library to the byte. */
import { createHash } from "node:crypto";
import { canonicalFacetJson, plainJson } from "./json.ts";

/** A facet above this many bytes of canonical JSON is not stored. */
export const FACET_BYTES_AT_MOST = 16_384;
/** A facet with more leaves than this is stored without its rows. */
export const FACET_ROWS_AT_MOST = 500;

/** Which column of a key-value row is meaningful. */
export type FacetValueType = "str" | "int" | "float" | "bool" | "json" | "null";

/** One leaf of a facet. */
export interface FacetLeaf {
  /** Keys joined by dots; a dot inside a key is written `\.`. */
  readonly key: string;
  /** Which of the values is meaningful. */
  readonly value_type: FacetValueType;
  /** Text. */
  readonly value_str: string | null;
  /** A number. */
  readonly value_num: number | null;
  /** True or false. */
  readonly value_bool: boolean | null;
  /** A list. */
  readonly value_json: unknown;
}

/** The text from which a facet's id is made. */
export const canonicalFacet = (facet: unknown): string => canonicalFacetJson(facet);

/** A facet's id: the SHA-256 of its canonical text. */
export function facetId(facet: unknown): string {
  return createHash("sha256").update(canonicalFacet(facet)).digest("hex");
}

/** The leaves of a facet. An empty object has none; a leaf without any key is left out. */
export function facetLeaves(facet: unknown): FacetLeaf[] {
  return leavesOf(facet, "").filter((leaf) => leaf.key !== "");
}

function leavesOf(raw: unknown, path: string, isRoot = true): FacetLeaf[] {
  const value = plainJson(raw);
  if (value === undefined) return [];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [leafOf(path, value)];
  return Object.entries(value).flatMap(([key, item]) => {
    const escaped = key.replaceAll(".", "\\.");
    return leavesOf(item, isRoot ? escaped : `${path}.${escaped}`, false);
  });
}

function leafOf(key: string, value: unknown): FacetLeaf {
  const empty = { key, value_str: null, value_num: null, value_bool: null, value_json: null };
  if (value === null) return { ...empty, value_type: "null" };
  if (typeof value === "string") return { ...empty, value_type: "str", value_str: value };
  if (typeof value === "boolean") return { ...empty, value_type: "bool", value_bool: value };
  if (typeof value === "bigint") return { ...empty, value_type: "int", value_num: Number(value) };
  if (typeof value === "number") return { ...empty, value_type: Number.isSafeInteger(value) ? "int" : "float", value_num: value };
  return { ...empty, value_type: "json", value_json: value };
}

/**
 * The exact value of a leaf, from the facet's own JSON. In ledgers that Python made, `value_num` has 32 bits: 0.1 reads as
 * 0.10000000149011612 there.
 */
export function exactFacetValue(facet: unknown, key: string): string | number | boolean | null | readonly unknown[] | undefined {
  const leaf = facetLeaves(facet).find((candidate) => candidate.key === key);
  if (leaf === undefined) return undefined;
  return leaf.value_str ?? leaf.value_num ?? leaf.value_bool ?? leaf.value_json as readonly unknown[] | null;
}
