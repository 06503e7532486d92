/** What a step's body opens, by whichever function of whichever cell: Deno lists it; polars and our own DuckDB are listened to. */
import nodeModule from "node:module";
import { JSON } from "../intrinsics.ts";
import { openedLog } from "../notebook/mod.ts";
import { listenToQueries } from "../relations/mod.ts";
import type { Opened } from "../run/mod.ts";

/** What was opened since some moment. */
export interface OpenedSince {
  /** What it was; undefined where nothing tells. */
  readonly opened: readonly Opened[] | undefined;
  /** When it began, in milliseconds since 1970. */
  readonly since: number;
}

// deno-lint-ignore no-explicit-any -- any function whatever: it is called as it was called
type Method = (...args: any[]) => any;

/** Begins to listen. What it gives ends that, and tells what was opened; nothing where no kernel of ours has a list made. */
export async function listenToOpened(): Promise<() => Promise<OpenedSince | undefined>> {
  const log = openedLog();
  const from = log === undefined ? undefined : sizeOf(log);
  const scanned = new Set<string>();
  const queried = await listenToQueries();
  const stop = listenToPolars((path) => scanned.add(path));
  const since = Date.now();
  return async () => {
    stop();
    for (const path of await queried()) if (!/^[a-z]\w+:\/\//i.test(path) || path.startsWith("file:")) scanned.add(path);
    if (log === undefined) return undefined;
    const listed = from === undefined ? undefined : await openedFrom(log, from);
    const read = [...scanned].map((path) => ({ path, isMoved: false }));
    return { since, opened: listed === undefined ? undefined : [...read, ...listed] };
  };
}

function sizeOf(log: string): number | undefined {
  try {
    Deno.statSync(log); // is listed as well: where the list was shortened, its end is where Deno goes on
    return Deno.statSync(log).size;
  } catch {
    return undefined; // somebody has cleared it away: then nothing tells what is opened
  }
}

async function openedFrom(log: string, from: number): Promise<Opened[] | undefined> {
  const lines = await linesFrom(log, from);
  if (lines === undefined) return undefined;
  const entries = lines.map(entryOf);
  if (!entries.some(({ value }) => value === log)) return undefined; // we opened it just now: a Deno that does not say so says nothing
  // what is opened is listed as read and written, what is removed or put somewhere as written
  const writes = new Map<string, number>();
  for (const [at, { permission, value }] of entries.entries()) {
    if (value === undefined || value === log || (permission !== "read" && permission !== "write")) continue;
    if (entries.slice(at + 1, at + 3).some(({ value }) => value === "statfs")) continue; // how much room there is, which our ledger asks
    writes.set(value, (writes.get(value) ?? 0) + (permission === "write" ? 1 : -1));
  }
  return [...writes].map(([path, more]) => ({ path, isMoved: more > 0 }));
}

async function linesFrom(log: string, from: number): Promise<string[] | undefined> {
  try {
    using file = await Deno.open(log);
    const { size } = await file.stat();
    if (size < from) return undefined;
    const first = new Uint8Array(1);
    await file.seek(from, Deno.SeekMode.Start);
    if (await file.read(first) !== 1 || first[0] === 0) return undefined; // it became too long, and was begun anew
    await file.seek(from, Deno.SeekMode.Start);
    return (await new Response(file.readable).text()).split("\n").filter((line) => line !== "");
  } catch {
    return undefined; // it was cleared away meanwhile
  }
}

function entryOf(line: string): { readonly permission?: string; readonly value?: string } {
  try {
    const { permission, value } = JSON.parse(line) as { readonly permission?: unknown; readonly value?: unknown };
    return { permission: String(permission), ...(typeof value === "string" ? { value } : {}) };
  } catch {
    return {}; // the rest of a line
  }
}

/** Frames read files by native code, which Deno does not see; it has one door. */
function listenToPolars(onRead: (path: string) => void): () => void {
  const cache = (nodeModule as unknown as { _cache?: Readonly<Record<string, { readonly exports?: unknown } | undefined>> })._cache ?? {};
  const undo = Object.keys(cache).filter((path) => /[/\\]native-polars\.js$/.test(path)).flatMap((path) => {
    const native = cache[path]?.exports;
    return typeof native === "object" && native !== null ? wrapReaders(native as Record<string, unknown>, onRead) : [];
  });
  return () => undo.forEach((each) => each());
}

function wrapReaders(native: Record<string, unknown>, onRead: (path: string) => void): (() => void)[] {
  return Object.keys(native).filter((name) => /^(?:read|scan)[A-Z]/.test(name) && typeof native[name] === "function").map((name) => {
    const original = native[name] as Method;
    native[name] = (...args: unknown[]) => {
      if (typeof args[0] === "string") onRead(args[0]);
      return original.apply(native, args);
    };
    return () => void (native[name] = original);
  });
}
