/** Names of steps, runs and outputs as names of files. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";

/** File names may have 255 bytes; room is left for extensions and for names made of several. */
const LONGEST = 100;
/** Device names that Windows does not allow, with any extension. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

/**
 * A name as one segment of a path: letters, digits, `-`, `_` and `.` stay, all else becomes `_`. Never empty, `.` or `..`, never a device name.
 * Long names keep their start and end in a hash. Different names may become one: it is no identity.
 */
export function safeName(name: string): string {
  const kept = name.normalize("NFC").replace(/[^\p{L}\p{N}._-]/gu, "_").replace(/[.]+$/, (dots) => "_".repeat(dots.length));
  const plain = kept === "" ? "_" : RESERVED.test(kept) ? `_${kept}` : kept;
  if (Buffer.byteLength(plain) <= LONGEST) return plain;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 12);
  return `${startOf(plain, LONGEST - hash.length - 1)}_${hash}`;
}

/** As many whole characters as fit into so many bytes. */
function startOf(text: string, bytes: number): string {
  let start = "";
  for (const character of text) {
    if (Buffer.byteLength(start + character) > bytes) break;
    start += character;
  }
  return start;
}
