/** What the tests of this floor share. It has no tests of its own. */
import { fromFileUrl, join } from "@std/path";
import fc from "fast-check";
import type { ArtifactRow, EndedRun, Ledger, LedgerOptions, OwnRunRow, RunRow, Snapshot } from "./mod.ts";
import { insertArtifacts, insertLinks, insertOwnRuns, insertRuns, openLedger, prepareSnapshot } from "./mod.ts";
import type { ColumnType } from "./schema.ts";
import type { SqlScalar } from "./values.ts";

/** A folder that goes away with the test. */
export async function tempDir(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "consist_ledger_" }));
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** A new ledger in a folder that goes away with the test. */
export async function tempLedger(options?: LedgerOptions): Promise<{ ledger: Ledger; dir: string } & AsyncDisposable> {
  const dir = await tempDir();
  const ledger = openLedger(join(dir.path, "provenance.duckdb"), options);
  return {
    ledger,
    dir: dir.path,
    [Symbol.asyncDispose]: async () => {
      await ledger.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** A moment of the tests' own; milliseconds later than the first one. */
export const at = (ms = 0): Date => new Date(Date.UTC(2030, 0, 1) + ms);

/** A completed run. */
export function runRow(id: string, columns: Partial<RunRow> = {}): RunRow {
  return {
    id,
    parent_run_id: null,
    status: "completed",
    model_name: "clean",
    description: null,
    year: null,
    iteration: null,
    stage: null,
    phase: null,
    tags: [],
    config_hash: "c",
    git_hash: "deno:g",
    input_hash: "i",
    signature: "s",
    meta: {},
    started_at: at(),
    ended_at: at(1),
    created_at: at(),
    updated_at: at(1),
    ...columns,
  };
}

/** An artifact; its id is a UUID made from a number. */
export function artifactRow(number: number, columns: Partial<ArtifactRow> = {}): ArtifactRow {
  return {
    id: `00000000-0000-7000-8000-${String(number).padStart(12, "0")}`,
    key: "out",
    container_uri: `./outputs/${number}`,
    table_path: null,
    array_path: null,
    driver: "json",
    hash: `h${number}`,
    content_id: null,
    parent_artifact_id: null,
    run_id: null,
    meta: {},
    created_at: at(number),
    ...columns,
  };
}

/** What only we know of a run. */
export const ownRow = (run_id: string, columns: Partial<OwnRunRow> = {}): OwnRunRow => ({
  run_id,
  scenario_name: null,
  header_id: null,
  source_run_id: null,
  seconds: 1,
  label: null,
  hit: false,
  signature: `s_${run_id}`,
  result: null,
  ...columns,
});

/** A run that made an artifact. */
export function endedRun(runDir: string, id: string, number: number, changes: Partial<EndedRun> = {}): EndedRun {
  const run = runRow(id, { signature: `s_${id}`, meta: { _physical_run_dir: runDir } });
  const made = artifactRow(number, { run_id: id });
  const snapshot: Snapshot = { run, inputs: [], outputs: [made], cached_run: null, config: {}, facet: null, deno: { run: ownRow(id) } };
  return {
    id,
    snapshot: prepareSnapshot(runDir, snapshot),
    about: ["clean", `s_${id}`],
    write: async (db) => {
      await insertArtifacts(db, [made]);
      await insertLinks(db, [{ run_id: id, artifact_id: made.id, direction: "output", is_implicit: false }], { areNew: true });
      await insertOwnRuns(db, [ownRow(id)]);
      await insertRuns(db, [run]);
    },
    ...changes,
  };
}

/** Names that break what is glued together instead of passed as a value. */
export const HOSTILE = [
  "'; DROP TABLE run; --",
  '"quoted"',
  "<b>&amp;</b>",
  "../../etc/passwd",
  "line\nbreak",
  "größe 日本 🚀",
  "\\u0000 \\",
  "%_?$1",
];

const MOD = new URL("./mod.ts", import.meta.url).href;
const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url));

/** Runs a program in a process of its own; `ledger` is this floor, and `args` are its arguments. */
export function program(code: string, args: readonly string[], env: Record<string, string> = {}): Deno.ChildProcess {
  const source = `const ledger = await import(${JSON.stringify(MOD)}); const args = ${JSON.stringify(args)};\n${code}`;
  return new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", CONFIG, "--ext=ts", source],
    env: { NO_COLOR: "1", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a program to its end, and gives what it printed. */
export async function finished(child: Deno.ChildProcess): Promise<{ code: number; out: string; err: string }> {
  await child.stdin.close().catch(() => {}); // closed already where the test itself did it
  const { code, stdout, stderr } = await child.output();
  return { code, out: new TextDecoder().decode(stdout).trim(), err: new TextDecoder().decode(stderr).trim() };
}

/** Waits until a program printed a line with this word. */
export async function said(child: Deno.ChildProcess, word: string): Promise<ReadableStreamDefaultReader<string>> {
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ""; !text.includes(word);) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The program ended without saying "${word}". It said: ${text}`);
    text += value;
  }
  return reader;
}

/** Where something is in a ledger's journal. */
export const inJournal = (ledger: Pick<Ledger, "path">, name: string): string => {
  const [folder] = [...Deno.readDirSync(`${ledger.path}.journal`)];
  return join(`${ledger.path}.journal`, folder!.name, name);
};

/** What is in a ledger's journal. */
export const journal = (ledger: Pick<Ledger, "path">): string[] => {
  try {
    const folders = [...Deno.readDirSync(`${ledger.path}.journal`)].map(({ name }) => `${ledger.path}.journal/${name}`);
    return folders.flatMap((folder) => [...Deno.readDirSync(folder)].map(({ name }) => name)).sort();
  } catch {
    return [];
  }
};

/** What is in the file: another process looks. */
export async function idsInFile(path: string): Promise<string[]> {
  const code = `const l = ledger.openLedger(args[0]);
const rows = await l.read((db) => db.all("SELECT id FROM run ORDER BY id"));
console.log(JSON.stringify(rows.map(({ id }) => id)));
await l.close();`;
  const { out, err } = await finished(program(code, [path]));
  if (out === "") throw new Error(err);
  return JSON.parse(out) as string[];
}

const TEXT = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    ...HOSTILE,
    "",
    "'",
    "''",
    "'\0'",
    "\0",
    "$$",
    "--",
    "/*",
    "\\'",
    "\u00a0\u2003",
    "\ud800",
    "; COMMIT; SELECT '",
    "{}",
    "NaN",
  ),
  fc.array(fc.constantFrom("'", "\0", "\\", "$", "\n", "\r", ";", "-", "\u00a0", "x", "\u2028", "\ufeff", '"'), { maxLength: 12 }).map((
    all,
  ) => all.join("")),
  fc.integer({ min: 1, max: 50_000 }).map((length) => "'ä\0".repeat(length)),
);

/** Values of each type, for every test of how they travel. */
export const VALUES: { readonly [type in ColumnType]: fc.Arbitrary<SqlScalar> } = {
  "VARCHAR": TEXT,
  "JSON": fc.jsonValue().map((value) => JSON.stringify(value)),
  "INTEGER": fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1)),
  "BIGINT": fc.oneof(
    fc.maxSafeInteger(),
    fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  ),
  "DOUBLE": fc.oneof(
    fc.double(),
    fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1)),
    fc.constantFrom(-0, 0, 1e308, -1e308, 5e-324, 0.1, NaN, Infinity, -Infinity, 2 ** 53 + 2, 1e21),
  ),
  "BOOLEAN": fc.boolean(),
  "TIMESTAMP WITH TIME ZONE": fc.oneof(
    fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true }),
    fc.date({ min: new Date(-9_000_000_000_000_000 / 2), max: new Date(9_000_000_000_000_000 / 2), noInvalidDate: true }),
  ),
};
