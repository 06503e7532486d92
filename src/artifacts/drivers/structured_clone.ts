/** V8's own serialisation ⇄ Map, Set, Date, typed arrays, bigint, cycles, … */
import { Buffer } from "node:buffer";
import { DefaultDeserializer, serialize } from "node:v8";
import { readContent } from "../content.ts";
import type { ContentSpec } from "../driver.ts";
import { cloneFlaw } from "../storable.ts";

/** The first byte of a file, before the version of the format. */
const MARK = 0xff;

/** Reads and writes what a structured clone keeps; newer versions of V8 read the files of older ones. */
export const structuredClone: ContentSpec = {
  name: "structured_clone",
  extensions: ["v8"],
  formatVersion: 1,
  libraryVersion: () => Promise.resolve("builtin"),
  accepts: (value) => cloneFlaw(value) === undefined,
  content(value) {
    const flaw = cloneFlaw(value);
    if (flaw) throw new TypeError(`${flaw.path} ${flaw.problem}`);
    return serialize(value);
  },
  async read(path) {
    const content = await readContent(path);
    if (content[0] !== MARK) throw new TypeError("the file is no structured clone");
    const reader = new OwnMemory(content);
    reader.readHeader();
    return reader.readValue();
  },
};

/** Gives each typed array memory of its own: as they are read, all are views of one block, which `x.buffer` would show. */
class OwnMemory extends DefaultDeserializer {
  _readHostObject(): unknown {
    const view = (super["_readHostObject" as never] as () => ArrayBufferView).call(this);
    if (!ArrayBuffer.isView(view)) return view;
    const { buffer, byteOffset, byteLength } = view;
    const memory = buffer.slice(byteOffset, byteOffset + byteLength);
    if (Buffer.isBuffer(view)) return Buffer.from(memory as ArrayBuffer);
    return Reflect.construct(view.constructor as new (memory: unknown) => unknown, [memory]);
  }
}
