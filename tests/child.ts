/** Child processes of the tests: started, listened to, killed. It has no tests of its own. */
import { fromFileUrl } from "@std/path";

const CONFIG = fromFileUrl(new URL("../deno.json", import.meta.url));

/** A program of `tests/programs` in a process of its own. */
export class Child {
  readonly process: Deno.ChildProcess;
  /** What it said so far, and what it complained of. */
  readonly said = { out: "", err: "" };
  readonly #pumps: Promise<void>[];
  #wake: (() => void)[] = [];

  constructor(program: string, args: unknown, { wrap = [], env = {} }: { wrap?: readonly string[]; env?: Record<string, string> } = {}) {
    const path = fromFileUrl(new URL(`./programs/${program}`, import.meta.url));
    const words = [...wrap, Deno.execPath(), "run", "-A", "--no-check", "--config", CONFIG, path, JSON.stringify(args)];
    const options = { stdin: "null", stdout: "piped", stderr: "piped", env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env } } as const;
    this.process = new Deno.Command(words[0]!, { args: words.slice(1), ...options }).spawn();
    this.#pumps = (["out", "err"] as const).map((name) => this.#pump(name));
  }

  async #pump(name: "out" | "err"): Promise<void> {
    const stream = name === "out" ? this.process.stdout : this.process.stderr;
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.said[name] += text;
      this.#wakeAll();
    }
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Waits until it has said a word. */
  async until(word: string, where: "out" | "err" = "out"): Promise<void> {
    let isOver = false;
    const over = this.process.status.then(() => isOver = true);
    while (!this.said[where].includes(word)) {
      if (isOver) throw new Error(`The program ended without saying "${word}". It said: ${this.said.out}${this.said.err}`);
      await Promise.race([new Promise<void>((resolve) => this.#wake.push(resolve)), over]);
    }
  }

  /** Kills it, with SIGKILL. */
  async kill(): Promise<void> {
    try {
      this.process.kill("SIGKILL");
    } catch {
      // it has ended already
    }
    await this.ended();
  }

  /** Nobody leaves a process behind where a test fails. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  /** Waits for its end. */
  async ended(): Promise<{ code: number; out: string; err: string }> {
    const { code } = await this.process.status;
    await Promise.all(this.#pumps);
    return { code, ...this.said };
  }

  /** Waits for its end; what it said last, as JSON. */
  async answer<T = Answer>(): Promise<T> {
    const { out, err } = await this.ended();
    const last = out.trimEnd().split("\n").at(-1) ?? "";
    try {
      return JSON.parse(last) as T;
    } catch (cause) {
      throw new Error(`The program gave no answer. It said: ${out}${err}`, { cause });
    }
  }
}

/** What `slow_step.ts` says at its end. */
export interface Answer {
  readonly cacheHit?: boolean;
  readonly value?: { by: number };
  readonly why?: string;
  readonly failed?: string;
}

/** A folder that goes away with the test. */
export async function tempDir(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "consist_" }));
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
