/** UTF-8 text ⇄ string. */
import { TextDecoder } from "../../intrinsics.ts";
import { readContent } from "../content.ts";
import type { ContentSpec } from "../driver.ts";

/** Reads and writes text as it is, a byte order mark included. */
export const text: ContentSpec = {
  name: "txt",
  extensions: ["txt", "md", "yaml", "yml", "xml", "html"],
  formatVersion: 1,
  libraryVersion: () => Promise.resolve("builtin"),
  accepts: (value) => typeof value === "string" && value.isWellFormed(),
  content(value) {
    if (typeof value !== "string") throw new TypeError("the value is no string");
    if (!value.isWellFormed()) throw new TypeError("the string holds half of a surrogate pair, which UTF-8 cannot hold");
    return value;
  },
  read: readText,
};

/** A file's text. Bytes that are no UTF-8 are an error, not question marks. */
export async function readText(path: string): Promise<string> {
  const content = await readContent(path);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch (error) {
    throw new TypeError("the file is not UTF-8 text", { cause: error });
  }
}
