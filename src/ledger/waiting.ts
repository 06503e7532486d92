/** Waiting that ends, also for what may never come. */

/** Waits for one change after the other as long as that has to be, in all at most so many milliseconds. */
export async function waitWhile(hasTo: () => boolean, change: () => Promise<unknown>, atMostMs: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    late.resolve();
  }, atMostMs);
  try {
    while (!isLate && hasTo()) await Promise.race([change(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for so many milliseconds. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
