/** The notebook that we run in, if we do. */
import type { MimeBundle } from "../types.ts";

/** The method by which an object says how a notebook shows it; it may be asynchronous. */
export const DISPLAY: unique symbol = Symbol.for("Jupyter.display") as typeof DISPLAY;

/** What a notebook does for us. */
export interface Kernel {
  /** Shows a bundle in the cell that runs; with an `id` it can be updated later. */
  display(bundle: MimeBundle, options?: { readonly id?: string }): Promise<void>;
  /** Replaces what was shown under this id. */
  update(id: string, bundle: MimeBundle): Promise<void>;
}

/** The part of `Deno.jupyter` that we use. */
interface JupyterGlobal {
  broadcast(type: string, content: Record<string, unknown>): Promise<void>;
}

/** Is this code running in a notebook's kernel? */
export function inKernel(): boolean {
  return jupyter() !== undefined;
}

/** The notebook's kernel; none elsewhere. */
export function currentKernel(): Kernel | undefined {
  return jupyter() === undefined ? undefined : KERNEL;
}

/** Looks up `broadcast` at each call, so that what wraps it later (recording, replay) sees what is displayed. */
const KERNEL: Kernel = {
  display: (bundle, options) =>
    broadcast("display_data", { data: bundle, metadata: {}, transient: options?.id === undefined ? {} : { display_id: options.id } }),
  update: (id, bundle) => broadcast("update_display_data", { data: bundle, metadata: {}, transient: { display_id: id } }),
};

async function broadcast(type: string, content: Record<string, unknown>): Promise<void> {
  await jupyter()?.broadcast(type, content);
}

function jupyter(): JupyterGlobal | undefined {
  try {
    const found: unknown = (globalThis as { Deno?: { jupyter?: unknown } }).Deno?.jupyter;
    return isJupyter(found) ? found : undefined;
  } catch {
    // Outside a kernel the property may be a getter that throws: then there is no kernel.
    return undefined;
  }
}

function isJupyter(value: unknown): value is JupyterGlobal {
  return typeof value === "object" && value !== null && typeof (value as { broadcast?: unknown }).broadcast === "function";
}
