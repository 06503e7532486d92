/** What becomes of each cell of a notebook's session: a step, a plain cell, or neither. */
import { ConsistError, listNames, nearestName, OptionError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";
import { renderNote } from "../notebook/render/mod.ts";
import type { MimeBundle } from "../types.ts";
import { type CellHead, headOf, isStepHead, withoutHead } from "./cell_head.ts";
import { CELL_OPTIONS, type CellOptions, readCellOptions } from "./cell_options.ts";
import { type FileReads, fileReads } from "./file_reads.ts";
import { NotebookNames } from "./notebook_names.ts";
import { plainReason } from "./plain_reasons.ts";
import { isQuartos } from "./quarto_options.ts";
import { type CellCode, readCell, takenNames } from "./read_cell.ts";
import { stepCode, type StepOutcome, type StepSpec } from "./step_message.ts";
import { stepSource } from "./step_source.ts";

/** A cell that is to be executed. */
export interface GivenCell {
  /** Its text. */
  readonly code: string;
  /** Its id, where the frontend tells it. */
  readonly id?: string | undefined;
  /** The number of its execution. */
  readonly count: number;
}

/** A cell that runs as it is. */
export interface PlainPlan {
  readonly kind: "plain";
  /** What is executed before it. */
  readonly before?: string | undefined;
  /** Why it is no step, although it says so. */
  readonly note?: MimeBundle;
  /** The same, shown only where Deno executes what could not be read. */
  readonly late?: MimeBundle;
}
/** A cell that runs as a step. */
export interface StepPlan {
  readonly kind: "step";
  /** What is executed instead. */
  readonly code: string;
  /** What the library is told of it. */
  readonly spec: StepSpec;
  /** Which cell it is. */
  readonly cell: string;
  /** Output → the word that declares it. */
  readonly kinds: ReadonlyMap<string, string>;
  /** Names in functions of the cell. */
  readonly deferred: ReadonlySet<string>;
  /** What is executed before it. */
  readonly before?: string | undefined;
}
/** A cell that does not run. */
export interface RefusedPlan {
  readonly kind: "refused";
  /** What is wrong with it. */
  readonly error: ConsistError;
}
/** Names of which has to be known whether they are collections, before there is a plan. */
export interface Question {
  readonly kind: "question";
  /** Variables of other cells, of which a method is called that changes lists. */
  readonly names: readonly string[];
  /** The plan, with those that are collections. */
  answer(collections: readonly string[]): CellPlan;
}
/** What is done with a cell. */
export type CellPlan = PlainPlan | StepPlan | RefusedPlan;

/** What a step cell is made of. */
interface StepParts {
  readonly options: CellOptions;
  readonly cell: CellCode;
  readonly outputs: readonly string[];
  readonly reads: FileReads;
}

/** A notebook's session. */
export class CellSession {
  readonly #names = new NotebookNames();
  /** Names that step cells declared and kept to themselves → their step. */
  readonly #locals = new Map<string, string>();
  #plans = 0;

  /** Takes over a cell that ran before the first step cell. */
  ran(code: string): void {
    this.#names.beforePlain(cellIn(code));
  }

  /** What is to be done with a cell. */
  plan(given: GivenCell): CellPlan | Question {
    const head = headOf(given.code);
    if (!isStepHead(head)) return this.#plain(cellIn(given.code), head === undefined ? undefined : withoutStep(head));
    try {
      const options = readCellOptions(head!.yaml);
      const cell = readCell(given.code);
      if (options === undefined) return this.#plain("flaw" in cell ? undefined : cell);
      if ("flaw" in cell) return { ...this.#plain(undefined), late: plainNote(`its code cannot be read here (${cell.flaw})`) };
      return this.#step(given, options, cell);
    } catch (error) {
      if (error instanceof ConsistError) return { kind: "refused", error };
      throw error;
    }
  }

  /** A step cell that cannot be executed as one, for a reason outside of it. */
  runsPlain(code: string, why: string): PlainPlan {
    return this.#plain(cellIn(code), why);
  }

  /** A step cell has run; gives what is to be executed now. */
  done(plan: StepPlan, outcome: StepOutcome): string | undefined {
    return this.#names.afterStep(plan, outcome);
  }

  /** What was to be executed before or after a cell has failed. */
  failed(): void {
    this.#names.failed();
  }

  /** What helps where a name is not defined. */
  hintFor(name: string): MimeBundle | undefined {
    const step = this.#locals.get(name);
    if (step === undefined || this.#names.has(name)) return undefined;
    return renderNote(
      `Consist: "${name}" is declared in the step cell "${step}" and is none of its outputs. Add it there: //| outputs: …, ${name}`,
    );
  }

  #plain(cell: CellCode | undefined, why?: string): PlainPlan {
    const before = this.#names.beforePlain(cell);
    for (const name of cell?.declared.keys() ?? []) this.#locals.delete(name);
    return { kind: "plain", before, ...(why === undefined ? {} : { note: plainNote(why) }) };
  }

  #step(given: GivenCell, options: CellOptions, cell: CellCode): CellPlan | Question {
    const outputs = outputsOf(options, cell);
    const reads = fileReads(cell);
    const why = plainReason(cell, outputs) ?? untoldReason(options, reads);
    if (why !== undefined) return this.#plain(cell, why);
    const asked = [...cell.free].filter(([name, use]) => use.callsMutator && !this.#names.has(name)).map(([name]) => name);
    const plan = (): StepPlan => this.#stepPlan(given, { options, cell, outputs, reads });
    if (asked.length === 0) return plan();
    return {
      kind: "question",
      names: asked,
      answer: ([changed]) => changed === undefined ? plan() : this.#plain(cell, `it changes "${changed}", which it does not declare`),
    };
  }

  #stepPlan({ id, count, code: written }: GivenCell, { options, cell: code, outputs, reads }: StepParts): StepPlan {
    const name = stepName(options, outputs);
    const { scenario, year, iteration, facet, description } = options;
    const { imports, body } = stepSource(code, outputs);
    const inputs = takenNames(code).filter((free) => this.#names.has(free)).sort();
    const spec: StepSpec = {
      name,
      place: `In[${count}]`,
      cell: id ?? JSON.stringify([name, year, iteration]),
      body,
      text: withoutHead(written),
      outputs,
      inputs,
      keys: { ...keysOf(inputs), ...keysOf(outputs) },
      captured: [...code.free.keys()].filter((free) => !this.#names.has(free) && !Object.hasOwn(globalThis, free)).sort(),
      files: options.files,
      reads,
      tellsFiles: options.tellsFiles,
      cache: options.cache,
      settings: defined({ year, iteration, facet, description }),
      ...(scenario === undefined ? {} : { scenario }),
    };
    for (const [local, { kind }] of code.declared) {
      if (kind === "import") this.#names.forget(local);
      else if (!outputs.includes(local)) this.#locals.set(local, name);
    }
    for (const output of outputs) this.#locals.delete(output);
    const cell = id ?? `cell ${++this.#plans}`; // a cell without a name of its own replaces nothing but what it declares
    const kinds = new Map(outputs.map((output) => [output, wordOf(code, output)]));
    return { kind: "step", code: stepCode(imports, spec), spec, cell, kinds, deferred: code.deferred, before: this.#names.beforeStep() };
  }
}

function cellIn(code: string): CellCode | undefined {
  const cell = readCell(code);
  return "flaw" in cell ? undefined : cell;
}

/** A cell with options of ours that does not say that it is a step. */
function withoutStep({ keys }: CellHead): string | undefined {
  const [own] = keys.filter((key) => CELL_OPTIONS.includes(key) && key !== "cache");
  if (own !== undefined) return `it has the option "${own}" and no option "step"`;
  const typo = keys.find((key) => !isQuartos(key) && nearestName(key, ["step"]) !== undefined);
  return typo === undefined ? undefined : `it has the option "${typo}". Did you mean "step"?`;
}

/** A file of which nobody tells which it is might change without a trace. */
function untoldReason({ tellsFiles }: CellOptions, { untold }: FileReads): string | undefined {
  if (tellsFiles || untold === undefined) return undefined;
  return `it reads a file by ${untold}(), and its text does not tell which. Read it by input(path), or say which files it reads: //| inputs: …`;
}

const plainNote = (why: string): MimeBundle =>
  renderNote(`Consist: this cell runs as a plain cell, and is not cached: ${/[.?]$/.test(why) ? why : `${why}.`}`);

function outputsOf({ outputs, name }: CellOptions, { declared }: CellCode): readonly string[] {
  const own = [...declared].filter(([, { kind }]) => kind !== "import").map(([each]) => each);
  const missing = outputs?.find((output) => !own.includes(output));
  if (outputs === undefined || missing === undefined) return outputs ?? own;
  const near = nearestName(missing, own);
  throw new OptionError("option_invalid", {
    problem: `The output "${missing}"${name === undefined ? "" : ` of step "${name}"`} is not declared in the cell.`,
    why: `The cell declares ${listNames(own, "nothing")} at its top.`,
    fix: near === undefined ? "Declare it with const or let, or take it out of outputs." : `Did you mean "${near}"?`,
    path: "outputs",
  });
}

function stepName({ name }: CellOptions, outputs: readonly string[]): string {
  if (name !== undefined) return name;
  if (outputs.length > 0) return outputs.join("_").slice(0, 100);
  throw new OptionError("name_missing", {
    problem: "The step of this cell has no name.",
    why: "It declares no outputs that could give it one.",
    fix: 'Name it: "//| step: report".',
    path: "step",
  });
}

/** Keys may have no `$`; where another name has what stands for it, a number keeps them apart. */
function keysOf(names: readonly string[]): { readonly [name: string]: string } {
  const keys: { [name: string]: string } = Object.fromEntries(names.filter((name) => !name.includes("$")).map((name) => [name, name]));
  const taken = new Set(Object.values(keys));
  for (const name of names.filter((name) => name.includes("$"))) {
    const wanted = name.replaceAll("$", "S_");
    let key = wanted;
    for (let n = 2; taken.has(key); n++) key = `${wanted}_${n}`;
    taken.add(keys[name] = key);
  }
  return keys;
}

function wordOf({ declared }: CellCode, name: string): string {
  const { kind } = declared.get(name)!;
  return kind === "const" || kind === "var" ? kind : "let";
}

const defined = (members: object): { [name: string]: unknown } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
