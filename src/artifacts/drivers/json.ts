/** JSON ⇄ the value it spells. */
import { JSON } from "../../intrinsics.ts";
import type { ContentSpec } from "../driver.ts";
import { jsonFlaw } from "../storable.ts";
import { readText } from "./text.ts";

/** Reads and writes JSON; accepts only what comes back the same. */
export const json: ContentSpec = {
  name: "json",
  extensions: ["json", "geojson"],
  formatVersion: 1,
  libraryVersion: () => Promise.resolve("builtin"),
  accepts: (value) => jsonFlaw(value) === undefined,
  content(value) {
    const flaw = jsonFlaw(value);
    if (flaw) throw new TypeError(`${flaw.path} ${flaw.problem}`);
    return JSON.stringify(value);
  },
  async read(path) {
    const text = await readText(path);
    return JSON.parse(text.startsWith("\ufeff") ? text.slice(1) : text);
  },
};
