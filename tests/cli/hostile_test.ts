/** A ledger that somebody else wrote, to do harm: it neither acts on the terminal nor leaves the folder, and a large one is shown all the same. */
import assert from "node:assert/strict";
import { join } from "@std/path";
import { openLedger } from "../../src/ledger/mod.ts";
import { callWith } from "./call.ts";
import { fixedLedger } from "./fixed_ledger.ts";

const NASTY = "\x1b]0;owned\x07\x1b[2J\r\n\u202eevil\u2066\x9b31m\u0000..\\..\\'\";--<b>";
/** What acts on a terminal: all controls but line breaks and tabs, and marks that turn the direction of text. */
// deno-lint-ignore no-control-regex
const ACTS = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
// deno-lint-ignore no-control-regex
const COLOURS = /\x1b\[(?:\d+|0)m/g;

const CALLS: readonly (readonly string[])[] = [
  ["runs", "--history"],
  ["show", "3333"],
  ["explain", "3333"],
  ["diff", "1111", "3333"],
  ["artifacts"],
  ["lineage", "7777"],
  ["scenarios"],
  ["scenario", NASTY],
  ["search", "evil"],
  ["search", NASTY],
  ["summary"],
  ["validate"],
  ["preview", "7777"],
  ["sql", "from run"],
  ["sql", "from run", "--csv"],
  ["db", "inspect"],
  ["db", "doctor"],
  ["db", "purge", "--scenario", NASTY, "--dry-run"],
  ["show", NASTY],
  [NASTY],
  ["runs", `--${NASTY}`],
];

Deno.test("names with controls, escapes and reversed text are printed harmlessly by every command, as text, in colour and as JSON", async () => {
  await using ledger = await fixedLedger();
  const hostile = openLedger(ledger.path);
  await hostile.write(async (db) => {
    await db.run("UPDATE run SET model_name = $1, description = $1, stage = $1, tags = to_json([$1])", [NASTY]);
    await db.run("UPDATE run SET tags = to_json([$1, 'scenario_header']) WHERE id LIKE 'baseline%'", [NASTY]);
    await db.run("UPDATE run SET meta = json_merge_patch(meta, json_object('error', $1, 'error_name', $1, 'warnings', [$1]))", [NASTY]);
    await db.run("UPDATE deno_run SET scenario_name = $1", [NASTY]);
    await db.run("UPDATE artifact SET container_uri = './' || $1, driver = $1 WHERE key = 'raw'", [NASTY]);
    await db.run("UPDATE artifact SET key = $1 WHERE key = 'raw'", [NASTY]);
  });
  await hostile.close();
  for (const words of CALLS) {
    for (const [extra, colour] of [[[], false], [[], true], [["--json"], false]] as const) {
      const { out, err } = await callWith(ledger.dir, [...words, ...extra], { colour });
      if (words.includes("--csv") && !extra.length) continue; // byte for byte, where no terminal is
      for (const text of [out, err]) assert.doesNotMatch(text.replaceAll(COLOURS, ""), ACTS, `${words.join(" ")}: ${JSON.stringify(text)}`);
      if (extra.length > 0 && out !== "") JSON.parse(out);
    }
  }
});

Deno.test("addresses that climb out of the folder are listed, never read, copied or removed", async () => {
  await using ledger = await fixedLedger();
  const secret = join(ledger.dir, "secret.csv");
  await Deno.writeTextFile(secret, "password\nhunter2\n");
  const hostile = openLedger(ledger.path);
  await hostile.write((db) =>
    db.run("UPDATE artifact SET container_uri = './../secret.csv', run_id = 'total_7777dddd8888' WHERE key = 'table'")
  );
  await hostile.close();
  assert.match((await ledger.call("artifacts")).out, /\.\/\.\.\/secret\.csv/);
  assert.equal((await ledger.call("show", "3333")).code, 0);
  assert.equal((await ledger.call("validate")).code, 1);
  const shown = await ledger.call("preview", "3333:table");
  assert.equal(shown.code, 1);
  assert.doesNotMatch(shown.out + shown.err, /hunter2/);
  assert.equal((await ledger.call("db", "purge", "--scenario", "baseline", "--yes")).code, 0);
  assert.equal(await Deno.readTextFile(secret), "password\nhunter2\n");
});

/** Calls commands, each of which prints something short. */
async function areShort(
  call: (...words: readonly string[]) => Promise<{ readonly out: string }>,
  ...calls: readonly (readonly string[])[]
): Promise<void> {
  for (const words of calls) {
    const { out } = await call(...words);
    assert.ok(out.length > 0 && out.length < 20_000, `${words.join(" ")}: ${out.length}`);
  }
}

Deno.test("a run with a million facets is shown in a few lines", async () => {
  await using ledger = await fixedLedger();
  const hostile = openLedger(ledger.path);
  await hostile.write(async (db) => {
    await db.run("INSERT INTO run_config_kv VALUES ('total_7777dddd8888', 'f', 'total', 'key_0', 'int', NULL, 0, NULL, 'null', now())");
    await db.run(
      `INSERT INTO config_facet SELECT 'f', 'total', 'dict', NULL, '{' || string_agg('"key_' || n || '":' || n, ',') || '}', now() FROM range(1000000) t(n)`,
    );
  });
  await hostile.close();
  await areShort(ledger.call, ["runs"], ["show", "7777"]);
});

Deno.test("a value of a hundred megabytes is shown in a few lines", async () => {
  await using ledger = await fixedLedger();
  const hostile = openLedger(ledger.path);
  await hostile.write((db) => db.run("UPDATE run SET meta = json_object('error', repeat('x', 100000000)) WHERE id = 'plot_9999eeee0000'"));
  await hostile.close();
  await areShort(ledger.call, ["runs"], ["show", "plot"]);
});
