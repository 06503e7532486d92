/** Examples of artifacts, tables and lineages. */
import type { ArtifactCardView, LineageView, TableView } from "../src/notebook/mod.ts";
import { renderArtifactCard, renderLineage, renderTable } from "../src/notebook/render/mod.ts";
import { at, type Example } from "./gallery_example.ts";

const PEOPLE: TableView = {
  columns: [{ name: "person_id", type: "BIGINT" }, { name: "name", type: "VARCHAR" }, { name: "born", type: "DATE" }, {
    name: "trips",
    type: "DOUBLE",
  }, { name: "tags", type: "VARCHAR[]" }],
  rows: [
    [1, "Ada", new Date("1815-12-10"), 2.25, ["a", "b"]],
    [2, "Grace", new Date("1906-12-09"), 0.5, []],
    [3, null, null, null, null],
    [9007199254740993n, "Émilie", new Date("1706-12-17T06:30:00Z"), 11, [{ deep: [1, 2, 3] }]],
  ],
  total: 4,
  query: "select person_id, name, born, trips, tags from ⟨View persons⟩ where trips > $1 -- $1 = 0",
};

const LONG_TABLE: TableView = {
  caption: "trips",
  columns: [{ name: "id", type: "Int64" }, { name: "mode", type: "String" }, { name: "minutes", type: "Float64" }, {
    name: "cost",
    type: "Float64",
  }],
  rows: Array.from({ length: 10 }, (_, i) => [i + 1, ["car", "bus", "bike"][i % 3], 10 + (i * 7.37) % 31, (i * 1.25) % 6]),
  tail: Array.from({ length: 5 }, (_, i) => [1_249_996 + i, ["bus", "car"][i % 2], 12.5 + i, 1.75 * i]),
  total: 1_250_000,
};

const WIDE_TABLE: TableView = {
  columns: Array.from({ length: 40 }, (_, i) => ({ name: `zone_${i + 1}`, type: "DOUBLE" })),
  rows: [0, 1, 2].map((row) => Array.from({ length: 40 }, (_, i) => Math.round(((row + 1) * (i + 3) * 37) % 1000) / 10)),
  total: 3,
};

const ARTIFACT: ArtifactCardView = {
  id: "0199f3a2-7c1e-7d4b-9a55-0b1c2d3e4f50",
  key: "trips",
  path: "/home/ada/study/runs/simulate_71cc0a5e2b90/trips.parquet",
  uri: "./outputs/simulate_71cc0a5e2b90/trips.parquet",
  driver: "parquet",
  hash: "8badf00d".repeat(8),
  bytes: 42_700_000,
  run: { id: "simulate_71cc0a5e2b90", step: "simulate", scenario: "high_gas", year: 2030, at: at("22T09:16:40") },
  meta: [["role", "primary"]],
  columns: LONG_TABLE.columns,
  preview: { columns: LONG_TABLE.columns, rows: LONG_TABLE.rows.slice(0, 4), total: 1_250_000 },
};

const DAMAGED: ArtifactCardView = {
  ...ARTIFACT,
  key: "cleaned",
  state: "damaged",
  path: "/home/ada/study/runs/clean_9b1e77aa0c52/cleaned.parquet",
  preview: undefined,
  meta: [],
  run: { id: "clean_9b1e77aa0c52", step: "clean", at: at("20T14:03:11") },
};

const LINEAGE: LineageView = {
  root: "fig",
  nodes: [
    { id: "raw", kind: "artifact", label: "raw.csv", detail: "csv, 4.2 MB" },
    { id: "net", kind: "artifact", label: "network", detail: "geojson, 902 kB" },
    { id: "r1", kind: "run", label: "clean", detail: "12.3 s" },
    { id: "cleaned", kind: "artifact", label: "cleaned", detail: "parquet, 1.1 MB" },
    { id: "r2", kind: "run", label: "simulate", detail: "high_gas, 2030" },
    { id: "r3", kind: "run", label: "simulate", detail: "baseline, 2030" },
    { id: "t2", kind: "artifact", label: "trips", detail: "parquet, 42.7 MB" },
    { id: "t3", kind: "artifact", label: "trips", detail: "parquet, 41.9 MB" },
    { id: "r4", kind: "run", label: "compare", detail: "2026-11-22 09:20" },
    { id: "fig", kind: "artifact", label: "figure_3", detail: "json, 812 B" },
  ],
  edges: [
    { from: "raw", to: "r1", label: "raw" },
    { from: "r1", to: "cleaned" },
    { from: "cleaned", to: "r2" },
    { from: "cleaned", to: "r3" },
    { from: "net", to: "r2", label: "network" },
    { from: "net", to: "r3", label: "network" },
    { from: "r2", to: "t2" },
    { from: "r3", to: "t3" },
    { from: "t2", to: "r4", label: "high" },
    { from: "t3", to: "r4", label: "base" },
    { from: "cleaned", to: "r4" },
    { from: "r4", to: "fig" },
  ],
};

/** Examples of artifacts, tables and lineages. */
export const TABLES: readonly Example[] = [
  { name: "artifact", group: "An artifact", about: "An artifact with its first rows.", show: () => renderArtifactCard(ARTIFACT) },
  {
    name: "artifact_damaged",
    group: "An artifact",
    about: "A file that no longer holds what the ledger says.",
    show: () => renderArtifactCard(DAMAGED),
  },
  {
    name: "table",
    group: "Tables",
    about: "A relation: types, dates, large integers, nothing, nested values.",
    show: () => renderTable(PEOPLE),
  },
  { name: "table_long", group: "Tables", about: "Head and tail of a long table.", show: () => renderTable(LONG_TABLE) },
  { name: "table_wide", group: "Tables", about: "The first and the last columns of a wide table.", show: () => renderTable(WIDE_TABLE) },
  {
    name: "lineage",
    group: "Lineage",
    about: "How a figure came to be; text output has it as a tree.",
    show: () => renderLineage(LINEAGE),
  },
];
