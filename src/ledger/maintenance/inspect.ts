/** What a ledger's file is, and what is wrong with its rows. Nothing is changed. */
import { sizeOf } from "../file_size.ts";
import type { Db } from "../connection.ts";
import type { Ledger } from "../ledger.ts";
import { MIGRATIONS } from "../migrations.ts";
import { quoteName } from "../schema.ts";
import { leftBeside } from "./aside.ts";

/** A ledger's file. */
export interface LedgerFacts {
  /** The file. */
  readonly path: string;
  /** Its bytes. */
  readonly bytes: number;
  /** Bytes of its log. */
  readonly logBytes: number;
  /** Who made it: this library, whose times have a zone and whose numbers 64 bits, or Python's. */
  readonly madeBy: "deno" | "python";
  /** Version of our tables, and the newest that this library knows; 0 where there are none. */
  readonly version: { readonly found: number; readonly known: number };
  /** DuckDB's version. */
  readonly duckdb: string;
  /** How many rows each table has, those with rows only. */
  readonly tables: { readonly [table: string]: number };
  /** How many runs ended so. */
  readonly statuses: { readonly [status: string]: number };
  /** How many runs each language wrote. */
  readonly languages: { readonly deno: number; readonly python: number };
}

/** What a ledger's file is. */
export async function inspectLedger(ledger: Ledger): Promise<LedgerFacts> {
  return await ledger.read(async (db) => {
    const names = await db.all<{ schema: string; name: string }>(
      `SELECT schema_name AS schema, table_name AS name FROM duckdb_tables() WHERE database_name = current_database() AND NOT internal AND NOT temporary
ORDER BY schema_name DESC, table_name`,
    );
    const tables: Record<string, number> = {};
    for (const { schema, name } of names) {
      const [row] = await db.all<{ n: number }>(`SELECT count(*) AS n FROM ${quoteName(schema)}.${quoteName(name)}`);
      if (row!.n > 0) tables[schema === "main" ? name : `${schema}.${name}`] = row!.n;
    }
    const statuses = await db.all<{ status: string; n: number }>(
      "SELECT status, count(*) AS n FROM run GROUP BY status ORDER BY n DESC, status",
    );
    const [own] = await db.all<{ deno: number; python: number }>(
      "SELECT count(d.run_id) AS deno, count(*) - count(d.run_id) AS python FROM run r LEFT JOIN deno_run d ON d.run_id = r.id",
    );
    const [duckdb] = await db.all<{ v: string }>("SELECT version() AS v");
    return {
      ...{ path: ledger.path, bytes: sizeOf(ledger.path), logBytes: sizeOf(`${ledger.path}.wal`) },
      madeBy: db.born.timestamps === "TIMESTAMPTZ" && db.born.valueNum === "DOUBLE" ? "deno" : "python",
      version: { found: await versionOf(db, names.map(({ name }) => name)), known: MIGRATIONS.length },
      ...{ duckdb: duckdb!.v, tables, statuses: Object.fromEntries(statuses.map(({ status, n }) => [status, n])), languages: own! },
    };
  });
}

async function versionOf(db: Db, tables: readonly string[]): Promise<number> {
  if (!tables.includes("deno_schema")) return 0;
  const [row] = await db.all<{ v: number | null }>("SELECT max(version) AS v FROM deno_schema");
  return row?.v ?? 0;
}

/** Something that is wrong. */
export interface Fault {
  /** A stable word. */
  readonly code: string;
  /** What is wrong, as a sentence. */
  readonly problem: string;
  /** What to do about it. */
  readonly fix: string;
  /** How often. */
  readonly count: number;
  /** Some of the ids or paths. */
  readonly examples: readonly string[];
}

/** So many examples are given. */
const EXAMPLES = 5;

/** A question whose rows, of which each has an `id`, are faults. */
interface Check extends Pick<Fault, "code" | "problem" | "fix"> {
  readonly sql: string;
}

const HEADER = `coalesce(contains(r.tags::VARCHAR, '"scenario_header"'), false)`;

const CHECKS: readonly Check[] = [
  {
    code: "end_missing",
    problem: "Runs have ended, and do not say when.",
    fix: "They are shown without their time; nothing else depends on it.",
    sql: "SELECT id FROM run WHERE status IN ('completed', 'failed') AND ended_at IS NULL",
  },
  {
    code: "run_missing",
    problem: "Artifacts name a run that the ledger does not have.",
    fix: "consist db reconcile brings it back where its snapshot is there.",
    sql: "SELECT a.id FROM artifact a ANTI JOIN run r ON r.id = a.run_id WHERE a.run_id IS NOT NULL",
  },
  {
    code: "link_dangling",
    problem: "Links lead to a run or an artifact that the ledger does not have.",
    fix: "consist db reconcile brings back what snapshots know.",
    sql:
      `SELECT concat(l.run_id, ' ', l.artifact_id) AS id FROM run_artifact_link l LEFT JOIN run r ON r.id = l.run_id LEFT JOIN artifact a ON a.id = l.artifact_id
WHERE r.id IS NULL OR a.id IS NULL`,
  },
  {
    code: "id_not_uuid",
    problem: "Artifacts have ids that are no UUIDs: the Python library reads no list in which one is.",
    fix: "Purge the runs that made them, and run their steps again.",
    sql: "SELECT id FROM artifact WHERE NOT regexp_matches(id, '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$')",
  },
  {
    code: "path_outside",
    problem: "Artifacts have an address that climbs out of the folder of runs; it is never followed to delete or to copy.",
    fix: "Purge the runs that made them: no run of the library writes such an address.",
    sql: "SELECT id FROM artifact WHERE regexp_matches(container_uri, '(^|[/\\\\])\\.\\.([/\\\\]|$)')",
  },
  {
    code: "identity_missing",
    problem: "Runs of this library executed, and have lost the parts of their identity: misses cannot be explained by them.",
    fix: "consist db reconcile cannot mend it; run the steps again where it matters.",
    sql: `SELECT d.run_id AS id FROM deno_run d JOIN run r ON r.id = d.run_id ANTI JOIN deno_identity i ON i.run_id = d.run_id
WHERE NOT d.hit AND r.status = 'completed' AND NOT ${HEADER}`,
  },
  {
    code: "run_gone",
    problem: "Notes of this library outlived their runs, which another program took away.",
    fix: "consist db reconcile brings the runs back where their snapshots are there; else they do no harm.",
    sql: "SELECT d.run_id AS id FROM deno_run d ANTI JOIN run r ON r.id = d.run_id",
  },
  {
    code: "source_missing",
    problem: "Hits name a run that the ledger does not have any more.",
    fix: "They still say what they took; consist db reconcile brings the run back where its snapshot is there.",
    sql: "SELECT d.run_id AS id FROM deno_run d ANTI JOIN run r ON r.id = d.source_run_id WHERE d.source_run_id IS NOT NULL",
  },
];

/** What is wrong with the rows of a ledger, and with what lies beside it. */
export async function faultsOfLedger(ledger: Ledger): Promise<Fault[]> {
  const faults = await ledger.read(async (db) => {
    const found: Fault[] = [];
    for (const { sql, ...check } of CHECKS) {
      const ids = (await db.all<{ id: string }>(sql)).map(({ id }) => id);
      if (ids.length > 0) found.push(faultOf(check, ids));
    }
    return found;
  });
  const left = await leftBeside(ledger.path);
  return left.length === 0 ? faults : [
    ...faults,
    faultOf({
      code: "left_over",
      problem: "A process that was killed left files beside the ledger.",
      fix: "consist db compact removes them.",
    }, left),
  ];
}

/** A fault with its first examples. */
export function faultOf(check: Pick<Fault, "code" | "problem" | "fix">, ids: readonly string[]): Fault {
  return { ...check, count: ids.length, examples: ids.toSorted().slice(0, EXAMPLES) };
}
