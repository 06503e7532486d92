/** Lets the results of a step's old code stand for its new code: looked at, compared, and recorded with who, when and why. */
import { basename } from "@std/path";
import { ContentError, FindError, KeyError, listNames, nearestName, OptionError } from "../../errors.ts";
import { crypto, JSON } from "../../intrinsics.ts";
import { differences, standingFor, type StepIdentity, type StoredIdentity } from "../../identity/mod.ts";
import {
  acceptancesOf,
  type AcceptedRow,
  artifactsOfRuns,
  type CodeOfRun,
  codesOfRuns,
  identitiesOf,
  insertAcceptance,
  liveAcceptances,
  ownRunsById,
  revokeAcceptance,
  runsById,
} from "../../ledger/mod.ts";
import { keepAcceptance } from "../../ledger/maintenance/mod.ts";
import { type Acceptance, acceptanceOf, runIdOf, type RunLike } from "../../query/mod.ts";
import { findRun } from "../../query/answers/mod.ts";
import type { Run } from "../../types.ts";
import { identityOfRow } from "../look_up.ts";
import { toldWhereNotKept, whoAmI } from "./prune.ts";
import type { RunServices } from "../request.ts";
import { artifactOf } from "../servable.ts";
import { difference } from "./verify.ts";

/** How to accept. */
export interface AcceptOptions {
  /** Accept it also where outputs are known to differ; the first difference is recorded and shown. @default false */
  readonly force?: boolean;
}

/** So many pairs of runs are compared. */
const PAIRS = 200;

/** A run of the new code, with what it is compared by. */
interface Looked {
  readonly run: Run;
  readonly step: string;
  readonly identity: StoredIdentity;
  readonly codes: readonly CodeOfRun[];
  readonly own: CodeOfRun;
}

/** Records that the results of the old code stand for the code of this run. */
export async function accept(services: RunServices, asked: RunLike, reason: string, options: AcceptOptions = {}): Promise<Acceptance> {
  services.access.toWrite("accept a difference");
  if (typeof reason !== "string" || reason.trim() === "") throw withoutReason();
  const looked = await lookAt(services, asked);
  const old = olderRun(looked);
  const pairs = pairsOf(looked, old);
  const differing = await firstDifferenceOf(services, pairs);
  if (differing !== undefined && options.force !== true) throw differs(looked, old, differing);
  return await record(services, looked, old, reason.trim(), differing);
}

/** Takes an acceptance back: what rests on it is served no more. */
export async function revokeAccept(services: RunServices, asked: string | Acceptance): Promise<Acceptance> {
  const { ledger, access, now, runDir } = services;
  access.toWrite("take an acceptance back");
  const id = typeof asked === "string" ? asked : asked.id;
  const rows = await ledger.read((db) => acceptancesOf(db));
  const row = rows.find((each) => each.id === id);
  if (row === undefined) throw unknownAcceptance(id, rows.map((each) => each.id));
  if (row.revoked_at !== null) return acceptanceOf(row);
  const revoked = { ...row, revoked_by: whoAmI(), revoked_at: new Date(now()) };
  // First what a rebuild reads: it must never bring back an acceptance that was taken back.
  await toldWhereNotKept(services, () => keepAcceptance(runDir, revoked, basename(ledger.path)));
  await ledger.write((db) => revokeAcceptance(db, id, revoked.revoked_by, revoked.revoked_at));
  return acceptanceOf(revoked);
}

// ── what is looked at ───────────────────────────────────────────────────────────────────────────────────────────────────────

async function lookAt(services: RunServices, asked: RunLike): Promise<Looked> {
  const run = await findRun(services, { id: runIdOf(asked), history: true });
  const found = await services.ledger.read(async (db) => {
    const [row] = await runsById(db, [run.id]);
    const step = typeof row?.meta.step === "string" ? row.meta.step : run.model;
    return {
      step,
      own: (await ownRunsById(db, [run.id]))[0],
      identity: (await identitiesOf(db, [run.id]))[0],
      codes: await codesOfRuns(db, step, run.model),
    };
  });
  if (found.own?.hit === true) throw refused(run, `It was a hit: its code has no results of its own.`, EXECUTE_FIRST);
  const own = found.codes.find(({ id }) => id === run.id);
  const identity = found.identity === undefined ? undefined : identityOfRow(found.identity);
  if (own === undefined || identity === undefined) {
    throw refused(run, "It did not complete, or what decides its result cannot be established.", EXECUTE_FIRST);
  }
  if (identity.code.opaque.length > 0) {
    const names = identity.code.opaque.map(({ name, why }) => `${name} (${why})`);
    throw refused(run, `Its code cannot be followed: ${listNames(names)}.`, "Pass such values as inputs or config, and accept then.");
  }
  return { run, step: found.step, codes: found.codes, own, identity };
}

/** The newest run that differs from this one by its code alone. */
function olderRun({ run, identity, codes, own }: Looked): CodeOfRun {
  const others = codes.filter(({ code, mode }) => code !== own.code && mode === own.mode);
  const present: Pick<StepIdentity, "code" | "call" | "inputs" | "config"> = {
    ...identity,
    config: { hash: run.signature === "" ? "" : configHashOf(own), canonical: "", value: {} },
  };
  const signatures = new Map([...new Set(others.map(({ code }) => code))].map((code) => [code, standingFor(present, code).signature]));
  const found = others.find(({ code, signature }) => signatures.get(code) === signature);
  if (found !== undefined) return found;
  const why = others.length === 0
    ? "No run of another code of this step is on record."
    : "No run of another code of this step has the same config, inputs and outputs, so that nothing shows what the change does.";
  throw refused(run, why, "Run the step with a config and inputs for which an older result is there, then accept the run that executes.");
}

/** The second word of what decided a result besides code. */
const configHashOf = ({ others }: CodeOfRun): string => others.split(" ")[1] ?? "";

/** All runs of the two codes that differ by nothing else: one of them that is known to differ is enough. */
function pairsOf({ codes, own }: Looked, old: CodeOfRun): (readonly [before: string, after: string])[] {
  const before = Map.groupBy(codes.filter(({ code }) => code === old.code), ({ others }) => others);
  const after = codes.filter(({ code }) => code === own.code);
  const all = after.flatMap((now) => (before.get(now.others) ?? []).map((then) => [then.id, now.id] as const));
  const first = [old.id, own.id] as const;
  return [first, ...all.filter(([then, now]) => then !== first[0] || now !== first[1])].slice(0, PAIRS);
}

/** The first output that differs, in words. */
async function firstDifferenceOf(services: RunServices, pairs: readonly (readonly [string, string])[]): Promise<string | undefined> {
  const linked = await services.ledger.read((db) => artifactsOfRuns(db, [...new Set(pairs.flat())]));
  const outputs = Map.groupBy(linked.filter(({ direction }) => direction === "output"), ({ run_id }) => run_id);
  for (const [before, after] of pairs) {
    const [then, now] = [before, after].map((id) =>
      new Map((outputs.get(id) ?? []).map(({ artifact }) => [artifact.key, artifactOf(services, artifact)]))
    );
    for (const key of [...new Set([...then!.keys(), ...now!.keys()])].sort()) {
      const found = await difference(key, then!.get(key), now!.get(key));
      if (found !== undefined) return `output "${key}" of ${before} and ${after}, ${found.place}: ${found.before} → ${found.after}`;
    }
  }
  return undefined;
}

// ── what is recorded ────────────────────────────────────────────────────────────────────────────────────────────────────────

async function record(
  services: RunServices,
  { run, step, identity, own }: Looked,
  old: CodeOfRun,
  reason: string,
  differing: string | undefined,
): Promise<Acceptance> {
  const [before] = await services.ledger.read((db) => identitiesOf(db, [old.id]));
  const changes = differences(identityOfRow(before!), identity).map(({ change }) => change).filter(({ part }) => part === "code");
  const row: AcceptedRow = {
    id: `accept_${crypto.randomUUID().slice(0, 8)}`,
    ...{ step, model: run.model, mode: own.mode, code: own.code, stands_for: old.code, run_id: run.id, other_run_id: old.id, reason },
    ...{ accepted_by: whoAmI(), accepted_at: new Date(services.now()), differences: changes, differing_output: differing ?? null },
    ...{ revoked_by: null, revoked_at: null },
  };
  const recorded = await services.ledger.write(async (db) => {
    const known = (await liveAcceptances(db, step, run.model)).find(({ code, stands_for }) =>
      code === row.code && stands_for === row.stands_for
    );
    if (known === undefined) await insertAcceptance(db, row);
    return known ?? row;
  });
  await toldWhereNotKept(services, () => keepAcceptance(services.runDir, recorded, basename(services.ledger.path)));
  return acceptanceOf(recorded);
}

// ── what is refused ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const EXECUTE_FIRST = "Give the run that executed with the new code.";

function refused({ id, model }: Run, why: string, fix: string): FindError {
  return new FindError("accept_refused", { problem: "There is no difference that could be accepted.", why, fix, run: id, step: model });
}

function differs({ run }: Looked, old: CodeOfRun, differing: string): ContentError {
  return new ContentError("accept_refused", {
    problem: "The difference was not accepted.",
    why: `The new code gives something else than the old one: ${differing}.`,
    fix: `Mend the step, or let its new results be made; where the results of ${old.id} are to stand all the same, say so with force.`,
    run: run.id,
    step: run.model,
  });
}

function withoutReason(): OptionError {
  return new OptionError("option_invalid", {
    problem: "A difference is not accepted without a reason.",
    why: "Every card that rests on it shows why.",
    fix: 'Say why the old results may stand: accept(result, "renamed a variable").',
    path: "reason",
  });
}

function unknownAcceptance(id: string, ids: readonly string[]): KeyError {
  const near = nearestName(id, ids);
  return new KeyError("unknown_key", {
    problem: `There is no acceptance ${JSON.stringify(id)}.`,
    why: `There are ${listNames(ids)}.`,
    fix: near === undefined ? "See acceptances()." : `Did you mean ${JSON.stringify(near)}?`,
    path: id,
  });
}
