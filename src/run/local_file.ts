/** The file of this machine that somebody's words for a file stand for. */
import { fromFileUrl, join } from "@std/path";
import { isWebAddress, pathOf } from "../artifacts/mod.ts";
import type { RemoteFile } from "../artifacts/web/mod.ts";
import type { RunServices } from "./request.ts";

/** What finding files needs. */
export type FileServices = Pick<RunServices, "access" | "digests" | "roots" | "warn">;

/** A file on this machine. */
export interface LocalFile {
  /** Absolute path. */
  readonly path: string;
  /** How it is looked for again. */
  readonly written: string;
  /** The address that it was fetched from. */
  readonly url?: string;
}

/** What is at an address of the web, kept below the run folder. `who` is told of a copy that may be old. */
export async function keptFile({ access, digests, roots, warn }: FileServices, address: string, who: string): Promise<RemoteFile> {
  access.toWrite(`keep a copy of ${address}`);
  const { remoteFile } = await import("../artifacts/web/mod.ts");
  return await remoteFile(address, { folder: join(roots.runDir, "fetched"), memo: digests, warn: (message) => warn(`${who}: ${message}`) });
}

/** The file behind a path, a `file:` URL, an address below a mount, or an address of the web, which is fetched. */
export async function localFile(services: FileServices, source: string | URL, who: string): Promise<LocalFile> {
  const text = String(source);
  if (isWebAddress(text)) return { path: (await keptFile(services, text, who)).path, written: text, url: text };
  const path = source instanceof URL ? fromFileUrl(source) : pathOf(text, services.roots);
  return { path, written: source instanceof URL ? path : text };
}
