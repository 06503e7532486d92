/** The tracker that options mean. */
import { resolve } from "@std/path";
import { OptionError } from "../errors.ts";
import { servicesOf, Tracker } from "../tracker/mod.ts";
import type { Reading } from "../query/mod.ts";
import { heldArtifact } from "../query/answers/mod.ts";
import type { FileFlags } from "./flags.ts";
import { placeThatIs } from "./place.ts";

/** A tracker that may do everything, whatever programs may do. */
export function trackerFor({ db, runDir, mount }: Omit<FileFlags, "json">): Tracker {
  const place = { ...(db === undefined ? {} : { dbPath: db }), ...(runDir === undefined ? {} : { runDir }) };
  return new Tracker({ enabled: true, ...place, mounts: mountsOf(mount) });
}

/** A tracker of a ledger that is there, which leaves it as it is. */
export function readerFor(flags: Omit<FileFlags, "json">): Tracker {
  return new Tracker({ enabled: true, accessMode: "read_only", ...placeThatIs(flags), mounts: mountsOf(flags.mount) });
}

/** What reading takes; an artifact whose address is refused is listed all the same. */
export function readingOf(tracker: Tracker): Reading {
  const services = servicesOf(tracker);
  return { ...services, artifactOf: (row) => heldArtifact(services, row) };
}

/** Folders by the names that addresses have for them. */
export function mountsOf(given: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(given.map((text) => {
    const [, name, folder] = /^([A-Za-z][A-Za-z0-9_-]*)=(.+)$/s.exec(text) ?? [];
    if (name === undefined || folder === undefined) throw noMount(text);
    return [name, resolve(folder)];
  }));
}

function noMount(text: string): OptionError {
  return new OptionError("option_invalid", {
    problem: `The option --mount is ${JSON.stringify(text)}.`,
    why: "It says where files are whose addresses begin with a name, as NAME=FOLDER; a name begins with a letter.",
    fix: "Write it as --mount inputs=/data/inputs.",
    path: "mount",
  });
}
