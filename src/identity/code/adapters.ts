/** Values whose content is not in their properties: what says itself what it is, frames, schemas, and some objects of the runtime. */
import { types } from "node:util";
import { JSON, TextDecoder, TextEncoder } from "../../intrinsics.ts";
import { asExecuted } from "../../relations/mod.ts";
import type { DataFrame } from "../../types.ts";
import type { AnyFunction } from "./functions.ts";

/** An object's own account of its content, for what changes without mattering (a tracker) or cannot be read (a connection). */
export const IDENTITY: unique symbol = Symbol.for("consist.identity") as never;

/** What an adapter found; `by` is a function of the package that gives the content its meaning, so that its version counts too. */
export type Content =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly by?: AnyFunction; readonly readsFiles?: boolean }
  | { readonly kind: "value"; readonly value: unknown; readonly by?: AnyFunction }
  | { readonly kind: "unreadable"; readonly why: string };

type Members = Readonly<Record<string, unknown>>;
type Method = (this: unknown, ...args: unknown[]) => unknown;

const text = (content: string): Content => ({ kind: "text", text: content });
const method = (value: object, name: string | symbol): Method | undefined => {
  const found: unknown = Reflect.get(value, name);
  return typeof found === "function" ? found as Method : undefined;
};

/** The value's own account of itself, where it gives one; a Proxy answers anything and is not asked. */
export function ownAccount(value: object): Content | undefined {
  if (types.isProxy(value) || !(IDENTITY in value)) return undefined;
  try {
    const account = method(value, IDENTITY)?.call(value);
    return account === undefined
      ? undefined
      : account instanceof Uint8Array
      ? { kind: "bytes", bytes: account }
      : { kind: "value", value: account };
  } catch (error) {
    return { kind: "unreadable", why: `its own account of its content failed: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** The content of a value that its properties do not show; `tag` is what `Object.prototype.toString` says. */
export function adaptedContent(value: object, tag: string): Content | undefined {
  try {
    return frameContent(value, tag) ?? (types.isProxy(value) ? undefined : schemaContent(value) ?? runtimeContent(value, tag));
  } catch {
    return undefined; // not one of those after all: it is followed, or reported, like any other value
  }
}

/** Polars: frames as IPC bytes, expressions and lazy frames as their plan. */
function frameContent(value: object, tag: string): Content | undefined {
  if (tag === "[object DataFrame]") {
    const found = bytesFrom(asExecuted(value as DataFrame), "writeIPC");
    return found && { ...found, by: method(value, "writeIPC")! }; // the frame's own: that of another frame is another function at each look
  }
  const isSeries = tag === "[object Series]";
  if (types.isProxy(value) && !isSeries || !("serialize" in value)) return undefined;
  const { _expr, _ldf, _s } = value as Members;
  if (!isSeries && !_expr && !_ldf && !_s) return undefined;
  const bytes = bytesFrom(value, "serialize", _expr ? "bincode" : "json"); // JSON has no NaN
  return bytes && _ldf && /"(?:Scan|paths|sources)"/.test(new TextDecoder().decode(bytes.bytes)) ? { ...bytes, readsFiles: true } : bytes;
}

function bytesFrom(value: object, name: string, ...args: unknown[]): Extract<Content, { kind: "bytes" }> | undefined {
  const by = method(value, name);
  const content = by?.apply(value, args);
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return by && bytes instanceof Uint8Array ? { kind: "bytes", bytes, by } : undefined;
}

/** Zod: the definition; everything else in a schema is a cache that fills on use. */
function schemaContent(value: object): Content | undefined {
  if (!("_zod" in value)) return undefined;
  const definition = (value._zod as { def?: unknown } | undefined)?.def;
  if (typeof definition !== "object" || definition === null) return undefined;
  const by = method(value, "parse") ?? method(value, "constructor");
  return {
    kind: "value",
    value: Object.fromEntries(Object.keys(definition).map((key) => [key, (definition as Members)[key]])),
    ...(by ? { by } : {}),
  };
}

function runtimeContent(value: object, tag: string): Content | undefined {
  if (value instanceof URL) return text(value.href);
  if (value instanceof URLSearchParams) return text(String(value));
  if (tag.startsWith("[object Temporal.")) return text(String(value));
  if (tag === "[object Intl.Locale]") return text(String(value));
  if (tag.startsWith("[object Intl.")) return intlContent(value);
  if (value instanceof TextEncoder) return text("utf-8");
  if (value instanceof TextDecoder) return text(JSON.stringify([value.encoding, value.fatal, value.ignoreBOM]));
  if (value instanceof Headers) return text(JSON.stringify([...value]));
  return undefined;
}

function intlContent(value: object): Content | undefined {
  const options = method(value, "resolvedOptions")?.call(value);
  return options === undefined ? undefined : text(JSON.stringify(options));
}
