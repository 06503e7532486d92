/** Writes what a driver made of a value. */
import { TextEncoder } from "../intrinsics.ts";
import { AT_ONCE } from "./hash_file.ts";

/** Writes a file's content. */
export async function writeContent(path: string, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  if (bytes.length <= AT_ONCE) Deno.writeFileSync(path, bytes);
  else await Deno.writeFile(path, bytes);
}
