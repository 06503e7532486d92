/** A module and all that it imports, by content on disk: for `import("./x.ts")`, which need not be loaded yet, and where the inspector is refused. */
import { toFileUrl } from "@std/path";
import { sha256 } from "../digest.ts";
import { type Origin, originOf, packageNeeds } from "./origins.ts";

/** A graph of modules. */
export interface ModuleGraph {
  /** The hash of all of it. */
  readonly hash: string;
  /** Why it cannot be relied on, where it cannot. */
  readonly opaque: readonly string[];
}

/**
 * `import … from "x"`, `import "x"`, `export … from "x"` but for types only, `import("x")`; what stands between the words may be comments and
 * names in quotes. What stands in a comment itself is followed too, which does no harm.
 */
const BETWEEN = String.raw`(?:[\w$*{}\s,]|//[^\n]*|/\*[\s\S]*?\*/|"[^"\n]*"|'[^'\n]*')*?`;
const IMPORTS = new RegExp(
  String
    .raw`(?:^|[;}]|\*/)\s*(?:import|export)\b(?!\s+type\b)(?:${BETWEEN}\bfrom)?\s*["']([^"'\n]+)["']|\bimport\(\s*(?:/\*[\s\S]*?\*/\s*)?["']([^"'\n]+)["']`,
  "gm",
);

/** Digest of each file when it was first read. A loaded module stays as it was loaded: after an edit the disk no longer says what runs. */
const firstRead = new Map<string, string>();
const MOST_FILES = 20_000;

/** The graph below a specifier, as seen from a script. */
export function moduleGraph(specifier: string, from: string): ModuleGraph {
  const opaque: string[] = [];
  const hash = graphHash(specifier, from, new Set(), opaque);
  return { hash, opaque };
}

function graphHash(specifier: string, from: string, met: Set<string>, opaque: string[]): string {
  const url = resolveSpecifier(specifier, from);
  if (url === undefined) {
    opaque.push(`${specifier} cannot be resolved`);
    return "unresolved";
  }
  if (/^(?:npm|jsr):/.test(url)) return packageHash(url, opaque);
  if (/^https?:/.test(url) && originOf(url).kind === "user") return webHash(url, opaque);
  if (!url.startsWith("file:") || originOf(url).kind !== "user") return packageText(originOf(url));
  if (met.has(url)) return "met";
  met.add(url);
  const bytes = readModule(url, opaque);
  if (bytes === undefined) return "unreadable";
  const source = new TextDecoder().decode(bytes);
  const imports = [...source.matchAll(IMPORTS)].map(([, plain, dynamic]) => graphHash(plain ?? dynamic!, url, met, opaque));
  return sha256(JSON.stringify([source.includes("\ufffd") ? sha256(bytes) : source, imports]));
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
function readModule(url: string, opaque: string[]): Uint8Array | undefined {
  try {
    const source = Deno.readFileSync(new URL(url));
    const digest = sha256(source);
    if (firstRead.size < MOST_FILES && !firstRead.has(url)) firstRead.set(url, digest);
    if ((firstRead.get(url) ?? digest) !== digest) {
      opaque.push(`${url} was edited while this program runs, and may be loaded as it was before`);
    }
    return source;
  } catch {
    opaque.push(`${url} cannot be read`);
    return undefined;
  }
}
