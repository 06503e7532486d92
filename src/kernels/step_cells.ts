/** Step cells in our kernel: what is executed before a cell, instead of it and after it. Their analysis is loaded when a cell first has options. */
import type { CellSession, GivenCell, PlainPlan, StepOutcome, StepPlan } from "../cells/mod.ts";
import type { MimeBundle } from "../types.ts";
import { errorOf, type ErrorOutput, withoutColours } from "./outputs.ts";
import type { WholeMessage } from "./wire.ts";

/** Under which name the library says what became of a step. */
export const STEP_MESSAGE = "consist_step";

/** What is asked of the kernel between cells. */
export interface SilentKernel {
  /** Executes code; gives the reply. */
  readonly execute: (code: string) => Promise<WholeMessage["content"]>;
  /** The value of an expression. */
  readonly ask: (expression: string) => Promise<unknown>;
}

/** A cell as it is to be executed, or why it is not. */
export type Prepared = { readonly notes: readonly MimeBundle[] } & ({ readonly code: string } | { readonly refused: ErrorOutput });

type Cells = typeof import("../cells/mod.ts");
type Content = WholeMessage["content"];

/** The library that executes steps, where no cell has imported one. */
const LIBRARY = new URL("../../mod.ts", import.meta.url).href;

/** The step cells of one kernel. */
export class StepCells {
  readonly #kernel: SilentKernel;
  #cells: Cells | undefined;
  #session: CellSession | undefined;
  /** Cells that ran before the first one with options. */
  #earlier: string[] = [];
  #step: StepPlan | undefined;
  #outcome: StepOutcome | undefined;
  /** A note that is shown where the cell succeeds. */
  #late: MimeBundle | undefined;
  /** Is the library there? */
  #isLoaded = false;

  /** For one kernel. */
  constructor(kernel: SilentKernel) {
    this.#kernel = kernel;
  }

  /** What is to be executed for a cell. What has to be before it has been when this resolves. Never rejects: the kernel would end. */
  async prepare(cell: GivenCell): Promise<Prepared> {
    this.#step = this.#outcome = this.#late = undefined;
    if (this.#session === undefined && !/^\s*\/\/\|/.test(cell.code)) {
      this.#earlier.push(cell.code);
      return { notes: [], code: cell.code };
    }
    try {
      return await this.#planned(await this.#load(), cell);
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
      return { notes: [], refused: refusal(name, `The cell could not be prepared: ${message}`) };
    }
  }

  /** The library says what became of the step. */
  heard(content: Content): void {
    this.#outcome = content as unknown as StepOutcome;
  }

  /** What is shown besides when a cell has ended. */
  notesAfter(reply: Content): MimeBundle[] {
    if (reply.status === "ok" && this.#late !== undefined) return [this.#late];
    if (this.#session === undefined || reply.status !== "error" || reply.ename !== "ReferenceError") return [];
    const name = /^(\S+) is not defined$/.exec(String(reply.evalue))?.[1];
    const hint = name === undefined ? undefined : this.#session.hintFor(name);
    return hint === undefined ? [] : [hint];
  }

  /** After a cell: what its step made is bound, where it is at hand. What cannot be is tried again when a cell names it. */
  async settle({ status }: Content): Promise<void> {
    const [session, step] = [this.#session, this.#step];
    if (session === undefined || step === undefined || status !== "ok") return;
    const told = this.#outcome ?? await this.#kernel.ask(this.#cells!.outcomeExpression); // the message may be lost with a large output
    const code = session.done(step, isOutcome(told) ? told : unknownOutcome(step));
    if (code !== undefined && (await this.#kernel.execute(code)).status !== "ok") session.failed();
  }

  /** Ends what step cells opened. */
  async end(): Promise<void> {
    if (this.#isLoaded) await this.#kernel.execute(this.#cells!.endCode);
  }

  async #load(): Promise<CellSession> {
    if (this.#session !== undefined) return this.#session;
    this.#cells = await import("../cells/mod.ts");
    this.#session = new this.#cells.CellSession();
    for (const code of this.#earlier) this.#session.ran(code);
    this.#earlier = [];
    return this.#session;
  }

  async #planned(session: CellSession, cell: GivenCell): Promise<Prepared> {
    let plan = session.plan(cell);
    if (plan.kind === "question") {
      const collections = await this.#kernel.ask(this.#cells!.collectionsCode(plan.names));
      plan = plan.answer(Array.isArray(collections) ? collections : plan.names);
    }
    if (plan.kind === "refused") return { notes: [], refused: refusal(plan.error.name, plan.error.message) };
    if (plan.kind === "step") {
      const missing = await this.#loadLibrary();
      if (missing !== undefined) return await this.#plain(session, session.runsPlain(cell.code, missing), cell);
      const failure = plan.before === undefined ? undefined : await this.#failureOf(plan.before);
      if (failure !== undefined) {
        session.failed();
        return { notes: [], refused: failure };
      }
      this.#step = plan;
      return { notes: [], code: plan.code };
    }
    return await this.#plain(session, plan, cell);
  }

  async #plain(session: CellSession, { before, note, late }: PlainPlan, { code }: GivenCell): Promise<Prepared> {
    this.#late = late;
    const notes = note === undefined ? [] : [note];
    const failure = before === undefined ? undefined : await this.#failureOf(before);
    if (failure === undefined) return { notes, code };
    session.failed();
    return { notes, refused: failure };
  }

  async #failureOf(code: string): Promise<ErrorOutput | undefined> {
    const reply = await this.#kernel.execute(code);
    return reply.status === "ok" ? undefined : errorOf(reply);
  }

  async #loadLibrary(): Promise<string | undefined> {
    if (this.#isLoaded) return undefined;
    const found = await this.#kernel.ask(`(${this.#cells!.loadExpression(LIBRARY)}, null)`);
    if (found !== null) {
      const why = (found as { readonly failed?: string } | undefined)?.failed ?? "the kernel does not answer";
      return `the library cannot be loaded (${withoutColours(why).split("\n")[0]})`;
    }
    this.#isLoaded = true;
    return undefined;
  }
}

const isOutcome = (told: unknown): told is StepOutcome => typeof told === "object" && told !== null && "outputs" in told;

/** Where nobody tells what became of a step, its outputs are asked for when a cell names them. */
const unknownOutcome = ({ spec }: StepPlan): StepOutcome => ({
  outputs: Object.fromEntries(spec.outputs.map((name) => [name, { isKept: true, isAtHand: false }])),
  changed: [],
});

const refusal = (ename: string, evalue: string): ErrorOutput => ({
  output_type: "error",
  ename,
  evalue,
  traceback: [`${ename}: ${evalue}`],
});
