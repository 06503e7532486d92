/** Portable addresses: `./…` under the run folder, `<mount>://…` under a mount, an absolute path elsewhere. */
import { isAbsolute, join, relative, resolve } from "@std/path";
import { ContentError, listNames, nearestName, OptionError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";

/** The folders that addresses are relative to. */
export interface UriRoots {
  /** The run folder: what `./` stands for. */
  readonly runDir: string;
  /** Name → folder. */
  readonly mounts?: { readonly [name: string]: string } | undefined;
}

/**
 * The portable address of a path: the mount with the longest folder above it, else the run folder, else the absolute path itself.
 * Slashes are `/`.
 */
export function toUri(path: string, { runDir, mounts = {} }: UriRoots): string {
  const absolute = resolve(path);
  const above = Object.entries(mounts)
    .map(([name, root]) => ({ name, root: resolve(checkedName(name, root)), below: insideOf(resolve(root), absolute) }))
    .filter(({ below }) => below !== undefined)
    .sort((one, other) => other.root.length - one.root.length || (one.name < other.name ? -1 : 1))[0];
  if (above) return `${above.name}://${above.below}`;
  const below = insideOf(resolve(runDir), absolute);
  return below === undefined ? absolute.replaceAll("\\", "/") : `./${below}`;
}

/**
 * The path that an address stands for on this machine.
 *
 * @throws {ContentError} `artifact_missing` where the mount is not configured, or the address leaves its folder
 */
export function fromUri(uri: string, { runDir, mounts = {} }: UriRoots): string {
  const [, scheme, rest] = /^([A-Za-z][A-Za-z0-9+._-]+):\/\/(.*)$/s.exec(uri) ?? [];
  if (scheme === undefined) return uri.startsWith("./") ? below(resolve(runDir), uri.slice(2), uri) : absoluteOnly(uri);
  if (scheme.toLowerCase() === "file") return absoluteOnly(decodedFileUri(uri));
  if (Object.hasOwn(mounts, scheme)) return below(resolve(mounts[scheme]!), rest!, uri);
  if (scheme === "workspace") return below(resolve(runDir), rest!, uri);
  const names = Object.keys(mounts);
  const nearest = nearestName(scheme, names);
  throw refused(
    uri,
    `No mount ${JSON.stringify(scheme)} is configured; the known ones are ${listNames(names)}.`,
    nearest === undefined
      ? `Give the folder: new Tracker({ mounts: { ${JSON.stringify(scheme)}: "…" } }).`
      : `Did you mean ${JSON.stringify(nearest)}?`,
  );
}

/** The part of a portable address below its folder; nothing for an absolute path, and for one that leaves its folder. */
export function belowOf(uri: string): string | undefined {
  const [, scheme, rest] = /^([A-Za-z][A-Za-z0-9+._-]+):\/\/(.*)$/s.exec(uri) ?? [];
  if (scheme?.toLowerCase() === "file") return undefined;
  const inner = scheme === undefined ? (uri.startsWith("./") ? uri.slice(2) : undefined) : rest!;
  if (inner === undefined || isAbsolute(inner) || inner.includes("\0") || /^[A-Za-z]:[\\/]/.test(inner)) return undefined;
  const segments = inner.split(Deno.build.os === "windows" ? /[\\/]/ : "/").filter((segment) => segment !== "" && segment !== ".");
  return segments.length === 0 || segments.includes("..") ? undefined : segments.join("/");
}

/** Is this text a portable address, as `inputs://raw.csv`, and no path and no URL? */
export function isMountUri(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+._-]+:\/\//.test(text) && !/^(?:https?|file):/i.test(text);
}

/** A path that the user wrote, relative to the working directory, absolute, or below a mount: as an absolute one. */
export function pathOf(text: string, roots: UriRoots): string {
  return isMountUri(text) ? fromUri(text, roots) : resolve(text);
}

/** The path of `path` relative to the folder with slashes; nothing where it lies outside, or is the folder itself. */
function insideOf(folder: string, path: string): string | undefined {
  const inner = relative(folder, path);
  const outside = inner === "" || inner === ".." || /^\.\.[\\/]/.test(inner) || isAbsolute(inner);
  return outside ? undefined : Deno.build.os === "windows" ? inner.replaceAll("\\", "/") : inner;
}

/** A path below a folder. The address comes from a ledger that anybody may have written. */
function below(folder: string, inner: string, uri: string): string {
  const segments = inner.split(Deno.build.os === "windows" ? /[\\/]/ : "/");
  const escapes = inner === "" || inner.includes("\0") || isAbsolute(inner) || segments.includes("..") || /^[A-Za-z]:[\\/]/.test(inner);
  const path = join(folder, inner);
  if (escapes || insideOf(folder, path) === undefined) {
    throw refused(uri, `It leaves its folder ${JSON.stringify(folder)}.`, "Correct the address.");
  }
  return path;
}

function absoluteOnly(path: string): string {
  if (!isAbsolute(path) || path.includes("\0")) {
    throw refused(path, "It is neither absolute nor begins with ./ or a mount.", "Correct the address.");
  }
  return resolve(path);
}

/** The other library writes `file:///` before a plain path: nothing is decoded. */
function decodedFileUri(uri: string): string {
  const path = uri.slice("file://".length);
  return Deno.build.os === "windows" ? path.replace(/^\//, "") : path;
}

function checkedName(name: string, root: string): string {
  if (/^[A-Za-z][A-Za-z0-9+._-]+$/.test(name) && name.toLowerCase() !== "file") return root;
  throw new OptionError("option_invalid", {
    problem: `Cannot use ${JSON.stringify(name)} as the name of a mount.`,
    why: 'A name has at least two letters, digits, +, -, . or _, begins with a letter, and is not "file".',
    fix: "Choose another name.",
    path: root,
  });
}

function refused(uri: string, why: string, fix: string): ContentError {
  return new ContentError("artifact_missing", { problem: `Cannot tell which file ${JSON.stringify(uri)} is.`, why, fix, path: uri });
}

/** Is this text an address of the web? */
export function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text);
}
