/** What a cell shows, as nbformat stores it, and how a kernel's messages become it. */
import type { Message } from "./wire.ts";

/** MIME type → text, or JSON for the JSON types. */
export type MimeData = { [mime: string]: unknown };
/** Notes on an output or a cell; Jupyter and its extensions define what they mean. */
export type Metadata = { [key: string]: unknown };

/** Printed text. */
export interface StreamOutput {
  /** Which kind of output this is. */
  output_type: "stream";
  /** Where it was printed to. */
  name: "stdout" | "stderr";
  /** What was printed. */
  text: string;
}
/** Something that was displayed. */
export interface DisplayOutput {
  /** Which kind of output this is. */
  output_type: "display_data";
  /** The same thing in several representations. */
  data: MimeData;
  /** Notes on the representations. */
  metadata: Metadata;
}
/** The value of the cell's last expression. */
export interface ResultOutput {
  /** Which kind of output this is. */
  output_type: "execute_result";
  /** The number of the execution. */
  execution_count: number | null;
  /** The same thing in several representations. */
  data: MimeData;
  /** Notes on the representations. */
  metadata: Metadata;
}
/** What the cell failed with. */
export interface ErrorOutput {
  /** Which kind of output this is. */
  output_type: "error";
  /** The error's class. */
  ename: string;
  /** The error's message. */
  evalue: string;
  /** The error's stack, in lines. */
  traceback: string[];
}
/** One output of a cell. */
export type Output = StreamOutput | DisplayOutput | ResultOutput | ErrorOutput;

/** A cell's outputs may have so many characters together: a cell that prints without end would fill the memory and the notebook. */
const LARGEST_CELL = 20_000_000;
/** What a cell shows at its end. */
const LATE: { readonly [type: string]: number } = { execute_result: 1, error: 2 };

/** Gathers the outputs of a notebook's cells from the messages of its kernel, one cell after the other. */
export class OutputCollector {
  #outputs: Output[] = [];
  #clearNext = false;
  #room: number;
  readonly #largest: number;
  /** The outputs shown under a display id, in this cell or an earlier one: an update changes them all. */
  readonly #displays = new Map<string, (DisplayOutput | ResultOutput)[]>();

  /** What a cell shows beyond `largest` characters is dropped, and a notice says so. */
  constructor(largest: number = LARGEST_CELL) {
    this.#largest = this.#room = largest;
  }

  /** Starts the next cell; the outputs of earlier ones can still be updated. */
  begin(): void {
    this.#outputs = [];
    this.#clearNext = false;
    this.#room = this.#largest;
  }

  /** The present cell's outputs, its value or its error last: Deno may send them before what was shown earlier. */
  get outputs(): Output[] {
    return this.#outputs.toSorted((a, b) => (LATE[a.output_type] ?? 0) - (LATE[b.output_type] ?? 0));
  }

  /** Takes one message from the kernel; those that are no output are left alone. */
  take({ header, content }: Message): void {
    if (this.#isTooMuch(header.msg_type, content)) return;
    switch (header.msg_type) {
      case "stream":
        return this.#print(content.name === "stderr" ? "stderr" : "stdout", textOf(content.text));
      case "display_data":
        return this.#show({ output_type: "display_data", ...bundleOf(content) }, content);
      case "execute_result":
        return this.#show(
          { output_type: "execute_result", execution_count: numberOf(content.execution_count), ...bundleOf(content) },
          content,
        );
      case "update_display_data":
        return this.#update(content);
      case "clear_output":
        return this.#clear(content.wait === true);
      case "error":
        return this.#add(errorOf(content));
    }
  }

  /** An error is never too much. */
  #isTooMuch(type: string, content: Message["content"]): boolean {
    const size = type === "stream" ? textOf(content.text).length : type === "error" ? 0 : sizeOf(objectOf(content.data));
    if (this.#room < 0) return size > 0;
    this.#room -= size;
    if (this.#room >= 0) return false;
    const text = `consist: this cell shows more than ${this.#largest / 1e6} MB; the rest is left out. Write large results to a file.\n`;
    this.#add({ output_type: "stream", name: "stderr", text });
    return true;
  }

  #add(output: Output): void {
    if (this.#clearNext) this.begin();
    this.#outputs.push(output);
  }

  #print(name: "stdout" | "stderr", text: string): void {
    const last = this.#outputs.at(-1);
    if (!this.#clearNext && last?.output_type === "stream" && last.name === name) last.text += text;
    else this.#add({ output_type: "stream", name, text });
  }

  #show(output: DisplayOutput | ResultOutput, content: Message["content"]): void {
    const id = displayId(content);
    if (id !== undefined) this.#displays.set(id, [...this.#displays.get(id) ?? [], output]);
    this.#add(output);
  }

  #update(content: Message["content"]): void {
    for (const shown of this.#displays.get(displayId(content) ?? "") ?? []) Object.assign(shown, bundleOf(content));
  }

  #clear(wait: boolean): void {
    if (wait) this.#clearNext = true;
    else this.begin();
  }
}

/** A failed execution as an output. */
export function errorOf(content: Message["content"]): ErrorOutput {
  const traceback = Array.isArray(content.traceback) ? content.traceback.map(textOf) : [];
  return { output_type: "error", ename: textOf(content.ename), evalue: textOf(content.evalue), traceback };
}

function bundleOf({ data, metadata }: Message["content"]): { data: MimeData; metadata: Metadata } {
  return { data: { ...objectOf(data) }, metadata: { ...objectOf(metadata) } };
}

function displayId({ transient }: Message["content"]): string | undefined {
  const id = objectOf(transient).display_id;
  return typeof id === "string" ? id : undefined;
}

const sizeOf = (data: MimeData): number =>
  Object.values(data).reduce<number>((sum, value) => sum + (typeof value === "string" ? value : JSON.stringify(value) ?? "").length, 0);
const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
const textOf = (value: unknown): string => typeof value === "string" ? value : value === undefined || value === null ? "" : String(value);
const numberOf = (value: unknown): number | null => typeof value === "number" ? value : null;

/** Text without the escape sequences that colour it on a terminal. */
export function withoutColours(text: string): string {
  // deno-lint-ignore no-control-regex -- these control characters are what is looked for
  return text.replace(/\x1b\[[0-9;?]*[ -/]*[@-~]/g, "");
}
