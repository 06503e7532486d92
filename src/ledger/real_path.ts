/** One name for one file, so that a ledger reached by two paths is opened once. */
import { basename, dirname, join, resolve } from "@std/path";

/** The real path of a file that may not exist yet: links are followed as far as there is something to follow. */
export function realPathOf(path: string, depth = 0): string {
  const full = resolve(path);
  try {
    return Deno.realPathSync(full);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) return full; // the folder cannot be looked into: opening tells why
  }
  const target = linkTarget(full);
  if (target !== undefined && depth < 40) return realPathOf(resolve(dirname(full), target), depth + 1);
  const parent = dirname(full);
  return parent === full ? full : join(realPathOf(parent, depth), basename(full));
}

/** Where a link points that leads nowhere yet: DuckDB would make the file there. */
function linkTarget(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return undefined; // no link, or nothing there at all
  }
}
