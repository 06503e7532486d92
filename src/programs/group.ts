/** A program with all that it started: ended together, also where this process dies before it can do so itself. */
import { TextEncoder } from "../intrinsics.ts";

/** How long a program has to end by itself when it is asked to, in milliseconds. */
export const GRACE_MS = 3000;

const isWindows = Deno.build.os === "windows";

/** Waits for a word; where the one who would say it is dead, ends the group `$1`, and does what follows. */
const WATCH = [
  'trap "" INT TERM HUP',
  "read -r word && exit 0",
  'if [ "$1" != 0 ]; then kill -TERM "-$1" 2>/dev/null; for i in 1 2 3 4 5 6; do kill -0 "-$1" 2>/dev/null || break; sleep 0.5; done; kill -KILL "-$1" 2>/dev/null; fi',
  'shift; [ "$#" = 0 ] || "$@" >/dev/null 2>&1',
  "exit 0",
].join("\n");

/** Watches over a program while it runs. */
export interface Watch {
  /** The program has ended: there is nothing to watch any more. */
  end(): Promise<void>;
}

/**
 * Starts a small shell that ends the process group should this process die; `after` is a command line to run then. Where there is no shell,
 * as on Windows, nothing watches.
 */
export function watchOver(group: number, after: readonly string[] = []): Watch {
  if (isWindows) return { end: () => Promise.resolve() };
  const shell = startShell([String(group), ...after]);
  if (shell === undefined) return { end: () => Promise.resolve() };
  const word = shell.stdin.getWriter();
  return {
    end: async () => {
      // A shell that was killed cannot be told; then there is none to stop.
      await word.write(new TextEncoder().encode("done\n")).catch(() => {});
      await word.close().catch(() => {});
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
