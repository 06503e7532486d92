/** The commands that take care of the cache. */
import { type Command, command } from "./command.ts";
import { CHANGE_FLAGS } from "./consent.ts";
import { asWhole, LEDGER_FLAGS, text } from "./flags.ts";

const KEEP = { kind: "parsed", parse: asWhole, optional: true, placeholder: "N" } as const;

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
