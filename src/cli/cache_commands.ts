/** The commands that take care of the cache. */
import { type Command, command } from "./command.ts";
import { CHANGE_FLAGS } from "./consent.ts";
import { asWhole, FILE_FLAGS, flag, LEDGER_FLAGS, maybe, text } from "./flags.ts";

const KEEP = { kind: "parsed", parse: asWhole, optional: true, placeholder: "N" } as const;

/** What stands for a step's code. */
export const ACCEPT: Command = command("accept", async () => (await import("./accept.ts")).accept, {
  brief: "Let the results of a step's old code stand for its new code",
  about: [
    "Run the step once with the new code, and a config and inputs for which an older result is there; then accept it. The outputs of all such pairs on record are compared: where one differs nothing is accepted. Config and inputs decide as before, another change of the code is a miss, and every card that rests on it says who accepted what, when and why.",
  ],
  examples: [
    ['accept simulate --because "renamed a variable"', "after a harmless change"],
    ["accept --list", "what was accepted, and what was taken back"],
    ["accept --revoke accept_1a2b3c4d", "takes one back"],
  ],
  json: "Accepted",
  takes: {
    positional: { kind: "tuple", parameters: [maybe("STEP", "The step; with --list only what was accepted of it")] },
    flags: {
      because: text("TEXT", "Why the old results may stand"),
      force: flag("Also where outputs are known to differ; the first difference is recorded and shown"),
      list: flag("Show what was accepted, and what was taken back"),
      revoke: text("ID", "Take this one back: what rests on it is served no more"),
      ...FILE_FLAGS,
    },
  },
});

/** All that begin with `cache`. */
export const CACHE: readonly Command[] = [
  command("cache status", async () => (await import("./cache_status.ts")).cacheStatus, {
    brief: "Say what takes space, by step and scenario, and what hits saved",
    about: ["Files among the folders of runs that no run of the ledger knows are named too. Nothing is changed."],
    examples: [["cache status", "the cache of this folder"]],
    json: "CacheStatus",
    takes: { flags: LEDGER_FLAGS },
  }),
  command("cache prune", async () => (await import("./cache_prune.ts")).cachePrune, {
    brief: "Delete cached files of runs that all given rules mean, and that nothing needs",
    about: [
      "The runs stay on record, are served no more, and say when they were pruned. What executes now, what an open scenario holds, and what a run that stays was made from is left alone, and so is all outside of the folders of such runs.",
      "A kill leaves no run half-deleted that is served: the next prune ends the work.",
    ],
    examples: [
      ["cache prune --unused-for 90d --dry-run", "what was not used for three months"],
      ["cache prune --step simulate --keep-latest 3", "all but the newest three of a step, after asking"],
      ["cache prune --max-size 10GB --yes", "until 10 GB are left, what was unused for longest first, without asking"],
    ],
    json: "CachePruned",
    takes: {
      flags: {
        olderThan: text("TIME", "Runs that ended so long ago: 90m, 12h, 30d, 2w"),
        unusedFor: text("TIME", "Runs that neither executed nor were a hit for so long"),
        keepLatest: { ...KEEP, brief: "Of each step the newest so many completed runs stay" },
        maxSize: text("SIZE", "Only until no more is left than this: 500MB, 10GB; what was unused for longest first"),
        step: text("NAME", "Runs of this step"),
        scenario: text("NAME", "Runs of this scenario that served no other one"),
        ...CHANGE_FLAGS,
        ...LEDGER_FLAGS,
      },
    },
  }),
];
