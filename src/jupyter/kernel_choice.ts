/** Which kernel a notebook is run in: Deno's own, or ours before it. */
import { NotebookError } from "../errors.ts";
import type { Metadata } from "../kernels/mod.ts";
import { KERNEL_NAME, kernelspec } from "./kernelspec.ts";

/** A kernel that the runner knows. */
export type KernelChoice = "deno" | "consist";

/** What the notebook's metadata asks for; a notebook that asks for nothing gets Deno's own. */
export function kernelFor(metadata: Metadata, path: string): KernelChoice {
  const { name, language } = (metadata.kernelspec ?? {}) as { readonly name?: unknown; readonly language?: unknown };
  const { name: spoken } = (metadata.language_info ?? {}) as { readonly name?: unknown };
  if (name === KERNEL_NAME) return "consist";
  const words = language ?? spoken;
  if (name === "deno" || words === "typescript" || words === "javascript" || (name === undefined && words === undefined)) return "deno";
  throw new NotebookError("notebook_failed", {
    problem: `Cannot run ${JSON.stringify(path)}.`,
    why: `It asks for the kernel ${JSON.stringify(name ?? words)}${
      typeof words === "string" && name !== undefined ? `, whose language is ${words}` : ""
    }; notebooks are run in Deno's kernel ("deno") or in ours ("${KERNEL_NAME}").`,
    fix: "Choose one of these kernels for it in Jupyter, or say which with --kernel deno or --kernel consist.",
    path,
  });
}

/** The words that start it; none for Deno's own. */
export function kernelCommand(kernel: KernelChoice): readonly string[] | undefined {
  return kernel === "deno" ? undefined : kernelspec().argv;
}

/** What a notebook that names no kernel is given to name. */
export function kernelspecMetadata(kernel: KernelChoice): object {
  const { display_name, language } = kernel === "deno" ? { display_name: "Deno", language: "typescript" } : kernelspec();
  return { display_name, language, name: kernel === "deno" ? "deno" : KERNEL_NAME };
}
