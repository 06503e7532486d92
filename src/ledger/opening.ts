/** Opens a ledger's file when its turn has come: as often as it takes, while other processes have it. */
import { failureOf, isOtherProgram, openFailure } from "./failures.ts";
import { OpenFile } from "./instance.ts";
import type { Migrations } from "./migrations.ts";
import type { Stretch } from "./stretch.ts";
import { pause } from "./waiting.ts";

/** What is done with a file that is opened. */
export interface OpeningParts {
  /** Other migrations than the library's. */
  readonly migrations?: Migrations | undefined;
  /** Does what has to be done with a file that was opened, before anybody uses it. */
  readonly onOpen?: (file: OpenFile) => Promise<void>;
  /** Is there something to be done with a file, for which it has to be open to be written? */
  readonly hasLeft?: () => boolean;
}

/** How a file is opened, and how long that is tried. */
export interface OpeningInTurn extends OpeningParts {
  /** The state in which this process made it, where it was not open since. */
  readonly made: string | undefined;
  /** Milliseconds that only grow. */
  readonly clock: () => number;
  /** The file's stretches and gaps. */
  readonly stretch: Stretch;
  /** How long to wait for the file, in milliseconds. */
  readonly waitMs: number;
  /** Is nothing to be written? */
  readonly onlyReads: boolean;
  /** Called when DuckDB has been asked for the next thing that takes it longer. */
  readonly onAsked: () => void;
}

/** Tries while another process has the file: soon at first, then often enough to meet a gap of 200 ms. */
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 120;
/** And where that process knows that it is waited for: a try costs some milliseconds, opening the file about 40. */
const LONGEST_ANNOUNCED_MS = 60;
/** A file that cannot be opened may have been caught while another process ends or puts it in order: so often it is tried again at once. */
const TRIED_AGAIN = 2;

/** Opens the file, as soon as others can spare it; gives it with the moment of the clock at which that was begun. */
export async function openInTurn(path: string, opening: OpeningInTurn): Promise<{ file: OpenFile; tried: number }> {
  const { clock, stretch, waitMs, onlyReads } = opening;
  const began = clock();
  let failed = 0;
  let withdraw: (() => void) | undefined;
  await stretch.rest(waitMs);
  try {
    for (let wait = FIRST_WAIT_MS;; wait = Math.min(wait * 1.5, withdraw ? LONGEST_ANNOUNCED_MS : LONGEST_WAIT_MS)) {
      try {
        const tried = clock();
        return { file: await open(path, opening), tried };
      } catch (error) {
        const waited = clock() - began;
        const isLocked = failureOf(error) === "locked";
        const mayPass = isLocked ? waited < waitMs : ++failed <= TRIED_AGAIN;
        if (!mayPass) throw openFailure(path, error, waited);
        if (isLocked) withdraw ??= stretch.announce(!onlyReads);
        if (isOtherProgram(error)) stretch.sawAnother();
      }
      const waited = clock() - began;
      const quiet = stretch.notOpened(waited);
      await pause(Math.max(wait * (0.5 + Math.random()), Math.min(quiet, waitMs - waited)));
    }
  } finally {
    withdraw?.();
  }
}

async function open(path: string, opening: OpeningInTurn): Promise<OpenFile> {
  const { migrations, onAsked, onOpen, onlyReads, made } = opening;
  if (onlyReads) await bringForward(path, opening);
  const file = await (onlyReads ? OpenFile.openToRead : OpenFile.open)(path, { migrations, onAsked, made });
  if (!onlyReads) await onOpen?.(file);
  return file;
}

/** What others left is written before a file is opened to be read. Where it may not be written it is read as it is. */
async function bringForward(path: string, { hasLeft, migrations, onOpen }: OpeningParts): Promise<void> {
  if (hasLeft?.() !== true) return;
  try {
    const file = await OpenFile.open(path, { migrations });
    await onOpen?.(file);
    file.close();
  } catch (error) {
    if (failureOf(error) === "locked") throw error;
  }
}
