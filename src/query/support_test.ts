/** What the tests of this floor share. It has no tests of its own. */
import { fromFileUrl, join } from "@std/path";
import { DigestMemo, fromUri, StoredArtifact } from "../artifacts/mod.ts";
import {
  type ArtifactRow,
  insertArtifacts,
  insertFacets,
  insertLinks,
  insertOwnRuns,
  insertRuns,
  type Ledger,
  openLedger,
  type OwnRunRow,
  type RunRow,
} from "../ledger/mod.ts";
import type { Facet } from "../types.ts";
import type { Reading } from "./mod.ts";

/** Names that break what is glued together instead of passed as a value. */
export const HOSTILE = [
  "'; drop table run; --",
  '"quoted"',
  "<b>&amp;</b>",
  "../../etc/passwd",
  "line\nbreak",
  "Zürich 🚀",
  "$1",
  "a.b",
  "%_",
];

/** A run as a test tells it. */
export interface Told {
  readonly row?: Partial<RunRow>;
  readonly own?: Partial<OwnRunRow>;
  readonly facet?: Facet;
  readonly outputs?: readonly string[];
  readonly inputs?: readonly string[];
}

/** A ledger that is filled run by run, each a second after the one before. */
export class Story implements AsyncDisposable {
  readonly dir: string;
  readonly ledger: Ledger;
  readonly reading: Reading;
  readonly #artifacts = new Map<string, string>();
  #clock = Date.UTC(2030, 0, 1);

  private constructor(dir: string) {
    this.dir = dir;
    this.ledger = openLedger(join(dir, "provenance.duckdb"));
    this.reading = readingOf(this.ledger, join(dir, "runs"));
  }

  static async begin(): Promise<Story> {
    return new Story(await Deno.realPath(await Deno.makeTempDir({ prefix: "consist_query_" })));
  }

  /** Adds runs, in order. */
  async tell(runs: { readonly [id: string]: Told }): Promise<this> {
    await this.ledger.write(async (db) => {
      for (const [id, told] of Object.entries(runs)) {
        const at = new Date(this.#clock += 1000);
        await insertRuns(db, [{ ...runRow(id, at), ...told.row }]);
        await insertOwnRuns(db, [{ ...OWN, run_id: id, ...told.own }]);
        if (told.facet) {
          await insertFacets(db, [{ run_id: id, namespace: told.row?.model_name ?? "step", facet: told.facet, created_at: at }]);
        }
        await insertLinks(db, [...links(id, "output", told.outputs, this.#artifacts), ...links(id, "input", told.inputs, this.#artifacts)]);
      }
    });
    return this;
  }

  /** A scenario's header. */
  header(scenario: string, row: Partial<RunRow> = {}): Told {
    return { row: { model_name: "scenario", tags: ["scenario_header"], ...row }, own: { scenario_name: scenario } };
  }

  /** A step of a scenario. */
  step(scenario: string, header: string, row: Partial<RunRow> = {}, rest: Told = {}): Told {
    return { ...rest, row: { parent_run_id: header, ...row }, own: { scenario_name: scenario, header_id: header, ...rest.own } };
  }

  /** Adds an artifact with a file; later it is known by its name. */
  async artifact(name: string, row: Partial<ArtifactRow> & { path: string }): Promise<string> {
    const { path, ...columns } = row;
    const id = crypto.randomUUID();
    const hash = await new DigestMemoless().digest(path);
    const at = new Date(this.#clock += 1000);
    await this.ledger.write((db) =>
      insertArtifacts(db, [{ ...ARTIFACT, id, key: name, container_uri: path, hash, created_at: at, ...columns }])
    );
    this.#artifacts.set(name, id);
    return id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ledger.close();
    await Deno.remove(this.dir, { recursive: true });
  }
}

/** The digest of a file, or of nothing where there is none. */
class DigestMemoless {
  async digest(path: string): Promise<string> {
    const bytes = await Deno.readFile(path).catch(() => new Uint8Array());
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
}

const OWN: Omit<OwnRunRow, "run_id"> = {
  scenario_name: null,
  header_id: null,
  source_run_id: null,
  seconds: 1,
  label: null,
  result: null,
  hit: false,
  signature: null,
};
const ARTIFACT: Omit<ArtifactRow, "id" | "key" | "container_uri" | "hash" | "created_at"> = {
  table_path: null,
  array_path: null,
  driver: "parquet",
  content_id: null,
  parent_artifact_id: null,
  run_id: null,
  meta: {},
};

function links(run: string, direction: "input" | "output", names: readonly string[] = [], ids: ReadonlyMap<string, string>) {
  return names.map((name) => ({ run_id: run, artifact_id: ids.get(name)!, direction, is_implicit: false }));
}

function runRow(id: string, at: Date): RunRow {
  return {
    ...{ id, parent_run_id: null, status: "completed", model_name: "step", description: null, year: null, iteration: null, stage: null },
    ...{ phase: null, tags: [], config_hash: "c", git_hash: "deno:g", input_hash: "i", signature: `s-${id}`, meta: {} },
    ...{ started_at: at, ended_at: at, created_at: at, updated_at: at },
  };
}

/** How the tests read a ledger. */
export function readingOf(ledger: Ledger, runDir: string, mounts: { readonly [name: string]: string } = {}): Reading {
  const memo = new DigestMemo();
  return {
    ledger,
    runDir,
    memo,
    artifactOf: ({ id, key, container_uri, driver, hash, run_id, meta }) => {
      const path = fromUri(container_uri, { runDir, mounts });
      return new StoredArtifact({ id, key, path, uri: container_uri, driver, hash: hash ?? "", runId: run_id ?? undefined, meta }, {
        memo,
      });
    },
  };
}

/** A copy of the ledger that the Python library made, with its files. */
export async function pythonProject(): Promise<{ reading: Reading } & AsyncDisposable> {
  const source = fromFileUrl(new URL("../../tests/fixtures/python-project/", import.meta.url));
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "consist_python_" }));
  await Deno.copyFile(join(source, "ledger.duckdb"), join(dir, "ledger.duckdb"));
  const ledger = openLedger(join(dir, "ledger.duckdb"));
  return {
    reading: readingOf(ledger, join(source, "runs"), { inputs: join(source, "inputs") }),
    [Symbol.asyncDispose]: async () => {
      await ledger.close();
      await Deno.remove(dir, { recursive: true });
    },
  };
}
