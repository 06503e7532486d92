/** Where a script comes from: the runtime, this library, a package (which counts by its version), or the user. */

import { BoundedMemo } from "./bounded_memo.ts";

/** Counts up when, and only when, this library can give other results for the same step. */
export const IDENTITY_VERSION = 1;

/** A script's origin. */
export interface Origin {
  /** Whose it is. */
  readonly kind: "runtime" | "library" | "package" | "user";
  /** `lodash@4.17.21` for a package, the url for a user's script. */
  readonly id: string;
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
  const id = jsrPackage(url) ?? filePackage(url);
  return id === undefined ? { kind: "user", id: url } : { kind: "package", id };
}

/** Our own modules below the library's root; tests, guides and notebooks that lie beside them are users' code. */
function isLibrary(url: string): boolean {
  return url.startsWith(LIBRARY_ROOT) && /^(?:(?:mod|cli|testing)\.ts|src\/.+(?<!_test)\.ts)$/.test(url.slice(LIBRARY_ROOT.length));
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
function filePackage(url: string): string | undefined {
  for (const pattern of PACKAGE_FOLDERS) {
    const folder = pattern.exec(url)?.[1];
    const id = folder === undefined ? undefined : packageId(folder);
    if (id !== undefined) return id;
  }
  return undefined;
}

const packageIds = new BoundedMemo<string | undefined>(2_000);
const packageId = (folder: string) => packageIds.get(folder, () => readPackageId(folder));

function readPackageId(folder: string): string | undefined {
  try {
    const { name, version } = JSON.parse(Deno.readTextFileSync(new URL(`${folder}/package.json`)));
    const path = decodeURIComponent(folder).replace(/_\d+$/, ""); // Deno numbers copies of one version
    return path.endsWith(`/node_modules/${name}`) || path.endsWith(`/${name}/${version}`) ? `${name}@${version}` : undefined;
  } catch {
    return undefined; // unreadable, or no package: then it is followed as the user's own code, which is slower and never wrong
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
