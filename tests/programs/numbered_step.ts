/** A step whose result tells whether it is whole and current: for tests and the soak task that kill processes. */
import type { RunResult, Tracker } from "consist";

/** What the step makes of a number and a version: long enough to be cut, and with its length at the end. */
export function textOf(n: number, version: string): string {
  const lines = Array.from({ length: 1_000 + (n % 7) * 1_000 }, (_, line) => `${n} ${version} ${line}\n`);
  return `${lines.join("")}end ${n} ${version} ${lines.length}`;
}

/** The number and the version of a text, where it is whole. */
export function versionIn(text: string, n: number): string | undefined {
  const version = /^end \d+ (\S+) \d+$/.exec(text.slice(text.lastIndexOf("\n") + 1))?.[1];
  return version !== undefined && text === textOf(n, version) ? version : undefined;
}

/** Runs the step: its input is a file that holds a version. */
export function numbered(tracker: Tracker, n: number, source: string): Promise<RunResult<{ text: string; summary: { n: number } }>> {
  return tracker.run({
    name: "numbered",
    fn: ({ source }: { source: string }, { config }: { config: { n: number } }) => ({
      text: textOf(config.n, source.trim()),
      summary: { n: config.n },
    }),
    config: { n },
    inputs: { source },
    outputs: ["text", "summary"],
  });
}
