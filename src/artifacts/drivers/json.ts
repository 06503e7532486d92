/** JSON ⇄ the value it spells. */
import { JSON } from "../../intrinsics.ts";
import type { DriverSpec } from "../driver.ts";
import { jsonFlaw } from "../storable.ts";
import { writeContent } from "../write_content.ts";
import { readText } from "./text.ts";

/** Reads and writes JSON; accepts only what comes back the same. */
export const json: DriverSpec = {
  name: "json",
  extensions: ["json", "geojson"],
  formatVersion: 1,
  libraryVersion: () => Promise.resolve("builtin"),
  accepts: (value) => jsonFlaw(value) === undefined,
  async write(value, path) {
    const flaw = jsonFlaw(value);
    if (flaw) throw new TypeError(`${flaw.path} ${flaw.problem}`);
    await writeContent(path, JSON.stringify(value));
  },
  async read(path) {
    const text = await readText(path);
    return JSON.parse(text.startsWith("\ufeff") ? text.slice(1) : text);
  },
};
