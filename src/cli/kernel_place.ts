/** Which of Jupyter's folders a command means. */
import { OptionError } from "../errors.ts";
import type { KernelPlace } from "../jupyter/mod.ts";
import { flag, JSON_FLAG, text } from "./flags.ts";

/** The options that name a folder of Jupyter's. */
export interface PlaceFlags {
  /** The user's own folder. */
  readonly user?: boolean;
  /** The folder of the active environment. */
  readonly sysPrefix?: boolean;
  /** The folder of the environment at this path. */
  readonly prefix?: string;
  /** Is the answer JSON? */
  readonly json?: boolean;
}

/** The same for the parser. */
export const PLACE_FLAGS = {
  user: flag("Your own Jupyter (the default)"),
  sysPrefix: flag("The Jupyter of the Python environment that is active"),
  prefix: text("FOLDER", "The Jupyter below a folder, such as an environment"),
  ...JSON_FLAG,
} as const;

/** The place that options name; without any it is the user's own. */
export function placeOf({ user, sysPrefix, prefix }: PlaceFlags): KernelPlace {
  if ([user, sysPrefix, prefix !== undefined].filter(Boolean).length > 1) {
    throw new OptionError("option_invalid", {
      problem: "Cannot tell which Jupyter is meant.",
      why: "Only one of --user, --sys-prefix and --prefix can be meant.",
      fix: "Give one of them, or none for your own Jupyter.",
    });
  }
  return prefix === undefined ? { kind: sysPrefix ? "sys-prefix" : "user" } : { kind: "prefix", prefix };
}
