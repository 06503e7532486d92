/** Contents of files: small ones are written and read at once, since the way to another thread and back takes ten times as long. */
import { TextEncoder } from "../intrinsics.ts";
import { AT_ONCE } from "./hash_file.ts";

/** Writes a file's content. */
export async function writeContent(path: string, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  if (bytes.length <= AT_ONCE) Deno.writeFileSync(path, bytes);
  else await Deno.writeFile(path, bytes);
}

/** A file's content: a small one at once. */
export async function readContent(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const { isFile, size } = Deno.statSync(path);
  return isFile && size <= AT_ONCE ? Deno.readFileSync(path) : await Deno.readFile(path);
}
