/** `consist scenarios` and `consist scenario`. */
import { localTime } from "../notebook/mod.ts";
import { renderScenarioCard, renderTable } from "../notebook/render/mod.ts";
import { cardOfScenario, scenarioRecord, scenarios as scenariosOf } from "../query/answers/mod.ts";
import { artifactJson } from "./artifacts.ts";
import type { FileFlags, LedgerFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { readerFor, readingOf } from "./tracker.ts";

/** Lists scenarios. */
export async function scenarios(output: Output, flags: LedgerFlags): Promise<boolean> {
  await using tracker = readerFor(flags);
  const found = await scenariosOf(readingOf(tracker));
  output.answer({
    json: () => found,
    text: () =>
      found.length === 0 ? "no scenarios" : renderTable({
        columns: ["scenario", "status", "results", "executions", "started"].map((name) => ({ name })),
        rows: found.map(({ name, status, runs, executions, startedAt }) => [name, status, runs, executions, localTime(startedAt)]),
      }),
  });
  return true;
}

/** Shows one scenario. */
export async function scenario(output: Output, flags: FileFlags, name: string): Promise<boolean> {
  await using tracker = readerFor(flags);
  const record = await scenarioRecord(readingOf(tracker), name);
  const { header, steps, outputs } = record;
  output.answer({
    json: () => ({
      name: record.name,
      header,
      steps,
      outputs: Object.fromEntries([...outputs].map(([key, artifact]) => [key, artifactJson(artifact)])),
    }),
    text: () => renderScenarioCard(cardOfScenario(record)),
  });
  return true;
}
