/** A small ledger whose ids, times and files are always the same, and commands called on it in this process. It has no tests of its own. */
import { createHash } from "node:crypto";
import { join } from "@std/path";
import {
  type ArtifactRow,
  type IdentityRow,
  insertArtifacts,
  insertFacets,
  insertIdentities,
  insertLinks,
  insertOwnRuns,
  insertRuns,
  openLedger,
  type OwnRunRow,
  type RunRow,
  writeSnapshot,
} from "../../src/ledger/mod.ts";
import { type Called, callIn } from "./call.ts";

/** Minutes after the first moment. */
export const at = (minutes: number): Date => new Date(Date.UTC(2030, 0, 1, 12) + minutes * 60_000);

const sha = (text: string): string => createHash("sha256").update(text).digest("hex");
const id = (n: number): string => `01900000-0000-7000-8000-${String(n).padStart(12, "0")}`;

/** The files of the ledger, by their paths in its folder. */
const FILES: { readonly [path: string]: string } = {
  "raw.csv": "id,v\n1,2\n2,3\n",
  "runs/outputs/prepare/prepare_1111aaaa2222/table.csv": "id,v\n1,4\n2,6\n",
  "runs/outputs/prepare/prepare_3333bbbb4444/table.csv": "id,v\n1,6\n2,9\n",
  "runs/outputs/total/total_7777dddd8888/total.json": "15",
};

const HEADER = "baseline_0a0a0a0a0a0a";

function run(name: string, letters: string, minutes: number, more: Partial<RunRow> = {}): RunRow {
  return {
    ...{
      id: `${name}_${letters}`,
      parent_run_id: HEADER,
      status: "completed",
      model_name: name,
      description: null,
      year: 2030,
      iteration: null,
    },
    ...{
      stage: null,
      phase: null,
      tags: [],
      config_hash: "c",
      git_hash: `deno:${letters}`,
      input_hash: "i",
      signature: sha(`${name} ${letters}`),
      meta: {},
    },
    ...{ started_at: at(minutes), ended_at: at(minutes + 1), created_at: at(minutes), updated_at: at(minutes + 1) },
    ...more,
  };
}

function artifact(n: number, path: string, run_id: string | null, key: string): ArtifactRow {
  return {
    ...{ id: id(n), key, container_uri: path.startsWith("runs/") ? `./${path.slice(5)}` : path, table_path: null, array_path: null },
    ...{
      driver: path.split(".").at(-1)!,
      hash: sha(FILES[path]!),
      content_id: null,
      parent_artifact_id: null,
      run_id,
      meta: {},
      created_at: at(n),
    },
  };
}

function own({ id: run_id, signature }: RunRow, more: Partial<OwnRunRow> = {}): OwnRunRow {
  return {
    ...{
      run_id,
      scenario_name: "baseline",
      header_id: HEADER,
      source_run_id: null,
      seconds: 60,
      label: null,
      hit: false,
      signature,
      result: null,
    },
    ...more,
  };
}

function identity(run_id: string, factor: number, alpha: number): IdentityRow {
  const text = `(rows) => {\n  const factor = ${factor};\n  return rows.map((row) => row.v * factor);\n}`;
  return {
    run_id,
    config: { alpha },
    code: {
      mode: "dependencies",
      hash: sha(text),
      parts: [{ kind: "function", name: "prepare", where: "steps.ts", hash: sha(text), text }],
      opaque: [],
      outside: [],
    },
    call: { hash: "h", parts: [] },
    inputs: { hash: "i", parts: [] },
    outputs: [],
  };
}

const explained = (reason: string, explanation: string, candidate_run_id: string | null) => ({
  cache_miss_explanation: { reason, explanation, candidate_run_id },
});

/** The rows of the ledger. */
function rows(dir: string) {
  const header = run("baseline", "0a0a0a0a0a0a", 0, {
    ...{ parent_run_id: null, model_name: "scenario", description: "The case that others are compared with", year: null },
    ...{ tags: ["scenario_header"], signature: null, git_hash: null, ended_at: at(20) },
  });
  const first = run("prepare", "1111aaaa2222", 1, { meta: explained("first_run", 'No earlier run of step "prepare" is known.', null) });
  const second = run("prepare", "3333bbbb4444", 3, {
    meta: {
      ...explained("code_and_config_changed", "The code and config changed: function prepare in steps.ts, config.alpha.", first.id),
      identity_outside: [{ name: "Date.now", why: "the clock" }],
    },
  });
  const hit = run("prepare", "5555cccc6666", 5, { signature: second.signature, meta: { cache_hit: true, cache_source: second.id } });
  const total = run("total", "7777dddd8888", 7, {
    tags: ["daily"],
    meta: explained("first_run", 'No earlier run of step "total" is known.', null),
  });
  const failed = run("plot", "9999eeee0000", 9, { status: "failed", meta: { error: "no such column: w", error_name: "TypeError" } });
  const died = run("slow", "bbbb11112222", 11, {
    parent_run_id: null,
    status: "running",
    ended_at: null,
    meta: { _process: { pid: 2 ** 30, host: Deno.hostname() } },
  });
  const raw = artifact(20, "raw.csv", null, "raw");
  return {
    runs: [header, first, second, hit, total, failed, died],
    own: [
      own(header, { signature: null }),
      own(first),
      own(second, { seconds: 61 }),
      own(hit, { hit: true, source_run_id: second.id, seconds: 1, signature: null }),
      own(total),
      own(failed, { signature: null }),
    ],
    artifacts: [
      { ...raw, container_uri: join(dir, "raw.csv") },
      artifact(21, "runs/outputs/prepare/prepare_1111aaaa2222/table.csv", first.id, "table"),
      artifact(22, "runs/outputs/prepare/prepare_3333bbbb4444/table.csv", second.id, "table"),
      artifact(23, "runs/outputs/total/total_7777dddd8888/total.json", total.id, "total"),
    ],
    links: ([
      [first, 20, "input"],
      [first, 21, "output"],
      [second, 20, "input"],
      [second, 22, "output"],
      [hit, 20, "input"],
      [hit, 22, "output"],
      [total, 22, "input"],
      [
        total,
        23,
        "output",
      ],
    ] as const).map(([{ id: run_id }, n, direction]) => ({ run_id, artifact_id: id(n), direction, is_implicit: false })),
    facets: ([[first, 1], [second, 2], [hit, 2]] as const).map(([{ id: run_id, created_at }, alpha]) => ({
      run_id,
      namespace: "prepare",
      facet: { alpha },
      created_at,
    })),
    identities: [identity(first.id, 2, 1), identity(second.id, 3, 2), identity(total.id, 1, 0)],
  };
}

/** The ledger in a folder of its own. */
export interface FixedLedger extends AsyncDisposable {
  /** The folder. */
  readonly dir: string;
  /** The ledger's file. */
  readonly path: string;
  /** Calls a command on the ledger, in this process; the folder is `<dir>` in what it says. */
  readonly call: (...words: readonly string[]) => Promise<Called>;
}

/** Makes the ledger, its files, and its snapshots. */
export async function fixedLedger(): Promise<FixedLedger> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "consist_cli_" }));
  for (const [path, text] of Object.entries(FILES)) {
    await Deno.mkdir(join(dir, path, ".."), { recursive: true });
    await Deno.writeTextFile(join(dir, path), text);
  }
  const path = join(dir, "provenance.duckdb");
  const ledger = openLedger(path);
  const all = rows(dir);
  await ledger.write(async (db) => {
    await insertRuns(db, all.runs);
    await insertArtifacts(db, all.artifacts);
    await insertLinks(db, all.links);
    await insertFacets(db, all.facets);
    await insertIdentities(db, all.identities);
    await insertOwnRuns(db, all.own);
  });
  await ledger.close();
  for (const run of all.runs.filter(({ id, status }) => status !== "running" && !id.includes("5555"))) {
    const side = (direction: string) =>
      all.links.filter((link) => link.run_id === run.id && link.direction === direction).map((link) =>
        all.artifacts.find(({ id }) => id === link.artifact_id)!
      );
    const [ownRow, parts] = [all.own.find(({ run_id }) => run_id === run.id), all.identities.find(({ run_id }) => run_id === run.id)];
    const deno = {
      ...(ownRow === undefined ? {} : { run: ownRow }),
      ...(parts === undefined ? {} : { identity: parts }),
      ledger: "provenance.duckdb",
    };
    await writeSnapshot(join(dir, "runs"), {
      run,
      inputs: side("input"),
      outputs: side("output"),
      cached_run: null,
      config: parts?.config ?? {},
      facet: {},
      deno,
    });
  }
  return {
    dir,
    path,
    call: (...words) => callIn(dir, ...words),
    [Symbol.asyncDispose]: async () => {
      await ledger.close();
      await Deno.remove(dir, { recursive: true });
    },
  };
}
