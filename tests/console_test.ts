/** What `console.log` prints of the things that a user gets: the text of their card, never their insides. */
import assert from "node:assert/strict";
import { diffRuns, lineage, run, runSet, scenario, sql } from "consist";
import { withTracker } from "consist/testing";
import { z } from "zod";

Deno.test("results, artifacts, scenarios, run sets, lineages, differences and relations print their card's text", () =>
  withTracker(async () => {
    const sc = await scenario("study");
    const [first, second] = [1, 2].map((n) =>
      sc.run({ name: "make", fn: (_: unknown, { config }) => config.n, config: { n }, outputs: ["x"] })
    );
    const result = await first!;
    const printed = {
      result,
      artifact: result.outputs.x,
      scenario: sc,
      set: await runSet({ step: "make" }),
      lineage: await lineage(result.outputs.x),
      difference: await diffRuns(result, await second!),
      relation: sql`select 1 as n`,
    };
    for (const [name, thing] of Object.entries(printed)) {
      const text = Deno.inspect(thing, { colors: false });
      assert.doesNotMatch(text, /\{|\[Function|Symbol\(/, `${name}: ${text}`);
      assert.match(text, name === "relation" ? /has not run/ : /make|study|x/, `${name}: ${text}`);
    }
    await sc.end();
  }));

Deno.test("a config that does not fit names the step, also where only its function has a name", () =>
  withTracker(async () => {
    const configSchema = z.object({ rate: z.number() });
    const grow = (): number => 1;
    // deno-lint-ignore no-explicit-any -- a config that the compiler would refuse
    await assert.rejects(run({ fn: grow, configSchema, config: { rate: "fast" } as any, outputs: ["n"] }), /The config of step "grow"/);
  }));
