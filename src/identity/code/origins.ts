/** Where a script comes from: the runtime, this library, a package (which counts by its version), or the user. */
import nodeModule from "node:module";
import { pathToFileURL } from "node:url";
import { JSON } from "../../intrinsics.ts";
import { BoundedMemo } from "./bounded_memo.ts";

/** Counts up when, and only when, this library can give other results for the same step. */
export const IDENTITY_VERSION = 1;

/** A script's origin. */
export interface Origin {
  /** Whose it is. */
  readonly kind: "runtime" | "library" | "package" | "user";
  /** `lodash@4.17.21` for a package, the url for a user's script. */
  readonly id: string;
  /** Where a package lies: of one version there may be several, which need others. */
  readonly folder?: string;
}

const LIBRARY_ROOT = new URL("../../../", import.meta.url).href;
const LIBRARY: Origin = { kind: "library", id: `consist@identity-${IDENTITY_VERSION}` };
const RUNTIME: Origin = { kind: "runtime", id: "deno" };

const origins = new BoundedMemo<Origin>(5_000);

/** The origin of a script, by its url. */
export const originOf = (url: string): Origin => origins.get(url, () => findOrigin(url));

/** The same for a script that only lives in memory and for a file that is no package's: the user's. */
function findOrigin(url: string): Origin {
  if (/^(ext|node|checkin|internal|deno):/.test(url)) return RUNTIME;
  if (isLibrary(url)) return LIBRARY;
  const jsr = jsrPackage(url);
  return jsr === undefined ? filePackage(url) ?? { kind: "user", id: url } : { kind: "package", id: jsr };
}

/** Our own modules below the library's root; tests, guides, notebooks, and the examples in comments (`mod.ts#12-20.ts`) are users' code. */
function isLibrary(url: string): boolean {
  return url.startsWith(LIBRARY_ROOT) && /^(?:(?:mod|cli|testing)\.ts|src\/[^#?]+(?<!_test)\.ts)$/.test(url.slice(LIBRARY_ROOT.length));
}

function jsrPackage(url: string): string | undefined {
  const match = /^https:\/\/jsr\.io\/(@[^/]+\/[^/]+)\/([^/]+)\//.exec(url);
  return match ? `${match[1]}@${match[2]}` : undefined;
}

/** Folders in which a package's files can lie: Deno's cache, and node_modules. The innermost wins. */
const PACKAGE_FOLDERS = [
  /^(file:.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//,
  /^(file:.*\/npm\/[^/]+\/(?:@[^/]+\/)?[^/]+\/\d[^/]*)\//,
];

/** A look-alike folder of the user's is no package: its package.json has to say so. */
function filePackage(url: string): Origin | undefined {
  for (const pattern of PACKAGE_FOLDERS) {
    const folder = pattern.exec(url)?.[1];
    const id = folder === undefined ? undefined : packageId(folder);
    if (id !== undefined) return { kind: "package", id, folder: folder! };
  }
  return undefined;
}

const packageIds = new BoundedMemo<string | undefined>(2_000);
const packageId = (folder: string) => packageIds.get(folder, () => readPackageId(folder));

function readPackageId(folder: string): string | undefined {
  const { name, version } = manifestOf(`${folder}/package.json`) ?? {};
  const path = decodeURIComponent(folder).replace(/_\d+$/, ""); // Deno numbers copies of one version
  return path.endsWith(`/node_modules/${name}`) || path.endsWith(`/${name}/${version}`) ? `${name}@${version}` : undefined;
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly os?: unknown;
  readonly cpu?: unknown;
}

function manifestOf(url: string): Manifest | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(new URL(url))) as Manifest;
  } catch {
    return undefined; // unreadable, or no package: then it is followed as the user's own code, which is slower and never wrong
  }
}

const needs = new BoundedMemo<readonly string[]>(2_000);

/**
 * The packages that a package needs, as deep as it goes: they can change while its own version stays. What is for one system only is left
 * out, so that a step is the same on all of them; its version goes with that of the package that chose it.
 */
export function packageNeeds({ id, folder }: Pick<Origin, "id" | "folder">): readonly string[] {
  return folder === undefined ? [] : needs.get(folder, () => {
    const met = new Set([id]);
    collectNeeds(`${folder}/package.json`, met);
    met.delete(id);
    return [...met].sort();
  });
}

function collectNeeds(url: string, met: Set<string>): void {
  const { dependencies, peerDependencies, optionalDependencies } = manifestOf(url) ?? {};
  for (const name of Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })) {
    const found = installed(name, url);
    const manifest = found === undefined ? undefined : manifestOf(found);
    if (found === undefined || manifest === undefined || manifest.os !== undefined || manifest.cpu !== undefined) continue;
    const id = `${manifest.name}@${manifest.version}`;
    if (met.has(id)) continue;
    met.add(id);
    collectNeeds(found, met);
  }
}

function installed(name: string, from: string): string | undefined {
  try {
    const path = nodeModule.findPackageJSON(name, from);
    return path === undefined ? undefined : pathToFileURL(path).href;
  } catch {
    return undefined; // an optional one that is not there
  }
}

/** The last part of a module's url, for explanations; none for what stands in no file. */
export function fileName(url: string): string | undefined {
  if (!/^(file|https?):/.test(url)) return undefined;
  const last = new URL(url).pathname.split("/").at(-1)!;
  try {
    return decodeURIComponent(last);
  } catch {
    return last; // a stray % in a name: shown as it is
  }
}

/** `lodash@4.17.21` → name and version. */
export function splitPackageId(id: string): readonly [name: string, version: string] {
  const at = id.lastIndexOf("@");
  return at > 0 ? [id.slice(0, at), id.slice(at + 1)] : [id, ""];
}
