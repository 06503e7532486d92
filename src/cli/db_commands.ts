/** The commands that look after a ledger. */
import { type Command, command } from "./command.ts";
import { CHANGE_FLAGS, DRY_RUN } from "./consent.ts";
import { argument, flag, LEDGER_FLAGS, maybe, one, several, text } from "./flags.ts";

const RUNS = { kind: "array", parameter: argument("RUN", "Runs, by their ids or the beginnings of them") } as const;

/** All that begin with `db`. */
export const DB: readonly Command[] = [
  command("db inspect", async () => (await import("./db_inspect.ts")).dbInspect, {
    brief: "Say what a ledger's file is: size, tables, versions",
    examples: [["db inspect", "the ledger of this folder"]],
    json: "LedgerFacts",
    takes: { flags: LEDGER_FLAGS },
  }),
  command("db doctor", async () => (await import("./db_inspect.ts")).dbDoctor, {
    brief: "Look for what is wrong with a ledger, and say what mends it",
    about: ["Exit code 1 says that something is. Nothing is changed. Files of outputs are checked by consist validate."],
    examples: [["db doctor", "before and after work on a ledger"]],
    json: "Faults",
    takes: { flags: LEDGER_FLAGS },
  }),
  command("db rebuild", async () => (await import("./db_restore.ts")).dbRebuild, {
    brief: "Bring back lost runs from their snapshots, also where the ledger is damaged or gone",
    about: ["A damaged file is moved aside, never deleted. A failure or a kill leaves the ledger as it was."],
    examples: [["db rebuild", "after the ledger was deleted or damaged"]],
    json: "Rebuilt",
    takes: { flags: LEDGER_FLAGS },
  }),
  command("db reconcile", async () => (await import("./db_restore.ts")).dbReconcile, {
    brief: "Bring in runs that only a snapshot knows",
    about: ["Such as runs of a Python process that could not get at the ledger."],
    examples: [["db reconcile --dry-run", "which runs would come in"], ["db reconcile", "bring them in"]],
    json: "Reconciled",
    takes: { flags: { ...DRY_RUN, all: flag("Also runs whose snapshot names another ledger"), ...LEDGER_FLAGS } },
  }),
  command("db snapshot", async () => (await import("./db_restore.ts")).dbSnapshot, {
    brief: "Write the snapshots of runs that are missing, or a copy of the whole ledger",
    examples: [["db snapshot", "so that a rebuilt ledger lacks no run"], ["db snapshot backup.duckdb", "a copy of the ledger"]],
    json: "Snapshots",
    takes: {
      positional: {
        kind: "tuple",
        parameters: [maybe("FILE", "A file that is not there yet: the ledger is copied into it, and no snapshot written")],
      },
      flags: { ...DRY_RUN, ...LEDGER_FLAGS },
    },
  }),
  command("db fix-status", async () => (await import("./db_restore.ts")).dbFixStatus, {
    brief: "Mark running runs whose process died as interrupted",
    about: ["Runs that are named get the status whatever became of their process. A run that completed is never changed."],
    examples: [["db fix-status", "all whose process died"], ["db fix-status 1a2b --status failed", "one run of which you know it"]],
    json: "FixedStatus",
    takes: {
      positional: RUNS,
      flags: {
        status: {
          kind: "enum",
          values: ["interrupted", "failed"],
          optional: true,
          brief: "What to write for runs that are named [default: interrupted]",
        },
        ...DRY_RUN,
        ...LEDGER_FLAGS,
      },
    },
  }),
  command("db compact", async () => (await import("./db_move.ts")).dbCompact, {
    brief: "Write the ledger's file anew, without the room that removed rows left",
    about: ["The new file takes the old one's place at once: a failure or a kill leaves the ledger as it was."],
    examples: [["db compact", "after a purge"]],
    json: "Compacted",
    takes: { flags: LEDGER_FLAGS },
  }),
  command("db export", async () => (await import("./db_move.ts")).dbExport, {
    brief: "Write each table of the ledger into a file of a new folder",
    about: [
      "With --run only what belongs to them is written: their rows, what they read and made, and the same of what ran inside of them, as the steps of a scenario.",
    ],
    examples: [
      ["db export tables", "as parquet"],
      ["db export tables --format json", "as JSON"],
      ["db export tables --run baseline_1a2b", "a scenario with its steps, by its header"],
    ],
    json: "Exported",
    takes: {
      positional: one(argument("FOLDER", "A folder that is not there yet")),
      flags: {
        run: several("RUN", "Only this run, with what ran inside of it; may be given several times"),
        noChildren: flag("Only the runs that are named, without what ran inside of them"),
        format: { kind: "enum", values: ["parquet", "json", "csv"], optional: true, brief: "The form of the files [default: parquet]" },
        ...LEDGER_FLAGS,
      },
    },
  }),
  command("db merge", async () => (await import("./db_move.ts")).dbMerge, {
    brief: "Take in the runs of another ledger, each id once",
    about: [
      "The other file is only read, and files of runs stay where they are. One transaction: a failure or a kill leaves the ledger as it was.",
      "Where both have different runs of one id, this ledger's stays, and the exit code is 1.",
    ],
    examples: [["db merge ../other/provenance.duckdb --dry-run", "what would come in"]],
    json: "Merged",
    takes: { positional: one(argument("FILE", "The other ledger")), flags: { ...DRY_RUN, ...LEDGER_FLAGS } },
  }),
  command("db purge", async () => (await import("./db_purge.ts")).dbPurge, {
    brief: "Remove runs, with their files in the run folder",
    about: [
      "A run stays while it has not ended, or while one that stays took or read its outputs; then the exit code is 1. Nothing outside of the run folder is removed.",
      "The rows go in one transaction: until then a failure or a kill leaves all as it was. What a kill leaves of the files goes with the next purge.",
    ],
    examples: [
      ["db purge --scenario test --dry-run", "what would go"],
      ["db purge --status failed --yes", "failed runs, without asking"],
      ["db purge 1a2b --with-dependents", "a run, and what rests on it"],
    ],
    json: "Purged",
    takes: {
      positional: RUNS,
      flags: {
        scenario: text("NAME", "Runs of this scenario, and its headers"),
        step: text("NAME", "Runs of this step"),
        status: text("STATUS", "Runs that ended so: completed, failed, interrupted"),
        withDependents: flag("Also runs that took or read outputs of theirs"),
        keepFiles: flag("Leave the files of outputs; snapshots go, since they would bring the runs back"),
        ...CHANGE_FLAGS,
        ...LEDGER_FLAGS,
      },
    },
  }),
];
