/** `consist cache status`: what takes space, and what that saves. */
import { byteSize, count, countOf, DISPLAY, oneLine } from "../notebook/mod.ts";
import { cacheStatus as statusOf } from "../run/care/mod.ts";
import { servicesOf } from "../tracker/mod.ts";
import type { LedgerFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { readerFor } from "./tracker.ts";

/** So many places that no run knows are listed. */
const PLACES = 10;

/** Does it. */
export async function cacheStatus(output: Output, flags: LedgerFlags): Promise<boolean> {
  await using tracker = readerFor(flags);
  const status = await statusOf(servicesOf(tracker));
  const { runDir, uses, runs, bytes, hits, savedSeconds, pruned, unknown } = status;
  output.answer({
    json: () => ({ runDir, runs, bytes, hits, savedSeconds, pruned, unknown, uses }),
    text: () => [runDir, String(status[DISPLAY]()["text/plain"]), ...strangers(unknown)].join("\n"),
  });
  return true;
}

function strangers({ paths, bytes }: { readonly paths: readonly string[]; readonly bytes: number }): string[] {
  if (paths.length === 0) return [];
  const more = paths.length > PLACES ? [`  and ${count(paths.length - PLACES)} more`] : [];
  return [
    "",
    `${byteSize(bytes)} in ${countOf(paths.length, "place")} that no run of this ledger knows, which are never pruned:`,
    ...paths.slice(0, PLACES).map((path) => `  ${oneLine(path)}`),
    ...more,
  ];
}
