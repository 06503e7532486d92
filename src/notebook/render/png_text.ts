/** Texts inside PNG files: a keyword and what it says, in chunks of their own that change nothing about the picture. */
import { crc32, inflateSync } from "node:zlib";

type Bytes = Uint8Array<ArrayBuffer>;

/** A chunk: its type, its content, and where the whole of it lies. */
interface Chunk {
  readonly type: string;
  readonly content: Bytes;
  readonly from: number;
  readonly to: number;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const LATIN = new TextDecoder("latin1");

/** The PNG with one more text, in ASCII, before its picture. */
export function pngWithText(png: Bytes, keyword: string, text: string): Bytes {
  const [head] = chunksOf(png);
  if (head === undefined) throw new TypeError("the bytes are no PNG");
  const content = new TextEncoder().encode(`tEXt${keyword}\0${text}`);
  const chunk = new Uint8Array(content.length + 8);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, content.length - 4);
  chunk.set(content, 4);
  view.setUint32(content.length + 4, crc32(content));
  return joined([png.subarray(0, head.to), chunk, png.subarray(head.to)]);
}

/** The texts of a PNG: keyword and text. None where the bytes are no PNG, or not a whole one. */
export function pngTexts(png: Bytes): (readonly [keyword: string, text: string])[] {
  return [...chunksOf(png)].flatMap((chunk) => {
    const text = textOf(chunk);
    return text === undefined ? [] : [text];
  });
}

/** The PNG without the texts of a keyword. */
export function pngWithout(png: Bytes, keyword: string): Bytes {
  const cut = [...chunksOf(png)].filter((chunk) => textOf(chunk)?.[0] === keyword);
  const edges = [0, ...cut.flatMap(({ from, to }) => [from, to]), png.length];
  return joined(Array.from({ length: edges.length / 2 }, (_, i) => png.subarray(edges[2 * i], edges[2 * i + 1])));
}

function* chunksOf(png: Bytes): Generator<Chunk> {
  if (!SIGNATURE.every((byte, i) => png[i] === byte)) return;
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  for (let from = SIGNATURE.length; from + 12 <= png.length;) {
    const to = from + 12 + view.getUint32(from);
    if (to > png.length) return;
    yield { type: LATIN.decode(png.subarray(from + 4, from + 8)), content: png.subarray(from + 8, to - 4), from, to };
    from = to;
  }
}

/** What a chunk says, however the text is stored: tools that save a picture again choose among three ways. */
function textOf({ type, content }: Chunk): readonly [keyword: string, text: string] | undefined {
  const end = content.indexOf(0);
  if (!["tEXt", "zTXt", "iTXt"].includes(type) || end < 0) return undefined;
  const keyword = LATIN.decode(content.subarray(0, end));
  try {
    if (type === "tEXt") return [keyword, LATIN.decode(content.subarray(end + 1))];
    if (type === "zTXt") return [keyword, LATIN.decode(inflateSync(content.subarray(end + 2)))];
    const language = content.indexOf(0, end + 3);
    const start = content.indexOf(0, language + 1) + 1;
    const text = content.subarray(start);
    return [keyword, new TextDecoder().decode(content[end + 1] === 1 ? inflateSync(text) : text)];
  } catch {
    return undefined; // a damaged text says nothing
  }
}

function joined(parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
