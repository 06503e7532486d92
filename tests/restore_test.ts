/** Outputs of old runs: copied, staged, archived, restored; what is damaged or gone is said, never served. */
import assert from "node:assert/strict";
import { relative } from "node:path";
import pl from "polars";
import {
  archiveRunOutputs,
  type Artifact,
  file,
  findRuns,
  hydrateRunOutputs,
  load,
  materializeArtifact,
  relation,
  run,
  sql,
  stageArtifact,
  stageArtifacts,
  Tracker,
  verifyRun,
  which,
} from "consist";
import { archiveRunOutputs as archiveOutputs } from "../src/run/care/mod.ts";
import { servicesOf } from "../src/tracker/tracker.ts";
import { assertHit, assertMiss } from "consist/testing";
import { refused, test } from "./in_tracker.ts";

const codeOf = async (promise: Promise<unknown>) => (await refused(promise)).code;
const textOf = async (path: string) => (await Deno.readTextFile(path)).trim();
const filesBelow = (dir: string): string[] =>
  [...Deno.readDirSync(dir)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${dir}/${name}`).map((each) => `${name}/${each}`) : [name]
  )
    .sort();
const two = () => run({ name: "two", fn: () => ({ a: "text of a", b: "text of b" }), outputs: ["a", "b"] });

// ── one artifact ────────────────────────────────────────────────────────────────────────────────────────────────────────────

test("materializeArtifact() makes a copy of its own, keeps what is there already, and replaces other content only when asked", async ({ dir }) => {
  const { a, b } = (await two()).outputs;
  const copy = await materializeArtifact(a, `${dir}/deep/er/a.txt`);
  assert.deepEqual([copy.path, copy.id, await copy.load()], [`${dir}/deep/er/a.txt`, a.id, "text of a"]);
  await materializeArtifact(a, `${dir}/deep/er/a.txt`);
  const error = await refused(materializeArtifact(b, `${dir}/deep/er/a.txt`));
  assert.deepEqual([error.code, await textOf(copy.path)], ["content_mismatch", "text of a"]);
  await materializeArtifact(b, `${dir}/deep/er/a.txt`, { overwrite: true });
  assert.equal(await textOf(copy.path), "text of b");
  assert.deepEqual(filesBelow(`${dir}/deep`), ["er/a.txt"]);
  await Deno.writeTextFile(copy.path, "edited");
  assert.equal(await load(b), "text of b", "an edit of the copy is none of the cached file");
});

test("materializeArtifact() refuses a folder in its way, an empty path, and a relative path that climbs out", async ({ dir }) => {
  const { a } = (await two()).outputs;
  await Deno.mkdir(`${dir}/folder`);
  assert.equal(await codeOf(materializeArtifact(a, `${dir}/folder`, { overwrite: true })), "storage_failed");
  for (const path of ["", "../x.txt", "deep/../../x.txt", "a\0b"]) {
    assert.equal(await codeOf(materializeArtifact(a, path)), "option_invalid");
  }
  const climbing = `${relative(Deno.cwd(), dir)}/out.txt`;
  assert.match(climbing, /^\.\./);
  assert.equal(await codeOf(materializeArtifact(a, climbing)), "option_invalid");
  await materializeArtifact(a, climbing, { allowExternalPaths: true });
  assert.equal(await textOf(`${dir}/out.txt`), "text of a");
  const misspelt = await refused(materializeArtifact(a, `${dir}/x`, { overwrit: true } as never));
  assert.deepEqual([misspelt.code, misspelt.fix], ["unknown_option", "Did you mean overwrite?"]);
});

test("materializeArtifact() takes an unharmed copy where the file is gone or damaged, and never a damaged one", async ({ dir }) => {
  const { a } = (await two()).outputs;
  await Deno.writeTextFile(a.path, "damaged");
  assert.equal(await codeOf(materializeArtifact(a, `${dir}/a.txt`)), "content_mismatch");
  await Deno.remove(a.path);
  assert.equal(await codeOf(materializeArtifact(a, `${dir}/a.txt`)), "artifact_missing");
  await Deno.mkdir(`${dir}/backup`);
  await Deno.writeTextFile(`${dir}/backup/a.txt`, "damaged too");
  assert.equal(await codeOf(materializeArtifact(a, `${dir}/a.txt`, { sourceRoot: `${dir}/backup` })), "content_mismatch");
  await Deno.writeTextFile(`${dir}/backup/a.txt`, "text of a");
  await materializeArtifact(a, `${dir}/a.txt`, { sourceRoot: `${dir}/backup` });
  assert.equal(await textOf(`${dir}/a.txt`), "text of a");
  await Deno.remove(`${dir}/backup`, { recursive: true });
  await run({ name: "another", fn: () => "text of a", outputs: ["same"] });
  await materializeArtifact(a, `${dir}/again.txt`);
  assert.equal(await textOf(`${dir}/again.txt`), "text of a", "what another run made with the same content is as good");
});

if (Deno.build.os !== "windows") {
  test("stageArtifact() copies, or links as it is told; a link in its way is replaced only when asked", async ({ dir }) => {
    const { a, b } = (await two()).outputs;
    const at = (name: string) => `${dir}/stage/${name}`;
    await stageArtifact(a, at("copy"));
    await stageArtifact(a, at("hard"), { mode: "hardlink" });
    await stageArtifact(a, at("soft"), { mode: "symlink" });
    await stageArtifact(a, at("soft"), { mode: "symlink" });
    const inode = async (path: string) => (await Deno.stat(path)).ino;
    assert.equal(await inode(at("hard")), await inode(a.path));
    assert.notEqual(await inode(at("copy")), await inode(a.path));
    assert.equal(await Deno.readLink(at("soft")), a.path);
    assert.equal(await codeOf(stageArtifact(a, at("soft"))), "content_mismatch");
    await stageArtifact(b, at("soft"), { overwrite: true });
    assert.deepEqual([await textOf(at("soft")), await textOf(a.path)], ["text of b", "text of a"]);
    assert.deepEqual(filesBelow(`${dir}/stage`), ["copy", "hard", "soft"]);
    assert.equal(await codeOf(stageArtifact(a, at("x"), { mode: "move" } as never)), "option_invalid");
    await Deno.writeTextFile(at("hard"), "edited by a program");
    assertMiss(await two());
  });
}

test("stageArtifacts() refuses what it can before the first copy, and says what is done where one fails", async ({ dir }) => {
  const { a, b } = (await two()).outputs;
  const at = (name: string) => `${dir}/stage/${name}`;
  assert.equal(await codeOf(stageArtifacts({ a, b }, { a: at("a") } as never)), "unknown_key");
  assert.match((await refused(stageArtifacts({ a, b }, { a: at("a"), b: at("b"), bb: at("c") } as never))).fix, /Did you mean "b"/);
  assert.equal(await codeOf(stageArtifacts({ a, b }, { a: at("a"), b: at("./a") })), "storage_failed");
  await assert.rejects(Deno.stat(`${dir}/stage`));
  await Deno.remove(b.path);
  assert.match((await refused(stageArtifacts({ a, b }, { a: at("a"), b: at("b") }))).why, /Done: "a"; not done: "b"/);
  assert.deepEqual(filesBelow(`${dir}/stage`), ["a"]);
});

if (Deno.build.os !== "windows") {
  test("a source that cannot be read fails its own output and no other", async ({ dir }) => {
    const made = await two();
    await archiveRunOutputs(made, `${dir}/archive`);
    await Deno.remove(made.outputs.a.path);
    await Deno.symlink(`${dir}/nowhere`, made.outputs.a.path);
    const restored = await hydrateRunOutputs(made, { targetDir: `${dir}/r` });
    assert.deepEqual([restored.a.status, restored.b.status], ["copied", "copied"], "the archive has what the dangling link has not");
    await Deno.remove(`${dir}/archive`, { recursive: true });
    const lost = await hydrateRunOutputs(made, { targetDir: `${dir}/r2` });
    assert.deepEqual([lost.a.status, lost.b.status, filesBelow(`${dir}/r2`)], ["missing", "copied", ["b.txt"]]);
  });
}

test("a folder that was an input is staged whole, and a changed one is refused", async ({ dir, tracker }) => {
  await Deno.mkdir(`${dir}/net/deep`, { recursive: true });
  for (const name of ["roads.csv", "deep/zones.csv"]) await Deno.writeTextFile(`${dir}/net/${name}`, name);
  const used = await run({
    name: "use",
    fn: ({ net }: { net: readonly string[] }) => net.length,
    inputs: { net: `${dir}/net` },
    outputs: ["n"],
  });
  const net = (await tracker.getArtifactsForRun(used)).inputs.net!;
  await stageArtifact(net, `${dir}/staged`);
  assert.deepEqual(filesBelow(`${dir}/staged`), ["deep/zones.csv", "roads.csv"]);
  await Deno.writeTextFile(`${dir}/net/roads.csv`, "changed");
  assert.equal(await codeOf(stageArtifact(net, `${dir}/again`)), "content_mismatch");
  assert.deepEqual(filesBelow(dir).filter((name) => name.startsWith("again") || name.endsWith(".tmp")), []);
});

// ── restoring ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

test("hydrateRunOutputs() restores a result, a run or an id below a folder, and says what became of each", async ({ dir }) => {
  const made = await two();
  for (const [index, which] of [made, made.run, made.run.id].entries()) {
    const restored = await hydrateRunOutputs(which, { targetDir: `${dir}/r${index}` }) as Record<string, { status: string; path: string }>;
    assert.deepEqual([restored.a?.status, restored.b?.path], ["copied", `${dir}/r${index}/b.txt`]);
    assert.deepEqual(filesBelow(`${dir}/r${index}`), ["a.txt", "b.txt"]);
  }
  await Deno.remove(made.outputs.a.path);
  await Deno.writeTextFile(made.outputs.b.path, "damaged");
  await Deno.writeTextFile(`${dir}/r1/b.txt`, "the user's");
  const again = await hydrateRunOutputs(made, { targetDir: `${dir}/r0` });
  assert.deepEqual([again.a.status, again.b.status], ["kept", "kept"]);
  const lost = await hydrateRunOutputs(made, { targetDir: `${dir}/r1`, keys: ["b"] });
  assert.deepEqual([Object.keys(lost), lost.b.status], [["b"], "failed"]);
  assert.match(lost.b.message ?? "", /overwrite: true/);
  assert.equal(await textOf(`${dir}/r1/b.txt`), "the user's");
  const elsewhere = await hydrateRunOutputs(made, { targetDir: `${dir}/r3` });
  assert.deepEqual([elsewhere.a.status, elsewhere.b.status], ["missing", "failed"]);
  assert.match(elsewhere.b.message ?? "", /other content than was recorded/);
  const found = await hydrateRunOutputs(made, { targetDir: `${dir}/r3`, sourceRoot: `${dir}/r0` });
  assert.deepEqual([found.a.status, await found.b.artifact.load()], ["copied", "text of b"]);
});

test("hydrateRunOutputs() refuses keys and runs that do not exist, and with onMissing: error says what is done", async ({ dir }) => {
  const made = await two();
  assert.equal(await codeOf(hydrateRunOutputs("nobody", { targetDir: dir })), "run_not_found");
  const key = await refused(hydrateRunOutputs(made.run.id, { targetDir: `${dir}/r`, keys: ["a", "bb"] }));
  assert.deepEqual([key.code, key.fix], ["unknown_key", 'Did you mean "b"?']);
  await assert.rejects(Deno.stat(`${dir}/r`));
  await Deno.remove(made.outputs.b.path);
  const error = await refused(hydrateRunOutputs(made, { targetDir: `${dir}/r`, onMissing: "error" }));
  assert.match(error.message, /Cannot restore "b".*[\s\S]*Done: "a"/);
  assert.deepEqual(filesBelow(`${dir}/r`), ["a.txt"]);
});

if (Deno.build.os !== "windows") {
  test("hydrateRunOutputs() does not follow a link out of its folder", async ({ dir }) => {
    const made = await run({
      name: "deep",
      fn: async (_, step) => {
        await Deno.writeTextFile(`${step.outputDir("deep")}/x.txt`, "deep");
        return file(`${step.outputDir("deep")}/x.txt`);
      },
      outputs: ["x"],
    });
    for (const name of ["r", "outside"]) await Deno.mkdir(`${dir}/${name}`);
    await Deno.symlink(`${dir}/outside`, `${dir}/r/deep`);
    const { x } = await hydrateRunOutputs(made, { targetDir: `${dir}/r` });
    assert.deepEqual([x.status, filesBelow(`${dir}/outside`)], ["failed", []]);
    const allowed = await hydrateRunOutputs(made, { targetDir: `${dir}/r`, allowExternalPaths: true });
    assert.deepEqual([allowed.x.status, filesBelow(`${dir}/outside`)], ["copied", ["x.txt"]]);
  });
}

// ── the archive ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

test("archiveRunOutputs() copies; what is then gone or damaged in its own place is a hit from the archive", async ({ dir }) => {
  const made = await two();
  const archived = await archiveRunOutputs(made, `${dir}/archive`);
  assert.deepEqual([archived.a.status, archived.a.path], ["copied", `${dir}/archive/${made.outputs.a.uri.slice(2)}`]);
  assert.equal((await archiveRunOutputs(made, `${dir}/archive`)).a.status, "kept");
  await Deno.remove(made.outputs.a.path);
  await Deno.writeTextFile(made.outputs.b.path, "damaged");
  const hit = await two();
  assertHit(hit);
  assert.deepEqual([await hit.load("a"), await hit.load("b")], ["text of a", "text of b"]);
  assert.match(hit.explain(), /"a" is not in its own place any more, and is taken from .*archive/);
  assert.equal(await made.load("a"), "text of a", "an artifact that was handed out before finds it too");
  await Deno.writeTextFile(archived.a.path, "damaged as well");
  assertMiss(await two());
});

test("archiveRunOutputs() moves; loads, inputs, relations and other processes find what was moved", async ({ dir, tracker }) => {
  const table = () =>
    run({
      name: "table",
      fn: async (_, step) => {
        await Deno.writeTextFile(step.outputPath("t", "csv"), "id,km\n1,2\n2,3\n");
        return file(step.outputPath("t", "csv"));
      },
      outputs: ["t"],
    });
  const made = await table();
  await archiveRunOutputs(made, `${dir}/archive`, { mode: "move" });
  await assert.rejects(Deno.stat(made.outputs.t.path));
  const again = await table();
  assertHit(again);
  assert.equal((await again.load("t") as { height: number }).height, 2);
  const sum = await run({
    name: "sum",
    fn: async ({ t }) => Number((await t.rows())[0]!.km),
    inputs: { t: relation(again.outputs.t) },
    outputs: ["km"],
  });
  assert.equal(await sum.load(), 2);
  const lazily = await run({
    name: "path",
    fn: ({ t }: { t: string }) => Deno.readTextFileSync(t).length,
    inputs: { t: made.outputs.t },
    executionOptions: { inputBinding: "paths" },
    outputs: ["n"],
  });
  assert.equal(await lazily.load(), 14);
  const recorded = await tracker.getArtifact(made.outputs.t.id) as Artifact;
  assert.ok(recorded.path.startsWith(`${dir}/archive`));
  assert.deepEqual(await sql`select sum(km) as km from ${recorded}`.rows(), [{ km: 5 }]);
  await tracker.close();
  for (const end of ["", ".wal"]) await Deno.remove(tracker.dbPath + end).catch(() => {});
  await using other = new Tracker({ dbPath: tracker.dbPath, runDir: tracker.runDir });
  await other.rebuild();
  assert.equal((await other.getArtifact(made.outputs.t.id))?.path, recorded.path);
});

test("archiveRunOutputs() takes nothing away, and leaves nothing in the archive, where the ledger cannot record it", async ({ dir, tracker }) => {
  const made = await two();
  const services = servicesOf(tracker);
  const write = () => Promise.reject(new Error("no space left on device"));
  const ledger = new Proxy(services.ledger, {
    get: (target, name) =>
      name === "write" ? write : (Reflect.get(target, name) as () => unknown).bind?.(target) ?? Reflect.get(target, name),
  });
  await assert.rejects(archiveOutputs({ ...services, ledger }, made, `${dir}/archive`, { mode: "move" }), /no space left/);
  assert.deepEqual(filesBelow(`${dir}/archive`), []);
  assert.deepEqual([await textOf(made.outputs.a.path), await textOf(made.outputs.b.path)], ["text of a", "text of b"]);
});

test("verifyRun() compares with what was archived", async ({ dir }) => {
  const random = await run({ name: "random", fn: () => ({ mean: Math.random() }), outputs: ["summary"] });
  await archiveRunOutputs(random, `${dir}/archive`, { mode: "move" });
  const { verdict, differences } = await verifyRun(random);
  assert.equal(verdict, "different");
  assert.match(differences[0]!.first, /^\$\.mean: /);
});

test("archiveRunOutputs() never replaces other content; what it could not archive stays", async ({ dir }) => {
  const made = await two();
  const place = `${dir}/archive/${made.outputs.a.uri.slice(2)}`;
  await Deno.mkdir(place.replace(/[^/]*$/, ""), { recursive: true });
  await Deno.writeTextFile(place, "somebody else's");
  const archived = await archiveRunOutputs(made.run.id, `${dir}/archive`, { mode: "move" });
  assert.deepEqual([archived.a?.status, archived.b?.status], ["failed", "copied"]);
  assert.deepEqual([await textOf(place), await textOf(made.outputs.a.path)], ["somebody else's", "text of a"]);
  await assert.rejects(Deno.stat(made.outputs.b.path));
  assertHit(await two());
  await Deno.remove(archived.b!.path);
  assertMiss(await two());
});

test("archiveRunOutputs() leaves what a readonly run made where it is: nothing would say where it went", async ({ dir }) => {
  const made = await run({ name: "unrecorded", fn: () => 1, outputs: ["n"], cacheOptions: { cacheMode: "readonly" } });
  const { n } = await archiveRunOutputs(made, `${dir}/archive`, { mode: "move" });
  assert.equal(n.status, "failed");
  assert.equal(await made.load("n"), 1);
});

// ── rows in the ledger ──────────────────────────────────────────────────────────────────────────────────────────────────────

test("a table whose file is gone comes back from its rows: materialised, restored, hydrated, staged as an input", async ({ dir }) => {
  const make = (more: object = {}) =>
    run({ name: "make", fn: () => pl.DataFrame({ id: [1, 2, 3], name: ["a", "b", null] }), outputs: { table: { ingest: true } }, ...more });
  const { table } = (await make()).outputs;
  await Deno.remove(table.path);
  const height = (path: string) => pl.readParquet(path).height;
  await materializeArtifact(table, `${dir}/copy.parquet`);
  assert.equal(height(`${dir}/copy.parquet`), 3);
  const restored = await hydrateRunOutputs(await make(), { targetDir: `${dir}/restored` });
  assert.deepEqual([restored.table.status, height(restored.table.path)], ["from_ledger", 3]);
  const asked = { cacheOptions: { cacheHydration: "outputs-requested" }, outputPaths: { table: `${dir}/here.parquet` } };
  assertHit(await make(asked));
  assert.equal(height(`${dir}/here.parquet`), 3);
  const used = await run({
    name: "use",
    fn: ({ table }: { table: string }) => pl.readParquet(table).height,
    inputs: { table },
    executionOptions: { inputBinding: "paths" },
    outputs: ["n"],
    cacheOptions: { cacheHydration: "inputs-missing" },
  });
  assert.equal(await used.load(), 3);
  assert.equal(await codeOf(stageArtifact(table, `${dir}/link`, { mode: "symlink" })), "artifact_missing");
});

// ── which ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

test("which() names the runs that made, then those that read, a file with this content, whatever its name", async ({ dir }) => {
  const made = await two();
  await two();
  const used = await run({ name: "use", fn: ({ a }: { a: string }) => a.length, inputs: { a: made.outputs.a }, outputs: ["n"] });
  await Deno.writeTextFile(`${dir}/x'\"<b>.bin`, "text of a");
  assert.deepEqual((await which(`${dir}/x'\"<b>.bin`)).map(({ id }) => id), [made.run.id, used.run.id]);
  await Deno.writeTextFile(`${dir}/unknown`, "nobody's");
  assert.deepEqual(await which(`${dir}/unknown`), []);
  assert.equal(await codeOf(which(`${dir}/nothing`)), "input_missing");
  assert.equal((await findRuns({ step: "two", history: true })).length, 2);
});
