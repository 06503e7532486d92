/** Do two executions of a cell show the same? Ids, times, durations and folders differ between any two, and do not count. */
import { OWN_OUTPUT } from "../notebook/mod.ts";
import { type Output, withoutColours } from "../kernels/mod.ts";
import { textDiff } from "./text_diff.ts";

/** What differs, in words and as a patch, or nothing where what is saved and what is found are the same. */
export function outputDifference(saved: readonly Output[], found: readonly Output[]): string | undefined {
  const [before, after] = [saved, found].map((outputs) => outputs.filter((output) => !isOwn(output)).flatMap(outline)) as [
    string[],
    string[],
  ];
  const differs = firstDifference(before, after);
  if (differs === undefined) return undefined;
  // Rows that are sorted by the ids of runs come in another order each time.
  if ([...before, ...after].some((line) => line.includes("‹id›")) && firstDifference(before.toSorted(), after.toSorted()) === undefined) {
    return undefined;
  }
  const sentence = `Line ${differs + 1}: saved ${quoted(before[differs])}, found ${quoted(after[differs])}.`;
  return before.length + after.length < 3
    ? sentence
    : `${sentence} What was saved has -, what was found has +:\n${textDiff(before, after)}`;
}

/** How far work had come, and that something is replayed: it is there in one execution and not in the other. */
function isOwn(output: Output): boolean {
  return output.output_type === "display_data" && OWN_OUTPUT in output.metadata;
}

function firstDifference(before: readonly string[], after: readonly string[]): number | undefined {
  const length = Math.max(before.length, after.length);
  for (let index = 0; index < length; index++) if (before[index] !== after[index]) return index;
  return undefined;
}

const quoted = (line: string | undefined) => line === undefined ? "nothing more" : JSON.stringify(line.slice(0, 200));

/** What counts of an output, in lines: its text, or its representations where it has none. */
function outline(output: Output): string[] {
  switch (output.output_type) {
    case "stream":
      return lasting(output.text);
    case "error":
      return lasting(`${output.ename}: ${output.evalue}`);
    default: {
      const text = output.data["text/plain"];
      return typeof text === "string" ? lasting(withoutCard(withoutColours(text))) : [Object.keys(output.data).sort().join(", ")];
    }
  }
}

/** Of a run's or a scenario's card what stays the same when it is a hit: its name and whether it failed. */
function withoutCard(text: string): string {
  const [, state, step] = /^[✓●✗…] (hit|executed|failed|running)\s+(.+?)(?:\s{2,}|$)/.exec(text) ?? [];
  if (step !== undefined) return `run ${step} ${state === "failed" ? "failed" : "done"}`;
  return /^scenario .+?\s{2,}\w+/.exec(text)?.[0] ?? text;
}

/** The lines of a text, with what lasts only for one execution replaced. */
function lasting(text: string): string[] {
  return withoutColours(text)
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/g, "‹time›")
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "‹id›")
    .replace(/_[0-9a-f]{12}\b/g, "_‹id›")
    .replace(/\b\d+(?:\.\d+)?\s?(?:ns|µs|ms|s|min|h)\b/g, "‹duration›")
    .replace(/(?<![\w.:/])(?:[A-Z]:)?[\\/](?:[^\s\\/'"]+[\\/])+/g, "‹folder›/")
    .trimEnd().split("\n").map((line) => line.trimEnd().replace(/ {2,}/g, "  "));
}
