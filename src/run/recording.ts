/** What a step prints and displays while its body executes, in order, as it is kept with its run. */
import { AsyncLocalStorage } from "node:async_hooks";
import { JSON, TextDecoder } from "../intrinsics.ts";
import { capBundle, inKernel, listenToOutput, OWN_OUTPUT, type PrintStream } from "../notebook/mod.ts";
import type { MimeBundle } from "../types.ts";
import { consoleText } from "./console_text.ts";

/** Something that was shown. */
export type Shown =
  | { readonly kind: "text"; readonly stream: PrintStream; readonly text: string }
  | {
    /** `update` changes a display that is not the step's own. */
    readonly kind: "display" | "update";
    readonly data: MimeBundle;
    readonly metadata: { readonly [key: string]: unknown };
    /** By which it can be updated. */
    readonly id?: string;
  };

/** What a step showed, and what of it was too much to be kept. */
export interface ShownByStep {
  readonly shown: readonly Shown[];
  /** Text may have colours that the console gave it for a terminal or a notebook. */
  readonly isColoured?: boolean;
  /** Characters of text that were left out. */
  readonly textLeftOut?: number;
  /** Displays that were left out. */
  readonly displaysLeftOut?: number;
}

/** So many characters of text are kept of a step. */
export const TEXT_LIMIT = 256 * 1024;
/** So many characters of displays, of which each is capped by itself. */
export const DISPLAYS_LIMIT = 4_000_000;

interface Entry {
  readonly key: string | undefined;
  /** Pieces of text, or a display as JSON. */
  readonly kind: Shown["kind"];
  readonly stream?: PrintStream;
  text: string;
}

const current = new AsyncLocalStorage<Recording>();

/** Records what one body shows. What runs inside of it shows it to both. */
export class Recording {
  readonly #outer: Recording | undefined = openRecording();
  #print: ReturnType<typeof consoleText> | undefined;
  readonly #decoders: { [stream: string]: TextDecoder } = {};
  #entries: Entry[] = [];
  #textRoom = TEXT_LIMIT;
  #displayRoom = DISPLAYS_LIMIT;
  #textLeftOut = 0;
  #displaysLeftOut = 0;
  #clearsNext = false;
  #isOver = false;

  /** Itself, or, once it is over, what is around it: what a body left behind may go on showing things. */
  get open(): Recording | undefined {
    return this.#isOver ? this.#outer?.open : this;
  }

  /** Runs a body and records what it shows. */
  async during<T>(body: () => Promise<T>): Promise<T> {
    const stop = listenToOutput(LISTENER);
    try {
      return await current.run(this, body);
    } finally {
      this.#isOver = true;
      stop();
    }
  }

  /** A line that another process printed for this step. */
  line(stream: PrintStream, line: string): void {
    this.#andOuter((recording) => recording.#addText(stream, `${line}\n`));
  }

  /** A method of the console is called. */
  console(method: string, args: readonly unknown[]): void {
    this.#andOuter((recording) => {
      recording.#print ??= consoleText((stream, text) => recording.#addText(stream, text));
      recording.#print(method, args);
    });
  }

  /** Bytes are written to a standard stream. */
  write(stream: PrintStream, bytes: Uint8Array): void {
    this.#andOuter((recording) => {
      const decoder = recording.#decoders[stream] ??= new TextDecoder();
      recording.#addText(stream, decoder.decode(bytes, { stream: true }));
    });
  }

  /** The kernel is told to show something. */
  broadcast(type: string, content: { readonly [key: string]: unknown }): void {
    this.#andOuter((recording) => recording.#take(type, content));
  }

  /** What is kept of all that; nothing where nothing was shown. */
  get text(): string | undefined {
    if (this.#entries.length + this.#textLeftOut + this.#displaysLeftOut === 0) return undefined;
    const kept: ShownByStep = {
      shown: this.#entries.map(shownOf),
      ...(inKernel() || Deno.stdout.isTerminal() ? { isColoured: true } : {}),
      ...(this.#textLeftOut === 0 ? {} : { textLeftOut: this.#textLeftOut }),
      ...(this.#displaysLeftOut === 0 ? {} : { displaysLeftOut: this.#displaysLeftOut }),
    };
    return JSON.stringify(kept);
  }

  #andOuter(what: (recording: Recording) => void): void {
    if (!this.#isOver) what(this);
    if (this.#outer !== undefined) this.#outer.#andOuter(what);
  }

  #take(type: string, content: { readonly [key: string]: unknown }): void {
    if (type === "stream") return this.#addText(content.name === "stderr" ? "stderr" : "stdout", String(content.text ?? ""));
    if (type === "clear_output") {
      if (content.wait === true) this.#clearsNext = true;
      else this.#clear();
    }
    if (type === "display_data" || type === "update_display_data") this.#addDisplay(type === "update_display_data", content);
  }

  #clear(): void {
    this.#clearsNext = false;
    this.#entries = [];
    [this.#textRoom, this.#displayRoom, this.#textLeftOut, this.#displaysLeftOut] = [TEXT_LIMIT, DISPLAYS_LIMIT, 0, 0];
  }

  #addText(stream: PrintStream, text: string): void {
    if (text === "") return;
    if (this.#clearsNext) this.#clear();
    const room = this.#textRoom;
    this.#textRoom = Math.max(0, room - text.length);
    this.#textLeftOut += Math.max(0, text.length - room);
    if (room === 0) return;
    const kept = text.length <= room ? text : `${text.slice(0, room)}…\n`.toWellFormed();
    const last = this.#entries.at(-1);
    if (last?.kind === "text" && last.stream === stream) last.text += kept;
    else this.#entries.push({ key: undefined, kind: "text", stream, text: kept });
  }

  /** As JSON at once: what is displayed may be changed afterwards. An update changes what the step displayed under that id. */
  #addDisplay(isUpdate: boolean, { data, metadata, transient }: { readonly [key: string]: unknown }): void {
    if (typeof metadata === "object" && metadata !== null && OWN_OUTPUT in metadata) return;
    const id = (transient as { readonly display_id?: unknown } | undefined)?.display_id;
    const key = typeof id === "string" ? id : undefined;
    const old = isUpdate ? this.#entries.filter((entry) => entry.key === key && key !== undefined) : [];
    if (!isUpdate && this.#clearsNext) this.#clear();
    const text = displayText(data, metadata, key);
    const size = (text?.length ?? 0) * Math.max(1, old.length) - old.reduce((sum, entry) => sum + entry.text.length, 0);
    if (text === undefined || size > this.#displayRoom) return void this.#displaysLeftOut++;
    this.#displayRoom -= size;
    for (const entry of old) entry.text = text;
    if (old.length === 0) this.#entries.push({ key, kind: isUpdate ? "update" : "display", text });
  }
}

/** The recording of the body that this code runs in. In Deno an import leaves its context to what runs next: one that is over is none. */
function openRecording(): Recording | undefined {
  return current.getStore()?.open;
}

const LISTENER = {
  onConsole: (method: string, args: readonly unknown[]): void => openRecording()?.console(method, args),
  onWrite: (stream: PrintStream, bytes: Uint8Array): void => openRecording()?.write(stream, bytes),
  onBroadcast: (type: string, content: { readonly [key: string]: unknown }): void => openRecording()?.broadcast(type, content),
};

/** Nothing of what is no plain data, which a kernel cannot send either. */
function displayText(data: unknown, metadata: unknown, id: string | undefined): string | undefined {
  try {
    const bundle = capBundle(JSON.parse(JSON.stringify(data)) as MimeBundle);
    return JSON.stringify({ data: bundle, metadata: metadata ?? {}, ...(id === undefined ? {} : { id }) });
  } catch {
    return undefined;
  }
}

function shownOf({ kind, stream, text }: Entry): Shown {
  if (kind === "text") return { kind, stream: stream!, text };
  return { kind, ...JSON.parse(text) as Omit<Extract<Shown, { readonly data: MimeBundle }>, "kind"> };
}

/** What a step showed, from its text; none where it is damaged. */
export function shownFrom(text: string): ShownByStep | undefined {
  try {
    const kept = JSON.parse(text) as Partial<ShownByStep> | null;
    return Array.isArray(kept?.shown) && kept.shown.every(isShown) ? kept as ShownByStep : undefined;
  } catch {
    // Not ours any more: whoever asked says so.
    return undefined;
  }
}

function isShown(value: unknown): value is Shown {
  if (typeof value !== "object" || value === null) return false;
  const { kind, stream, text, data, metadata, id } = value as { readonly [key: string]: unknown };
  if (kind === "text") return (stream === "stdout" || stream === "stderr") && typeof text === "string";
  return (kind === "display" || kind === "update") && isObject(data) && isObject(metadata) && (id === undefined || typeof id === "string");
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);
