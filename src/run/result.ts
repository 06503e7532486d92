/** What a run gives back: its outputs by key, why it was a hit or a miss, and its card. */
import { isAbsolute, relative } from "@std/path";
import { besideOf } from "../artifacts/mod.ts";
import { DISPLAY, duration, type FileView, localTime, type PictureView, type RunCardView, runText } from "../notebook/mod.ts";
import { KeyError, listNames, nearestName } from "../errors.ts";
import type { Artifact, MimeBundle, Miss, Run, RunResult } from "../types.ts";
import { type Acceptance, acceptedWords } from "../query/mod.ts";
import type { ImplicitRead } from "./implicit_inputs.ts";
import { printedBy } from "./program_note.ts";
import type { ResolvedInput, StepRequest } from "./request.ts";

/** Letters of a picture in a card, and how many there are. */
const LARGEST_FIGURE = 200_000;
const FIGURES = 2;

/** Where a hit came from. */
export interface HitSource {
  /** The run that executed. */
  readonly id: string;
  /** When it began. */
  readonly at: Date;
  /** How long it took. */
  readonly seconds?: number;
}

/** What a result is made from. */
export interface ResultParts {
  readonly request: StepRequest;
  readonly run: Run;
  readonly outputs: { readonly [key: string]: Artifact };
  /** How long the call took, from options to result. */
  readonly seconds: number;
  readonly source?: HitSource;
  readonly miss?: Miss;
  /** The acceptances by which a hit was served, where its code is another one. */
  readonly accepted?: readonly Acceptance[];
  /** The explanation in several lines. */
  readonly words: string;
  /** What lies outside the identity: time, randomness, what could not be followed. */
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  readonly bytes: ReadonlyMap<string, number>;
  readonly logged: readonly Artifact[];
  /** Output key → path of the copy that a hit put there, or found there. */
  readonly copied?: ReadonlyMap<string, string>;
  /** What was read without being declared. */
  readonly reads: readonly ImplicitRead[];
}

/** The result of one call. */
export class StepResult implements RunResult {
  /** The run as the ledger has it. */
  readonly run: Run;
  /** Did the outputs come from an earlier run? */
  readonly cacheHit: boolean;
  /** Why it executed. */
  readonly miss?: Miss;
  /** What it made, by key. */
  readonly outputs: { readonly [key: string]: Artifact };
  readonly #parts: ResultParts;

  /** Made by the last stage of a run. */
  constructor(parts: ResultParts) {
    this.#parts = parts;
    this.run = parts.run;
    this.cacheHit = parts.source !== undefined;
    if (parts.miss !== undefined) this.miss = parts.miss;
    this.outputs = parts.outputs;
  }

  /** An output's value; without a key the only output's. */
  async load(key?: string | number): Promise<unknown> {
    return await this.#output(key === undefined ? undefined : String(key)).load();
  }

  #output(key: string | undefined): Artifact {
    const keys = Object.keys(this.outputs);
    if (key === undefined && keys.length === 1) return this.outputs[keys[0]!]!;
    const found = key === undefined || !Object.hasOwn(this.outputs, key) ? undefined : this.outputs[key];
    if (found !== undefined) return found;
    const near = key === undefined ? undefined : nearestName(key, keys);
    throw new KeyError("unknown_key", {
      problem: key === undefined
        ? `load() was called without a key, and the run has ${keys.length} outputs.`
        : `The run has no output "${key}".`,
      why: `Its outputs are ${listNames(keys)}.`,
      fix: near === undefined ? "Give one of them: load(key)." : `Did you mean "${near}"?`,
      run: this.run.id,
      step: this.run.model,
    });
  }

  /** Why it was a hit or a miss, in words. */
  explain(): string {
    const { source, words, notes } = this.#parts;
    const head = source === undefined
      ? words
      : `Hit: the outputs come from the run ${source.id} of ${localTime(source.at)}${
        source.seconds === undefined ? "" : `, which took ${duration(source.seconds)}`
      }. ${sameness(this.#parts)}`;
    return [head, ...notes.map((note) => `Note: ${note}`)].join("\n");
  }

  /** Its card in a notebook. */
  async [DISPLAY](): Promise<MimeBundle> {
    const [view, figures] = [cardOf(this.#parts), figuresOf(this.#parts)]; // as it is now
    const { renderRunCard } = await import("../notebook/render/mod.ts");
    return renderRunCard({ ...view, figures: await figures });
  }

  /** Captured by a step it counts by what its outputs contain. */
  [Symbol.for("consist.identity")](): object {
    return Object.fromEntries(Object.entries(this.outputs).map(([key, artifact]) => [key, artifact.hash]));
  }

  /** The card as text, for terminals. */
  [Symbol.for("Deno.customInspect")](): string {
    return runText(cardOf(this.#parts));
  }
}

/** Why a hit is one. */
function sameness({ accepted }: ResultParts): string {
  return accepted === undefined ? "Code, config and inputs are the same." : acceptedWords(accepted);
}

/** A run's card. */
function cardOf(parts: ResultParts): RunCardView {
  const { request, run, source } = parts;
  return {
    id: run.id,
    step: request.name,
    status: source !== undefined ? "hit" : run.status === "failed" ? "failed" : "executed",
    why: parts.miss?.reason ?? sameness(parts),
    seconds: parts.seconds,
    startedAt: run.startedAt,
    tags: run.tags,
    config: Object.entries((request.config ?? {}) as object),
    inputs: [...request.inputs.map(inputView), ...loggedViews(parts), ...parts.reads.map(readView)],
    outputs: Object.values(parts.outputs).map((artifact) => outputView(artifact, parts)),
    changes: parts.miss?.changes ?? parts.accepted?.flatMap(({ changes }) => changes) ?? [],
    warnings: parts.warnings,
    notes: parts.notes,
    printed: printedBy(run.meta),
    ...(run.signature === "" ? {} : { signature: run.signature }),
    ...(run.scenarioId === undefined ? {} : { scenario: run.scenarioId }),
    ...(run.year === undefined ? {} : { year: run.year }),
    ...(run.iteration === undefined ? {} : { iteration: run.iteration }),
    ...(run.description === undefined ? {} : { description: run.description }),
    ...(run.error === undefined ? {} : { error: run.error }),
    ...(source === undefined ? {} : { source: { id: source.id, at: source.at } }),
    ...(source?.seconds === undefined ? {} : { savedSeconds: source.seconds }),
  };
}

function inputView(input: ResolvedInput): FileView {
  return {
    key: input.key,
    label: input.label,
    driver: input.driver,
    hash: input.hash,
    ...(input.path === undefined ? {} : { path: input.path }),
    ...(input.bytes === undefined ? {} : { bytes: input.bytes }),
    ...(input.note === undefined ? {} : { note: input.note }),
    ...(input.artifact?.runId === undefined ? {} : { runId: input.artifact.runId }),
  };
}

/** Files that the step said it read, and that are none of its undeclared reads. */
function loggedViews({ logged, reads }: ResultParts): FileView[] {
  const undeclared = new Set(reads.map(({ artifact }) => artifact?.id));
  return logged.filter(({ id }) => !undeclared.has(id)).map((artifact) => fileView(artifact, undefined));
}

function readView({ key, label, driver, hash, input, artifact }: ImplicitRead): FileView {
  const path = input?.path ?? artifact?.path;
  return {
    key,
    label,
    driver,
    hash,
    note: hash === "" ? "looked for without being declared; not there" : "read without being declared",
    ...(path === undefined ? {} : { path }),
    ...(input?.bytes === undefined ? {} : { bytes: input.bytes }),
    ...(artifact?.runId === undefined ? {} : { runId: artifact.runId }),
  };
}

/** Charts among the outputs, as they were drawn: not more than a card can hold. */
async function figuresOf({ outputs }: ResultParts): Promise<PictureView[]> {
  const figures: PictureView[] = [];
  for (const { key, driver, path, hash } of Object.values(outputs)) {
    const svg = figures.length < FIGURES ? await besideOf(driver)?.picture?.(path, hash) : undefined;
    if (svg !== undefined && svg.length <= LARGEST_FIGURE) figures.push({ svg, alt: key });
  }
  return figures;
}

/** An output, and where its copy is. */
function outputView(artifact: Artifact, { bytes, copied }: ResultParts): FileView {
  const copy = copied?.get(artifact.key);
  const file = fileView(artifact, bytes.get(artifact.key));
  if (copy === undefined) return file;
  const below = relative(Deno.cwd(), copy);
  return { ...file, note: `copied to ${below.startsWith("..") || isAbsolute(below) ? copy : below}` };
}

function fileView(artifact: Artifact, bytes: number | undefined): FileView {
  return {
    key: artifact.key,
    label: artifact.uri,
    path: artifact.path,
    driver: artifact.driver,
    hash: artifact.hash,
    ...(bytes === undefined ? {} : { bytes }),
    ...(artifact.runId === undefined ? {} : { runId: artifact.runId }),
  };
}
