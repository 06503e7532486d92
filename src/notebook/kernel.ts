/** The notebook that we run in, if we do. */
import type { MimeBundle } from "../types.ts";

/** The method by which an object says how a notebook shows it; it may be asynchronous. */
export const DISPLAY: unique symbol = Symbol.for("Jupyter.display") as typeof DISPLAY;

/** The method by which an object says how `console.log` shows it. */
export const INSPECT: unique symbol = Symbol.for("Deno.customInspect") as typeof INSPECT;

/** What a notebook does for us. What we show of our own is marked in its metadata: it is part of no step's output. */
export interface Kernel {
  /** Shows a bundle in the cell that runs; with an `id` it can be updated later. */
  display(bundle: MimeBundle, options?: { readonly id?: string }): Promise<void>;
  /** Replaces what was shown under this id. */
  update(id: string, bundle: MimeBundle): Promise<void>;
  /** Sends any message, as a step sent it. */
  send(type: string, content: { readonly [key: string]: unknown }): Promise<void>;
  /** Until so many messages are out: Deno's own kernel shows what comes too late under the next cell. */
  sent(messages: number): Promise<void>;
}

/** The key in the metadata of what we show of our own. */
export const OWN_OUTPUT = "consist";

/** The part of `Deno.jupyter` that we use. */
export interface Broadcaster {
  /** Sends a message to every frontend. */
  broadcast(type: string, content: Record<string, unknown>): Promise<void> | void;
}

/** Deno's kernel needs this long to begin to send what it was given, and this long for each message. */
const SENDING_MS = 5;
const MESSAGE_MS = 1;

/** Is this code running in a notebook's kernel? */
export function inKernel(): boolean {
  return jupyter() !== undefined;
}

/** Aborted when the user interrupts the cell that runs now; none where the kernel is not ours, which does not tell. */
export function interruptSignal(): AbortSignal | undefined {
  return ownKernel()?.interrupted?.signal;
}

/** What stands behind a function of our own kernel; any other has nothing behind it. */
export function originalInKernel(wrapper: object): object | undefined {
  return ownKernel()?.originals?.get(wrapper);
}

/** The file in which everything is listed that this process opens; none where the kernel is not ours, or cannot have it. */
export function openedLog(): string | undefined {
  return ownKernel()?.opened;
}

interface OwnKernel {
  readonly interrupted?: AbortController;
  readonly originals?: WeakMap<object, object>;
  readonly opened?: string;
}

/** What our own kernel tells, where it is ours. */
function ownKernel(): OwnKernel | undefined {
  const notes: unknown = (globalThis as { readonly [key: symbol]: unknown })[Symbol.for("consist.kernel")];
  return typeof notes === "object" && notes !== null ? notes : undefined;
}

/** The notebook's kernel; none elsewhere. */
export function currentKernel(): Kernel | undefined {
  return inKernel() ? kernelOver(jupyter) : undefined;
}

/** A kernel that looks up its broadcaster at each call, so that what wraps it later (recording) sees what is displayed. */
export function kernelOver(current: () => Broadcaster | undefined): Kernel {
  const send = async (type: string, content: { readonly [key: string]: unknown }) => await current()?.broadcast(type, { ...content });
  const own = (type: string, bundle: MimeBundle, id: string | undefined) =>
    send(type, { data: bundle, metadata: { [OWN_OUTPUT]: true }, transient: id === undefined ? {} : { display_id: id } });
  return {
    display: (bundle, options) => own("display_data", bundle, options?.id),
    update: (id, bundle) => own("update_display_data", bundle, id),
    send,
    sent: async (messages) => {
      if (ownKernel() === undefined) await new Promise((resolve) => setTimeout(resolve, SENDING_MS + messages * MESSAGE_MS));
    },
  };
}

function jupyter(): Broadcaster | undefined {
  try {
    const found: unknown = (globalThis as { Deno?: { jupyter?: unknown } }).Deno?.jupyter;
    return isBroadcaster(found) ? found : undefined;
  } catch {
    // Outside a kernel the property is a getter that throws: then there is no kernel.
    return undefined;
  }
}

function isBroadcaster(value: unknown): value is Broadcaster {
  return typeof value === "object" && value !== null && typeof (value as { broadcast?: unknown }).broadcast === "function";
}
