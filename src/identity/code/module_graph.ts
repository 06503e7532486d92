/** A module and all that it imports, by content on disk: for `import("./x.ts")`, which need not be loaded yet, and where the inspector is refused. */
import { toFileUrl } from "@std/path";
import { sha256 } from "../digest.ts";
import { originOf, packageNeeds } from "./origins.ts";

/** A graph of modules. */
export interface ModuleGraph {
  /** The hash of all of it. */
  readonly hash: string;
  /** Why it cannot be relied on, where it cannot. */
  readonly opaque: readonly string[];
}

/** `import … from "x"`, `import "x"`, `export … from "x"` but for types only, `import("x")`. What stands in a comment is followed too, which does no harm. */
const IMPORTS = /^\s*(?:import|export)\b(?!\s+type\b)(?:[\w$*{}\s,]*?\bfrom)?\s*["']([^"'\n]+)["']|\bimport\(\s*["']([^"'\n]+)["']/gm;

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
  if (!url.startsWith("file:") || originOf(url).kind !== "user") return packageText(originOf(url).id);
  if (met.has(url)) return "met";
  met.add(url);
  const source = readSource(url, opaque);
  if (source === undefined) return "unreadable";
  const imports = [...source.matchAll(IMPORTS)].map(([, plain, dynamic]) => graphHash(plain ?? dynamic!, url, met, opaque));
  return sha256(JSON.stringify([source, imports]));
}

const packageText = (id: string) => sha256([id, ...packageNeeds(id)].join(" "));

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

function readSource(url: string, opaque: string[]): string | undefined {
  try {
    const source = Deno.readTextFileSync(new URL(url));
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
