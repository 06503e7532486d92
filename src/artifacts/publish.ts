/** Files appear whole or not at all: written aside, made durable, renamed. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { basename, dirname, join, resolve } from "@std/path";
import { ConsistError, ContentError } from "../errors.ts";
import { crypto, JSON } from "../intrinsics.ts";
import { hashWritten } from "./hash_file.ts";
import { storageError, storageFailure } from "./storage_errors.ts";

/** What a published file contains. */
export interface Published {
  /** Its size. */
  readonly bytes: number;
  /** SHA-256 of its content, in hex. */
  readonly hash: string;
}

/** What has to be so before a file appears. */
export interface PublishOptions {
  /** SHA-256 that its content has to have. */
  readonly expect?: string | undefined;
  /** Called when all is written aside, and nothing of it is on the disk for sure; what it gives is waited for. */
  readonly onWritten?: (() => void | Promise<void>) | undefined;
  /** Done when the file is whole, and before it takes the target's place. */
  readonly before?: (() => Promise<void>) | undefined;
}

/**
 * Writes a file aside in the target's own folder, makes it durable and renames it: a reader sees the old file or the whole new one.
 *
 * @param target where the file shall be; missing folders are made
 * @param write fills the file at the path it is given
 * @returns the size and the hash of what was written
 * @throws {LedgerError} `storage_failed` where the disk is full, read-only or closed to us; nothing is left behind then
 * @throws {ContentError} `content_mismatch` where it is not what was expected
 */
export async function publish(
  target: string,
  write: (temporary: string) => unknown,
  { expect, before, onWritten }: PublishOptions = {},
): Promise<Published> {
  const path = resolve(target);
  const temporary = join(dirname(path), `${shortened(basename(path))}.${crypto.randomUUID().slice(0, 8)}.tmp`);
  try {
    // At once: the way to another thread and back takes ten times as long.
    await fileWork(path, () => Promise.resolve(Deno.mkdirSync(dirname(path), { recursive: true })));
    await userWork(path, () => write(temporary));
    await onWritten?.();
    return await fileWork(path, async () => {
      const published = await settle(temporary);
      if (expect !== undefined && published.hash !== expect) throw unexpected(path, expect, published.hash);
      await before?.();
      Deno.renameSync(temporary, path);
      await settleFolder(dirname(path));
      return published;
    });
  } catch (error) {
    await removeIfThere(temporary);
    throw error;
  }
}

/**
 * Copies a file by content, aside and renamed; never as a hard link, which would share later edits. The copy can be written to.
 *
 * Where the file system can, the copy shares its blocks with the original until one of them is written to.
 *
 * @throws {LedgerError} `storage_failed` where it cannot be written
 * @throws {ContentError} `content_mismatch` where the copy is not what was expected
 */
export function copyFile(from: string, to: string, options: PublishOptions = {}): Promise<Published> {
  return publish(to, async (temporary) => {
    await Deno.copyFile(from, temporary);
    // Windows has no mode bits; a read-only source would otherwise make a read-only cached file
    if (Deno.build.os !== "windows") await Deno.chmod(temporary, ((await Deno.stat(temporary)).mode ?? 0o644) | 0o600);
  }, options);
}

/** Is this the name of a file that `publish` writes aside? One that is left over belongs to a process that died. */
export function isAside(name: string): boolean {
  return /\.[0-9a-f]{8}\.tmp$/.test(name);
}

function unexpected(path: string, expect: string, found: string): ContentError {
  return new ContentError("content_mismatch", {
    problem: `Cannot write ${JSON.stringify(path)}.`,
    why: `What was to be put there has the hash ${found.slice(0, 12)}…, and ${expect.slice(0, 12)}… was wanted.`,
    fix: "Take another copy, or run the step again: it will make the file anew.",
    path,
  });
}

/** File names have at most 255 bytes: a long one keeps its start and gets a hash, so that a suffix still fits. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= 200) return name;
  return `${[...name].slice(0, 30).join("")}.${createHash("sha256").update(name).digest("hex").slice(0, 12)}`;
}

/** Hashes what was written and forces it to the disk, which is what takes time: all else is done at once. */
async function settle(path: string): Promise<Published> {
  using file = Deno.openSync(path, { read: true, write: true });
  const published = await hashWritten(file);
  await file.sync();
  return published;
}

/** Forces the rename to the disk. */
async function settleFolder(dir: string): Promise<void> {
  if (Deno.build.os === "windows") return; // a folder cannot be opened there, and NTFS journals the rename itself
  using folder = Deno.openSync(dir, { read: true });
  await folder.sync().catch((error: unknown) => {
    // some network file systems have no fsync of folders; the file itself is on the disk already
    if (!/invalid argument|not supported|os error (?:22|95)\b/i.test(String(error))) throw error;
  });
}

async function fileWork<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConsistError) throw error;
    throw storageError(path, error);
  }
}

async function userWork(path: string, work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ConsistError) throw error;
    throw storageFailure(path, error) ?? error;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch {
    // it was never made, was renamed already, or the folder is closed to us: the error that led here says so
  }
}
