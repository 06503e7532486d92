/** SHA-256 of a file, read in pieces while the piece before is hashed. */
import { createHash } from "node:crypto";

/** Larger pieces are slower: they leave the processor's cache before they are hashed. */
const PIECE = 256 * 1024;
/** Files up to this size are read and written while nothing else happens: the way to another thread and back takes as long, and more where this one is busy. */
export const AT_ONCE = 64 * 1024;

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
  return hashAtOnce(file, size);
}

/** The content of a file that was just written and is open at its start: a small one at once, since each way to another thread takes longer. */
export async function hashWritten(file: Deno.FsFile): Promise<{ bytes: number; hash: string }> {
  const { size } = file.statSync();
  if (size <= AT_ONCE) {
    const hashed = hashAtOnce(file, size);
    if (hashed.bytes === size) return hashed;
    file.seekSync(0, Deno.SeekMode.Start); // it grows: nobody can tell its size
  }
  return await hashOpenFile(file);
}

function hashAtOnce(file: Deno.FsFile, size: number): { bytes: number; hash: string } {
  const content = new Uint8Array(size + 1);
  let bytes = 0;
  while (bytes <= size) {
    const count = file.readSync(content.subarray(bytes));
    if (count === null) break;
    bytes += count;
  }
  return { bytes, hash: createHash("sha256").update(content.subarray(0, bytes)).digest("hex") };
}
