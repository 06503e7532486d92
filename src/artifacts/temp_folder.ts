/** Folders for tests. */
import { TextEncoder } from "../intrinsics.ts";

/** A folder that is removed at the end of the block. */
export interface TempFolder extends AsyncDisposable {
  /** Its path, links resolved. */
  readonly path: string;
  /** Writes a file below it, making folders on the way, and gives its path. */
  write(name: string, content: string | Uint8Array): Promise<string>;
  /** Names of what is in it, sorted. */
  names(): Promise<string[]>;
}

/** Makes an empty folder. */
export async function tempFolder(): Promise<TempFolder> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "consist_" }));
  return {
    path,
    async write(name, content) {
      const file = `${path}/${name}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      await Deno.writeFile(file, typeof content === "string" ? new TextEncoder().encode(content) : content);
      return file;
    },
    names: async () => (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name).sort(),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
