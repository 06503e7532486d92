/** A module and all that it imports, by content on disk: for `import("./x.ts")`, which need not be loaded yet, and where the inspector is refused. */
import { toFileUrl } from "@std/path";
import { JSON, TextDecoder } from "../../intrinsics.ts";
import { sha256 } from "../digest.ts";
import { BoundedMemo } from "./bounded_memo.ts";
import { moduleHash } from "./module_text.ts";
import { type Origin, originOf, packageNeeds } from "./origins.ts";

/** A graph of modules. */
export interface ModuleGraph {
  /** The hash of all of it. */
  readonly hash: string;
  /** Why it cannot be relied on, where it cannot. */
  readonly opaque: readonly string[];
  /** Does it have to be known which modules are loaded? Then the rest does not count yet. */
  readonly asksLoaded: boolean;
}

/** The urls of the modules that are loaded. */
export type Loaded = Pick<ReadonlySet<string>, "has">;

/**
 * `import … from "x"`, `import "x"`, `export … from "x"` but for types only, `import("x")`; what stands between the words may be comments and
 * names in quotes. What stands in a comment itself is followed too, which does no harm.
 */
const BETWEEN = String.raw`(?:[\w$*{}\s,]|//[^\n]*|/\*[\s\S]*?\*/|"[^"\n]*"|'[^'\n]*')*?`;
const IMPORTS = new RegExp(
  String
    .raw`(?:^|[;}]|\*/)\s*(?:import|export)\b(?!\s+type\b)(?:${BETWEEN}\bfrom)?\s*["']([^"'\n]+)["']|\bimport\(\s*(?:/\*[\s\S]*?\*/\s*)?["'\x60]([^"'\x60$\n]+)["'\x60]\s*[,)]`,
  "gm",
);

/** What brings in code by a name that only the running program knows; a line that is a comment brings in nothing. */
const COMPUTED = /^(?!\s*(?:\/\/|\*)).*?\b(?:import\s*\(|createRequire\b|new\s+Worker\b)/m;

/** Digest of each file when it was first read. A loaded module stays as it was loaded: after an edit the disk no longer says what runs. */
const firstRead = new Map<string, string>();
const MOST_FILES = 20_000;

/** What says how to take a module, behind its name: as text, as bytes, as JSON. */
const TAKEN_AS = /^\s*(?:with|assert)\s*\{/;

/** The graph below a specifier, as seen from a script; of what is taken as text or bytes the content. */
export function moduleGraph(specifier: string, from: string, loaded?: Loaded, isContent = false): ModuleGraph {
  const reading: Reading = { loaded, met: new Set(), opaque: [], asksLoaded: false };
  const hash = graphHash(specifier, from, reading, isContent);
  return { hash, opaque: reading.opaque, asksLoaded: reading.asksLoaded };
}

interface Reading {
  readonly loaded: Loaded | undefined;
  readonly met: Set<string>;
  readonly opaque: string[];
  asksLoaded: boolean;
}

function graphHash(specifier: string, from: string, reading: Reading, isContent: boolean): string {
  const { met, opaque } = reading;
  const url = resolveSpecifier(specifier, from);
  if (url === undefined) {
    opaque.push(`${specifier} cannot be resolved`);
    return "unresolved";
  }
  if (isBare(specifier) && settingsOf(from).mapsByPlace) {
    opaque.push(`${specifier} may stand for another module here: an import map has scopes`);
  }
  if (/^(?:npm|jsr):/.test(url)) return packageHash(url, opaque);
  if (/^https?:/.test(url) && originOf(url).kind === "user") return webHash(url, opaque);
  if (!url.startsWith("file:") || originOf(url).kind !== "user") return packageText(originOf(url));
  const place = isContent ? `content of ${url}` : url;
  if (met.has(place)) return "met";
  met.add(place);
  const bytes = readModule(url, reading);
  if (bytes === undefined) return "unreadable";
  if (isContent) return sha256(bytes);
  const source = new TextDecoder().decode(bytes);
  if (COMPUTED.test(source.replace(IMPORTS, ""))) opaque.push(`${url} brings in code by a computed name, or in a worker`);
  const imports = [...source.matchAll(IMPORTS)].map((found) => {
    const [text, plain, dynamic] = found;
    const isTaken = dynamic === undefined ? TAKEN_AS.test(source.slice(found.index + text.length)) : text.endsWith(",");
    return graphHash(plain ?? dynamic!, url, reading, isTaken);
  });
  const { emit } = settingsOf(url);
  return sha256(JSON.stringify([moduleHash(url, source, bytes), imports, ...(emit.length === 0 ? [] : [emit])]));
}

const packageText = (origin: Origin) => sha256([origin.id, ...packageNeeds(origin)].join(" "));

function resolveSpecifier(specifier: string, from: string): string | undefined {
  try {
    if (!/^\.{0,2}\//.test(specifier)) return import.meta.resolve(specifier);
    return new URL(specifier, /^(?:file|https?):/.test(from) ? from : `${toFileUrl(Deno.cwd()).href}/`).href;
  } catch {
    return undefined; // reported by the caller
  }
}

const isBare = (specifier: string): boolean => !/^(?:\.{0,2}\/|[a-z][a-z0-9+.-]*:)/i.test(specifier);

/** What the settings in a module's folder and above say. */
interface Settings {
  /** May a name mean another module in this file than it does to us? Scopes and members of a workspace. */
  readonly mapsByPlace: boolean;
  /** What becomes of JSX, decorators and imports that only types use. */
  readonly emit: readonly string[];
}

const settings = new BoundedMemo<Settings>(1_000);
const EMIT =
  /"(?:jsx\w*|experimentalDecorators|emitDecoratorMetadata|verbatimModuleSyntax|useDefineForClassFields)"\s*:\s*(?:"[^"]*"|\w+)/g;

function settingsOf(url: string): Settings {
  if (!url.startsWith("file:")) return { mapsByPlace: false, emit: [] };
  return settings.get(new URL(".", url).href, () => {
    const texts: string[] = [];
    for (let folder = new URL(".", url);; folder = new URL("..", folder)) {
      texts.push(...["deno.json", "deno.jsonc", "tsconfig.json"].map((name) => textOf(new URL(name, folder))));
      if (folder.pathname === new URL("..", folder).pathname) break;
    }
    return {
      mapsByPlace: texts.some((text) => /"(?:scopes|workspace|importMap)"/.test(text)),
      emit: texts.flatMap((text) => text.match(EMIT) ?? []).map((setting) => setting.replace(/\s/g, "")),
    };
  });
}

function textOf(url: URL): string {
  try {
    return Deno.readTextFileSync(url);
  } catch {
    return ""; // there are none in most folders
  }
}

/** A package that is not loaded yet: an exact version counts as it will once it is loaded; without one it can change unseen. */
function packageHash(url: string, opaque: string[]): string {
  const id = /^(?:npm|jsr):\/?((?:@[^/@]+\/)?[^/@]+@\d+\.\d+\.\d+[^/\s]*)/.exec(url)?.[1];
  if (id === undefined) opaque.push(`${url} has no exact version`);
  return sha256(id ?? url);
}

/** A module of the web stays what it is where its address has a version. */
function webHash(url: string, opaque: string[]): string {
  if (!/@v?\d+\.\d+\.\d+/.test(url)) opaque.push(`${url} has no version, and may be another one tomorrow`);
  return sha256(url);
}

/** A module's bytes: one of WebAssembly is no text. */
function readModule(url: string, reading: Reading): Uint8Array | undefined {
  try {
    const source = Deno.readFileSync(new URL(url));
    noteRead(url, sha256(source), reading);
    return source;
  } catch {
    reading.opaque.push(`${url} cannot be read`);
    return undefined;
  }
}

/** What was edited while the program runs is what will run only where it is not loaded yet. */
function noteRead(url: string, digest: string, reading: Reading): void {
  const before = firstRead.get(url);
  if (before === digest) return;
  if (before !== undefined || isYounger(url)) {
    if (reading.loaded === undefined) return void (reading.asksLoaded = true);
    // what is no script is in no list of what is loaded
    if (reading.loaded.has(url) || !/\.[cm]?[jt]sx?$/.test(new URL(url).pathname)) {
      return void reading.opaque.push(`${url} was edited while this program runs, and may be loaded as it was before`);
    }
  }
  if (firstRead.size < MOST_FILES || before !== undefined) firstRead.set(url, digest);
}

/** Was a file written after this program began? */
function isYounger(url: string): boolean {
  const { mtime, ctime } = Deno.statSync(new URL(url));
  return Math.max(mtime?.getTime() ?? 0, ctime?.getTime() ?? 0) > performance.timeOrigin;
}
