/** All commands. Each is loaded when it is called. */
import { ACCEPT, CACHE } from "./cache_commands.ts";
import { type Command, command, program } from "./command.ts";
import { argument, atMost, FILE_FLAGS, flag, JSON_FLAG, LEDGER_FLAGS, maybe, one, several, text, whole } from "./flags.ts";
import { DB } from "./db_commands.ts";
import { PLACE_FLAGS } from "./kernel_place.ts";
import { BATCH_FLAGS, RUN_FLAGS, TARGET_FLAGS } from "./notebook_flags.ts";

const STEP = text("NAME", "Only runs of this step");
const SCENARIO = text("NAME", "Only runs of this scenario");
const RUN = argument("RUN", "A run: its id, the beginning of it, or the letters behind the step's name");
const ARTIFACT = argument(
  "ARTIFACT",
  "An artifact: its id, RUN:KEY, a file with its content, a key (the newest is meant), or a run's only output",
);
const LIMIT = atMost("At most so many, the newest");

const LEDGER: readonly Command[] = [
  command("runs", async () => (await import("./runs.ts")).runs, {
    brief: "List the runs of a ledger, newest first",
    about: ["Each distinct result is listed once; --history lists every run ever recorded. On a terminal the newest 40 are listed."],
    examples: [
      ["runs", "the newest runs"],
      ["runs --scenario baseline --step simulate", "runs of one step of one scenario"],
      ["runs --json", "all of them, for programs"],
    ],
    json: "Runs",
    reads: true,
    takes: {
      flags: {
        scenario: SCENARIO,
        step: STEP,
        status: text("STATUS", "Only runs that ended so: completed, failed, running, interrupted"),
        year: whole("Only runs of this year"),
        iteration: whole("Only runs of this iteration"),
        tag: several("TAG", "Only runs with this tag; may be given several times"),
        limit: LIMIT,
        history: flag("Every run ever recorded, not each distinct result once"),
        ...LEDGER_FLAGS,
      },
    },
  }),
  command("show", async () => (await import("./show.ts")).show, {
    brief: "Show a run: what it read and made, its config, why it executed",
    examples: [["show simulate_1a2b3c4d", "one run"], ["show 1a2b", "the same, by the letters behind the step's name"]],
    json: "RunRecord",
    reads: true,
    takes: { positional: one(RUN), flags: FILE_FLAGS },
  }),
  command("explain", async () => (await import("./show.ts")).explain, {
    brief: "Say why a run was a hit or executed, with the lines that differ",
    examples: [["explain 1a2b", "what changed since the nearest earlier run"], ["explain simulate", "the newest run of a step"]],
    json: "Explanation",
    reads: true,
    takes: { positional: one(RUN), flags: LEDGER_FLAGS },
  }),
  command("diff", async () => (await import("./diff.ts")).diff, {
    brief: "Say what differs between two runs: code, config, inputs",
    examples: [["diff 1a2b 9f8e", "two runs"]],
    json: "RunDiff",
    reads: true,
    takes: { positional: { kind: "tuple", parameters: [RUN, argument("OTHER", "Another run")] }, flags: LEDGER_FLAGS },
  }),
  command("artifacts", async () => (await import("./artifacts.ts")).artifacts, {
    brief: "List what runs read and made, or what one run did",
    examples: [["artifacts", "the newest artifacts"], ["artifacts 1a2b", "those of one run"]],
    json: "Artifacts",
    reads: true,
    takes: {
      positional: { kind: "tuple", parameters: [maybe("RUN", "A run; without it all artifacts are listed")] },
      flags: { key: text("KEY", "Only artifacts with this key"), limit: LIMIT, ...FILE_FLAGS },
    },
  }),
  command("lineage", async () => (await import("./lineage.ts")).lineage, {
    brief: "Show how an artifact, a file or a run's outputs came to be",
    examples: [["lineage figure.png", "what made a file with this content, from what"], ["lineage 1a2b:table", "an output of a run"]],
    json: "Lineages",
    reads: true,
    takes: {
      positional: one(ARTIFACT),
      flags: { depth: atMost("At most so many runs behind it"), ...FILE_FLAGS },
    },
  }),
  command("which", async () => (await import("./lineage.ts")).which, {
    brief: "List the runs that made or read a file with this content",
    about: ["Exit code 1 says that there is none."],
    examples: [["which figure.png", "who made it?"]],
    json: "Runs",
    reads: true,
    takes: { positional: one(argument("FILE", "A file or folder; its content counts, not its name")), flags: LEDGER_FLAGS },
  }),
  command("preview", async () => (await import("./preview.ts")).preview, {
    brief: "Show the first rows of a table, or the beginning of a value",
    examples: [["preview 1a2b:table --rows 5", "an output of a run"], ["preview raw.csv", "a file as it is now"]],
    json: "Preview",
    takes: { positional: one(ARTIFACT), flags: { rows: atMost("So many rows [default: 20]"), ...FILE_FLAGS } },
  }),
  command("scenarios", async () => (await import("./scenarios.ts")).scenarios, {
    brief: "List scenarios, newest first",
    examples: [["scenarios", "all of them"]],
    json: "Scenarios",
    reads: true,
    takes: { flags: LEDGER_FLAGS },
  }),
  command("scenario", async () => (await import("./scenarios.ts")).scenario, {
    brief: "Show a scenario: its steps, and what they made",
    examples: [["scenario baseline", "one scenario"]],
    json: "Scenario",
    reads: true,
    takes: { positional: one(argument("NAME", "The scenario's name")), flags: FILE_FLAGS },
  }),
  command("search", async () => (await import("./search.ts")).search, {
    brief: "Find runs and artifacts with a text in them",
    about: [
      "Looked at are names, ids, descriptions, tags, errors and facets of runs, and keys and paths of artifacts. Exit code 1 says that nothing has it.",
    ],
    examples: [["search gas", "whatever is called so, or has it in a facet"]],
    json: "Found",
    reads: true,
    takes: {
      positional: one(argument("TEXT", "What to look for, whatever its case")),
      flags: { limit: atMost("At most so many of each [default: 20]"), ...FILE_FLAGS },
    },
  }),
  command("summary", async () => (await import("./summary.ts")).summary, {
    brief: "Count what is in a ledger: runs, hits, failures, time saved, by step",
    examples: [["summary", "the whole ledger"]],
    json: "Summary",
    reads: true,
    takes: { flags: LEDGER_FLAGS },
  }),
  command("validate", async () => (await import("./validate.ts")).validate, {
    brief: "Check that the files still agree with the ledger",
    about: ["Exit code 1 says that an output is missing or changed, and its content is in no archive. Nothing is changed."],
    examples: [["validate", "every output, by its content"], ["validate --quick", "only whether they are there"]],
    json: "Validation",
    reads: true,
    takes: {
      positional: { kind: "tuple", parameters: [maybe("RUN", "Only outputs of this run")] },
      flags: { quick: flag("Only look whether files are there, and read none"), ...FILE_FLAGS },
    },
  }),
  command("sql", async () => (await import("./sql.ts")).sql, {
    brief: "Ask the ledger, or files, in SQL; nothing can be written",
    examples: [
      ['sql "summarize run"', "as a table"],
      ['sql "from run" --csv', "all rows as CSV"],
      [`sql "from 'runs/outputs/**/*.parquet'"`, "over files"],
    ],
    json: "Rows",
    takes: {
      positional: one(argument("QUERY", "The text of a query")),
      flags: {
        csv: flag("Print all rows as CSV"),
        limit: atMost("At most so many rows [default: 20 on a terminal, else all]"),
        ...LEDGER_FLAGS,
      },
    },
  }),
  command("schema capture-file", async () => (await import("./schema.ts")).schemaCapture, {
    brief: "Look at the columns of a recorded file, and record them",
    examples: [["schema capture-file 1a2b:table", "an output of a run"]],
    json: "CapturedSchema",
    takes: { positional: one(ARTIFACT), flags: FILE_FLAGS },
  }),
  command("schema export", async () => (await import("./schema.ts")).schemaExport, {
    brief: "Print the columns of a table as a zod module",
    examples: [["schema export 1a2b:table --class-name Person > person.ts", "a module to edit and import"]],
    json: "SchemaModule",
    takes: {
      positional: one(argument("SCHEMA", "An artifact as for lineage, or a schema's id")),
      flags: { className: text("NAME", "Name of what the module exports [default: Row]"), ...FILE_FLAGS },
    },
  }),
  command("verify", async () => (await import("./verify.ts")).verify, {
    brief: "Execute recorded runs again, and compare their outputs",
    about: ["Exit code 1 says that something differs."],
    examples: [
      ["verify --step simulate --limit 3", "the three newest runs of a step"],
      ["verify simulate_1a2b3c4d --import steps.ts", "one run, of a step that a module defines"],
    ],
    json: "Verified",
    takes: {
      positional: { kind: "array", parameter: argument("RUN", "Ids of runs [default: all that the options choose]") },
      flags: {
        step: STEP,
        scenario: SCENARIO,
        limit: LIMIT,
        import: several("FILE", "A module that defines or runs the steps, imported first; may be given several times"),
        ...FILE_FLAGS,
      },
    },
  }),
];

const NOTEBOOKS: readonly Command[] = [
  command("notebook run", async () => (await import("./notebook_run.ts")).notebookRun, {
    brief: "Run notebooks in a Deno kernel",
    about: [
      "A notebook itself is not changed without --inplace. Exit code 1 says that a cell failed; then the notebooks after it are not run.",
    ],
    examples: [
      ["notebook run study.ipynb --output done.ipynb", "runs it, and writes it with its outputs"],
      ["notebook run study.ipynb --set year=2030 --output out --html", "with another year, and with a page to read"],
      ["notebook run *.ipynb --jobs 4 --keep-going", "all of a folder, four at once"],
    ],
    json: "NotebookRuns",
    takes: {
      positional: { kind: "array", parameter: argument("PATH", "Notebooks") },
      flags: { ...RUN_FLAGS, ...TARGET_FLAGS, ...BATCH_FLAGS },
    },
  }),
  command("notebook html", async () => (await import("./notebook_html.ts")).notebookHtml, {
    brief: "Make pages of notebooks, with nothing to load and no script",
    examples: [
      ["notebook html study.ipynb", "study.html, of the outputs that the notebook has"],
      ["notebook html study.ipynb --run --set year=2030 --output year2030.html", "of what it shows when it is run now"],
    ],
    json: "NotebookPages",
    takes: {
      positional: { kind: "array", parameter: argument("PATH", "Notebooks") },
      flags: {
        run: flag("Run the notebook first; it is not changed"),
        output: text("PATH", "Where pages are written: a path that ends in .html is a file, any other one a folder [default: beside each]"),
        ...RUN_FLAGS,
        ...JSON_FLAG,
      },
    },
  }),
  command("notebook watch", async () => (await import("./notebook_watch.ts")).notebookWatch, {
    brief: "Run a notebook each time that it is saved, until Ctrl-C",
    about: [
      "Each run has a fresh kernel. A save that changes a cell that has run already ends the run at once, another one waits for its end.",
    ],
    examples: [
      ["notebook watch study.ipynb --html", "with a page beside it that is made anew"],
      ["notebook watch study.ipynb --inplace", "with the outputs in the notebook"],
    ],
    takes: { positional: one(argument("PATH", "The notebook")), flags: { ...RUN_FLAGS, ...TARGET_FLAGS } },
  }),
];

const KERNELS: readonly Command[] = [
  command("kernel install", async () => (await import("./kernel_install.ts")).kernelInstall, {
    brief: 'Make the kernel "Deno (Consist)" known to Jupyter',
    examples: [["kernel install", "for your own Jupyter"], ["kernel install --prefix .venv", "for the Jupyter of an environment"]],
    json: "KernelFolder",
    takes: { flags: PLACE_FLAGS },
  }),
  command("kernel uninstall", async () => (await import("./kernel_uninstall.ts")).kernelUninstall, {
    brief: "Take the kernel away again",
    examples: [["kernel uninstall", "from your own Jupyter"]],
    json: "KernelFolder",
    takes: { flags: PLACE_FLAGS },
  }),
  command("kernel status", async () => (await import("./kernel_status.ts")).kernelStatus, {
    brief: "Say where the kernel is installed, and whether it works there",
    examples: [["kernel status", "in your own Jupyter, and in the active environment"]],
    json: "Kernels",
    takes: { flags: PLACE_FLAGS },
  }),
  program("kernel start", async () => (await import("./kernel_start.ts")).kernelStart, {
    brief: "Be the kernel: Jupyter calls this",
    examples: [["kernel start connection.json", "as the kernelspec says it"]],
    takes: { positional: { kind: "tuple", parameters: [argument("FILE", "Jupyter's connection file")] } },
  }),
];

/** What the help says of words that begin several commands. */
export const GROUPS: { readonly [word: string]: string } = {
  schema: "Schemas of tables",
  cache: "Take care of cached files",
  db: "Look after the ledger: look into it, mend it, move it",
  notebook: "Run notebooks without Jupyter",
  kernel: "Jupyter's kernel with an output under each cell",
};

/** Each command, in the order of the help. */
export const COMMANDS: readonly Command[] = [...LEDGER, ACCEPT, ...CACHE, ...DB, ...NOTEBOOKS, ...KERNELS];
