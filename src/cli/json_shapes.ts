/** What commands print with `--json`, as schemas: the reference is made from them, and tests hold what is printed to them. Not loaded by any command. */
import { z } from "zod";

const time = z.iso.datetime().describe("ISO time");
const anything = z.record(z.string(), z.unknown());
const hex = z.string();

const run = z.strictObject({
  id: z.string(),
  model: z.string(),
  status: z.string(),
  signature: z.string(),
  cacheHit: z.boolean(),
  parentId: z.string().optional(),
  scenarioId: z.string().optional(),
  year: z.number().optional(),
  iteration: z.number().optional(),
  stage: z.string().optional(),
  phase: z.string().optional(),
  description: z.string().optional(),
  tags: z.array(z.string()),
  facet: anything,
  meta: anything,
  startedAt: time,
  endedAt: time.optional(),
  error: z.strictObject({ name: z.string(), message: z.string(), stack: z.string().optional() }).optional(),
});

const artifact = z.strictObject({
  id: z.string(),
  key: z.string(),
  path: z.string(),
  uri: z.string(),
  driver: z.string(),
  hash: hex,
  run: z.string().nullable(),
  meta: anything,
});

const change = z.strictObject({ part: z.string(), name: z.string(), before: z.unknown().optional(), after: z.unknown().optional() });

const explanation = z.strictObject({
  hit: z.boolean(),
  code: z.string().optional(),
  reason: z.string(),
  nearest: z.string().optional(),
  changed: z.array(z.enum(["code", "config", "inputs"])),
  changes: z.array(change),
  notes: z.array(z.string()),
  text: z.string(),
});

const file = artifact.extend({ bytes: z.number().nullable(), implicit: z.boolean(), present: z.boolean() });
const sides = z.record(z.string(), z.strictObject({ left: z.unknown().optional(), right: z.unknown().optional() }));
const column = z.strictObject({ name: z.string(), type: z.string() });
const table = z.strictObject({ rows: z.array(anything), columns: z.array(column), total: z.number() });
const counts = z.record(z.string(), z.number());

const step = z.strictObject({
  step: z.string(),
  executed: z.number(),
  hits: z.number(),
  failed: z.number(),
  running: z.number(),
  seconds: z.number(),
  savedSeconds: z.number(),
  lastAt: time,
});

const acceptance = z.strictObject({
  ...{ id: z.string(), step: z.string(), run: z.string(), standsFor: z.string(), reason: z.string(), by: z.string(), at: time },
  changes: z.array(change),
  differingOutput: z.string().optional(),
  revoked: z.strictObject({ by: z.string(), at: time }).optional(),
});

/** Each shape, by the name that the reference gives it. */
export const SHAPES: { readonly [name: string]: z.ZodType } = {
  Run: run,
  Artifact: artifact,
  Runs: z.array(run),
  RunRecord: z.strictObject({
    run,
    seconds: z.number().nullable(),
    source: z.string().nullable(),
    config: anything,
    inputs: z.array(file),
    outputs: z.array(file),
    explanation,
  }),
  Explanation: explanation.extend({ run: z.string(), step: z.string() }),
  RunDiff: z.strictObject({
    left: z.string(),
    right: z.string(),
    changed: z.array(z.enum(["code", "config", "inputs"])),
    config: sides,
    inputs: sides,
  }),
  Artifacts: z.array(artifact.extend({ direction: z.enum(["input", "output"]) })),
  Lineages: z.array(z.strictObject({
    artifact: z.string(),
    artifacts: z.array(artifact),
    runs: z.array(z.strictObject({
      run: z.string(),
      step: z.string(),
      scenario: z.string().nullable(),
      made: z.array(z.string()),
      read: z.array(z.string()),
      accepted: z.array(z.string()).describe("ids of accepted differences on which it rests"),
    })),
  })),
  Preview: z.strictObject({
    path: z.string(),
    driver: z.string(),
    artifact: artifact.nullable(),
    table: table.nullable(),
    text: z.string().nullable(),
  }),
  Scenarios: z.array(z.strictObject({
    name: z.string(),
    executions: z.number(),
    runs: z.number(),
    status: z.string(),
    startedAt: time,
    headerId: z.string(),
  })),
  Scenario: z.strictObject({ name: z.string(), header: run, steps: z.array(run), outputs: z.record(z.string(), artifact) }),
  Found: z.strictObject({ runs: z.array(run), totalRuns: z.number(), artifacts: z.array(artifact), totalArtifacts: z.number() }),
  Summary: z.strictObject({
    path: z.string(),
    runs: z.number(),
    executed: z.number(),
    hits: z.number(),
    failed: z.number(),
    running: z.number(),
    scenarios: z.number(),
    artifacts: z.number(),
    contents: z.number(),
    seconds: z.number(),
    savedSeconds: z.number(),
    firstAt: time.optional(),
    lastAt: time.optional(),
    steps: z.array(step),
  }),
  Validation: z.strictObject({
    checked: z.number(),
    faults: z.array(z.strictObject({
      fault: z.enum(["missing", "changed", "unreadable"]),
      run: z.string(),
      step: z.string(),
      key: z.string(),
      artifact: z.string(),
      path: z.string(),
      elsewhere: z.string().optional(),
    })),
    partial: z.array(z.string()),
  }),
  Rows: table,
  CapturedSchema: z.strictObject({
    artifact: z.string(),
    key: z.string(),
    schema: hex,
    columns: z.array(z.strictObject({ name: z.string(), type: z.string(), nullable: z.boolean() })),
  }),
  SchemaModule: z.strictObject({ className: z.string(), module: z.string() }),
  Verified: z.array(z.strictObject({
    run: z.string(),
    step: z.string(),
    verdict: z.enum(["equal", "different", "not_repeatable"]),
    differences: z.array(z.strictObject({ key: z.string(), first: z.string() })),
    reason: z.string().optional(),
    seconds: z.number(),
  })),
  LedgerFacts: z.strictObject({
    path: z.string(),
    bytes: z.number(),
    logBytes: z.number(),
    madeBy: z.enum(["deno", "python"]),
    version: z.strictObject({ found: z.number(), known: z.number() }),
    duckdb: z.string(),
    tables: counts,
    statuses: counts,
    languages: z.strictObject({ deno: z.number(), python: z.number() }),
    runDir: z.string(),
  }),
  Faults: z.array(
    z.strictObject({ code: z.string(), problem: z.string(), fix: z.string(), count: z.number(), examples: z.array(z.string()) }),
  ),
  Rebuilt: z.strictObject({ runs: z.array(z.string()), movedAside: z.array(z.string()), unreadable: z.array(z.string()) }),
  Reconciled: z.strictObject({
    dryRun: z.boolean(),
    runs: z.array(z.string()),
    unreadable: z.array(z.string()),
    ofOthers: z.number(),
  }),
  Snapshots: z.strictObject({ dryRun: z.boolean(), runs: z.array(z.string()), copy: z.string().nullable() }),
  FixedStatus: z.strictObject({
    dryRun: z.boolean(),
    runs: z.array(z.strictObject({ run: z.string(), step: z.string(), before: z.string(), after: z.string() })),
  }),
  Compacted: z.strictObject({ before: z.number(), after: z.number(), lostViews: z.array(z.string()) }),
  Exported: z.strictObject({
    folder: z.string(),
    format: z.enum(["parquet", "json", "csv"]),
    tables: z.array(z.strictObject({ table: z.string(), rows: z.number(), file: z.string() })),
  }),
  Merged: z.strictObject({ dryRun: z.boolean(), rows: counts, conflicts: z.array(z.string()), leftBehind: z.array(z.string()) }),
  Purged: z.strictObject({
    dryRun: z.boolean(),
    runs: z.array(z.strictObject({ id: z.string(), step: z.string(), status: z.string() })),
    artifacts: z.array(z.string()),
    folders: z.array(z.string()),
    files: z.array(z.string()),
    needed: z.array(z.strictObject({ run: z.string(), neededBy: z.array(z.string()) })),
    running: z.array(z.string()),
  }),
  Accepted: z.union([acceptance, z.array(acceptance)]),
  CacheStatus: z.strictObject({
    ...{ runDir: z.string(), runs: z.number(), bytes: z.number(), hits: z.number(), savedSeconds: z.number(), pruned: z.number() },
    unknown: z.strictObject({ paths: z.array(z.string()), bytes: z.number() }),
    uses: z.array(z.strictObject({
      ...{ step: z.string(), scenario: z.string().optional(), runs: z.number(), bytes: z.number(), hits: z.number() },
      ...{ savedSeconds: z.number(), lastUsedAt: time },
    })),
  }),
  CachePruned: z.strictObject({
    dryRun: z.boolean(),
    runs: z.array(z.strictObject({
      ...{ run: z.string(), step: z.string(), scenario: z.string().optional(), bytes: z.number(), endedAt: time, lastUsedAt: time },
      hits: z.number(),
    })),
    ...{ bytes: z.number(), before: z.number(), inUse: z.number(), needed: z.number(), failures: z.array(z.string()) },
  }),
  NotebookRuns: z.array(z.strictObject({
    notebook: z.string(),
    status: z.enum(["ok", "failed", "not run"]),
    output: z.string().optional(),
    page: z.string().optional(),
    seconds: z.number().optional(),
    steps: z.unknown().optional(),
    ledgers: z.array(z.string()).optional(),
    cells: z.array(z.strictObject({
      index: z.number(),
      id: z.string().optional(),
      status: z.string(),
      executionCount: z.number().nullable().optional(),
      seconds: z.number(),
      steps: z.unknown().optional(),
      error: z.strictObject({ name: z.string(), message: z.string() }).optional(),
    })).optional(),
    failure: z.strictObject({ problem: z.string(), why: z.string(), fix: z.string() }).optional(),
  })),
  NotebookPages: z.array(z.strictObject({ notebook: z.string(), page: z.string(), ok: z.boolean() })),
  KernelFolder: z.strictObject({ folder: z.string().nullable() }),
  Kernels: z.array(z.strictObject({ folder: z.string(), spec: anything.optional(), faults: z.array(z.string()) })),
  Error: z.strictObject({
    error: z.strictObject({
      code: z.string(),
      name: z.string(),
      problem: z.string(),
      why: z.string(),
      fix: z.string(),
      run: z.string().optional(),
      step: z.string().optional(),
      path: z.string().optional(),
    }),
    exitCode: z.union([z.literal(1), z.literal(2)]),
  }),
};
