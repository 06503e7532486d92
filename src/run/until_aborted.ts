/** What a cell that is interrupted leaves behind of the functions that it called. */

/**
 * Does the work, and is over when the signal is. In a cell that is interrupted a function that computes is stopped together with all that
 * called it, and nothing tells of its end: so it is called by nobody who has something to put in order. What awaits goes on where it is
 * interrupted; nobody waits for it.
 */
export async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([Promise.resolve().then(work), aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
