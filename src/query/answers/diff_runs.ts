/** What is different between two runs. */
import { FindError } from "../../errors.ts";
import { artifactsOfRuns, type Db, identitiesOf, ownRunsById, type RunRow, runsById } from "../../ledger/mod.ts";
import { type ChangeView, DISPLAY, INSPECT } from "../../notebook/mod.ts";
import { renderDiffCard } from "../../notebook/render/mod.ts";
import type { Chart, IdentityPart, MimeBundle, Run } from "../../types.ts";
import { beforeAfter } from "./before_after.ts";
import { configsOf, differences } from "./configs.ts";
import { findRun } from "./find.ts";
import { type Difference, type Reading, type RunDiff, runIdOf, type RunLike } from "../reading.ts";

/**
 * Compares two runs: the parts of their identity, config values, inputs.
 *
 * @throws {FindError} `run_not_found`
 */
export async function diffRuns(
  reading: Pick<Reading, "ledger" | "runDir" | "artifactOf">,
  left: RunLike,
  right: RunLike,
): Promise<RunDiff> {
  const runs = await Promise.all([left, right].map((run) => findRun(reading, { id: runIdOf(run) })));
  const [configs, facts] = [await configsOf(reading, runs), await reading.ledger.read((db) => factsOf(db, runs.map(({ id }) => id)))];
  const [one, other] = [facts.get(runs[0]!.id), facts.get(runs[1]!.id)];
  if (one === undefined || other === undefined) throw vanished(runs);
  return new Diff({
    left: runs[0]!,
    right: runs[1]!,
    changed: changedParts(one.row, other.row),
    config: differences(configs.get(runs[0]!.id)!, configs.get(runs[1]!.id)!),
    inputs: differences(one.inputs, other.inputs),
    plot: () => beforeAfter(reading, runs[0]!, runs[1]!),
  });
}

interface Facts {
  readonly row: RunRow;
  readonly inputs: ReadonlyMap<string, string>;
}

async function factsOf(db: Db, ids: readonly string[]): Promise<Map<string, Facts>> {
  const rows = await runsById(db, ids);
  const own = await ownRunsById(db, ids);
  const source = (id: string) => own.find(({ run_id }) => run_id === id)?.source_run_id ?? id;
  const identities = new Map((await identitiesOf(db, [...new Set([...ids, ...ids.map(source)])])).map((row) => [row.run_id, row.inputs]));
  const linked = Map.groupBy((await artifactsOfRuns(db, ids)).filter(({ direction }) => direction === "input"), ({ run_id }) => run_id);
  return new Map(rows.map((row) => {
    const files = (linked.get(row.id) ?? []).map(({ artifact }) =>
      [artifact.key, inputText(artifact.container_uri, artifact.hash ?? "")] as const
    );
    const parts = inputParts(identities.get(row.id) ?? identities.get(source(row.id)));
    return [row.id, { row, inputs: new Map([...files, ...parts]) }];
  }));
}

/** The inputs as the step's identity knows them, which also has values in memory. */
function inputParts(inputs: unknown): (readonly [string, string])[] {
  const list = Array.isArray(inputs) ? inputs : (inputs as { parts?: unknown } | null | undefined)?.parts;
  if (!Array.isArray(list)) return [];
  return list.flatMap((part: { key?: unknown; label?: unknown; hash?: unknown }) =>
    typeof part?.key === "string" && typeof part.hash === "string"
      ? [[part.key, inputText(String(part.label ?? ""), part.hash)] as const]
      : []
  );
}

function inputText(label: string, hash: string): string {
  return [label, hash.slice(0, 12)].filter((part) => part !== "").join(" ");
}

function changedParts(left: RunRow, right: RunRow): IdentityPart[] {
  const parts: readonly (readonly [IdentityPart, keyof RunRow])[] = [["code", "git_hash"], ["config", "config_hash"], [
    "inputs",
    "input_hash",
  ]];
  // A part that nobody could establish is not known to be the same.
  return parts.filter(([, column]) => left[column] === null || left[column] === "error" || left[column] !== right[column]).map(([part]) =>
    part
  );
}

function vanished(runs: readonly Run[]): FindError {
  return new FindError("run_not_found", {
    problem: `Cannot compare the runs "${runs[0]!.id}" and "${runs[1]!.id}".`,
    why: "One of them was removed from the ledger meanwhile.",
    fix: "Find the runs again.",
  });
}

/** A comparison that shows itself. */
class Diff implements RunDiff {
  readonly left: Run;
  readonly right: Run;
  readonly changed: readonly IdentityPart[];
  readonly config: { readonly [key: string]: Difference };
  readonly inputs: { readonly [key: string]: Difference };

  readonly #plot: () => Chart;

  constructor({ left, right, changed, config, inputs, plot }: RunDiff) {
    this.#plot = plot;
    this.left = left;
    this.right = right;
    this.changed = changed;
    this.config = config;
    this.inputs = inputs;
  }

  plot(): Chart {
    return this.#plot();
  }

  [DISPLAY](): MimeBundle {
    const changes = (prefix: string, differing: { readonly [key: string]: Difference }): ChangeView[] =>
      Object.entries(differing).map(([key, { left, right }]) => ({ name: `${prefix}${key}`, before: left, after: right }));
    return renderDiffCard({
      title: "Two runs compared",
      left: this.left.id,
      right: this.right.id,
      changes: [...changes("config.", this.config), ...changes("input ", this.inputs)],
      why: this.changed.length === 0 ? "Code, config and inputs are the same." : `Different: ${this.changed.join(", ")}.`,
    });
  }

  /** The same as text, for terminals. */
  [INSPECT](): string {
    return String(this[DISPLAY]()["text/plain"]);
  }
}
