/** Sizes of the ledger's file and of its log, which is only there while it holds something. */

/** How many bytes a file has; none where it is not there. */
export const sizeOf = (path: string): number => statOf(path)?.size ?? 0;

/** The state of a file, where it is there. */
export function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined; // a file that is not there (or not to be seen) has no size; opening it tells more
  }
}
