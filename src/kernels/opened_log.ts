/** The file in which Deno lists what a kernel's process opens, by whichever function: from it a step cell knows what it read. */
import { OPENED_VARIABLE } from "./kernel_prelude.ts";

/** A longer list is begun anew between two cells, and a much longer one at any time: then the step that runs is told that it is gone. */
const LONG = 16_000_000;
const TOO_LONG = 256_000_000;
/** How often the second is looked at. */
const LOOK_MS = 10_000;

/** One kernel's list; that of the user where he has one made for himself. */
export class OpenedLog {
  /** The file; none where there can be none. */
  readonly path: string | undefined;
  /** Is it ours? */
  readonly isOwn: boolean;
  readonly #timer: ReturnType<typeof setInterval>;

  /** Makes the file, which nobody else can read. */
  constructor() {
    const users = Deno.env.get(OPENED_VARIABLE);
    this.isOwn = users === undefined;
    this.path = users ?? emptyFile();
    this.#timer = setInterval(() => void this.shorten(TOO_LONG), LOOK_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** By which Deno is told. */
  get env(): { readonly [name: string]: string } {
    return this.path === undefined ? {} : { [OPENED_VARIABLE]: this.path };
  }

  /** Keeps it short. Deno goes on at the same place, so that no mark in it moves. */
  async shorten(longest: number = LONG): Promise<void> {
    if (this.path === undefined || !this.isOwn) return;
    try {
      const { size, blocks } = await Deno.stat(this.path);
      if ((blocks ?? size / 512) * 512 > longest) await Deno.truncate(this.path);
    } catch {
      // Somebody has cleared away temporary files: then there is nothing to be read in it either, and the steps say so.
    }
  }

  /** Removes it. */
  async remove(): Promise<void> {
    clearInterval(this.#timer);
    if (this.path !== undefined && this.isOwn) await Deno.remove(this.path).catch(() => {}); // it was cleared away with other temporary files
  }
}

function emptyFile(): string | undefined {
  try {
    return Deno.makeTempFileSync({ prefix: "consist-opened-" });
  } catch {
    return undefined; // no temporary folder, or none that can be written: the text of the cells has to tell
  }
}
