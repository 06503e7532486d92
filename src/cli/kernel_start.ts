/** `consist kernel start`: the kernel itself, as Jupyter starts it. It ends with the code of Deno's own kernel. */
import { KernelProxy, readConnection } from "../kernels/mod.ts";

/** Does it, until Jupyter ends it. */
export async function kernelStart(_flags: object, file: string): Promise<boolean> {
  const proxy = new KernelProxy(await readConnection(file));
  for (const signal of Deno.build.os === "windows" ? [] : ["SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => void proxy.shutdown());
  }
  // Some frontends interrupt by a signal, whatever the kernelspec says.
  Deno.addSignalListener("SIGINT", () => void proxy.interrupt());
  const code = await proxy.ended;
  return code === 0 || Deno.exit(code);
}
