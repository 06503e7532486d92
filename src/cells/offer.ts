/** Offers step cells to our own kernel, where the library is loaded in one. Elsewhere nothing of them is loaded. */
import { inKernel } from "../notebook/mod.ts";

if (inKernel() && Symbol.for("consist.kernel") in globalThis) {
  const { offerCells } = await import("./runtime.ts");
  offerCells();
}
