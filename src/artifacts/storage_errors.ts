/** What kept a file from being written, in words. */
import { LedgerError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";

const REASONS: readonly (readonly [codes: readonly string[], texts: RegExp, why: string, fix: string])[] = [
  [
    ["ENOSPC", "EDQUOT"],
    /no space left|disk full|quota exceeded|os error (?:28|122|112|39)\b/i,
    "The disk is full.",
    "Free some space, or choose another runDir.",
  ],
  [
    ["EROFS"],
    /read-only file ?system|write.protected|os error (?:30|19)\b/i,
    "The file system is read-only.",
    "Choose a runDir that can be written to.",
  ],
  [
    ["EACCES", "EPERM"],
    /permission denied|access is denied|operation not permitted|os error (?:13|1|5)\b/i,
    "Writing there is not permitted.",
    "Change the folder's permissions, or choose another runDir.",
  ],
  [
    ["EMFILE", "ENFILE"],
    /too many open files|os error (?:24|23)\b/i,
    "Too many files are open.",
    "Close files that the program does not need any more, or raise its limit (ulimit -n).",
  ],
];

/** The `storage_failed` error for a failure of the disk or its rights, and nothing for any other failure. */
export function storageFailure(path: string, cause: unknown): LedgerError | undefined {
  const reason = cause instanceof Deno.errors.NotCapable
    ? { why: "This program may not write there.", fix: "Run it with --allow-read and --allow-write." }
    : reasonOf(cause);
  return reason && new LedgerError("storage_failed", { problem: `Cannot write ${JSON.stringify(path)}.`, ...reason, path, cause });
}

/** The `storage_failed` error for any failure of a file operation of ours. */
export function storageError(path: string, cause: unknown): LedgerError {
  return storageFailure(path, cause) ?? new LedgerError("storage_failed", {
    problem: `Cannot write ${JSON.stringify(path)}.`,
    why: `The file system refused it: ${wordsOf(cause)}`,
    fix: "Check that the path is free and its folder can be written to.",
    path,
    cause,
  });
}

/** What an unknown thrown value says. */
export function wordsOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.trim().replace(/[.\s]*$/, ".");
}

function reasonOf(cause: unknown): { why: string; fix: string } | undefined {
  const text = cause instanceof Error ? cause.message : String(cause);
  const code = (cause as { code?: unknown } | null)?.code;
  for (const [codes, texts, why, fix] of REASONS) {
    if ((typeof code === "string" && codes.includes(code)) || texts.test(text)) return { why, fix };
  }
  return undefined;
}
