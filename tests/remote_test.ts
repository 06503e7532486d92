/** Inputs from the web, and below mounts: by content, wherever they come from. */
import assert from "node:assert/strict";
import type pl from "polars";
import { input, lazy, relation, run, scenario, wouldHit } from "consist";
import { assertHit, assertMiss } from "consist/testing";
import { Child, tempDir } from "./child.ts";
import { refused, test } from "./in_tracker.ts";

/** A server of one table on this machine. */
function served() {
  const state = { body: "id,km\n1,2\n2,3\n", asked: 0 };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    state.asked++;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(state.body)));
    const etag = `"${digest.toHex()}"`;
    return request.headers.get("if-none-match") === etag
      ? new Response(null, { status: 304 })
      : new Response(state.body, { headers: { etag } });
  });
  const url = `http://127.0.0.1:${server.addr.port}/trips.csv` as const;
  return Object.assign(state, { url: url as `${string}.csv`, [Symbol.asyncDispose]: () => server.shutdown() });
}
const rows = (url: `${string}.csv` | URL) =>
  run({
    name: "rows",
    fn: ({ trips }: { trips: pl.DataFrame }) => trips.height,
    inputs: { trips: url as `${string}.csv` },
    outputs: ["n"],
  });

test("a file of the web is fetched once, counts by its content, and is recorded with its address", async ({ tracker }) => {
  await using server = served();
  const first = await rows(server.url);
  assertMiss(first);
  assert.equal(await first.load(), 2);
  assertHit(await rows(server.url));
  assertHit(await rows(new URL(server.url)));
  const { trips } = (await tracker.getArtifactsForRun(first)).inputs;
  assert.deepEqual([trips!.meta.source_url, (await trips!.load() as pl.DataFrame).height], [server.url, 2]);
  server.body = "id,km\n1,2\n";
  assert.equal(
    (await wouldHit({
      name: "rows",
      fn: ({ trips }: { trips: pl.DataFrame }) => trips.height,
      inputs: { trips: server.url },
      outputs: ["n"],
    })).hit,
    false,
  );
  const changed = await rows(server.url);
  assertMiss(changed, "inputs");
  assert.match(changed.explain(), /trips \(http:\/\/127\.0\.0\.1.*trips\.csv\)/);
  assert.equal(await changed.load(), 1);
  server.body = "id,km\n1,2\n2,3\n";
  assertHit(await rows(server.url));
});

test("a file of the web is the same input as a file of this machine with its content", async ({ dir }) => {
  await using server = served();
  await rows(server.url);
  await Deno.writeTextFile(`${dir}/other.csv`, server.body);
  assertHit(await rows(`${dir}/other.csv`));
});

test("with the server gone the copy that was kept is used; what was never fetched is an error that names it", async () => {
  let url: `${string}.csv` = "x.csv";
  {
    await using server = served();
    url = server.url;
    await rows(url);
  }
  assertHit(await rows(url));
  const error = await refused(rows(url.replace("trips", "never") as `${string}.csv`));
  assert.deepEqual([error.code, error.path], ["input_unreadable", url.replace("trips", "never")]);
});

test("lazy, relation, paths, dependsOn and input() take addresses; what a step reads by itself is asked for again at each lookup", async () => {
  await using server = served();
  const { url } = server;
  const ways = () =>
    run({
      name: "ways",
      fn: async ({ scan, rel }, step) => {
        const read = await input(url) as pl.DataFrame;
        return [(await scan.collect()).height, await rel.count(), read.height, step.config.k];
      },
      config: { k: 1 },
      inputs: { scan: lazy(server.url), rel: relation(server.url) },
      dependsOn: [server.url],
      outputs: ["heights"],
    });
  assert.deepEqual(await ways().load(), [2, 2, 2, 1]);
  assertHit(await ways());
  const path = await run({
    name: "path",
    fn: ({ trips }: { trips: string }) => Deno.readTextFileSync(trips).length,
    inputs: { trips: server.url },
    executionOptions: { inputBinding: "paths" },
    outputs: ["n"],
  });
  assert.equal(await path.load(), server.body.length);
  const alone = () => run({ name: "alone", fn: async () => (await input(url) as pl.DataFrame).height, outputs: ["n"] });
  await alone();
  assertHit(await alone());
  server.body += "3,4\n";
  assert.equal(await alone().load(), 3);
  assert.equal((await input(server.url) as pl.DataFrame).height, 3);
});

test("logInput() and a coupler take addresses of the web and of mounts, and both are looked at again", async ({ tracker }) => {
  await using server = served();
  const { url } = server;
  const logged = () =>
    run({ name: "logged", fn: async (_, step) => (await (await step.logInput(url)).load() as pl.DataFrame).height, outputs: ["n"] });
  assert.equal(await logged().load(), 2);
  assertHit(await logged());
  server.body += "9,9\n";
  assert.equal(await logged().load(), 3);
  await scenario("coupled", async (sc) => {
    const artifact = await sc.coupler.setFromArtifact("trips", url);
    assert.equal(artifact.meta.source_url, url);
    const n = await sc.run({ name: "n", fn: ({ trips }: { trips: pl.DataFrame }) => trips.height, inputs: ["trips"], outputs: ["n"] });
    assert.equal(await n.load(), 3);
  });
  const { Tracker } = await import("consist");
  await Deno.mkdir(`${tracker.runDir}/../mounted`);
  await Deno.writeTextFile(`${tracker.runDir}/../mounted/k.txt`, "seven");
  await using mounted = new Tracker({ dbPath: tracker.dbPath, runDir: tracker.runDir, mounts: { inputs: `${tracker.runDir}/../mounted` } });
  const below = () => mounted.run({ name: "below", fn: async (_, step) => (await step.logInput("inputs://k.txt")).load(), outputs: ["k"] });
  assert.equal(await below().load(), "seven");
  assertHit(await below());
  await Deno.writeTextFile(`${tracker.runDir}/../mounted/k.txt`, "eight");
  assert.equal(await below().load(), "eight");
});

test("the address of a mount is an input, literal or as a pattern; an unknown mount is named", async () => {
  const { Tracker } = await import("consist");
  const dir = await Deno.makeTempDir();
  await Deno.mkdir(`${dir}/data`);
  for (const name of ["a", "b"]) await Deno.writeTextFile(`${dir}/data/${name}.txt`, name);
  {
    await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb`, mounts: { inputs: `${dir}/data` } });
    const one = () => tracker.run({ name: "one", fn: ({ a }) => a, inputs: { a: "inputs://a.txt" }, outputs: ["x"] });
    assert.equal(await one().load(), "a");
    assertHit(await one());
    const all = () => tracker.run({ name: "all", fn: ({ all }) => all.length, inputs: { all: "inputs://*.txt" }, outputs: ["n"] });
    const made = await all();
    assert.equal(await made.load(), 2);
    assertHit(await all());
    const error = await refused(tracker.run({ name: "x", fn: ({ a }) => a, inputs: { a: "input://a.txt" }, outputs: ["x"] }));
    assert.deepEqual([error.code, error.fix], ["input_missing", 'Did you mean "inputs"?']);
    assert.equal(
      (await refused(tracker.run({ name: "x", fn: ({ a }) => a, inputs: { a: "inputs://../a.txt" }, outputs: ["x"] }))).code,
      "input_missing",
    );
  }
  await Deno.remove(dir, { recursive: true });
});

const mayMount = Deno.build.os === "linux" && Deno.uid() === 0 &&
  new Deno.Command("unshare", { args: ["-m", "true"] }).outputSync().success;

Deno.test({
  name: "an answer that is larger than the disk is a storage_failed error, and leaves no half file",
  ignore: !mayMount,
  fn: async () => {
    await using dir = await tempDir();
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response(new Uint8Array(20_000_000)));
    try {
      const wrap = ["unshare", "-m", "sh", "-c", `mount -t tmpfs -o size=8m none "$0" && exec "$@"`, dir.path];
      const child = new Child("fetch_full.ts", { dir: dir.path, url: `http://127.0.0.1:${server.addr.port}/large.bin` }, { wrap });
      assert.deepEqual(await child.answer(), { code: "storage_failed", why: "The disk is full.", left: [] });
    } finally {
      await server.shutdown();
    }
  },
});
