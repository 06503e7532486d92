/** Files behind http addresses: fetched once, kept, and asked for again only whether they changed. */
import { basename, dirname, extname, join } from "@std/path";
import { createHash } from "node:crypto";
import { ConsistError, InputError } from "../../errors.ts";
import { crypto, JSON } from "../../intrinsics.ts";
import { digestFile } from "../digest.ts";
import type { DigestMemo } from "../digest_memo.ts";
import { isAside, publish } from "../publish.ts";
import { safeName } from "../safe_name.ts";
import { wordsOf } from "../storage_errors.ts";

/** Where fetched files are kept, and how long is waited for them. */
export interface RemoteOptions {
  /** The folder of kept files. */
  readonly folder: string;
  /** What is known about files that were read before. */
  readonly memo: DigestMemo;
  /** Hears that a kept copy is used without having been asked for. */
  readonly warn: (message: string) => void;
  /** How long may pass until an answer begins, and between two pieces of it, in milliseconds. @default 30_000 */
  readonly patienceMs?: number;
}

/** A fetched file. */
export interface RemoteFile {
  /** Absolute path of the kept copy; another content is kept at another path. */
  readonly path: string;
  /** SHA-256 of its content. */
  readonly hash: string;
  /** Its size. */
  readonly bytes: number;
  /** Why the server could not be asked whether it changed. */
  readonly unasked?: string;
}

/** What is known of an address. */
interface Entry extends Pick<RemoteFile, "hash" | "bytes"> {
  readonly url: string;
  readonly name: string;
  readonly etag?: string;
  readonly lastModified?: string;
}

const PATIENCE_MS = 30_000;
const MOST_REDIRECTS = 10;
/** What a download left that was not written to for so long is nobody's any more. */
const DEAD_MS = 24 * 3600 * 1000;
/** A time stamp in whole seconds tells nothing of a second change in the same second: it has to be so much older than the answer. */
const STRONG_AFTER_MS = 60_000;

/** What is being fetched: who asks for the same meanwhile gets the same answer. */
const underWay = new Map<string, Promise<RemoteFile>>();

/**
 * The file behind an address. A copy that was kept is used where the server says that it is still the same, and, with a warning, where the
 * server cannot be reached.
 *
 * @throws {InputError} `input_missing` where the server says that there is nothing; `input_unreadable` where it cannot be fetched whole
 * @throws {LedgerError} `storage_failed` where it cannot be kept
 */
export async function remoteFile(address: string, options: RemoteOptions): Promise<RemoteFile> {
  const url = urlOf(address);
  const name = JSON.stringify([options.folder, url.href]);
  const known = underWay.get(name);
  if (known !== undefined) return await known;
  const work = fetchOrKept(url, options).finally(() => underWay.delete(name));
  underWay.set(name, work);
  return await work;
}

function urlOf(address: string): URL {
  let url: URL | undefined;
  try {
    url = new URL(address);
  } catch (cause) {
    throw unreadable(address, "It is no address.", "Correct it.", cause);
  }
  if (url.username !== "" || url.password !== "") {
    throw unreadable(
      `${url.protocol}//${url.host}${url.pathname}`,
      "It has a name or password in it, which would be recorded.",
      "Fetch it into a file first, and give the file's path.",
    );
  }
  url.hash = "";
  return url;
}

async function fetchOrKept(url: URL, options: RemoteOptions): Promise<RemoteFile> {
  const place = join(options.folder, createHash("sha256").update(url.href).digest("hex").slice(0, 16));
  const kept = await keptCopy(place, options.memo);
  const patience = new Patience(options.patienceMs ?? PATIENCE_MS);
  try {
    const response = await ask(url, kept?.entry, patience);
    if (typeof response === "string") return instead(url, kept, response, options);
    if (response.status === 304 && kept !== undefined) {
      await response.body?.cancel();
      return kept.file;
    }
    return await keep(url, place, response, patience);
  } finally {
    patience.end();
  }
}

/** The kept copy where the server gives none: it may be old, which the user is told. */
function instead(url: URL, kept: Kept | undefined, why: string, { warn }: RemoteOptions): RemoteFile {
  if (kept === undefined) {
    throw unreadable(url.href, why, "Check the address and the connection, or fetch it into a file and give the file's path.");
  }
  warn(`${url.href} could not be asked whether it changed (${why.replace(/\.$/, "")}); the copy that was kept is used`);
  return { ...kept.file, unasked: why };
}

// ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The final answer, its body unread; in words why there is none, where trying again may help. */
async function ask(url: URL, kept: Entry | undefined, patience: Patience): Promise<Response | string> {
  let at = url;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const response = await answerOf(at, kept, patience);
    if (typeof response === "string") return response;
    if (response.status === 200 || response.status === 304) return response;
    await response.body?.cancel();
    if (![301, 302, 303, 307, 308].includes(response.status)) return refusal(url, response);
    at = redirected(url, at, response.headers.get("location"));
  }
  throw unreadable(url.href, `It was redirected more than ${MOST_REDIRECTS} times, last to ${at.href}.`, "Give the final address.");
}

async function answerOf(url: URL, kept: Entry | undefined, patience: Patience): Promise<Response | string> {
  // What is compressed on the way has another length than it says; with a given encoding a cut answer is noticed.
  const headers = new Headers({ "accept-encoding": "identity" });
  if (kept?.etag !== undefined) headers.set("if-none-match", kept.etag);
  else if (kept?.lastModified !== undefined) headers.set("if-modified-since", kept.lastModified);
  try {
    patience.renew();
    return await fetch(url, { headers, redirect: "manual", signal: patience.signal });
  } catch (error) {
    if (patience.isOver) return `It did not answer within ${patience.seconds} s.`;
    if (error instanceof Deno.errors.NotCapable) return `This program may not reach ${url.host}: run it with --allow-net.`;
    if (error instanceof Error) return wordsOf(origin(error));
    throw error;
  }
}

/** "fetch failed" says nothing: the reason is behind it. */
function origin(error: Error): unknown {
  return error.cause instanceof Error ? origin(error.cause) : error;
}

function redirected(url: URL, from: URL, location: string | null): URL {
  const to = location === null ? undefined : URL.parse(location, from) ?? undefined;
  if (to === undefined) throw unreadable(url.href, "It is redirected, and the answer does not say where to.", "Give the final address.");
  const isWorse = to.protocol !== "https:" && (to.protocol !== "http:" || from.protocol === "https:");
  if (isWorse) {
    throw unreadable(
      url.href,
      `It is redirected to ${to.href}, which is less safe than ${from.protocol}//.`,
      "Give the final address yourself, if you trust it.",
    );
  }
  return to;
}

/** What the server says besides: that nothing is there is an answer, that it has troubles of its own is none. */
function refusal(url: URL, { status, statusText }: Response): string {
  const said = `The server answered ${status}${statusText === "" ? "" : ` ${statusText}`}.`;
  if (status >= 500 || status === 408 || status === 429) return said;
  const isMissing = status === 404 || status === 410;
  throw new InputError(isMissing ? "input_missing" : "input_unreadable", {
    problem: `Cannot fetch ${url.href}.`,
    why: said,
    fix: isMissing ? "Check the address." : "Fetch it into a file with a program that may, and give the file's path.",
    path: url.href,
  });
}

// ── keeping ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Kept {
  readonly entry: Entry;
  readonly file: RemoteFile;
}

const entryPath = (place: string): string => join(place, "entry.json");
const contentPath = (place: string, { hash, name }: Pick<Entry, "hash" | "name">): string => join(place, hash.slice(0, 16), name);

/** The copy that was kept, where it is there and unharmed. */
async function keptCopy(place: string, memo: DigestMemo): Promise<Kept | undefined> {
  try {
    const entry = JSON.parse(await Deno.readTextFile(entryPath(place))) as Entry;
    const path = contentPath(place, { hash: String(entry.hash), name: safeName(String(entry.name)) });
    if (await digestFile(path, memo) !== entry.hash) return undefined;
    return { entry, file: { path, hash: entry.hash, bytes: entry.bytes } };
  } catch (error) {
    // Nothing was kept, or nothing that can be read: then it is fetched.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** Writes an answer aside, and gives it the place of its content when it is whole. */
async function keep(url: URL, place: string, response: Response, patience: Patience): Promise<RemoteFile> {
  await sweep(place);
  const name = nameOf(url, response);
  const incoming = join(place, `${name}.${crypto.randomUUID().slice(0, 8)}.tmp`);
  try {
    const { hash, bytes } = await publish(incoming, (aside) => receive(url, response, aside, patience));
    const path = contentPath(place, { hash, name });
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.rename(incoming, path);
    const entry: Entry = { url: url.href, name, hash, bytes, ...validatorsOf(response) };
    await publish(entryPath(place), (aside) => Deno.writeTextFile(aside, JSON.stringify(entry)));
    return { path, hash, bytes };
  } catch (error) {
    await Deno.remove(incoming).catch(() => {}); // it was never whole, or has its place by now
    throw error;
  }
}

/** By what the server can be asked whether it changed. */
function validatorsOf({ headers }: Response): Pick<Entry, "etag" | "lastModified"> {
  const [etag, lastModified] = [headers.get("etag"), headers.get("last-modified")];
  const answered = Date.parse(headers.get("date") ?? "");
  const isStrong = lastModified !== null && answered - Date.parse(lastModified) >= STRONG_AFTER_MS;
  return { ...(etag === null ? {} : { etag }), ...(isStrong ? { lastModified } : {}) };
}

async function receive(url: URL, response: Response, path: string, patience: Patience): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  let bytes = 0;
  const reader = (response.body ?? new Blob([]).stream()).getReader();
  try {
    for (;;) {
      const { done, value } = await pieceOf(url, reader, bytes, patience);
      if (done) break;
      for (let written = 0; written < value.length;) written += await file.write(value.subarray(written));
      bytes += value.length;
    }
  } finally {
    await reader.cancel().catch(() => {}); // it has ended already, or failed, which is told
  }
  const promised = Number(response.headers.get("content-length") ?? Number.NaN);
  if (response.headers.has("content-encoding") || Number.isNaN(promised) || promised === bytes) return;
  throw unreadable(url.href, `The answer ended after ${bytes} of ${promised} bytes.`, "Try again.");
}

async function pieceOf(
  url: URL,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  bytes: number,
  patience: Patience,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  try {
    patience.renew();
    return await reader.read();
  } catch (cause) {
    const why = patience.isOver
      ? `Nothing came for ${patience.seconds} s, after ${bytes} bytes.`
      : `The answer broke off after ${bytes} bytes: ${wordsOf(cause)}`;
    throw unreadable(url.href, why, "Try again.", cause);
  } finally {
    patience.end(); // a slow disk is not the server's fault
  }
}

const EXTENSIONS: { readonly [type: string]: string | undefined } = Object.assign(Object.create(null), {
  "text/csv": ".csv",
  "text/tab-separated-values": ".tsv",
  "text/plain": ".txt",
  "text/html": ".html",
  "text/xml": ".xml",
  "application/xml": ".xml",
  "application/json": ".json",
  "application/geo+json": ".geojson",
  "application/x-ndjson": ".ndjson",
  "application/vnd.apache.parquet": ".parquet",
  "application/vnd.apache.arrow.file": ".arrow",
});

/** The file's name: the last part of the address, with an extension by the content's type where it has none. */
function nameOf({ pathname }: URL, { headers }: Response): string {
  const last = safeName(decoded(basename(pathname)) || "index");
  if (extname(last) !== "") return last;
  return `${last}${EXTENSIONS[(headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase()] ?? ""}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that begins no code stands for itself
  }
}

/** Removes what downloads left whose process died. */
async function sweep(place: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(place)) {
      const path = join(place, name);
      if (isAside(name) && Date.now() - ((await Deno.stat(path)).mtime?.getTime() ?? Date.now()) > DEAD_MS) await Deno.remove(path);
    }
  } catch (error) {
    // No folder yet, or another one sweeps at the same time: nothing depends on it.
    if (!(error instanceof Error)) throw error;
  }
}

/** Ends a request that nothing comes of for too long. */
class Patience {
  readonly seconds: number;
  readonly #ms: number;
  readonly #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number) {
    this.#ms = ms;
    this.seconds = ms / 1000;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get isOver(): boolean {
    return this.#abort.signal.aborted;
  }

  renew(): void {
    this.end();
    this.#timer = setTimeout(() => this.#abort.abort(), this.#ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

function unreadable(address: string, why: string, fix: string, cause?: unknown): InputError {
  if (cause instanceof ConsistError) return cause as InputError;
  return new InputError("input_unreadable", { problem: `Cannot fetch ${address}.`, why, fix, path: address, cause });
}
