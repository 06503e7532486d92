/** What a notebook needs at once: what draws, and, in our own kernel, what executes step cells. Elsewhere nothing of it is loaded. */
import { inKernel } from "../notebook/mod.ts";

if (inKernel()) {
  await import("../notebook/render/mod.ts");
  if (Symbol.for("consist.kernel") in globalThis) {
    const { offerCells } = await import("./runtime.ts");
    offerCells();
  }
}
