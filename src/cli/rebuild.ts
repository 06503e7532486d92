/** `consist rebuild`: brings back what a ledger lacks, from the snapshots of its runs. */
import { parseArgs } from "node:util";
import { Tracker } from "../tracker/mod.ts";
import { badArguments } from "./main.ts";

const OPTIONS = { db: { type: "string" }, "run-dir": { type: "string" }, json: { type: "boolean" } } as const;

/** Does it; `false` where something is not as it should be. */
export async function rebuild(args: readonly string[]): Promise<boolean> {
  const { db, "run-dir": runDir, json } = parsed(args);
  await using tracker = new Tracker({
    enabled: true,
    ...(db === undefined ? {} : { dbPath: db }),
    ...(runDir === undefined ? {} : { runDir }),
  });
  const { runs, movedAside, unreadable } = await tracker.rebuild();
  if (json) console.log(JSON.stringify({ runs, movedAside, unreadable }, null, 2));
  else {
    for (const path of movedAside) console.log(`moved aside: ${path}`);
    for (const path of unreadable) console.log(`no snapshot of a run: ${path}`);
    console.log(`${runs.length} runs came back into ${tracker.dbPath}`);
  }
  return unreadable.length === 0;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true }).values;
  } catch (error) {
    throw badArguments("rebuild", error);
  }
}
