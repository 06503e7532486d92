/** Results of another code that a user lets stand for the present one: looked for where no run at all has the present signature. */
import { standingFor, type StepIdentity } from "../identity/mod.ts";
import { type AcceptedRow, type Db, liveAcceptances } from "../ledger/mod.ts";
import type { RunServices, StepRequest } from "./request.ts";
import { type Servable, servables } from "./servable.ts";

/** Runs that may be served although the code differs. */
export interface Standing {
  /** What the step is where the other code is taken for its own. */
  readonly identity: StepIdentity;
  /** The acceptances that lead there, the first being that of the present code. */
  readonly chain: readonly AcceptedRow[];
  /** The runs. */
  readonly runs: readonly Servable[];
}

/** The runs of the nearest code that stands for the present one. Where code cannot be followed nothing stands for it. */
export async function standingRuns(
  { ledger }: RunServices,
  { name, model }: StepRequest,
  identity: StepIdentity,
  limit: number,
): Promise<Standing | undefined> {
  const { code } = identity;
  if (code.hash === null || code.opaque.length > 0) return undefined;
  return await ledger.lookUp(async (db) => {
    const live = (await liveAcceptances(db, name, model)).filter(({ mode }) => mode === code.mode);
    return live.length === 0 ? undefined : await nearest(db, live, identity, limit);
  });
}

/**
 * Follows acceptances, the nearest first, each code once. Where a code on the way has runs of its own and none can be served, as when they
 * failed, what stands for that code does not count.
 */
async function nearest(db: Db, live: readonly AcceptedRow[], identity: StepIdentity, limit: number): Promise<Standing | undefined> {
  const byCode = Map.groupBy(live, ({ code }) => code);
  const seen = new Set([identity.code.hash!]);
  const paths: (readonly AcceptedRow[])[] = [[]];
  for (const chain of paths) {
    for (const row of byCode.get(chain.at(-1)?.stands_for ?? identity.code.hash!) ?? []) {
      if (seen.has(row.stands_for)) continue;
      seen.add(row.stands_for);
      const standing = standingFor(identity, row.stands_for);
      const runs = await servables(db, standing.signature!, limit);
      if (typeof runs === "string") paths.push([...chain, row]);
      else if (runs.length > 0) return { identity: standing, chain: [...chain, row], runs };
    }
  }
  return undefined;
}
