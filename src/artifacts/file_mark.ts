/** What a file says about the run that made it. */
import type { FoundMark } from "../notebook/render/mod.ts";

/** Larger files are no pictures of ours. */
const LIMIT = 100_000_000;

/** The mark inside of a picture or a specification; nothing in other files, and where nothing can be read. */
export async function readFileMark(path: string): Promise<FoundMark | undefined> {
  const bytes = await readPicture(path);
  if (bytes === undefined) return undefined;
  const { readMark } = await import("../notebook/render/mod.ts");
  return readMark(bytes);
}

/** The hash that a chart's specification has as it is kept, whatever its layout and its mark; nothing for other files. */
export async function keptHash(path: string): Promise<string | undefined> {
  const bytes = await readPicture(path);
  if (bytes?.[0] !== 0x7b) return undefined;
  const { specHash } = await import("../notebook/render/mod.ts");
  return specHash(bytes);
}

/** A file that may be a picture or a specification, by how it begins: `{`, `<`, or as a PNG does. */
async function readPicture(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const state = await Deno.stat(path).catch(() => undefined); // whoever asked for its digest was told before
  if (!state?.isFile || state.size > LIMIT || state.size < 8) return undefined;
  {
    using file = await Deno.open(path);
    const head = new Uint8Array(4);
    await file.read(head);
    if (![0x7b, 0x3c, 0x89, 0xef].includes(head[0]!)) return undefined;
  }
  return await Deno.readFile(path);
}
