/** What a tracker hands the floors below: for what is tracked, and for what is not. */
import { resolve } from "@std/path";
import { JSON } from "../intrinsics.ts";
import { DigestMemo } from "../artifacts/mod.ts";
import { listNames, nearestName, OptionError } from "../errors.ts";
import { emptyLedger, type Ledger, openLedger } from "../ledger/mod.ts";
import { unheard } from "../notebook/mod.ts";
import type { Reading } from "../query/mod.ts";
import {
  ACCESS,
  ACCESS_MODES,
  type AccessMode,
  artifactOf,
  ledgerDigests,
  makeExecutors,
  TRACKED,
  type Tracking,
  UNTRACKED,
} from "../run/mod.ts";
import type { Scenario, ScenarioServices } from "../scenario/mod.ts";
import type { ZodObject } from "../types.ts";

/** What a tracker works with. */
export interface TrackerServices extends ScenarioServices, Reading {
  /** The run folder, of runs and of reading. */
  readonly runDir: string;
  /** The ledger, of runs and of reading. */
  readonly ledger: Ledger;
}

/** What the services are made from. */
export interface ServiceParts {
  /** The ledger's file, absolute. */
  readonly dbPath: string;
  /** Root of all run folders, absolute. */
  readonly runDir: string;
  /** Scheme → folder. */
  readonly mounts: { readonly [scheme: string]: string };
  /** The project's epoch. */
  readonly cacheEpoch: number;
  /** Is anything tracked? */
  readonly enabled: boolean;
  /** What may be done with the ledger and the run folder. */
  readonly accessMode: AccessMode;
  /** Under which name a schema is registered. */
  readonly schemaName: (schema: ZodObject) => string | undefined;
}

/** The services of a tracker. */
export function makeServices(parts: ServiceParts): TrackerServices {
  let off: TrackerServices | undefined;
  const untracked = (): TrackerServices =>
    off ??= over(parts, { ledger: emptyLedger(parts.dbPath), digests: new DigestMemo(), tracking: UNTRACKED, untracked });
  if (!parts.enabled) return untracked();
  const onlyReads = parts.accessMode === "read_only";
  const ledger = openLedger(parts.dbPath, { onlyReads });
  const digests = new DigestMemo(onlyReads ? {} : { store: ledgerDigests(ledger) });
  return over(parts, { ledger, digests, tracking: TRACKED, untracked });
}

interface Kind {
  readonly ledger: Ledger;
  readonly digests: DigestMemo;
  readonly tracking: Tracking;
  readonly untracked: () => TrackerServices;
}

function over({ runDir, mounts, cacheEpoch, accessMode, schemaName }: ServiceParts, kind: Kind): TrackerServices {
  const { ledger, digests } = kind;
  const roots = { runDir, mounts: Object.fromEntries(Object.entries(mounts).map(([scheme, root]) => [scheme, resolve(root)])) };
  return {
    ...kind,
    access: ACCESS[accessMode],
    runDir,
    memo: digests,
    artifactOf: (row) => artifactOf({ ledger, roots, digests }, row),
    roots,
    cacheEpoch,
    now: Date.now,
    schemaName,
    warn: (message) => unheard(() => console.warn(`consist: ${message}`)),
    executors: makeExecutors(),
    earlier: new Map(),
    openScenarios: new Map<string, Scenario>(),
  };
}

/** What the option allows; `standard` where it says nothing. */
export function accessModeOf(option: AccessMode | undefined): AccessMode {
  if (option === undefined) return "standard";
  if (ACCESS_MODES.includes(option)) return option;
  const near = typeof option === "string" ? nearestName(option, ACCESS_MODES) : undefined;
  throw new OptionError("option_invalid", {
    problem: `The option accessMode of the tracker is ${JSON.stringify(option) ?? String(option)}.`,
    why: `It has to be ${listNames(ACCESS_MODES)}.`,
    fix: near === undefined ? "Give one of them, or leave the option out." : `Did you mean "${near}"?`,
    path: "accessMode",
  });
}

const VARIABLE = "CONSIST_ENABLED";
const OFF: readonly string[] = ["0", "false", "off", "no"];
const ON: readonly string[] = ["", "1", "true", "on", "yes"];

/** Is tracking on? The option says so, else the environment. */
export function isEnabled(option: boolean | undefined): boolean {
  if (option !== undefined && typeof option !== "boolean") throw notBoolean(option);
  if (option !== undefined) return option;
  // Where the program may not look it is as if nothing were there: it is not asked for the permission.
  if (Deno.permissions.querySync({ name: "env", variable: VARIABLE }).state !== "granted") return true;
  const text = Deno.env.get(VARIABLE)?.trim().toLowerCase() ?? "";
  if (OFF.includes(text)) return false;
  if (ON.includes(text)) return true;
  throw new OptionError("option_invalid", {
    problem: `The environment variable ${VARIABLE} is ${JSON.stringify(text)}.`,
    why: "It says whether anything is tracked.",
    fix: "Set it to 0 or 1, or leave it out.",
    path: VARIABLE,
  });
}

function notBoolean(option: unknown): OptionError {
  return new OptionError("option_invalid", {
    problem: `The option enabled of the tracker is ${JSON.stringify(option) ?? String(option)}.`,
    why: "It has to be true or false.",
    fix: "Give one of them, or leave the option out.",
    path: "enabled",
  });
}
