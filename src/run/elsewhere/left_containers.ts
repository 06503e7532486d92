/** Containers that their process left behind: found by a label, and removed where the process is surely dead. */
import { JSON } from "../../intrinsics.ts";
import { type Engine, removeLeft } from "../../programs/mod.ts";
import { isDead, markOfProcess, type ProcessMark } from "../presence.ts";

/** By this label a container that its process left behind is found. */
const LABEL = "consist.process";

/** The labels of a run's container. */
export function labelsOf(runId: string): Record<string, string> {
  return { [LABEL]: encodeURIComponent(JSON.stringify(markOfProcess())), "consist.run": runId };
}

const swept = new Map<string, Promise<unknown>>();

/** Once in each process: removes the containers of processes of this machine that are dead. */
export async function removeLeftContainers(engine: Engine): Promise<void> {
  const known = swept.get(engine.program) ?? removeLeft(engine, LABEL, isLeft);
  swept.set(engine.program, known);
  // What cannot be removed now hinders nobody: its name is its own, and the next process tries again.
  await known.catch(() => {});
}

function isLeft(label: string): boolean {
  try {
    return isDead([], JSON.parse(decodeURIComponent(label)) as ProcessMark, new Date(), Date.now());
  } catch {
    // Not written by us: then it is not ours to remove.
    return false;
  }
}
