/** The scenarios that step cells belong to: each is opened by its first cell, and anew when that cell runs again. */
import type { Scenario } from "../scenario/mod.ts";
import { type AnyTracker, servicesOf } from "../tracker/mod.ts";

interface Opened {
  readonly scenario: Scenario;
  readonly tracker: AnyTracker;
  /** The cell that opened it. */
  readonly opener: string;
}

/** The scenarios that cells opened in this session. */
export class CellScenarios {
  readonly #opened = new Map<string, Opened>();

  /** The open scenario of this name. One that the notebook opened by itself is joined; ours ends where its first cell runs again. */
  async of(tracker: AnyTracker, name: string, cell: string): Promise<Scenario> {
    const open = servicesOf(tracker).openScenarios.get(name);
    const ours = this.#opened.get(name);
    const isOurs = open !== undefined && ours?.scenario === open;
    if (open !== undefined && !(isOurs && ours.opener === cell)) return open;
    const scenario = await tracker.scenario(name);
    this.#opened.set(name, { scenario, tracker, opener: cell });
    return scenario;
  }

  /** Ends those that are still open, and waits for what is unwritten. */
  async end(): Promise<void> {
    const opened = [...this.#opened].filter(([name, { scenario, tracker }]) => servicesOf(tracker).openScenarios.get(name) === scenario);
    this.#opened.clear();
    for (const [, { scenario }] of opened) await scenario.end();
    for (const tracker of new Set(opened.map(([, each]) => each.tracker))) await tracker.close();
  }
}
