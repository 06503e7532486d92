/** Apache Parquet ⇄ DataFrame: the format of frames unless another is asked for. */
import type { DriverSpec } from "../driver.ts";
import { contentOf, isFrameLike, loadPolars, polarsVersion, withDisplay, writeFrame } from "../frames.ts";

/** Reads and writes Parquet by polars. */
export const parquet: DriverSpec = {
  name: "parquet",
  extensions: ["parquet"],
  formatVersion: 1,
  isTable: true,
  libraryVersion: polarsVersion,
  accepts: isFrameLike,
  async write(value, path) {
    await writeFrame(value, path, (frame) => frame.writeParquet(path, { compression: "zstd" }));
  },
  async read(path) {
    const polars = await loadPolars();
    return withDisplay(polars.readParquet(await contentOf(path)));
  },
  async scan(path) {
    // a folder called `year=2030` adds no column: the file alone decides what is in the frame
    return (await loadPolars()).scanParquet(path, { glob: false, hivePartitioning: false });
  },
};
