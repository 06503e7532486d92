/** Writes what a driver made of a value. */

/** So many bytes are written at once: the way to another thread and back takes as long, and more where this one is busy. */
const AT_ONCE = 64 * 1024;

/** Writes a file's content. */
export async function writeContent(path: string, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  if (bytes.length <= AT_ONCE) Deno.writeFileSync(path, bytes);
  else await Deno.writeFile(path, bytes);
}
