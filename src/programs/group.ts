/** A program with all that it started: ended together, also where this process dies before it can do so itself. */
import { TextEncoder } from "../intrinsics.ts";

/** How long a program has to end by itself when it is asked to, in milliseconds. */
export const GRACE_MS = 3000;

const isWindows = Deno.build.os === "windows";

/** Is greeted and told a group, and waits for another word; where the one who would say it is dead, ends the group, and runs what it was given. */
const WATCH = [
  'trap "" INT TERM HUP',
  "read -r word && read -r group || exit 0",
  "read -r word && exit 0",
  'kill -TERM "-$group" 2>/dev/null',
  'for i in 1 2 3 4 5 6; do kill -0 "-$group" 2>/dev/null || break; sleep 0.5; done',
  'kill -KILL "-$group" 2>/dev/null',
  '[ "$#" = 0 ] || "$@" >/dev/null 2>&1',
  "exit 0",
].join("\n");

/** Watches over a program while it runs. */
export interface Watch {
  /** The program has begun, in this process group. */
  over(group: number): void;
  /** The program has ended, or could not begin: there is nothing to watch any more. */
  end(): Promise<void>;
}

/**
 * Starts a small shell that ends a process group should this process die; `after` is a command line to run then. It is there before the program
 * is, and has heard a first word: what is said next it has at once, and not when this process is dead already. Where there is no shell, as on
 * Windows, nothing watches.
 */
export async function startWatch(after: readonly string[] = []): Promise<Watch> {
  const shell = isWindows ? undefined : startShell(after);
  if (shell === undefined) return { over: () => {}, end: () => Promise.resolve() };
  const words = shell.stdin.getWriter();
  // A shell that was killed cannot be told; then there is none to stop.
  const say = (word: string) => words.write(new TextEncoder().encode(`${word}\n`)).catch(() => {});
  await say("hello");
  let isOver = false;
  return {
    over: (group) => {
      isOver = true;
      say(String(group));
    },
    end: async () => {
      if (isOver) await say("done");
      await words.close().catch(() => {});
      await shell.status;
    },
  };
}

function startShell(args: readonly string[]): Deno.ChildProcess | undefined {
  try {
    return new Deno.Command("/bin/sh", {
      args: ["-c", WATCH, "sh", ...args],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      detached: true,
    })
      .spawn();
  } catch (error) {
    // No shell, or none that may be run: the program is not watched, and runs all the same.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/** Sends a signal to a program and all that it started. One that has ended is left alone. */
export function signalGroup(child: Deno.ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  if (isWindows) {
    new Deno.Command("taskkill", { args: ["/PID", String(child.pid), "/T", "/F"], stdout: "null", stderr: "null" }).outputSync();
    return;
  }
  try {
    Deno.kill(-child.pid, signal);
  } catch (error) {
    // The whole group has ended by itself.
    if (!(error instanceof Deno.errors.NotFound) && (error as { code?: unknown }).code !== "ESRCH") throw error;
  }
}
