import assert from "node:assert/strict";
import fc from "fast-check";
import type { Need, UsedRun } from "../../ledger/mod.ts";
import { type CacheState, choosePrunes } from "./prune_choice.ts";

const used = (id: string, at: number, more: Partial<UsedRun> = {}): UsedRun => ({
  ...{ id, step: "s", model: "s", scenario: null, header_id: null, status: "completed", is_ours: true, at: new Date(at), seconds: 1 },
  ...{ hits: 0, hit_at: null, saved: 0, scenarios: null, state: null, ...more },
});

/** Any runs with any needs, circles included. */
const STATES = fc.integer({ min: 1, max: 12 }).chain((count) =>
  fc.record({
    runs: fc.array(
      fc.record({ at: fc.integer({ min: 0, max: 50 }), status: fc.constantFrom("completed", "failed", "running"), ours: fc.boolean() }),
      {
        minLength: count,
        maxLength: count,
      },
    ),
    links: fc.array(fc.tuple(fc.nat(count), fc.nat(count - 1)), { maxLength: 20 }),
    inUse: fc.array(fc.nat(count - 1), { maxLength: 2 }),
    maxBytes: fc.option(fc.integer({ min: 0, max: 120 }), { nil: undefined }),
    olderThanMs: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
  }).map(({ runs, links, inUse, maxBytes, olderThanMs }) => {
    const rows = runs.map(({ at, status, ours }, n) => used(`r${n}`, at, { status, is_ours: ours })).reverse();
    const needs: Need[] = links.filter(([a, b]) => a !== b).map(([reader, maker]) => ({ reader: `r${reader}`, maker: `r${maker}` }));
    const state: CacheState = {
      runs: rows,
      needs,
      sizes: new Map(rows.map(({ id }) => [id, 10])),
      inUse: new Set(inUse.map((n) => `r${n}`)),
      bytes: rows.length * 10,
      now: 60,
    };
    return { state, rules: { ...(maxBytes === undefined ? {} : { maxBytes }), ...(olderThanMs === undefined ? {} : { olderThanMs }) } };
  })
);

Deno.test("choosePrunes() leaves whatever a run that stays was made from, what is in use, what runs, and what is another program's", () => {
  fc.assert(
    fc.property(STATES, ({ state, rules }) => {
      const { runs } = choosePrunes(rules, state);
      const gone = new Set(runs.map(({ id }) => id));
      for (const { reader, maker } of state.needs) assert.ok(!gone.has(maker) || gone.has(reader), `${reader} needs ${maker}`);
      for (const run of runs) assert.ok(run.is_ours && run.status !== "running" && !state.inUse.has(run.id));
      if (rules.olderThanMs !== undefined) { for (const { at } of runs) assert.ok(at.getTime() < 60 - rules.olderThanMs); }
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("choosePrunes() with maxBytes takes runs that were made from each other together, or leaves them", () => {
  const runs = ["r2", "r1", "r0"].map((id, n) => used(id, 50 - n));
  const needs: Need[] = [{ reader: "r0", maker: "r1" }, { reader: "r1", maker: "r2" }, { reader: "r2", maker: "r0" }];
  const state = { runs, needs, sizes: new Map(runs.map(({ id }) => [id, 10])), inUse: new Set<string>(), bytes: 30, now: 60 };
  assert.equal(choosePrunes({ maxBytes: 20 }, state).runs.length, 3);
  assert.equal(choosePrunes({ maxBytes: 30 }, state).runs.length, 0);
});

Deno.test("choosePrunes() with maxBytes takes no more than it has to, where no runs were made from each other", () => {
  fc.assert(fc.property(STATES, ({ state: { needs, ...facts }, rules }) => {
    const state = { ...facts, needs: needs.filter(({ reader, maker }) => Number(reader.slice(1)) > Number(maker.slice(1))) };
    const { maxBytes, ...others } = rules as { maxBytes?: number };
    if (maxBytes === undefined) return;
    const [some, all] = [choosePrunes(rules, state).runs.length, choosePrunes(others, state).runs.length];
    const wanted = Math.max(0, Math.ceil((state.bytes - maxBytes) / 10));
    assert.equal(some, Math.min(all, wanted));
  }));
});

Deno.test("choosePrunes() takes a long chain without a deep stack", () => {
  const runs = Array.from({ length: 30_000 }, (_, n) => used(`r${n}`, n)).reverse();
  const needs = Array.from({ length: 29_999 }, (_, n) => ({ reader: `r${n + 1}`, maker: `r${n}` }));
  const state = { runs, needs, sizes: new Map(runs.map(({ id }) => [id, 1])), inUse: new Set<string>(), bytes: 30_000, now: 1e6 };
  const chosen = choosePrunes({ maxBytes: 29_990 }, state).runs.map(({ id }) => id);
  assert.deepEqual(chosen, runs.slice(0, 10).map(({ id }) => id), "the end of the chain goes first");
});
