/** Steps of the sweep bench: 50 ms of waiting, and 50 ms of work. */
import type { Step } from "consist";

type Given = Step<{ readonly ms: number; readonly member: number }>;

/** Waits, as for a program or a server. */
export async function waits(_: unknown, { config }: Given): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, config.ms));
  return config.member;
}

/** Computes. */
export function computes(_: unknown, { config }: Given): number {
  const end = performance.now() + config.ms;
  while (performance.now() < end);
  return config.member;
}
