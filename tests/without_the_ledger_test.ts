/** Steps that execute, and are served again, while another process has the ledger. */
import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";
import { Tracker } from "../src/tracker/mod.ts";
import { Child, tempDir } from "./child.ts";

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

Deno.test("a long step executes and is served again while another process has the ledger, which finds all of it afterwards", async () => {
  await using dir = await tempDir();
  await using tracker = new Tracker({ dbPath: `${dir.path}/provenance.duckdb`, runDir: `${dir.path}/runs` });
  const long = (n: number) =>
    tracker.run({
      name: "long",
      fn: async (_, { config }) => {
        await pause(config.ms);
        return { made: config.n };
      },
      config: { n, ms: 350 },
      outputs: ["made"],
    });
  await long(1);
  await tracker.findRuns();
  await pause(600); // till the file is given back
  await using other = new Child("hold.ts", { path: tracker.dbPath, ms: 600_000 });
  await other.until("held");
  assert.equal((await long(2)).cacheHit, false);
  assert.equal((await long(2)).cacheHit, true);
  assert.equal((await long(3)).cacheHit, false);
  await other.kill();
  assert.deepEqual((await tracker.findRuns({ history: true })).map(({ cacheHit }) => cacheHit), [false, true, false, false]);
});

Deno.test("a test file that does not close its tracker ends as well as its tests do, and nothing that it executed is lost", async () => {
  await using dir = await tempDir();
  const source = `import { Tracker } from ${JSON.stringify(new URL("../src/tracker/mod.ts", import.meta.url).href)};
Deno.test({ name: "left open", sanitizeOps: false, sanitizeResources: false, fn: async () => {
  const tracker = new Tracker({ dbPath: ${JSON.stringify(`${dir.path}/provenance.duckdb`)} });
  for (let i = 0; i < 2; i++) await tracker.run({ name: "step", fn: () => ({ n: 1 }), outputs: ["n"] });
} });`;
  await Deno.writeTextFile(`${dir.path}/left_open_test.ts`, source);
  const config = fromFileUrl(new URL("../deno.json", import.meta.url));
  const args = ["test", "-A", "--no-check", "--config", config, `${dir.path}/left_open_test.ts`];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.equal(code, 0, said);
  assert.match(said, /1 writes are lost[^]*Call tracker\.close\(\)/, "the row of the hit");
  await using tracker = new Tracker({ dbPath: `${dir.path}/provenance.duckdb` });
  assert.deepEqual((await tracker.findRuns({ history: true })).map(({ status, cacheHit }) => [status, cacheHit]), [["completed", false]]);
});
