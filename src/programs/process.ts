/** Runs a program to its end: its output goes into logs, is shown while it runs, and nothing of it is left when it is cancelled. */
import { GRACE_MS, signalGroup, startWatch } from "./group.ts";
import type { Live } from "./live.ts";
import { Tail } from "./tail.ts";

/** A program to run. */
export interface ProgramCall {
  /** The absolute path of the program, and its arguments. */
  readonly argv: readonly string[];
  /** Variables besides those of this process. */
  readonly env?: { readonly [name: string]: string };
  /** The folder that it runs in. */
  readonly cwd: string;
  /** Files to which its output is added. */
  readonly logs: { readonly stdout: string; readonly stderr: string };
  /** Ends it when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Shows what it prints. */
  readonly live?: Live | undefined;
  /** A command line that ends what it started elsewhere, as a container: run when it is cancelled, and when this process dies. */
  readonly cleanup?: readonly string[] | undefined;
}

/** How a program ended. */
export interface ProgramEnd {
  /** Its exit code. */
  readonly code: number;
  /** The signal that ended it, where one did. */
  readonly signal?: string;
  /** It was ended because the run was cancelled. */
  readonly cancelled: boolean;
  /** The last lines that it printed, on either stream. */
  readonly tail: string;
}

/**
 * Runs a program.
 *
 * @throws {Deno.errors.NotFound} where there is no such program or folder, and what else the system refuses it with.
 */
export async function runProgram(call: ProgramCall): Promise<ProgramEnd> {
  const [command = "", ...args] = call.argv;
  using stdout = await openLog(call.logs.stdout);
  using stderr = await openLog(call.logs.stderr);
  const watch = await startWatch(call.cleanup);
  try {
    const child = new Deno.Command(command, {
      args,
      cwd: call.cwd,
      env: { ...call.env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      detached: Deno.build.os !== "windows",
    }).spawn();
    watch.over(child.pid);
    return await toItsEnd(child, call, { stdout, stderr });
  } finally {
    await watch.end();
    call.live?.end();
  }
}

/** Keeps and shows what a program prints until it has ended, and nothing is left of it. */
async function toItsEnd(
  child: Deno.ChildProcess,
  call: ProgramCall,
  logs: { readonly stdout: Deno.FsFile; readonly stderr: Deno.FsFile },
): Promise<ProgramEnd> {
  const ending = new Ending(child, call);
  const tail = new Tail();
  const pump = (stream: "stdout" | "stderr") =>
    pumpTo(child[stream], logs[stream], (bytes) => {
      const text = tail.add(bytes, stream);
      call.live?.add(text, stream, () => tail.text);
    });
  try {
    const pumps = Promise.all([pump("stdout"), pump("stderr")]);
    pumps.catch(() => ending.begin()); // a log that cannot be written ends the program; the error is thrown below
    const { code, signal } = await child.status;
    ending.leftBehind();
    await pumps;
    return { code, cancelled: ending.isWanted, tail: tail.text, ...(signal === null ? {} : { signal }) };
  } finally {
    await ending.done();
  }
}

/** Ends a program when that is asked for: politely first. */
class Ending {
  /** Was it asked for? */
  isWanted = false;
  readonly #child: Deno.ChildProcess;
  readonly #call: ProgramCall;
  readonly #onAbort = (): void => this.begin();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #cleanup: Promise<void> | undefined;
  #isTold = false;

  constructor(child: Deno.ChildProcess, call: ProgramCall) {
    this.#child = child;
    this.#call = call;
    call.signal?.addEventListener("abort", this.#onAbort);
    if (call.signal?.aborted) this.begin();
  }

  /** Ends the program, all that it started, and what it started elsewhere. */
  begin(): void {
    if (this.isWanted) return;
    this.isWanted = true;
    this.#end();
    this.#cleanup = this.#cleanUp();
  }

  /** The program is ended in any case: what could not be ended elsewhere is said. */
  async #cleanUp(): Promise<void> {
    const [command, ...args] = this.#call.cleanup ?? [];
    if (command === undefined) return;
    try {
      await new Deno.Command(command, { args, stdin: "null", stdout: "null", stderr: "null" }).output();
    } catch (error) {
      if (this.#isTold) return;
      this.#isTold = true;
      const why = error instanceof Error ? error.message : String(error);
      console.error(`consist: what a cancelled program started elsewhere may go on, since ${command} could not be run: ${why}`);
    }
  }

  /** The program has ended: what it left running is ended as well, or its output would never end. */
  leftBehind(): void {
    if (this.#timer === undefined) this.#end();
  }

  #end(): void {
    signalGroup(this.#child, "SIGTERM");
    this.#timer = setTimeout(() => signalGroup(this.#child, "SIGKILL"), GRACE_MS);
  }

  /** Waits until nothing is left to do. */
  async done(): Promise<void> {
    clearTimeout(this.#timer);
    this.#call.signal?.removeEventListener("abort", this.#onAbort);
    if (!this.isWanted) return;
    signalGroup(this.#child, "SIGKILL");
    await this.#cleanup;
    await this.#cleanUp(); // what was only begun when it was ended
  }
}

async function openLog(path: string): Promise<Deno.FsFile> {
  return await Deno.open(path, { append: true, create: true });
}

async function pumpTo(stream: ReadableStream<Uint8Array>, log: Deno.FsFile, seen: (bytes: Uint8Array) => void): Promise<void> {
  for await (const bytes of stream) {
    for (let written = 0; written < bytes.length;) written += await log.write(bytes.subarray(written));
    seen(bytes);
  }
}
