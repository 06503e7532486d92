/** `consist show` and `consist explain`: one run, with all that is on record of it. */
import { renderRunCard, renderScenarioCard } from "../notebook/render/mod.ts";
import type { Reading } from "../query/mod.ts";
import {
  cardOfRecord,
  cardOfScenario,
  namedOrNewestRun,
  type RunFile,
  type RunRecord,
  runRecord,
  scenarioRecord,
} from "../query/answers/mod.ts";
import type { Run } from "../types.ts";
import { artifactJson } from "./artifacts.ts";
import type { FileFlags, LedgerFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { readerFor, readingOf } from "./tracker.ts";

/** Shows a run's card; that of a scenario for its header. */
export async function show(output: Output, flags: FileFlags, text: string): Promise<boolean> {
  await using tracker = readerFor(flags);
  const reading = readingOf(tracker);
  const run = await chosenRun(output, reading, text);
  const record = await runRecord(reading, run);
  const scenario = run.tags.includes("scenario_header") ? await scenarioRecord(reading, run.scenarioId ?? run.id) : undefined;
  output.answer({
    json: () => jsonOfRecord(record),
    text: () => scenario === undefined ? renderRunCard(cardOfRecord(record)) : renderScenarioCard(cardOfScenario(scenario)),
  });
  return true;
}

/** Says why a run was a hit, or executed, with the lines of code that differ. */
export async function explain(output: Output, flags: LedgerFlags, text: string): Promise<boolean> {
  await using tracker = readerFor(flags);
  const reading = readingOf(tracker);
  const run = await chosenRun(output, reading, text);
  const { explanation } = await runRecord(reading, run);
  output.answer({ json: () => ({ run: run.id, step: run.model, ...explanation }), text: () => `run ${run.id}\n${explanation.text}` });
  return true;
}

/** A step's name means its newest run; which one that is, and how to name another, is said beside the answer. */
async function chosenRun(output: Output, reading: Reading, text: string): Promise<Run> {
  const { run, of } = await namedOrNewestRun(reading, text);
  if (of !== undefined && of.runs > 1) {
    output.note(`${run.id} is the newest of the ${of.runs} runs of step ${JSON.stringify(of.step)}.`);
    const step = /^[\w.-]+$/.test(of.step) ? of.step : `'${of.step.replaceAll("'", `'\\''`)}'`;
    output.note(`  → consist runs --history --step ${step} lists them; name another by its id, or by the letters at the end of it.`);
  }
  return run;
}

/** A run's record as programs read it. */
function jsonOfRecord({ run, seconds, source, config, inputs, outputs, explanation }: RunRecord): object {
  return {
    run,
    seconds: seconds ?? null,
    source: source?.id ?? null,
    config: Object.fromEntries(config),
    inputs: inputs.map(jsonOfFile),
    outputs: outputs.map(jsonOfFile),
    explanation,
  };
}

function jsonOfFile({ artifact, bytes, implicit, present }: RunFile): object {
  return { ...artifactJson(artifact), bytes: bytes ?? null, implicit, present };
}
