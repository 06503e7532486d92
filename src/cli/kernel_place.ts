/** Which of Jupyter's folders a command means. */
import { parseArgs } from "node:util";
import type { KernelPlace } from "../jupyter/mod.ts";
import { badArguments } from "./main.ts";

/** The place that some arguments name; without any it is the user's own. */
export function placeIn(command: string, args: readonly string[]): { readonly place: KernelPlace; readonly json: boolean } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { "sys-prefix": { type: "boolean" }, prefix: { type: "string" }, user: { type: "boolean" }, json: { type: "boolean" } },
      strict: true,
    });
    const { prefix, json = false } = values;
    if ([values["sys-prefix"], prefix !== undefined, values.user].filter(Boolean).length > 1) {
      throw new Error("Only one of --user, --sys-prefix and --prefix can be meant.");
    }
    if (prefix !== undefined) return { place: { kind: "prefix", prefix }, json };
    return { place: { kind: values["sys-prefix"] ? "sys-prefix" : "user" }, json };
  } catch (error) {
    throw badArguments(command, error);
  }
}
