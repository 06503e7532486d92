/** Commands that change a ledger: what they do, and what is left where they fail, are killed, or are not alone. */
import assert from "node:assert/strict";
import { fromFileUrl, join } from "@std/path";
import { exists } from "@std/fs";
import { openLedger } from "../../src/ledger/mod.ts";
import { Tracker } from "../../src/tracker/mod.ts";
import { callIn, callWith } from "./call.ts";
import { type Change, CHANGES } from "./changes.ts";
import { type FixedLedger, fixedLedger } from "./fixed_ledger.ts";

/** What all tables hold, in one text each. Notes of the file itself are left out. */
async function contentOf(path: string): Promise<{ readonly [table: string]: string }> {
  const ledger = openLedger(path, { onlyReads: true });
  try {
    return await ledger.read(async (db) => {
      const tables = await db.all<{ name: string }>(
        "SELECT table_name AS name FROM duckdb_tables() WHERE schema_name = 'main' AND NOT temporary ORDER BY 1",
      );
      const content: Record<string, string> = {};
      for (const { name } of tables.filter(({ name }) => name !== "deno_file" && name !== "deno_digest")) {
        const [row] = await db.all<{ n: number; h: bigint | null }>(`SELECT count(*) AS n, bit_xor(hash(t)) AS h FROM "${name}" t`);
        content[name] = `${row!.n} ${row!.h}`;
      }
      return content;
    });
  } finally {
    await ledger.close();
  }
}

/** The names in a folder and below, without logs and the claims of processes. */
async function namesIn(dir: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    if (name === "claims" || name.endsWith(".wal") || name.endsWith(".turns")) continue; // of whoever uses the ledger
    found.push(name, ...(isDirectory ? (await namesIn(join(dir, name))).map((inner) => `${name}/${inner}`) : []));
  }
  return found.sort();
}

/** What only a change that goes on has. */
const leftOver = async (dir: string): Promise<string[]> =>
  (await namesIn(dir)).filter((path) => path.includes(".purge-") || path.endsWith(".new"));

/** The fixed ledger with a snapshot of a run that it lacks, and another ledger beside it. */
async function prepared(): Promise<FixedLedger> {
  const ledger = await fixedLedger();
  await using other = await fixedLedger();
  const theirs = openLedger(other.path);
  await theirs.write((db) => db.run("UPDATE deno_run SET run_id = run_id || '_other'"));
  await theirs.write((db) => db.run("UPDATE run SET id = id || '_other'"));
  const connection = await theirs.connection();
  await connection.run("CHECKPOINT");
  connection.disconnectSync();
  await theirs.close();
  await Deno.copyFile(other.path, join(ledger.dir, "other.duckdb"));
  const folder = join(ledger.dir, "runs/consist_runs");
  const { deno: _, ...snapshot } = JSON.parse(await Deno.readTextFile(join(folder, "plot_9999eeee0000.json")));
  snapshot.run.id = "plot_105700000000";
  await Deno.writeTextFile(join(folder, "plot_105700000000.json"), JSON.stringify(snapshot));
  return ledger;
}

/** Makes a change, and counts the steps before which all is as it was: a purge's files go after its rows. */
async function make(change: Change, dir: string): Promise<number> {
  await using tracker = new Tracker({ dbPath: join(dir, "provenance.duckdb") });
  let steps = 0;
  await change(tracker, (_done, _total, what) => void (steps += what === "files" || what === "done" ? 0 : 1), dir);
  return steps;
}

/** The first steps, one in the middle, the last ones. */
const some = (steps: number): number[] =>
  [...new Set([0, 1, Math.floor(steps / 2), steps - 1])].filter((step) => step >= 0 && step < steps);

async function stepsOf(change: Change): Promise<number[]> {
  await using ledger = await prepared();
  return some(await make(change, ledger.dir));
}

for (const [name, change] of Object.entries(CHANGES)) {
  Deno.test(`${name}: a failure at any step leaves ledger and folder as they were`, async () => {
    await using ledger = await prepared();
    const [content, names] = [await contentOf(ledger.path), await namesIn(ledger.dir)];
    for (const failing of await stepsOf(change)) {
      await using tracker = new Tracker({ dbPath: ledger.path });
      let step = 0;
      const fails = () => {
        if (step++ === failing) throw new Error("injected");
      };
      await assert.rejects(change(tracker, fails, ledger.dir), /injected/);
      await tracker.close();
      assert.deepEqual(await contentOf(ledger.path), content, `step ${failing}`);
      assert.deepEqual((await namesIn(ledger.dir)).filter((path) => !path.includes(".purge-")), names, `step ${failing}`);
    }
    await make(change, ledger.dir);
    assert.deepEqual(await leftOver(ledger.dir), []);
  });

  Deno.test(`${name}: a kill at any step leaves the ledger as it was, and the next call does the work`, async () => {
    for (const killed of await stepsOf(change)) {
      await using ledger = await prepared();
      const content = await contentOf(ledger.path);
      assert.equal(await killedAt(name, killed, ledger.dir), "SIGKILL");
      assert.deepEqual(await contentOf(ledger.path), content, `step ${killed}`);
      await make(change, ledger.dir);
      if (name !== "compact") assert.notDeepEqual(await contentOf(ledger.path), content, `step ${killed}`);
      if (name === "compact" || name === "purge") assert.deepEqual(await leftOver(ledger.dir), []);
    }
  });
}

/** Makes a change in a process of its own, which kills itself at a step; the signal that ended it. */
async function killedAt(name: string, step: number, dir: string): Promise<Deno.Signal | null> {
  const program = fromFileUrl(new URL("changes.ts", import.meta.url));
  const { signal, stderr } = await new Deno.Command(Deno.execPath(), { args: ["run", "-A", "--no-check", program, name, `${step}`, dir] })
    .output();
  if (signal === null) console.error(new TextDecoder().decode(stderr));
  return signal;
}

Deno.test("purge: files that a kill left go with the next purge, though the runs are gone already", async () => {
  await using ledger = await fixedLedger();
  assert.equal(await killedAt("purge", 2, ledger.dir), "SIGKILL"); // the rows are gone, the files are there
  assert.equal((await ledger.call("runs", "--scenario", "baseline")).out, "no runs\n");
  assert.equal((await leftOver(ledger.dir)).length, 1);
  assert.match((await ledger.call("db", "doctor")).out, /purge_unfinished/);
  assert.equal((await ledger.call("db", "reconcile")).code, 0);
  assert.equal((await ledger.call("runs", "--scenario", "baseline")).out, "no runs\n");
  assert.deepEqual((await namesIn(join(ledger.dir, "runs"))).filter((path) => /\.(?:csv|json)$/.test(path)), []);
});

Deno.test("purge: removes rows, folders and snapshots of the runs, asks before, and leaves everything else", async () => {
  await using ledger = await fixedLedger();
  const words = ["db", "purge", "7777"];
  assert.equal((await callWith(ledger.dir, words, { answer: false })).code, 1);
  assert.equal((await ledger.call("show", "7777")).code, 0);
  const { code, err } = await callWith(ledger.dir, words, { answer: true });
  assert.equal(code, 0);
  assert.match(err, /1 run, 1 artifact, 1 folder and 1 file would be removed/);
  assert.equal((await ledger.call("show", "7777")).code, 1);
  assert.equal(await exists(join(ledger.dir, "runs/outputs/total")), false);
  assert.equal(await exists(join(ledger.dir, "runs/consist_runs/total_7777dddd8888.json")), false);
  assert.equal((await ledger.call("validate")).out, "2 outputs: all as the ledger says\n");
  assert.equal((await ledger.call("db", "purge", "slow", "--yes")).code, 1); // it has not ended
});

Deno.test("purge: nothing outside of the run folder is removed, whatever the ledger says", async () => {
  await using ledger = await fixedLedger();
  const victims = [join(ledger.dir, "victim.csv"), join(ledger.dir, "elsewhere", "total_7777dddd8888", "total.json")];
  await Deno.mkdir(join(ledger.dir, "elsewhere", "total_7777dddd8888"), { recursive: true });
  for (const victim of victims) await Deno.writeTextFile(victim, "mine");
  const hostile = openLedger(ledger.path);
  await hostile.write((db) => db.run("UPDATE artifact SET container_uri = './../victim.csv' WHERE key = 'table'"));
  await hostile.write((db) => db.run(`UPDATE run SET model_name = '../..', meta = '{"step":"../../elsewhere"}' WHERE id LIKE 'prepare%'`));
  await hostile.close();
  await Deno.rename(join(ledger.dir, "runs/outputs/total"), join(ledger.dir, "moved"));
  await Deno.symlink(join(ledger.dir, "elsewhere"), join(ledger.dir, "runs/outputs/total"));
  assert.match((await ledger.call("db", "doctor")).out, /path_outside/);
  const { code, out, err } = await ledger.call("db", "purge", "--scenario", "baseline", "--yes");
  assert.equal(code, 0, out + err);
  for (const victim of victims) assert.equal(await Deno.readTextFile(victim), "mine", victim);
});

Deno.test("purge: a folder in which another run has a file stays, with that file", async () => {
  await using ledger = await fixedLedger();
  const shared = openLedger(ledger.path);
  await shared.write((db) =>
    db.run("UPDATE artifact SET container_uri = './outputs/total/total_7777dddd8888/other.json' WHERE run_id = 'prepare_1111aaaa2222'")
  );
  await shared.close();
  const folder = join(ledger.dir, "runs/outputs/total/total_7777dddd8888");
  await Deno.writeTextFile(join(folder, "other.json"), "1");
  assert.equal((await ledger.call("db", "purge", "7777", "--yes")).code, 0);
  assert.deepEqual((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), ["other.json"]);
});

Deno.test("purge: takes the snapshot that Python wrote under its own name for an id, and not one of another run that has that name", async () => {
  await using ledger = await fixedLedger();
  const ids = ["it's a/b_1", "it s a b_1"];
  const other = openLedger(ledger.path);
  await other.write(async (db) => {
    for (const id of ids) {
      await db.run(
        `INSERT INTO run SELECT $1, NULL, 'completed', 'theirs', NULL, NULL, NULL, NULL, NULL, '[]', 'c', 'g', 'i', 's', '{}', now(), now(), now(), now()`,
        [id],
      );
    }
  });
  await other.close();
  const snapshot = join(ledger.dir, "runs", "consist_runs", "it_s_a_b_1.json");
  const write = (id: string) => Deno.writeTextFile(snapshot, JSON.stringify({ run: { id, status: "completed", model_name: "theirs" } }));
  await write(ids[0]!);
  assert.equal((await ledger.call("db", "purge", ids[1]!, "--yes")).code, 0);
  assert.equal(await exists(snapshot), true, "it is another run's");
  assert.equal((await ledger.call("db", "purge", ids[0]!, "--yes")).code, 0);
  assert.equal(await exists(snapshot), false);
  assert.deepEqual(JSON.parse((await ledger.call("db", "reconcile", "--dry-run", "--json")).out).runs, []);
});

Deno.test("merge: each id comes in once, conflicts are told, and a ledger of Python's comes in as it is", async () => {
  await using ledger = await prepared();
  const other = join(ledger.dir, "other.duckdb");
  const planned = JSON.parse((await ledger.call("db", "merge", other, "--dry-run", "--json")).out);
  assert.equal(planned.rows.run, 7);
  assert.equal(JSON.parse((await ledger.call("db", "inspect", "--json")).out).tables.run, 7);
  assert.equal((await ledger.call("db", "merge", other)).code, 0);
  assert.equal(JSON.parse((await ledger.call("db", "inspect", "--json")).out).tables.run, 14);
  assert.deepEqual(JSON.parse((await ledger.call("db", "merge", other, "--json")).out).rows, {});
  assert.equal(JSON.parse((await ledger.call("db", "inspect", "--json")).out).tables.artifact_content, 4);
  const python = join(ledger.dir, "python.duckdb");
  await Deno.copyFile(new URL("../fixtures/python-project/ledger.duckdb", import.meta.url), python);
  const merged = JSON.parse((await ledger.call("db", "merge", python, "--json")).out);
  assert.deepEqual([merged.rows.run, merged.conflicts, merged.leftBehind], [16, [], []]);
  assert.equal(merged.rows["global_tables.zones"], 4);
  assert.equal((await ledger.call("scenario", "baseline_2030")).code, 0);
  const theirs = openLedger(other);
  await theirs.write((db) => db.run("UPDATE run SET signature = 'another' WHERE id LIKE 'plot%'"));
  await theirs.close();
  const { code, out } = await ledger.call("db", "merge", other);
  assert.equal(code, 1);
  assert.match(out, /plot_9999eeee0000_other is another run/);
});

Deno.test("merge: waits for a process that has the other ledger", async () => {
  await using ledger = await prepared();
  const other = join(ledger.dir, "other.duckdb");
  const program = `
    const { openLedger } = await import(${JSON.stringify(new URL("../../src/ledger/mod.ts", import.meta.url).href)});
    const ledger = openLedger(${JSON.stringify(other)}, { stretchMs: 60_000 });
    await ledger.lookUp(async () => {
      console.log("held");
      await new Promise((resolve) => setTimeout(resolve, 1_500));
    });
    await ledger.close();
    Deno.exit(0);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", fromFileUrl(new URL("../../deno.json", import.meta.url)), "--ext=ts", program],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  const { rows } = JSON.parse((await ledger.call("db", "merge", other, "--json")).out);
  assert.equal(rows.run, 7);
  await reader.cancel();
  await child.status;
});

Deno.test("fix-status: marks what died, leaves what lives or completed", async () => {
  await using ledger = await fixedLedger();
  assert.match(
    (await ledger.call("db", "fix-status", "--dry-run")).out,
    /slow_bbbb11112222 {2}running → interrupted\n1 run would be marked/,
  );
  assert.match((await ledger.call("db", "fix-status")).out, /1 run marked/);
  assert.match((await ledger.call("db", "fix-status")).out, /0 runs marked/);
  assert.match((await ledger.call("db", "fix-status", "7777", "--status", "failed")).out, /0 runs marked/);
  assert.match((await ledger.call("runs", "--status", "interrupted")).out, /slow_bbbb11112222/);
  assert.equal((await ledger.call("db", "doctor")).code, 1); // it has no snapshot now
  assert.match((await ledger.call("db", "snapshot")).out, /1 snapshot written/);
  assert.equal((await ledger.call("db", "doctor")).out, "All is well.\n");
});

Deno.test("rebuild: a ledger that was lost or damaged comes back with its runs", async () => {
  await using ledger = await fixedLedger();
  const before = JSON.parse((await ledger.call("show", "3333", "--json")).out);
  await Deno.writeTextFile(ledger.path, "no ledger");
  for (const log of [`${ledger.path}.wal`]) await Deno.remove(log).catch(() => {}); // there may be none
  const doctor = await ledger.call("db", "doctor");
  assert.equal(doctor.code, 1);
  assert.match(doctor.out, /ledger_unreadable/);
  const { code, out } = await ledger.call("db", "rebuild");
  assert.equal(code, 0);
  assert.match(out, /moved aside: .*damaged.*\n5 runs came back/);
  const after = JSON.parse((await ledger.call("show", "3333", "--json")).out);
  assert.deepEqual(after.explanation, before.explanation);
  assert.deepEqual(after.outputs, before.outputs);
});

Deno.test("snapshot: a copy of the whole ledger, with what its log holds", async () => {
  await using ledger = await fixedLedger();
  const copy = join(ledger.dir, "copy", "backup.duckdb");
  assert.equal((await ledger.call("db", "snapshot", copy)).code, 0);
  assert.deepEqual(await contentOf(copy), await contentOf(ledger.path));
  assert.equal((await ledger.call("db", "snapshot", copy)).code, 2);
});

Deno.test("export: a folder with a file for each table", async () => {
  await using ledger = await fixedLedger();
  for (const format of ["parquet", "json", "csv"]) {
    const folder = join(ledger.dir, format);
    assert.equal((await ledger.call("db", "export", folder, "--format", format)).code, 0);
    assert.equal((await ledger.call("sql", `select count(*)::int as n from '${folder}/run.${format}'`, "--csv")).out, "n\r\n7\r\n");
    assert.equal(JSON.parse(await Deno.readTextFile(join(folder, "ledger.json"))).tables.length > 10, true);
  }
});

Deno.test("export: of a run with what ran inside of it, or without, and nothing of other runs", async () => {
  await using here = await prepared();
  const python = join(here.dir, "python");
  await Deno.mkdir(python);
  await Deno.copyFile(new URL("../fixtures/python-project/ledger.duckdb", import.meta.url), join(python, "provenance.duckdb"));
  const rows = async (folder: string, text: string) =>
    JSON.parse((await callIn(here.dir, "sql", text.replaceAll("$", `${here.dir}/${folder}`), "--json")).out).rows;
  const runsOf = async (folder: string) =>
    (await rows(folder, "select id from '$/run.parquet' order by id")).map(({ id }: { id: string }) => id);
  const call = (...words: string[]) => callIn(python, "db", "export", ...words);
  assert.equal((await call(join(here.dir, "all"), "--run", "baseline_2030")).code, 0);
  const steps = ["by_zone_a6a33441", "check", "clean_57eb6b28", "report_97da1a13"].map((name) => `baseline_2030_${name}`);
  // Python gives a run without a parent the maker of what it read last.
  assert.deepEqual(await runsOf("all"), ["baseline_2030", ...steps, "sim_2030_0"]);
  assert.deepEqual(
    await rows(
      "all",
      "select count(*)::int as n from '$/artifact.parquet' a anti join '$/run_artifact_link.parquet' l on l.artifact_id = a.id",
    ),
    [{ n: 0 }],
  );
  assert.deepEqual(
    await rows(
      "all",
      "select count(*)::int as n from '$/artifact_content.parquet' c anti join '$/artifact.parquet' a on a.content_id = c.id",
    ),
    [{ n: 0 }],
  );
  assert.deepEqual(await rows("all", "select count(*)::int as n from '$/global_tables.zones.parquet'"), [{ n: 4 }]);
  assert.equal((await call(join(here.dir, "one"), "--run", steps[2]!, "--no-children")).code, 0);
  assert.deepEqual(await runsOf("one"), [steps[2]]);
  assert.deepEqual(await rows("one", "select key from '$/artifact.parquet' order by key"), [{ key: "cleaned" }, { key: "raw" }]);
  assert.deepEqual(await rows("one", "select count(*)::int as n from '$/global_tables.zones.parquet'"), [{ n: 0 }]);
  assert.equal((await call(join(here.dir, "none"), "--run", "nobody")).code, 1);
});

Deno.test("the command line works while another process has the ledger in steady use, and nothing of it is lost", async () => {
  await using ledger = await fixedLedger();
  const program = `
    const { openLedger } = await import(${JSON.stringify(new URL("../../src/ledger/mod.ts", import.meta.url).href)});
    const ledger = openLedger(${JSON.stringify(ledger.path)});
    let n = 0;
    console.log("begun");
    const end = Date.now() + 9_000;
    while (Date.now() < end) {
      await ledger.write((db) => db.run("INSERT INTO deno_text VALUES ($1, 'x')", [\`steady \${n}\`]));
      n++;
    }
    await ledger.close();
    console.log(n);
    Deno.exit(0);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", fromFileUrl(new URL("../../deno.json", import.meta.url)), "--ext=ts", program],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = (await reader.read()).value ?? "";
  assert.match((await ledger.call("runs")).out, /6 runs/);
  assert.equal((await ledger.call("db", "compact")).code, 0);
  assert.equal((await ledger.call("db", "purge", "7777", "--yes")).code, 0);
  assert.equal((await ledger.call("db", "compact")).code, 0);
  for (let part = await reader.read(); !part.done; part = await reader.read()) said += part.value;
  assert.equal((await child.status).code, 0);
  const written = Number(said.trim().split("\n").at(-1));
  const counted = JSON.parse(
    (await ledger.call("sql", "select count(*)::int as n from deno_text where hash like 'steady %'", "--json")).out,
  );
  assert.deepEqual(counted.rows, [{ n: written }]);
  assert.match((await ledger.call("db", "doctor")).out, /process_died/);
});
