/** Typed arrays and buffers as text. */
import { Buffer } from "node:buffer";
import { types } from "node:util";
import { sha256 } from "../digest.ts";

/**
 * The bytes of a view or buffer; `tag` is what `Object.prototype.toString` says. Undefined for anything else. `place` tells whether the walk met a buffer
 * before: what is written to one view shows in the others.
 */
export function memoryText(value: object, tag: string, place: (buffer: object) => string): string | undefined {
  if (types.isAnyArrayBuffer(value)) {
    return `${tag}(${value.byteLength}${canGrow(value) ? ` of ${value.maxByteLength}` : ""},${sha256(new Uint8Array(value))})`;
  }
  if (!ArrayBuffer.isView(value)) return undefined;
  const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return `${tag}(${bytes.length},${sha256(bytes)})${around(value)}${isPooled(value) ? "" : place(value.buffer)}`;
}

/** Small Buffers share one of the runtime's buffers, whose rest is anything. */
const isPooled = ({ buffer }: ArrayBufferView): boolean => buffer === Buffer.from("x").buffer || buffer.byteLength === Buffer.poolSize;

/** Can its size change? A view may grow with it, or stay: nothing shows which. */
export const canGrow = (buffer: ArrayBufferLike): boolean =>
  types.isSharedArrayBuffer(buffer) ? buffer.growable : (buffer as ArrayBuffer).resizable;

/** A view shows the rest of its buffer to whoever asks for it. */
function around(view: ArrayBufferView): string {
  const { buffer, byteOffset, byteLength } = view;
  if (byteLength === buffer.byteLength || isPooled(view)) return "";
  return ` at ${byteOffset} of ${sha256(new Uint8Array(buffer))}`;
}
