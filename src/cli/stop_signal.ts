/** Ctrl-C and a polite end from outside, as a signal that work in progress listens to. */

/** The signal, until `dispose` is called. */
export interface StopSignal {
  /** Aborted when somebody wants the program to end. */
  readonly signal: AbortSignal;
  /** From then on the system ends the program as ever. */
  readonly dispose: () => void;
}

/** Listens from now on. */
export function stopSignal(): StopSignal {
  const controller = new AbortController();
  const stop = () => controller.abort();
  const names: readonly Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const name of names) Deno.addSignalListener(name, stop);
  const dispose = () => {
    for (const name of names) Deno.removeSignalListener(name, stop);
  };
  return { signal: controller.signal, dispose };
}
