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

/** The content of a file of this size, read at once in this thread. Of one that has grown meanwhile it is the beginning, with one byte more. */
// deno-lint-ignore require-await -- what it throws is a rejection
export async function hashSmall(path: string, size: number): Promise<{ bytes: number; hash: string }> {
  using file = Deno.openSync(path, { read: true });
  const content = new Uint8Array(size + 1);
  let bytes = 0;
  while (bytes <= size) {
    const count = file.readSync(content.subarray(bytes));
    if (count === null) break;
    bytes += count;
  }
  return { bytes, hash: createHash("sha256").update(content.subarray(0, bytes)).digest("hex") };
}
