/** The tables of a ledger as data: those that Python's library knows, exactly as it makes them, and our own (`deno_*`). */

/** A column's type in a ledger that we create. */
export type ColumnType = "VARCHAR" | "INTEGER" | "BIGINT" | "DOUBLE" | "BOOLEAN" | "JSON" | "TIMESTAMP WITH TIME ZONE";

/** One table: columns in order, what may not be null, keys and single-column indexes. */
export interface TableSpec {
  /** The table's name. */
  readonly name: string;
  /** Column → type, in order. */
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** Columns that refuse null, beside those of the key. */
  readonly required: readonly string[];
  /** The primary key. */
  readonly key: readonly string[];
  /** A further unique constraint. */
  readonly unique?: readonly string[];
  /** Column → table whose `id` it points at. */
  readonly foreign?: Readonly<Record<string, string>>;
  /** Columns that have an index of their own. */
  readonly indexes: readonly string[];
}

const TEXT = "VARCHAR";
const TIME = "TIMESTAMP WITH TIME ZONE";

/** The value columns that the two key-value tables share. */
const VALUE_COLUMNS = {
  value_type: TEXT,
  value_str: TEXT,
  value_num: "DOUBLE",
  value_bool: "BOOLEAN",
  value_json: "JSON",
  created_at: TIME,
} as const;

/** The tables of Python's library, parents before children. */
export const SHARED_TABLES: readonly TableSpec[] = [
  {
    name: "run",
    columns: {
      id: TEXT,
      parent_run_id: TEXT,
      status: TEXT,
      model_name: TEXT,
      description: TEXT,
      year: "INTEGER",
      iteration: "INTEGER",
      stage: TEXT,
      phase: TEXT,
      tags: "JSON",
      config_hash: TEXT,
      git_hash: TEXT,
      input_hash: TEXT,
      signature: TEXT,
      meta: "JSON",
      started_at: TIME,
      ended_at: TIME,
      created_at: TIME,
      updated_at: TIME,
    },
    required: ["status", "model_name", "started_at", "created_at", "updated_at"],
    key: ["id"],
    indexes: ["parent_run_id", "status", "model_name", "year", "iteration", "stage", "phase", "config_hash", "input_hash", "signature"],
  },
  {
    name: "artifact",
    columns: {
      id: TEXT,
      key: TEXT,
      container_uri: TEXT,
      table_path: TEXT,
      array_path: TEXT,
      driver: TEXT,
      hash: TEXT,
      content_id: TEXT,
      parent_artifact_id: TEXT,
      run_id: TEXT,
      meta: "JSON",
      created_at: TIME,
    },
    required: ["key", "container_uri", "driver", "created_at"],
    key: ["id"],
    indexes: ["key", "container_uri", "hash", "content_id", "parent_artifact_id", "run_id"],
  },
  {
    name: "artifact_content",
    columns: { id: TEXT, content_hash: TEXT, driver: TEXT, created_at: TIME, meta: "JSON" },
    required: ["content_hash", "driver", "created_at"],
    key: ["id"],
    unique: ["content_hash", "driver"],
    indexes: ["content_hash", "driver"],
  },
  {
    name: "run_artifact_link",
    columns: { run_id: TEXT, artifact_id: TEXT, direction: TEXT, is_implicit: "BOOLEAN" },
    required: ["direction", "is_implicit"],
    key: ["run_id", "artifact_id"],
    indexes: [],
  },
  {
    name: "run_binding_invocation",
    columns: {
      id: TEXT,
      requested_run_id: TEXT,
      execution_run_id: TEXT,
      cache_source_run_id: TEXT,
      cache_outcome: TEXT,
      binding_json: TEXT,
      created_at: TIME,
    },
    required: ["requested_run_id", "execution_run_id", "cache_outcome", "binding_json", "created_at"],
    key: ["id"],
    indexes: ["requested_run_id", "execution_run_id", "cache_source_run_id", "cache_outcome"],
  },
  {
    name: "config_facet",
    columns: { id: TEXT, namespace: TEXT, schema_name: TEXT, schema_version: TEXT, json: "JSON", created_at: TIME },
    required: ["namespace", "schema_name", "created_at"],
    key: ["id"],
    indexes: ["namespace", "schema_name"],
  },
  {
    name: "run_config_kv",
    columns: { run_id: TEXT, facet_id: TEXT, namespace: TEXT, key: TEXT, ...VALUE_COLUMNS },
    required: ["value_type", "created_at"],
    key: ["run_id", "facet_id", "namespace", "key"],
    indexes: ["run_id", "facet_id", "namespace", "key"],
  },
  {
    name: "artifact_facet",
    columns: { id: TEXT, namespace: TEXT, schema_name: TEXT, schema_version: TEXT, json: "JSON", created_at: TIME },
    required: ["created_at"],
    key: ["id"],
    indexes: ["namespace", "schema_name"],
  },
  {
    name: "artifact_kv",
    columns: { artifact_id: TEXT, facet_id: TEXT, key_path: TEXT, namespace: TEXT, ...VALUE_COLUMNS },
    required: ["value_type", "created_at"],
    key: ["artifact_id", "facet_id", "key_path"],
    indexes: ["artifact_id", "facet_id", "key_path", "namespace"],
  },
  {
    name: "artifact_schema",
    columns: { id: TEXT, profile_version: "INTEGER", summary_json: "JSON", profile_json: "JSON", created_at: TIME },
    required: ["profile_version", "summary_json", "created_at"],
    key: ["id"],
    indexes: [],
  },
  {
    name: "artifact_schema_field",
    columns: {
      schema_id: TEXT,
      ordinal_position: "INTEGER",
      name: TEXT,
      logical_type: TEXT,
      nullable: "BOOLEAN",
      stats_json: "JSON",
      is_enum: "BOOLEAN",
      enum_values_json: "JSON",
    },
    required: ["logical_type", "nullable", "is_enum"],
    key: ["schema_id", "name"],
    foreign: { schema_id: "artifact_schema" },
    indexes: ["name", "logical_type", "is_enum"],
  },
  {
    name: "artifact_schema_observation",
    columns: {
      id: TEXT,
      artifact_id: TEXT,
      schema_id: TEXT,
      run_id: TEXT,
      source: TEXT,
      sample_rows: "INTEGER",
      observed_at: TIME,
    },
    required: ["artifact_id", "schema_id", "source", "observed_at"],
    key: ["id"],
    foreign: { artifact_id: "artifact", schema_id: "artifact_schema" },
    indexes: ["artifact_id", "schema_id", "run_id", "source", "observed_at"],
  },
  {
    name: "artifact_schema_relation",
    columns: { schema_id: TEXT, from_field: TEXT, to_table: TEXT, to_field: TEXT, relationship_type: TEXT, cardinality: TEXT },
    required: ["to_table", "to_field", "relationship_type"],
    key: ["schema_id", "from_field"],
    foreign: { schema_id: "artifact_schema" },
    indexes: [],
  },
];

/** Our own tables as schema version 1 has them; rows may outlive what they point at, and no key leads to Python's tables. */
export const OWN_TABLES: readonly TableSpec[] = [
  {
    name: "deno_run",
    columns: {
      run_id: TEXT,
      scenario_name: TEXT,
      header_id: TEXT,
      source_run_id: TEXT,
      seconds: "DOUBLE",
      label: TEXT,
      hit: "BOOLEAN",
      signature: TEXT,
      result: TEXT,
    },
    required: ["hit"],
    key: ["run_id"],
    indexes: ["label", "signature"],
  },
  {
    name: "deno_identity",
    columns: { run_id: TEXT, config: "JSON", code: "JSON", call: "JSON", inputs: "JSON", outputs: "JSON" },
    required: [],
    key: ["run_id"],
    indexes: [],
  },
  { name: "deno_text", columns: { hash: TEXT, text: TEXT }, required: ["text"], key: ["hash"], indexes: [] },
  {
    name: "deno_digest",
    columns: { path: TEXT, size: "BIGINT", mtime_ms: "DOUBLE", ctime_ms: "DOUBLE", inode: TEXT, digest: TEXT, taken_at: TIME },
    required: ["size", "digest", "taken_at"],
    key: ["path"],
    indexes: [],
  },
];

/** Which contents have their rows in `global_tables`, and how these become the file's table again. */
export const INGESTED_TABLE: TableSpec = {
  name: "deno_ingested",
  columns: {
    content_hash: TEXT,
    driver: TEXT,
    table_name: TEXT,
    artifact_id: TEXT,
    row_count: "BIGINT",
    columns: "JSON",
    created_at: TIME,
  },
  required: ["table_name", "artifact_id", "row_count", "columns", "created_at"],
  key: ["content_hash", "driver"],
  indexes: [],
};

/** What steps printed and displayed. */
export const DISPLAY_TABLE: TableSpec = {
  name: "deno_display",
  columns: { run_id: TEXT, shown: TEXT },
  required: ["shown"],
  key: ["run_id"],
  indexes: [],
};

/** Runs whose cached files were deleted, or are about to be: what they served is kept here until then. */
export const PRUNED_TABLE: TableSpec = {
  name: "deno_pruned",
  columns: { run_id: TEXT, pruned_at: TIME, pruned_by: TEXT, hits: "BIGINT", bytes: "BIGINT", state: TEXT, result: TEXT },
  required: ["pruned_at", "state"],
  key: ["run_id"],
  indexes: [],
};

/** Which code hash of a step may be served the results of which other one, and who said so. */
export const ACCEPTED_TABLE: TableSpec = {
  name: "deno_accepted",
  columns: {
    id: TEXT,
    step: TEXT,
    model: TEXT,
    mode: TEXT,
    code: TEXT,
    stands_for: TEXT,
    run_id: TEXT,
    other_run_id: TEXT,
    reason: TEXT,
    accepted_by: TEXT,
    accepted_at: TIME,
    differences: "JSON",
    differing_output: TEXT,
    revoked_by: TEXT,
    revoked_at: TIME,
  },
  required: ["step", "model", "mode", "code", "stands_for", "reason", "accepted_at"],
  key: ["id"],
  indexes: [],
};

/** Tables of ours that came after version 1. */
export const LATER_TABLES: readonly TableSpec[] = [INGESTED_TABLE, DISPLAY_TABLE, PRUNED_TABLE, ACCEPTED_TABLE];

/** Indexes of ours on shared tables: without this one, a run's artifacts are found by reading every link. */
export const OWN_INDEXES: readonly string[] = [
  `CREATE INDEX IF NOT EXISTS deno_ix_run_artifact_link_run_id ON run_artifact_link (run_id)`,
];

/** Columns that newer versions of Python's library add to older ledgers, in its order. */
export const LATER_COLUMNS: readonly (readonly [table: string, column: string])[] = [
  ["artifact", "content_id"],
  ["artifact", "parent_artifact_id"],
  ["run", "stage"],
  ["run", "phase"],
  ["artifact_schema_field", "ordinal_position"],
];

/** The view that Python's library re-creates at each opening. */
export const SCHEMA_LINKS_VIEW = `CREATE OR REPLACE VIEW consist_schema_links AS
SELECT rel.schema_id, (src.summary_json ->> '$.table_name') AS from_table, rel.from_field, rel.to_table, rel.to_field, rel.relationship_type, rel.cardinality
FROM artifact_schema_relation AS rel INNER JOIN artifact_schema AS src ON rel.schema_id = src.id`;

/** A name in double quotes, so that no name is ever read as SQL. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The statements that make a table and its indexes; nothing happens where they exist. */
export function createStatements(table: TableSpec): string[] {
  const columns = Object.entries(table.columns).map(([name, type]) =>
    `${quoteName(name)} ${type}${table.required.includes(name) ? " NOT NULL" : ""}`
  );
  const constraints = [
    `PRIMARY KEY (${table.key.map(quoteName).join(", ")})`,
    ...(table.unique ? [`UNIQUE (${table.unique.map(quoteName).join(", ")})`] : []),
    ...Object.entries(table.foreign ?? {}).map(([column, to]) => `FOREIGN KEY (${quoteName(column)}) REFERENCES ${quoteName(to)} (id)`),
  ];
  return [
    `CREATE TABLE IF NOT EXISTS ${quoteName(table.name)} (${[...columns, ...constraints].join(", ")})`,
    ...table.indexes.map((column) => indexStatement(table.name, column)),
  ];
}

/** The statement that makes an index, named as Python's library names its own. */
function indexStatement(table: string, column: string): string {
  return `CREATE INDEX IF NOT EXISTS ${quoteName(`ix_${table}_${column}`)} ON ${quoteName(table)} (${quoteName(column)})`;
}

/** The specification of a table that exists by definition. */
export function tableNamed(name: string): TableSpec {
  const table = [...SHARED_TABLES, ...OWN_TABLES, ...LATER_TABLES].find((spec) => spec.name === name);
  if (table === undefined) throw new TypeError(`There is no table "${name}" in a ledger.`);
  return table;
}
