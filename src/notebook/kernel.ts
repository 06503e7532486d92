/** The notebook that we run in, if we do. */
import type { MimeBundle } from "../types.ts";

/** The method by which an object says how a notebook shows it; it may be asynchronous. */
export const DISPLAY: unique symbol = Symbol.for("Jupyter.display") as typeof DISPLAY;

/** The method by which an object says how `console.log` shows it. */
export const INSPECT: unique symbol = Symbol.for("Deno.customInspect") as typeof INSPECT;

/** What a notebook does for us. */
export interface Kernel {
  /** Shows a bundle in the cell that runs; with an `id` it can be updated later. */
  display(bundle: MimeBundle, options?: { readonly id?: string }): Promise<void>;
  /** Replaces what was shown under this id. */
  update(id: string, bundle: MimeBundle): Promise<void>;
}

/** The part of `Deno.jupyter` that we use. */
export interface Broadcaster {
  /** Sends a message to every frontend. */
  broadcast(type: string, content: Record<string, unknown>): Promise<void>;
}

/** Is this code running in a notebook's kernel? */
export function inKernel(): boolean {
  return jupyter() !== undefined;
}

/** Aborted when the user interrupts the cell that runs now; none where the kernel is not ours, which does not tell. */
export function interruptSignal(): AbortSignal | undefined {
  const notes: unknown = (globalThis as { readonly [key: symbol]: unknown })[Symbol.for("consist.kernel")];
  const { interrupted } = (typeof notes === "object" && notes !== null ? notes : {}) as { readonly interrupted?: AbortController };
  return interrupted?.signal;
}

/** The notebook's kernel; none elsewhere. */
export function currentKernel(): Kernel | undefined {
  return inKernel() ? kernelOver(jupyter) : undefined;
}

/** A kernel that looks up its broadcaster at each call, so that what wraps it later (recording, replay) sees what is displayed. */
export function kernelOver(current: () => Broadcaster | undefined): Kernel {
  const send = async (type: string, bundle: MimeBundle, id: string | undefined) => {
    const transient = id === undefined ? {} : { display_id: id };
    await current()?.broadcast(type, { data: bundle, metadata: {}, transient });
  };
  return {
    display: (bundle, options) => send("display_data", bundle, options?.id),
    update: (id, bundle) => send("update_display_data", bundle, id),
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
