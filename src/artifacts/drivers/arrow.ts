/** Apache Arrow IPC ⇄ DataFrame. */
import type { DriverSpec } from "../driver.ts";
import { contentOf, isFrameLike, loadPolars, looksLikePattern, polarsVersion, withDisplay, writeFrame } from "../frames.ts";

/** Reads and writes Arrow IPC files by polars. */
export const arrow: DriverSpec = {
  name: "arrow",
  extensions: ["arrow", "ipc"],
  formatVersion: 1,
  isTable: true,
  libraryVersion: polarsVersion,
  accepts: isFrameLike,
  async write(value, path) {
    await writeFrame(value, path, (frame) => frame.writeIPC(path, { compression: "uncompressed" }));
  },
  async read(path) {
    const polars = await loadPolars();
    return withDisplay(polars.readIPC(await contentOf(path)));
  },
  async scan(path) {
    const polars = await loadPolars();
    // polars cannot be told here that a path is no pattern
    return looksLikePattern(path) ? polars.readIPC(await contentOf(path)).lazy() : polars.scanIPC(path);
  },
};
