/** Care of the cache: functions of the current tracker that delete cached files or accept a change of code. */
import { ambient } from "./current.ts";
import type { Tracker } from "./tracker.ts";

/**
 * What takes space in the folder of runs, by step and scenario, and what its hits saved. Nothing is changed.
 *
 * `unknown` is what lies among the folders of runs and belongs to no run of this ledger: of steps that were not tracked, of another ledger, or
 * put there by hand. It is never pruned.
 *
 * @example What is there?
 * ```ts
 * import { cacheStatus, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const step = () => run({ name: "count", fn: () => "a,b", outputs: ["text"] });
 *   await step();
 *   await step();
 *   const { runs, hits, bytes } = await cacheStatus();
 *   assert.deepEqual([runs, hits, bytes], [1, 1, 3]);
 * });
 * ```
 */
export const cacheStatus: Tracker["cacheStatus"] = ambient("cacheStatus");

/**
 * Deletes the cached files of runs that all given rules mean. The runs stay on record and explain themselves; they are served no more, and a
 * step that is asked for again executes and says when they were pruned.
 *
 * What stays, whatever the rules mean: what a step reads that executes now, in any process; what an open scenario holds; what a run that stays
 * was made from; runs of other programs; and all that is not in the folder of such a run, as copies at paths that you named. Sizes are those
 * of the files. With `dryRun` nothing is deleted.
 *
 * @param options What may go: see {@linkcode PruneOptions}.
 * @returns What was deleted, as a list that shows itself as a table.
 * @throws {OptionError} `unknown_option` or `option_invalid`, also where no rule is given.
 * @throws {LedgerError} `cache_in_use`, where a step executes that has not said in time what it reads.
 *
 * @example Only the newest run of a step stays
 * ```ts
 * import { pruneCache, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const double = (n: number) => run({ name: "double", fn: (_, { config }) => config.n * 2, config: { n }, outputs: ["twice"] });
 *   const [first] = [await double(1), await double(2)];
 *   const { runs } = await pruneCache({ step: "double", keepLatest: 1 });
 *   assert.deepEqual(runs.map(({ run }) => run), [first.run.id]);
 *   assert.equal((await double(2)).cacheHit, true);
 *   assert.equal((await double(1)).miss?.code, "outputs_pruned");
 * });
 * ```
 */
export const pruneCache: Tracker["pruneCache"] = ambient("pruneCache");

/**
 * Lets the results of a step's old code stand for its new code, after a refactoring or an upgrade that changes no result.
 *
 * `run` is one that executed with the new code, and for which an older run with the same config and inputs is there. Their outputs are
 * compared, and so are those of all such pairs on record: where one differs nothing is accepted, unless `force` is given. From then on a call
 * that no run has the signature of is served the old code's result, and its card says by whom, when and why. Config and inputs decide as
 * before, another change of the code is a miss, and other steps are not concerned. Code that cannot be followed is never accepted.
 *
 * @param run The run that executed with the new code, or its result.
 * @param reason Why the old results may stand; every card that rests on it shows it.
 * @returns What was recorded, with an id for `revokeAccept`.
 * @throws {OptionError} `option_invalid`, without a reason.
 * @throws {FindError} `run_not_found`; `accept_refused`, where there is nothing to compare with.
 * @throws {ContentError} `accept_refused`, where outputs differ.
 *
 * @example A function that was only written otherwise
 * ```ts
 * import { accept, revokeAccept, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const before = (n: number) => run({ name: "double", fn: (_, { config }) => config.n * 2, config: { n }, outputs: ["twice"] });
 *   const after = (n: number) => run({ name: "double", fn: (_, { config }) => config.n + config.n, config: { n }, outputs: ["twice"] });
 *   for (const n of [1, 2, 3]) await before(n);
 *   const { id } = await accept(await after(1), "written as a sum");
 *   const third = await after(3);
 *   assert.equal(third.cacheHit, true);
 *   assert.match(third.explain(), /The code differs .*: written as a sum\./);
 *   await revokeAccept(id);
 *   assert.equal((await after(3)).cacheHit, false);
 * });
 * ```
 */
export const accept: Tracker["accept"] = ambient("accept");

/**
 * Takes an acceptance back: what rests on it is served no more. It stays on record.
 *
 * @param acceptance What `accept` gave, or its id.
 * @throws {KeyError} `unknown_key`, where there is none.
 *
 * @example An id that is none
 * ```ts
 * import { revokeAccept, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, () => assert.rejects(revokeAccept("accept_1"), { code: "unknown_key" }));
 * ```
 */
export const revokeAccept: Tracker["revokeAccept"] = ambient("revokeAccept");

/**
 * The differences of code that were accepted, newest first, also those that were taken back: a list that shows itself as a table.
 *
 * @param step Only those of this step.
 *
 * @example None yet
 * ```ts
 * import { acceptances, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * await using tracker = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb` });
 * await useTracker(tracker, async () => assert.equal((await acceptances()).length, 0));
 * ```
 */
export const acceptances: Tracker["acceptances"] = ambient("acceptances");
