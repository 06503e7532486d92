/** Makes ledgers of any size in seconds: runs with one output, one input and facets, for the benches. */
import { openLedger } from "../src/ledger/mod.ts";

/** How many steps the runs are spread over. */
export const STEPS = 50;
/** The id of the nth run. */
export const runIdOf = (n: number): string => `step_${n % STEPS}_${String(n).padStart(8, "0")}`;

/** Where the facets of a filled ledger are found. */
export interface FilledLedger {
  /** The namespace of all its facets. */
  readonly namespace: string;
  /** Their keys, which each run has. */
  readonly keys: readonly string[];
}

const NAMESPACE = "bench";

/** SQL for the nth run of `range(…) AS t(n)`. */
const RUN_ID = `'step_' || (n % ${STEPS}) || '_' || lpad(n::VARCHAR, 8, '0')`;
const ARTIFACT_ID = "'00000000-0000-7000-8000-' || lpad(n::VARCHAR, 12, '0')";
const AGE = "(TIMESTAMPTZ '2030-01-01 00:00:00+00' + to_seconds(n))";
const MODEL = `'step_' || (n % ${STEPS})`;

/**
 * Fills a ledger with runs, each with one output, one input (the output of the run before) and as many facets as wanted.
 *
 * The nth run has the id `runIdOf(n)`, the signature `sha256("signature <n>")` and the output hash `sha256("output <n>")`.
 */
export async function fillLedger(path: string, runs: number, facetsPerRun = 0): Promise<FilledLedger> {
  const ledger = openLedger(path, { waitMs: 60_000, stretchMs: 3_600_000 });
  await ledger.write(async (db) => {
    for (const statement of statementsFor(runs, facetsPerRun)) await db.run(statement);
  });
  const connection = await ledger.connection();
  await connection.run("CHECKPOINT");
  connection.disconnectSync();
  await ledger.close();
  return { namespace: NAMESPACE, keys: Array.from({ length: facetsPerRun }, (_, k) => `key_${k}`) };
}

function statementsFor(runs: number, facetsPerRun: number): string[] {
  const all = `FROM range(${runs}) AS t(n)`;
  const one = "FROM range(1) AS t(n)";
  return [
    `INSERT INTO run SELECT 'header', NULL, 'completed', 'scenario', NULL, NULL, NULL, NULL, NULL, '["scenario_header"]', NULL, NULL, NULL, NULL,
'{"scenario":"bench"}', ${AGE}, ${AGE}, ${AGE}, ${AGE} ${one}`,
    `INSERT INTO deno_run SELECT 'header', 'bench', 'header', NULL, NULL, NULL, false, NULL, NULL ${one}`,
    `INSERT INTO run SELECT ${RUN_ID}, 'header', 'completed', ${MODEL}, NULL, 2020 + n % 10, n % 3, NULL, NULL, '["bench"]', sha256('config ' || n),
'deno:' || sha256('code ' || n % ${STEPS}), sha256('inputs ' || n), sha256('signature ' || n), '{"code_identity":"dependencies","n":' || n || '}',
${AGE}, ${AGE} + INTERVAL 1 SECOND, ${AGE}, ${AGE} + INTERVAL 1 SECOND ${all}`,
    `INSERT INTO deno_run SELECT ${RUN_ID}, 'bench', 'header', NULL, 1.0, NULL, false, sha256('signature ' || n), NULL ${all}`,
    `INSERT INTO deno_identity SELECT ${RUN_ID}, '{"n":' || n || '}', '{"mode":"dependencies","parts":[{"kind":"function","name":"step","hash":"' || n % ${STEPS} || '"}]}',
'{}', '[]', '[]' ${all}`,
    `INSERT INTO artifact_content SELECT 'c' || ${ARTIFACT_ID}, sha256('output ' || n), 'json', ${AGE}, '{}' ${all}`,
    `INSERT INTO artifact SELECT ${ARTIFACT_ID}, 'out', './outputs/' || ${RUN_ID} || '/out.json', NULL, NULL, 'json', sha256('output ' || n), 'c' || ${ARTIFACT_ID}, NULL,
${RUN_ID}, '{"hash_semantics":{"version":1,"algorithm":"sha256"}}', ${AGE} ${all}`,
    `INSERT INTO run_artifact_link SELECT ${RUN_ID}, ${ARTIFACT_ID}, 'output', false ${all}`,
    `INSERT INTO run_artifact_link SELECT ${RUN_ID}, '00000000-0000-7000-8000-' || lpad((n - 1)::VARCHAR, 12, '0'), 'input', false ${all} WHERE n > 0`,
    ...(facetsPerRun > 0 ? facetStatements(all, facetsPerRun) : []),
  ];
}

/** All facets are numbers, in one namespace, so that a pivot over all rows can be written by hand beside the library's. */
function facetStatements(all: string, facetsPerRun: number): string[] {
  return [
    `INSERT INTO config_facet SELECT sha256('facet ' || n), '${NAMESPACE}', 'dict', NULL,
'{' || list_aggregate(list_transform(range(${facetsPerRun}), lambda k: '"key_' || k || '":' || (n * 0.5 + k)::VARCHAR), 'string_agg', ',') || '}', ${AGE} ${all}`,
    `INSERT INTO run_config_kv SELECT ${RUN_ID}, sha256('facet ' || n), '${NAMESPACE}', 'key_' || k, 'float', NULL, n * 0.5 + k, NULL, 'null', ${AGE}
${all}, range(${facetsPerRun}) AS f(k)`,
  ];
}

if (import.meta.main) {
  const [path, runs, facets] = Deno.args;
  if (path === undefined) throw new TypeError("Usage: deno run -A bench/make_ledger.ts <path> [runs] [facets per run]");
  await fillLedger(path, Number(runs ?? 100), Number(facets ?? 0));
}
