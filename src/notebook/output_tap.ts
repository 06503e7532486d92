/**
 * Hears what is printed and displayed, while somebody listens. Only then the console, the kernel and the standard streams are wrapped; nothing
 * of it is left afterwards. What calls a wrapper gets what the original gives.
 */
import { inKernel, originalInKernel } from "./kernel.ts";

/** Where something is printed to. */
export type PrintStream = "stdout" | "stderr";

/** Hears of what is printed and displayed. */
export interface OutputListener {
  /** Something is about to be shown, also what is not to be heard. */
  readonly onOutput?: () => void;
  /** A method of the console is called. */
  readonly onConsole: (method: string, args: readonly unknown[]) => void;
  /** Bytes were written to a standard stream. */
  readonly onWrite: (stream: PrintStream, bytes: Uint8Array) => void;
  /** A message of the kernel is broadcast. */
  readonly onBroadcast: (type: string, content: { readonly [key: string]: unknown }) => void;
}

/** The methods of the console that show something, or decide how later ones show it. */
const METHODS =
  "log debug info dir dirxml warn error assert count countReset table time timeLog timeEnd group groupCollapsed groupEnd trace"
    .split(" ");

// deno-lint-ignore no-explicit-any -- any function whatever: it is called as it was called
type Method = (...args: any[]) => any;

/** Each with how often it was given. */
const listeners = new Map<OutputListener, number>();
/** Wrapper → what it wraps: to whoever asks what a function is, the wrapper is the original. */
const originals = new WeakMap<object, Method>();
const replaced: { readonly object: object; readonly name: string; readonly wrapper: Method; readonly before: PropertyDescriptor }[] = [];
/** Inside of a call that was told already, or that nobody is to hear of. */
let silence = 0;

/** Listens until the function that it gives is called, once. A listener that was given several times hears everything once. */
export function listenToOutput(listener: OutputListener): () => void {
  if (listeners.size === 0) wrapAll();
  listeners.set(listener, (listeners.get(listener) ?? 0) + 1);
  return () => {
    const left = listeners.get(listener)! - 1;
    if (left > 0) return void listeners.set(listener, left);
    listeners.delete(listener);
    if (listeners.size === 0) unwrapAll();
  };
}

/** The function behind wrappers of ours and of our kernel; any other is itself. */
export function unwrapped<T extends object>(fn: T): T {
  const inner = (originals.get(fn) ?? originalInKernel(fn)) as T | undefined;
  return inner === undefined ? fn : unwrapped(inner);
}

/** Prints or displays something of our own, which nobody hears. Synchronous: what follows an `await` is heard. */
export function unheard<T>(work: () => T): T {
  silence++;
  try {
    return work();
  } finally {
    silence--;
  }
}

function announce(): void {
  for (const listener of listeners.keys()) listener.onOutput?.();
}

function tell(what: (listener: OutputListener) => void): void {
  if (silence === 0) unheard(() => [...listeners.keys()].forEach(what));
}

// ── wrapping ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function wrapAll(): void {
  for (const name of METHODS) {
    replace(console, name, (original) => (...args) => {
      announce();
      tell((listener) => listener.onConsole(name, args));
      return unheard(() => Reflect.apply(original, console, args));
    });
  }
  if (inKernel()) wrapKernel();
  else for (const stream of ["stdout", "stderr"] as const) wrapStream(stream);
}

/** In a kernel the standard streams are not the notebook's. */
function wrapStream(stream: PrintStream): void {
  const prototype = Object.getPrototypeOf(Deno[stream]) as object;
  const told = (bytes: Uint8Array, count: number): number => {
    tell((listener) => listener.onWrite(stream, bytes.subarray(0, count)));
    return count;
  };
  const wrap = (name: string, call: (original: Method, self: unknown, bytes: Uint8Array) => unknown) =>
    replace(prototype, name, (original) =>
      function (this: unknown, bytes: Uint8Array) {
        announce();
        return silence > 0 ? Reflect.apply(original, this, [bytes]) : call(original, this, bytes);
      });
  wrap("writeSync", (original, self, bytes) => told(bytes, Reflect.apply(original, self, [bytes]) as number));
  wrap("write", async (original, self, bytes) => told(bytes, await (Reflect.apply(original, self, [bytes]) as Promise<number>)));
}

/** `display` calls the kernel's own `broadcast`, and not the one that stands there. */
function wrapKernel(): void {
  const jupyter = Deno.jupyter as unknown as { format?: (value: unknown) => Promise<Record<string, unknown>> };
  replace(jupyter, "broadcast", (original) => (type, content, ...rest) => {
    tell((listener) => listener.onBroadcast(type, content ?? {}));
    return Reflect.apply(original, jupyter, [type, content, ...rest]);
  });
  replace(jupyter, "display", (original) => async (value, options) => {
    const { raw = false, update = false, display_id: id } = (options ?? {}) as { raw?: boolean; update?: boolean; display_id?: string };
    if (silence > 0 || (!raw && jupyter.format === undefined)) return await Reflect.apply(original, jupyter, [value, options]);
    const data = raw ? value : await jupyter.format!(value);
    const content = { data, metadata: {}, transient: id ? { display_id: id } : {} };
    tell((listener) => listener.onBroadcast(update ? "update_display_data" : "display_data", content));
    return await Reflect.apply(original, jupyter, [data, { ...options, raw: true }]);
  });
}

function replace(object: object, name: string, make: (original: Method) => Method): void {
  const before = Object.getOwnPropertyDescriptor(object, name);
  if (typeof before?.value !== "function" || before.configurable !== true) return; // what cannot be put back is not touched
  const wrapper = Object.defineProperty(make(before.value as Method), "name", { value: (before.value as Method).name });
  originals.set(wrapper, before.value as Method);
  Object.defineProperty(object, name, { ...before, value: wrapper });
  replaced.push({ object, name, wrapper, before });
}

/** What somebody else put there in the meantime stays: it may call our wrapper, which then calls the original. */
function unwrapAll(): void {
  for (const { object, name, wrapper, before } of replaced.splice(0)) {
    if (Object.getOwnPropertyDescriptor(object, name)?.value === wrapper) Object.defineProperty(object, name, before);
  }
}
