/** Files through time: functions of the current tracker that copy, restore and archive outputs. */
import { ambient } from "./current.ts";
import type { Tracker } from "./tracker.ts";

/**
 * Copies an artifact's content to a path. It comes from the artifact's own place, or, where that is gone or damaged, from any unharmed copy on
 * record: below `sourceRoot`, in an archive, or made by another run. The copy is there whole or not at all, shares its blocks with the
 * original where the file system can, and is never a hard link. The artifact on record stays what it is.
 *
 * Content that is there already is left as it is. Other content is an error, unless `overwrite` is set.
 *
 * @returns The artifact, with its content at the new path.
 * @throws {ContentError} `artifact_missing`, where its content is nowhere; `content_mismatch`, where only damaged copies are left, or other
 * content stands at the path.
 * @throws {OptionError} `option_invalid`, where a relative path climbs out of the working directory, and `allowExternalPaths` is not set.
 *
 * @example A table for somebody else
 * ```ts
 * import { materializeArtifact, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * const dir = await Deno.makeTempDir();
 * await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const made = await run({ name: "make", fn: () => "a,b\n1,2\n", outputs: ["table"] });
 *   const copy = await materializeArtifact(made.outputs.table, `${dir}/share/table.csv`);
 *   assert.equal(await Deno.readTextFile(copy.path), "a,b\n1,2\n");
 * });
 * ```
 */
export const materializeArtifact: Tracker["materializeArtifact"] = ambient("materializeArtifact");

/**
 * Puts an artifact where a program wants it: as a copy, or with `mode` as a hard or symbolic link. An identical file is left as it is. A hard
 * link shares its content with the cached file: who edits one edits the other, and the step that made it executes again.
 *
 * @returns The artifact, with its content at the new path.
 * @throws {ContentError} `artifact_missing` or `content_mismatch`, as `materializeArtifact`.
 * @throws {OutputError} `storage_failed`, where a link is not possible.
 *
 * @example A large file that is only read
 * ```ts
 * import { run, stageArtifact, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * const dir = await Deno.makeTempDir();
 * await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const made = await run({ name: "make", fn: () => "large", outputs: ["network"] });
 *   const staged = await stageArtifact(made.outputs.network, `${dir}/model/network.txt`, { mode: "symlink" });
 *   assert.equal(await Deno.readTextFile(staged.path), "large");
 * });
 * ```
 */
export const stageArtifact: Tracker["stageArtifact"] = ambient("stageArtifact");

/**
 * Puts several artifacts where a program wants them, by key. What can be refused is refused before the first one is put anywhere; a failure
 * says which are done.
 *
 * @returns The artifacts, with their content at the new paths.
 * @throws {KeyError} `unknown_key`, where artifacts and paths have not the same keys.
 *
 * @example The inputs of a program
 * ```ts
 * import { refs, run, stageArtifacts, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * const dir = await Deno.makeTempDir();
 * await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const made = await run({ name: "make", fn: () => ({ zones: "z", roads: "r" }), outputs: ["zones", "roads"] });
 *   await stageArtifacts(refs(made), { zones: `${dir}/model/zones.txt`, roads: `${dir}/model/roads.txt` });
 *   assert.equal(await Deno.readTextFile(`${dir}/model/roads.txt`), "r");
 * });
 * ```
 */
export const stageArtifacts: Tracker["stageArtifacts"] = ambient("stageArtifacts");

/**
 * Restores the outputs of an old run below a folder, as they lie below the run's own folder. Each is looked for below `sourceRoot`, in its own
 * place, in the folders of its time, in archives, and among what other runs made; only content with the recorded hash is taken.
 *
 * @param run A result, a run, or its id.
 * @returns For each key what became of it: `copied`, `from_ledger` (written anew from its ingested rows), `kept` (its content was there),
 * `unmappable` (its address is an absolute path), `missing` (its content is nowhere) or `failed`, with a message.
 * @throws {FindError} `run_not_found`.
 * @throws {KeyError} `unknown_key`, before anything is copied.
 * @throws {ContentError} `artifact_missing`, with `onMissing: "error"`, after all that could be restored was.
 *
 * @example The outputs of a run by its id
 * ```ts
 * import { hydrateRunOutputs, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * const dir = await Deno.makeTempDir();
 * await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const { run: old } = await run({ name: "make", fn: () => "content", outputs: ["note"] });
 *   const { note } = await hydrateRunOutputs(old.id, { targetDir: `${dir}/restored` });
 *   assert.equal(note?.status, "copied");
 *   assert.equal(await Deno.readTextFile(`${dir}/restored/note.txt`), "content");
 * });
 * ```
 */
export const hydrateRunOutputs: Tracker["hydrateRunOutputs"] = ambient("hydrateRunOutputs");

/**
 * Copies or moves the outputs of a run into an archive, each checked against its recorded hash. Hits and loads find them there from then on:
 * what is gone from its own place is taken from the archive, if its content is unharmed. Doing it again is harmless. A move removes a file
 * from its own place only when the archive is whole and on record.
 *
 * @param run A result, a run, or its id.
 * @param archiveRoot The folder of the archive; each file lies below it as it lies below the run folder.
 * @returns For each key what became of it: `copied`, `kept` (it was there already), `unmappable`, `missing` or `failed`, with a message.
 * @throws {FindError} `run_not_found`.
 * @throws {KeyError} `unknown_key`, before anything is copied.
 *
 * @example Old results on another disk
 * ```ts
 * import { archiveRunOutputs, run, Tracker, useTracker } from "consist";
 * import assert from "node:assert/strict";
 *
 * const dir = await Deno.makeTempDir();
 * await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
 * await useTracker(tracker, async () => {
 *   const step = () => run({ name: "make", fn: () => "content", outputs: ["note"] });
 *   await archiveRunOutputs(await step(), `${dir}/archive`, { mode: "move" });
 *   const hit = await step();
 *   assert.equal(hit.cacheHit, true);
 *   assert.equal(await hit.load("note"), "content");
 * });
 * ```
 */
export const archiveRunOutputs: Tracker["archiveRunOutputs"] = ambient("archiveRunOutputs");
