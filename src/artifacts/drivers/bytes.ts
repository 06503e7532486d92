/** Any file ⇄ its bytes. */
import type { DriverSpec } from "../driver.ts";
import { readContent, writeContent } from "../content.ts";

/** Reads and writes bytes: the driver of files that nobody else knows. */
export const bytes: DriverSpec = {
  name: "bytes",
  extensions: ["bin"],
  formatVersion: 1,
  libraryVersion: () => Promise.resolve("builtin"),
  accepts: (value) => value instanceof Uint8Array,
  async write(value, path) {
    if (!(value instanceof Uint8Array)) throw new TypeError("the value is no Uint8Array");
    await writeContent(path, value);
  },
  read: readContent,
};
