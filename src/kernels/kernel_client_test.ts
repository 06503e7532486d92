/** A client of our kernel, for tests. */
import assert from "node:assert/strict";
import { Channels } from "./channels.ts";
import { KernelProxy } from "./kernel_proxy.ts";
import { withoutColours } from "./outputs.ts";
import { type Message, newConnection } from "./wire.ts";

/** What came of a cell. */
export interface Executed {
  /** The reply's content. */
  readonly reply: Message["content"];
  /** All that came for it but its status. */
  readonly messages: readonly Message[];
  /** What was shown as text. */
  readonly texts: string[];
  /** The error's class and message. */
  readonly error: string | undefined;
  /** The error's stack. */
  readonly stack: string;
}

/** A client of our kernel, as Jupyter's are: it goes by the parent's id alone, and hears nothing of a cell after its end. */
export class Client implements AsyncDisposable {
  readonly #channels: Channels;
  readonly #cells = new Map<string, { readonly shown: Message[]; readonly ended: PromiseWithResolvers<void> }>();
  /** What came for no cell, or too late for one. */
  readonly stray: Message[] = [];

  private constructor(readonly proxy: KernelProxy, channels: (client: Client) => Channels) {
    this.#channels = channels(this);
  }

  /** Starts a kernel, and connects to it. */
  static async start(options: { readonly cwd?: string } = {}): Promise<Client> {
    const connection = newConnection();
    const client: Client = new Client(
      new KernelProxy(connection, options),
      () => new Channels(connection, { onPublished: (message) => client.#take(message), onDamage: (error) => assert.fail(error) }),
    );
    await client.#channels.connected();
    for (let heard = false; !heard;) {
      await client.#channels.request("shell", "kernel_info_request", {});
      await new Promise((resolve) => setTimeout(resolve, 30));
      heard = client.#cells.size > 0;
    }
    client.#cells.clear();
    return client;
  }

  #take(message: Message): void {
    const { header: { msg_type: type }, parent: { msg_id: id } } = message;
    if (type === "status" && message.content.execution_state === "busy") {
      if (id !== undefined) this.#cell(id);
      return;
    }
    const cell = this.#cells.get(id ?? "");
    if (cell === undefined) return void this.stray.push(message);
    if (type === "status") cell.ended.resolve();
    else if (type !== "execute_input") cell.shown.push(message);
  }

  #cell(id: string) {
    const cell = this.#cells.get(id) ?? { shown: [], ended: Promise.withResolvers<void>() };
    this.#cells.set(id, cell);
    return cell;
  }

  /** Sends a cell; gives its reply and what was shown between its busy and its idle. */
  async execute(
    code: string,
    content: Record<string, unknown> = {},
    cellId?: string,
  ): Promise<Executed> {
    const request = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true, ...content };
    const reply = await this.#channels.request("shell", "execute_request", request, cellId === undefined ? {} : { cellId });
    const cell = this.#cell(reply.parent.msg_id!);
    await cell.ended.promise;
    this.#cells.delete(reply.parent.msg_id!);
    const error = cell.shown.find(({ header }) => header.msg_type === "error");
    return {
      reply: reply.content,
      messages: cell.shown,
      texts: cell.shown.flatMap((message) => textsOf(message)),
      error: error === undefined ? undefined : `${error.content.ename}: ${error.content.evalue}`,
      stack: error === undefined ? "" : withoutColours((error.content.traceback as string[]).join("\n")),
    };
  }

  request(channel: "shell" | "control", type: string, content: Record<string, unknown>): Promise<Message> {
    return this.#channels.request(channel, type, content);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy.shutdown();
    await this.proxy.ended;
    await this.#channels.close();
  }
}

function textsOf({ content }: Message): string[] {
  const { text, data } = content as { text?: string; data?: Record<string, string> };
  return [text, data?.["text/plain"]].filter((each) => each !== undefined).map(withoutColours);
}
