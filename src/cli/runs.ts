/** `consist runs`: the runs of a ledger as a table. */
import { parseArgs } from "node:util";
import { Tracker } from "../tracker/mod.ts";
import { DISPLAY } from "../notebook/mod.ts";
import type { MimeBundle } from "../types.ts";
import { badArguments } from "./main.ts";

const OPTIONS = {
  db: { type: "string" },
  scenario: { type: "string" },
  step: { type: "string" },
  history: { type: "boolean" },
  json: { type: "boolean" },
} as const;

/** Does it; `false` where something is not as it should be. */
export async function runs(args: readonly string[]): Promise<boolean> {
  const { db, scenario, step, history, json } = parsed(args);
  await using tracker = new Tracker({ enabled: true, ...(db === undefined ? {} : { dbPath: db }) });
  const set = await tracker.runSet({ scenario, step, history: history ?? false });
  if (json) console.log(JSON.stringify([...set], (_key, value) => typeof value === "bigint" ? value.toString() : value, 2));
  else console.log((await (set as unknown as { [DISPLAY](): MimeBundle | Promise<MimeBundle> })[DISPLAY]())["text/plain"]);
  return true;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true }).values;
  } catch (error) {
    throw badArguments("runs", error);
  }
}
