import assert from "node:assert/strict";
import pl from "polars";
import { ContentError, InputError } from "../errors.ts";
import type { DataFrame } from "../types.ts";
import { type ArtifactOptions, loadFrame, StoredArtifact } from "./artifact.ts";
import { digestFolder, digestGlob } from "./digest_folder.ts";
import { DigestMemo } from "./digest_memo.ts";
import { driverForPath } from "./driver.ts";
import { type TempFolder, tempFolder } from "./temp_folder.ts";

async function stored(folder: TempFolder, name: string, value: unknown, options: ArtifactOptions & { runId?: string } = {}) {
  const path = `${folder.path}/${name}`;
  const driver = driverForPath(path);
  const { hash } = await driver.write(value, path);
  const fields = { id: "018f", key: "table", path, uri: `./${name}`, driver: driver.name, hash, runId: options.runId };
  return new StoredArtifact(fields, options);
}

Deno.test("StoredArtifact.load() gives the recorded value", async () => {
  await using folder = await tempFolder();
  const artifact = await stored(folder, "x.json", { a: [1] });
  assert.deepEqual(await artifact.load(), { a: [1] });
  assert.equal(await artifact.check(), undefined);
});

for (
  const [label, damage] of Object.entries({
    "edited": (path: string) => Deno.writeTextFile(path, '{"a":[2]}'),
    "replaced by bytes of the same size": async (path: string) => Deno.writeFile(path, new Uint8Array((await Deno.stat(path)).size)),
    "cut off": (path: string) => Deno.truncate(path, 3),
  })
) {
  Deno.test(`StoredArtifact.load() never gives a file that was ${label}`, async () => {
    await using folder = await tempFolder();
    const artifact = await stored(folder, "x.json", { a: [1] }, { runId: "clean_1f" });
    await damage(artifact.path);
    await assert.rejects(artifact.load(), (error: unknown) => {
      assert.ok(error instanceof ContentError);
      assert.deepEqual([error.code, error.run, error.path], ["content_mismatch", "clean_1f", artifact.path]);
      assert.match(error.message, /recorded by the run clean_1f/);
      assert.match(error.fix, /Run the step again/);
      return true;
    });
  });
}

Deno.test("StoredArtifact.load() says that a file is gone", async () => {
  await using folder = await tempFolder();
  const artifact = await stored(folder, 'it\'s "<b>".json', 1);
  await Deno.remove(artifact.path);
  await assert.rejects(artifact.load(), { name: "ContentError", code: "artifact_missing", path: artifact.path, fix: /Put the file back/ });
});

Deno.test("StoredArtifact.load() asks the fallback where the file is gone or damaged, and only there", async () => {
  await using folder = await tempFolder();
  const asked: string[] = [];
  const fallback = (artifact: StoredArtifact) => {
    asked.push(artifact.key);
    return Promise.resolve(asked.length < 3 ? "from rows" : undefined);
  };
  const artifact = await stored(folder, "x.json", "from file", { fallback });
  assert.equal(await artifact.load(), "from file");
  await Deno.writeTextFile(artifact.path, "other");
  assert.equal(await artifact.load(), "from rows");
  await Deno.remove(artifact.path);
  assert.equal(await artifact.load(), "from rows");
  await assert.rejects(artifact.load(), { code: "artifact_missing" });
  assert.deepEqual(asked, ["table", "table", "table"]);
});

Deno.test("StoredArtifact.load() of a folder or a pattern gives its files while they are as recorded", async () => {
  await using folder = await tempFolder();
  const [b, a] = [await folder.write("in/b.csv", "b"), await folder.write("in/a.csv", "a")];
  const memo = new DigestMemo();
  const make = (driver: string, path: string, hash: string) => new StoredArtifact({ id: "1", key: "in", path, uri: path, driver, hash });
  const artifacts = [
    make("folder", `${folder.path}/in`, (await digestFolder(`${folder.path}/in`, memo)).digest),
    make("glob", `${folder.path}/in/*.csv`, (await digestGlob(`${folder.path}/in/*.csv`, memo)).digest),
  ];
  for (const artifact of artifacts) assert.deepEqual(await artifact.load(), [a, b]);
  await folder.write("in/c.csv", "");
  for (const artifact of artifacts) await assert.rejects(artifact.load(), { code: "content_mismatch" });
  await Deno.remove(`${folder.path}/in`, { recursive: true });
  for (const artifact of artifacts) await assert.rejects(artifact.load(), { code: "artifact_missing" });
});

Deno.test("StoredArtifact.load() names an unknown driver", async () => {
  await using folder = await tempFolder();
  const { id, key, path, uri, hash } = await stored(folder, "x.json", 1);
  await assert.rejects(new StoredArtifact({ id, key, path, uri, hash, driver: "zarr" }).load(), {
    code: "option_invalid",
    problem: /"zarr"/,
  });
});

Deno.test("StoredArtifact has the facts and no other enumerable property", async () => {
  await using folder = await tempFolder();
  const artifact = await stored(folder, "x.txt", "x");
  assert.deepEqual(Object.keys(artifact).sort(), ["driver", "hash", "id", "key", "meta", "path", "uri"]);
});

Deno.test("StoredArtifact stands for its key, driver and content in a step's identity", () => {
  const make = (change: object) => {
    const fields = { id: "1", key: "k", path: "/x", uri: "/x", driver: "csv", hash: "h", ...change };
    return (new StoredArtifact(fields) as unknown as { [key: symbol]: () => string })[Symbol.for("consist.identity")]!();
  };
  assert.equal(make({ id: "2", path: "/y", uri: "./y" }), make({}));
  for (const change of [{ key: "k2" }, { driver: "tsv" }, { hash: "h2" }]) assert.notEqual(make(change), make({}));
});

Deno.test("StoredArtifact shows a card that escapes its names and says when the file is gone", async () => {
  await using folder = await tempFolder();
  const artifact = await stored(folder, "<img onerror=x>.txt", "x", { runId: "run_<b>" });
  const card = () => (artifact as unknown as { [key: symbol]: () => Promise<Record<string, string>> })[Symbol.for("Jupyter.display")]!();
  assert.deepEqual(Object.keys(await card()).sort(), ["text/html", "text/plain"]);
  assert.ok(!/<img onerror|run_<b>/.test((await card())["text/html"]!));
  assert.match((await card())["text/plain"]!, /run_<b>/);
  assert.doesNotMatch((await card())["text/plain"]!, /warning/);
  await Deno.remove(artifact.path);
  assert.match((await card())["text/plain"]!, /not where the ledger says/);
});

Deno.test("loadFrame() gives tables and lists of records, and refuses the rest", async () => {
  await using folder = await tempFolder();
  const rows = async (name: string, value: unknown) => (await loadFrame(await stored(folder, name, value))).rows();
  assert.deepEqual(await rows("x.csv", pl.DataFrame({ a: [1.5], b: ["x"] })), [[1.5, "x"]]);
  assert.deepEqual(await rows("x.ndjson", pl.DataFrame({ a: [1.5] })), [[1.5]]);
  assert.deepEqual(await rows("x.json", [{ a: 1.5 }, { a: null }, { a: 2.5 }]), [[1.5], [null], [2.5]]);
  for (const value of [{ a: 1 }, [1, 2], [[1]], "text", null]) {
    const refused = loadFrame(await stored(folder, "x.json", value, { runId: "r1" }));
    await assert.rejects(
      refused,
      (error: unknown) => error instanceof InputError && error.code === "input_unreadable" && error.run === "r1",
    );
  }
});

Deno.test("loaded frames show html and text of their own, with types and escaped cells", async () => {
  await using folder = await tempFolder();
  const value = pl.DataFrame({ "<b>": ["<script>", null], list: [[1], [2]] });
  const frame = await (await stored(folder, "x.parquet", value)).load() as DataFrame;
  const bundle = await (frame as unknown as { [key: symbol]: () => Promise<Record<string, string>> })[Symbol.for("Jupyter.display")]!();
  assert.deepEqual(Object.keys(bundle).sort(), ["text/html", "text/plain"]);
  assert.ok(!/<script>|<b>/.test(bundle["text/html"]!));
  assert.match(bundle["text/html"]!, /List\(Float64\)/);
  assert.ok(!Object.keys(frame).includes("Symbol(Jupyter.display)"));
});
