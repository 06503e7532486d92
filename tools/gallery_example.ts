/** What an example is, and what several of them share. */
import type { FileView } from "../src/notebook/mod.ts";
import type { MimeBundle } from "../src/types.ts";

/** One thing that a notebook shows. */
export interface Example {
  /** Short name: of the picture and of the golden file. */
  readonly name: string;
  /** Heading under which the gallery lists it. */
  readonly group: string;
  /** What a reader sees in it. */
  readonly about: string;
  /** What a frontend gets. */
  readonly show: () => MimeBundle | Promise<MimeBundle>;
}

/** Local time, as cards show it: the same text in every time zone. */
export const at = (time: string) => new Date(`2026-11-${time}`);
/** A file that a run read or made. */
export const file = (key: string, label: string, driver: string, hash: string, bytes?: number): FileView => ({
  key,
  label,
  driver,
  hash: hash.repeat(8).slice(0, 64),
  bytes,
  path: label.startsWith("./runs") ? `/home/ada/study${label.slice(1)}` : undefined,
});
