/** SHA-256 of a file, read in pieces while the piece before is hashed. */
import { createHash } from "node:crypto";

/** Larger pieces are slower: they leave the processor's cache before they are hashed. */
const PIECE = 256 * 1024;

/** The content of an open file, from where it stands to its end. */
export async function hashOpenFile(file: Deno.FsFile): Promise<{ bytes: number; hash: string }> {
  const hash = createHash("sha256");
  let [current, spare] = [new Uint8Array(PIECE), new Uint8Array(PIECE)];
  let bytes = 0;
  for (let reading = file.read(current);;) {
    const count = await reading;
    if (count === null) return { bytes, hash: hash.digest("hex") };
    const piece = current.subarray(0, count);
    [current, spare] = [spare, current];
    reading = file.read(current);
    hash.update(piece);
    bytes += count;
  }
}

/** The content of the file at a path. */
export async function hashPath(path: string): Promise<{ bytes: number; hash: string }> {
  using file = await Deno.open(path, { read: true });
  return await hashOpenFile(file);
}
