/** Shows on a hit what the step showed when it executed. */
import { stripVTControlCharacters } from "node:util";
import { TextEncoder } from "../intrinsics.ts";
import { currentKernel, type Kernel, replayMarkText, type ReplayView, unheard } from "../notebook/mod.ts";
import { displayOf } from "../ledger/mod.ts";
import type { Hit } from "./look_up.ts";
import { type Shown, type ShownByStep, shownFrom } from "./recording.ts";
import { isRehearsal } from "./rehearsal.ts";
import type { RunServices, StepRequest } from "./request.ts";

/** Shows it, in order and marked. The ledger is asked only where there was something. Gives notes on what is gone. */
export async function replay(services: RunServices, request: StepRequest, { source }: Hit): Promise<string[]> {
  if (source.shown !== true || !isToBeShown(request)) return [];
  const kept = await keptOf(services, request.model, source.id);
  if (kept === undefined) return [`what run ${source.id} printed and displayed is gone from the ledger, or damaged`];
  try {
    await showAgain(kept, markOf(kept, { step: request.name, runId: source.id, at: source.startedAt }));
    return [];
  } catch (error) {
    // The outputs are whole: a frontend that is gone, or a closed stream, does not take them from the user, who is told.
    return [`what run ${source.id} printed and displayed could not be shown: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** Rows of a sweep would flood the cell, a trace shows it anew, and a rehearsal shows nothing. */
function isToBeShown({ mode, settings, place }: StepRequest): boolean {
  return mode === "run" && settings.displayOutputs !== false && place.isRow !== true && !isRehearsal();
}

async function keptOf(services: RunServices, model: string, id: string): Promise<ShownByStep | undefined> {
  try {
    const text = await services.ledger.lookUp((db) => displayOf(db, id), model);
    return text === undefined ? undefined : shownFrom(text);
  } catch {
    // The outputs are whole: a table that another program harmed does not take them from the user, who is told that this is gone.
    return undefined;
  }
}

function markOf({ shown, textLeftOut, displaysLeftOut }: ShownByStep, origin: Pick<ReplayView, "step" | "runId" | "at">): ReplayView {
  const lines = shown.reduce((sum, each) => sum + (each.kind === "text" ? each.text.trimEnd().split("\n").length : 0), 0);
  return { ...origin, lines, displays: shown.filter(({ kind }) => kind === "display").length, textLeftOut, displaysLeftOut };
}

async function showAgain({ shown, isColoured = false }: ShownByStep, mark: ReplayView): Promise<void> {
  const kernel = currentKernel();
  if (kernel === undefined) {
    unheard(() => console.error(replayMarkText(mark)));
    for (const each of shown) print(each, isColoured);
    return;
  }
  const { renderReplayMark } = await import("../notebook/render/mod.ts");
  // All at once, so that what another step shows at this moment does not come in between.
  await Promise.all([kernel.display(renderReplayMark(mark)), ...shown.map((each) => send(kernel, each))]);
  await kernel.sent(shown.length + 1);
}

function send(kernel: Kernel, shown: Shown): Promise<void> {
  if (shown.kind === "text") return kernel.send("stream", { name: shown.stream, text: shown.text });
  const { data, metadata, id } = shown;
  const type = shown.kind === "update" ? "update_display_data" : "display_data";
  return kernel.send(type, { data, metadata, transient: id === undefined ? {} : { display_id: id } });
}

/** Text goes where it went; of what was displayed in a notebook a terminal has the text. */
function print(shown: Shown, isColoured: boolean): void {
  if (shown.kind === "update") return;
  const text = shown.kind === "text" ? shown.text : `${textOf(shown.data)}\n`;
  const stream = shown.kind === "text" ? shown.stream : "stdout";
  const plain = isColoured && !Deno[stream].isTerminal() ? stripVTControlCharacters(text) : text;
  if (!plain.endsWith("\n")) Deno[stream].writeSync(new TextEncoder().encode(plain));
  else if (stream === "stdout") console.log(plain.slice(0, -1));
  else console.error(plain.slice(0, -1));
}

function textOf(data: { readonly [mime: string]: unknown }): string {
  const text = data["text/plain"];
  return typeof text === "string" ? text : `(a display as ${Object.keys(data).join(", ")})`;
}
