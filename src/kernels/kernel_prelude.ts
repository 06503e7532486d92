/**
 * What our kernel executes in Deno's before the first cell: it keeps single outputs below the size at which Deno mixes up its messages, and
 * says where the library finds the notebook and the cell that runs. A text, because it must not cost an import.
 */

/** Where the library finds what our kernel tells it: `globalThis[Symbol.for("consist.kernel")]`. */
export interface KernelNotes {
  /** The cell that runs, where the frontend names its cells. */
  cell?: { readonly id?: string; readonly count: number };
  /** The notebook's absolute path, where the frontend tells it. */
  readonly notebook?: string;
  /** The file in which Deno lists what the process opens, where it does. */
  readonly opened?: string;
  /** Aborted, and made anew, when the user interrupts. */
  interrupted: AbortController;
  /** Wrapper → what it wraps: to a step's identity the kernel's console is the console. */
  readonly originals: WeakMap<object, object>;
  /** How steps ended since somebody last asked; the library counts. */
  steps: StepNotes;
}
/** How some steps ended. */
export interface StepNotes {
  /** How many were served from the ledger. */
  hit: number;
  /** How many were executed. */
  executed: number;
  /** How many failed. */
  failed: number;
  /** The first of those that executed, and why they did. */
  misses: { readonly step: string; readonly why: string }[];
}

/** One output may have so many characters. */
const LARGEST_OUTPUT = 2_000_000;

/** The name under which the frame between two cells is published. */
export const FENCE = "consist_fence";
/** The name under which answers to questions of ours are published. */
export const TOLD = "consist_told";
/** The symbol's key. */
const NOTES = "consist.kernel";

/** What the prelude is told. */
export interface PreludeOptions {
  /** Where interrupts are told, if they are. */
  readonly port?: number | undefined;
  /** The notebook's path. */
  readonly notebook?: string | undefined;
  /** The file in which Deno lists what the process opens. */
  readonly opened?: string | undefined;
  /** The variable that told Deno so, where cells are not to see it: programs that they start would write the same file. */
  readonly variable?: string | undefined;
}

/** The variable by which Deno is told to list what is opened, and where. */
export const OPENED_VARIABLE = "DENO_AUDIT_PERMISSIONS";

/** The code. */
export function preludeCode(options: PreludeOptions): string {
  const told = { notes: NOTES, largest: LARGEST_OUTPUT, ...options };
  return `(${install.toString()})(${JSON.stringify(told)}); undefined`;
}

/**
 * A cell with words before it that note which cell it is: they show nothing, and keep the lines' numbers. What begins with a brace may be an
 * object, which words before it would make a block.
 */
export function withCellNote(cell: KernelNotes["cell"], code: string): string {
  if (/^\s*(\{|$)/.test(code)) return code;
  return `void (globalThis[Symbol.for("${NOTES}")].cell = ${JSON.stringify(cell)}); ${code}`;
}

/** An expression: the notes on steps, which begin anew. */
export const TAKE_STEPS = `((notes) => {
  if (notes === undefined) return null;
  const steps = notes.steps;
  notes.steps = { hit: 0, executed: 0, failed: 0, misses: [] };
  return steps;
})(globalThis[Symbol.for("${NOTES}")])`;

/** The silent request whose answer comes after everything that was shown before. */
export function fenceCode(marker: string): string {
  return `await globalThis.Deno.jupyter.broadcast(${JSON.stringify(FENCE)}, { marker: ${JSON.stringify(marker)} });`;
}

/** The silent request whose answer is a value, or nothing where it throws. `globalThis`, because a cell may have a `Deno` of its own. */
export function toldCode(marker: string, expression: string): string {
  const value = `await (async () => { try { return await (${expression}); } catch (error) { return { failed: String(error) }; } })()`;
  return `await globalThis.Deno.jupyter.broadcast(${JSON.stringify(TOLD)}, { marker: ${JSON.stringify(marker)}, value: ${value} });`;
}

/** Runs inside Deno's kernel: it sees nothing of this module. */
function install(
  { notes: key, largest, port, notebook, opened, variable }: PreludeOptions & { notes: string; largest: number },
): void {
  if (variable !== undefined) Deno.env.delete(variable);
  const notes = {
    interrupted: new AbortController(),
    originals: new WeakMap<object, object>(),
    steps: { hit: 0, executed: 0, failed: 0, misses: [] },
    ...(notebook === undefined ? {} : { notebook }),
    ...(opened === undefined ? {} : { opened }),
  };
  Object.defineProperty(globalThis, Symbol.for(key), { value: notes, configurable: true });

  const left = (length: number) => `${(length / 1e6).toFixed(1)} MB are too much for one output`;
  const jupyter = Deno.jupyter as unknown as {
    broadcast: (type: string, content: Record<string, unknown>, ...rest: unknown[]) => Promise<void>;
    display: (shown: unknown, options?: { raw?: boolean; update?: boolean; display_id?: string }) => Promise<void>;
    format: (shown: unknown) => Promise<Record<string, unknown>>;
  };
  const broadcast = jupyter.broadcast;
  const bounded: typeof broadcast = (type, content, ...rest) => {
    const data = content?.data as Record<string, unknown> | undefined;
    if (data === undefined || data === null) return broadcast(type, content, ...rest);
    const kept: Record<string, unknown> = {};
    const dropped: string[] = [];
    let room = largest;
    for (const [mime, value] of Object.entries(data).sort((a, b) => sizeOf(a[1]) - sizeOf(b[1]))) {
      const size = sizeOf(value);
      if (size <= room) {
        kept[mime] = value;
        room -= size;
      } else dropped.push(`${mime}: ${left(size)}`);
    }
    if (dropped.length === 0) return broadcast(type, content, ...rest);
    if (Object.keys(kept).length === 0) kept["text/plain"] = `(left out: ${dropped.join(", ")}; write it to a file)`;
    return broadcast(type, { ...content, data: kept }, ...rest);
  };
  jupyter.broadcast = bounded;
  // Deno's own does not call what stands in `broadcast`.
  jupyter.display = async function display(shown, { raw = false, update = false, display_id } = {}) {
    const data = raw ? shown as Record<string, unknown> : await jupyter.format(shown);
    await bounded(update ? "update_display_data" : "display_data", { data, metadata: {}, transient: display_id ? { display_id } : {} });
  };

  function sizeOf(value: unknown): number {
    return typeof value === "string" ? value.length : JSON.stringify(value)?.length ?? 0;
  }

  for (const name of ["log", "info", "debug", "warn", "error"] as const) {
    const print = console[name];
    const shorter = (...args: unknown[]) => {
      const size = args.reduce<number>((sum, arg) => sum + (typeof arg === "string" ? arg.length : 0), 0);
      if (size <= largest) return print(...args);
      const text = args.filter((arg) => typeof arg === "string").join(" ");
      print(`${text.slice(0, largest / 2)}\n(cut here: ${left(size)}; write it to a file)`);
    };
    notes.originals.set(shorter, print);
    console[name] = Object.defineProperty(shorter, "name", { value: print.name });
  }

  if (port === undefined) return;
  void (async () => {
    const line = await Deno.connect({ hostname: "127.0.0.1", port });
    const byte = new Uint8Array(1);
    while (await line.read(byte) !== null) {
      await line.write(byte); // we listen: nothing computes
      const { interrupted } = notes;
      notes.interrupted = new AbortController();
      interrupted.abort(new DOMException("The cell was interrupted.", "AbortError"));
    }
  })().catch(() => {}); // the kernel ends
}
