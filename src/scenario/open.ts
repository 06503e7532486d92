/** `scenario` as users call it. */
import type { Registry } from "../types.ts";
import type { ScenarioOptions } from "./options.ts";
import { Scenario, type ScenarioServices } from "./scenario.ts";

/** `scenario` in its two forms: with a body, whose value comes back, or open until `end()`. */
export interface ScenarioFunction {
  /** Opens a scenario for the body only. To give the keys and return a value, annotate: `async (sc: Scenario<{ population: DataFrame }>) => ...`. */
  <G = Registry, T = void>(name: string, body: (sc: Scenario<G>) => T | Promise<T>): Promise<T>;
  /** The same with options. */
  <G = Registry, T = void>(
    name: string,
    options: ScenarioOptions<keyof NoInfer<G> & string>,
    body: (sc: Scenario<G>) => T | Promise<T>,
  ): Promise<T>;
  /** Opens a scenario that lives until `end()`, across cells. */
  <G = Registry>(name: string, options?: ScenarioOptions<keyof G & string>): Promise<Scenario<G>>;
}

/** `scenario` over the services that `find` gives at each call. */
export function makeScenario(find: () => ScenarioServices): ScenarioFunction {
  return (async (name: string, second?: unknown, third?: unknown): Promise<unknown> => {
    const body = (typeof second === "function" ? second : third) as ((sc: Scenario) => unknown) | undefined;
    const options = (typeof second === "function" ? {} : second ?? {}) as ScenarioOptions;
    const sc = await Scenario.open(find(), name, options);
    if (body === undefined) return sc;
    let value: unknown;
    try {
      value = await body(sc);
    } catch (error) {
      await sc.fail(error);
      throw error;
    }
    await sc.end();
    return value;
  }) as ScenarioFunction;
}
