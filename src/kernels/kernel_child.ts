/** `deno jupyter` as a child process: started, watched, ended without leaving orphans. */
import { childGuard } from "../executors/mod.ts";
import type { Connection } from "./wire.ts";
import { notStartable } from "./kernel_errors.ts";
import { withoutColours } from "./outputs.ts";

/** What a kernel's process needs to start. */
export interface ChildOptions {
  /** Where the kernel listens. */
  readonly connection: Connection;
  /** Working directory: where relative paths of the cells begin, and where Deno looks for `deno.json`, then in the folders above. */
  readonly cwd?: string | undefined;
  /** Environment variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** The words that start it, with `{connection_file}` among them. @default Deno's own kernel */
  readonly command?: readonly string[] | undefined;
  /** Also prints to our own stderr what the process itself prints. @default false */
  readonly echo?: boolean;
}

/** Each kernel of Deno begins with this line. */
const UNSTABLE = 'Warning "deno jupyter" is unstable';
/** How much of what the process prints is kept. */
const TAIL_LENGTH = 20_000;
/** How long a kernel that was asked to end may take. */
const GRACE_MS = 2_000;

const DENOS_OWN = () => [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"];

/** A kernel's process. */
export class KernelChild {
  readonly #process: Deno.ChildProcess;
  readonly #file: string;
  readonly #pipes: readonly Tail[];
  #status: Deno.CommandStatus | undefined;
  /** Settles when the process has ended and what it printed is read. */
  readonly ended: Promise<void>;

  private constructor(process: Deno.ChildProcess, file: string, echo: boolean) {
    this.#process = process;
    this.#file = file;
    this.#pipes = [new Tail(process.stderr, echo), new Tail(process.stdout, echo)];
    this.ended = this.#watch();
  }

  /** Starts the kernel of the Deno that runs this program. */
  static async start({ connection, cwd, env, echo = false, command = DENOS_OWN() }: ChildOptions): Promise<KernelChild> {
    const file = await Deno.makeTempFile({ prefix: "kernel-", suffix: ".json" }); // only its owner can read it: it has the key
    await Deno.writeTextFile(file, JSON.stringify(connection));
    const words = command.map((word) => word.replace("{connection_file}", () => file));
    const [program, ...args] = [...await childGuard(), ...words];
    const options = {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...(cwd === undefined ? {} : { cwd }),
      ...(env ? { env } : {}),
    } as const;
    try {
      return new KernelChild(new Deno.Command(program!, options).spawn(), file, echo);
    } catch (error) {
      await Deno.remove(file);
      throw notStartable(words[0]!, cwd, error);
    }
  }

  /** How it ended, where it has. */
  get status(): Deno.CommandStatus | undefined {
    return this.#status;
  }

  /** The last of what the process itself printed (not its cells, whose output is sent to us). */
  get printed(): string {
    const text = this.#pipes.map((pipe) => withoutColours(pipe.text)).join("\n");
    return text.split("\n").filter((line) => !line.startsWith(UNSTABLE)).join("\n").trim();
  }

  /** How much it has printed so far, for `printedSince`. */
  get printedLength(): number {
    return this.#pipes.reduce((sum, pipe) => sum + pipe.length, 0);
  }

  /** What it printed since then, as far as it is kept. */
  printedSince(length: number): string {
    const since = this.printedLength - length;
    return since === 0 ? "" : this.#pipes.map((pipe) => pipe.text.slice(-since)).join("\n");
  }

  /** Its end in words: `exit code 7`, `signal SIGKILL`. */
  get end(): string {
    if (this.#status === undefined) return "it is running";
    return this.#status.signal === null ? `exit code ${this.#status.code}` : `signal ${this.#status.signal}`;
  }

  /** Waits a while for a process that was asked to end, ends it where it does not, and frees what it held. May be called twice. */
  async finish(graceMs = GRACE_MS): Promise<void> {
    const kill = setTimeout(() => {
      try {
        this.#process.kill("SIGKILL");
      } catch {
        // It has ended in the meantime.
      }
    }, graceMs);
    await this.ended;
    clearTimeout(kill);
    await this.removeFile();
  }

  /** Removes the connection file, with its key: a kernel that answers has read it. */
  async removeFile(): Promise<void> {
    await Deno.remove(this.#file).catch(() => {}); // it was removed before, or somebody has cleared away temporary files
  }

  async #watch(): Promise<void> {
    this.#status = await this.#process.status;
    await Promise.all(this.#pipes.map((pipe) => pipe.close()));
  }
}

/** The end of a stream's text. */
class Tail {
  text = "";
  length = 0;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #echo: boolean;
  readonly #done: Promise<void>;

  constructor(stream: ReadableStream<Uint8Array>, echo: boolean) {
    this.#echo = echo;
    this.#reader = stream.getReader();
    this.#done = this.#read();
  }

  /** Waits a moment for the rest; a program that the kernel started, and that still runs, would keep the stream open for ever. */
  async close(): Promise<void> {
    const stop = setTimeout(() => void this.#reader.cancel(), 200);
    await this.#done;
    clearTimeout(stop);
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    while (true) {
      const { done, value } = await this.#reader.read();
      if (done) return;
      if (this.#echo) Deno.stderr.writeSync(value);
      const text = decoder.decode(value, { stream: true });
      this.length += text.length;
      this.text = (this.text + text).slice(-TAIL_LENGTH);
    }
  }
}
