/** Golden files of what each command prints about a ledger, as text and as JSON; the JSON has the shape that the reference says. */
import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands.ts";
import { SHAPES } from "../../src/cli/json_shapes.ts";
import { commandOf } from "../../src/cli/application.ts";
import { fixedLedger } from "./fixed_ledger.ts";

/** Calls, by the state of the ledger that they need; each group works on one ledger, in this order. */
const GROUPS: { readonly [group: string]: readonly (readonly string[])[] } = {
  reading: [
    ["runs"],
    ["runs", "--history", "--step", "prepare", "--limit", "2"],
    ["runs", "--status", "failed"],
    ["show", "3333"],
    ["show", "prepare_5555cccc6666"],
    ["show", "plot"],
    ["show", "baseline_0a"],
    ["explain", "3333"],
    ["explain", "5555"],
    ["explain", "bbbb"],
    ["explain", "prepare"],
    ["diff", "1111", "3333"],
    ["artifacts"],
    ["artifacts", "7777"],
    ["lineage", "total"],
    ["lineage", "5555:table", "--depth", "1"],
    ["which", "$DIR/raw.csv"],
    ["preview", "3333:table"],
    ["preview", "total"],
    ["preview", "$DIR/raw.csv", "--rows", "1"],
    ["scenarios"],
    ["scenario", "baseline"],
    ["search", "alpha=2"],
    ["summary"],
    ["validate"],
    ["sql", "select model_name, count(*)::int as n from run group by all order by all"],
    ["schema", "export", "3333:table", "--class-name", "Row"],
    ["accept", "--list"],
    ["cache", "status"],
    ["cache", "prune", "--keep-latest", "1", "--dry-run"],
    ["db", "doctor"],
    ["db", "reconcile", "--dry-run"],
    ["db", "snapshot", "--dry-run"],
    ["db", "purge", "--step", "prepare", "--dry-run"],
    ["db", "purge", "--step", "prepare", "--with-dependents", "--dry-run"],
  ],
  errors: [
    ["show", "prepare_"],
    ["show", "nobody"],
    ["show", "prepare_3333bbbb4445"],
    ["lineage", "tabel"],
    ["lineage", "3333:tabel"],
    ["which", "$DIR/nothing.csv"],
    ["scenario", "basline"],
    ["sql", "delete from run"],
    ["runs", "--db", "$DIR/nothing.duckdb"],
    ["accept"],
    ["accept", "prepare"],
    ["accept", "prepar", "--because", "x"],
    ["accept", "total", "--because", "x"],
    ["accept", "--revoke", "accept_1"],
    ["accept", "--list", "--revoke", "accept_1"],
    ["cache", "prune"],
    ["cache", "prune", "--older-than", "3"],
    ["cache", "prune", "--keep-latest", "0"],
    ["db", "purge"],
    ["db", "purge", "3333"],
    ["db", "purge", "7777"],
    ["db", "merge", "$DIR/nothing.duckdb"],
    ["db", "merge", "$DIR/provenance.duckdb"],
    ["db", "export", "$DIR/runs"],
    ["db", "fix-status", "--status", "failed"],
  ],
};

const TITLES: { readonly [group: string]: string } = {
  reading: "what commands say of a ledger, as text and as JSON of the documented shapes",
  errors: "what commands say where names are wrong, or nothing may be done",
};

for (const [group, calls] of Object.entries(GROUPS)) {
  Deno.test(TITLES[group]!, async (t) => {
    await using ledger = await fixedLedger();
    for (const words of calls) {
      const given = words.map((word) => word.replace("$DIR", ledger.dir));
      for (const extra of [[], ["--json"]]) {
        const { code, out, err } = await ledger.call(...given, ...extra);
        const name = [...words, ...extra].join(" ");
        const json = extra.length > 0 && out !== ""
          ? [commandOf(words)!.json!, out]
          : err !== "" && extra.length > 0
          ? ["Error", err]
          : undefined;
        if (json !== undefined) SHAPES[json[0]!]!.parse(JSON.parse(json[1]!));
        await t.assertSnapshot(`consist ${name}\n→ ${code}\n${steady(out)}${steady(err)}`, { name, serializer: (value) => value });
      }
    }
  });
}

/** Without what differs between machines: their names, and columns as wide as the names of their folders. */
function steady(text: string): string {
  return text.replaceAll(`"host": "${Deno.hostname()}"`, '"host": "<host>"').replaceAll(/(<dir>\S*) {2,}/g, "$1  ");
}

Deno.test("every command that prints JSON has a shape, and every shape is used", () => {
  const named = new Set(COMMANDS.flatMap(({ json }) => json ?? []));
  for (const { words, json, options } of COMMANDS) {
    assert.equal(options.includes("json"), json !== undefined, words.join(" "));
    if (json !== undefined) assert.ok(Object.hasOwn(SHAPES, json), `${words.join(" ")}: ${json}`);
  }
  for (const name of Object.keys(SHAPES)) assert.ok(named.has(name) || ["Run", "Artifact", "Error"].includes(name), name);
});

Deno.test("every command has an example, and each example is a call that the parser takes", () => {
  for (const { words, examples } of COMMANDS) {
    assert.ok(examples.length > 0, words.join(" "));
    for (const { line } of examples) assert.equal(commandOf(line.split(" "))?.words.join(" "), words.join(" "), line);
  }
});
