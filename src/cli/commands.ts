/** All commands. Each is loaded when it is called. */
import { type Command, command, program } from "./command.ts";
import { argument, atMost, flag, LEDGER_FLAGS, several, text } from "./flags.ts";
import { PLACE_FLAGS } from "./kernel_place.ts";
import { BATCH_FLAGS, RUN_FLAGS, TARGET_FLAGS } from "./notebook_flags.ts";

const LEDGER: readonly Command[] = [
  command("runs", async () => (await import("./runs.ts")).runs, {
    brief: "List the runs of a ledger, newest first",
    about: ["Each distinct result is listed once; --history lists every run ever recorded."],
    examples: [
      ["runs", "the newest runs"],
      ["runs --scenario baseline --step simulate", "runs of one step of one scenario"],
      ["runs --json", "all of them, for programs"],
    ],
    json: "Runs",
    takes: {
      flags: {
        scenario: text("NAME", "Only runs of this scenario"),
        step: text("NAME", "Only runs of this step"),
        history: flag("Every run ever recorded, not each distinct result once"),
        ...LEDGER_FLAGS,
      },
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
        step: text("NAME", "Only runs of this step"),
        scenario: text("NAME", "Only runs of this scenario"),
        limit: atMost("At most so many, the newest"),
        import: several("FILE", "A module that defines or runs the steps, imported first; may be given several times"),
        ...LEDGER_FLAGS,
      },
    },
  }),
];

const DB: readonly Command[] = [
  command("db rebuild", async () => (await import("./rebuild.ts")).rebuild, {
    brief: "Bring back lost runs from their snapshots; damaged files are moved aside",
    examples: [["db rebuild", "after the ledger was deleted or damaged"]],
    json: "Rebuilt",
    takes: { flags: LEDGER_FLAGS },
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
  db: "Look after the ledger: look into it, mend it, move it",
  notebook: "Run notebooks without Jupyter",
  kernel: "Jupyter's kernel with an output under each cell",
};

/** Each command, in the order of the help. */
export const COMMANDS: readonly Command[] = [...LEDGER, ...DB, ...NOTEBOOKS, ...KERNELS];
