/** Requests of our own to Deno's kernel, between the cells and before them: nobody sees them. */
import type { Heard, KernelBack } from "./kernel_back.ts";
import { toldCode } from "./kernel_prelude.ts";
import type { WholeMessage } from "./wire.ts";

type Content = WholeMessage["content"];

/** Outputs are stamped with one of the last few requests. */
const OWN_KEPT = 100;
/** How long an answer may take when the request that asks for it is done. */
const ANSWER_MS = 10_000;

/** Our requests to one kernel. */
export class OwnRequests {
  readonly #back: Promise<KernelBack>;
  /** Id → what takes the reply. */
  readonly #waiting = new Map<string, (content: Content) => void>();
  /** All ids. Outputs of a cell can come under them long after the kernel has left them behind. */
  readonly #ids = new Set<string>();
  /** Those whose reply somebody waits for, until they are done. */
  readonly #urgent = new Set<string>();
  /** Marker → what takes the answer. */
  readonly #answers = new Map<string, (value: unknown) => void>();

  /** For one kernel. */
  constructor(back: Promise<KernelBack>) {
    this.#back = back;
  }

  /** Notes a request; `onReply` takes its reply. */
  note(id: string, onReply: (content: Content) => void = () => {}): string {
    this.#ids.add(id);
    if (this.#ids.size > OWN_KEPT) this.#ids.delete(this.#ids.values().next().value!);
    this.#waiting.set(id, onReply);
    return id;
  }

  /** Is this a request of ours? */
  has(id: string | undefined): boolean {
    return id !== undefined && this.#ids.has(id);
  }

  /** A reply has come; `false` where it is not to us. */
  replied(id: string, { message }: Heard): boolean {
    const take = this.#waiting.get(id);
    this.#waiting.delete(id);
    take?.(message.content);
    return take !== undefined;
  }

  /** A request is done. Its reply comes in pieces, the later ones when we have acknowledged the first: another request does so at once. */
  idle(id: string): void {
    if (this.#urgent.delete(id)) void this.#back.then((back) => this.note(back.executeSilently("")));
  }

  /** An answer has come. */
  told({ marker, value }: Content): void {
    this.#answers.get(String(marker))?.(value);
  }

  /** Executes code, and gives the reply. */
  async execute(code: string): Promise<Content> {
    const back = await this.#back;
    const { promise, resolve } = Promise.withResolvers<Content>();
    this.#urgent.add(this.note(back.executeSilently(code), resolve));
    const died = back.child.ended.then(() => ({ status: "error", ename: "KernelDied", evalue: "The kernel ended." }));
    return await Promise.race([promise, died]);
  }

  /** The value of an expression; nothing where the kernel does not say. */
  async ask(expression: string): Promise<unknown> {
    const marker = crypto.randomUUID();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#answers.set(marker, resolve);
    const { status } = await this.execute(toldCode(marker, expression));
    const timer = setTimeout(() => resolve(undefined), status === "ok" ? ANSWER_MS : 0);
    const value = await promise;
    clearTimeout(timer);
    this.#answers.delete(marker);
    return value;
  }
}
