import assert from "node:assert/strict";
import { walk } from "@std/fs";
import { fromFileUrl, relative } from "@std/path";

const SOURCE = fromFileUrl(new URL("../src/", import.meta.url));
/** The floors that may hold SQL. */
const ROOMS = ["ledger", "relations", "query"];
/** Statements as they stand in a string: a keyword and what must follow it. */
const SQL =
  /\b(?:select\b[^"'`]*\bfrom\b|insert\s+(?:or\s+\w+\s+)?into\b|delete\s+from\b|update\s+\w+\s+set\b|create\s+(?:or\s+replace\s+)?(?:temp\w*\s+)?(?:table|view|index|schema)\b|drop\s+(?:table|view|schema)\b|alter\s+table\b|copy\s*\(|attach\s+'|pragma\s+\w+\s*[=(;])/i;

/** The text of a file without comments, in which examples may hold SQL. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[^:"'`])\/\/[^\n]*/g, "$1");
}

/** The first SQL in a file's strings, if there is any. */
function sqlIn(text: string): string | undefined {
  const strings = withoutComments(text).match(/`(?:[^`\\]|\\.)*`|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g) ?? [];
  return strings.find((string) => SQL.test(string));
}

Deno.test("SQL lives in the ledger, in relations and in query only", async () => {
  const found: string[] = [];
  let rooms = 0;
  for await (const { path } of walk(SOURCE, { includeDirs: false })) {
    const name = relative(SOURCE, path).replaceAll("\\", "/");
    const sql = !name.endsWith(".ts") || name.endsWith("_test.ts") ? undefined : sqlIn(await Deno.readTextFile(path));
    if (sql === undefined) continue;
    if (ROOMS.includes(name.split("/")[0]!)) rooms++;
    else found.push(`${name}: ${sql}`);
  }
  assert.deepEqual(found, []);
  assert.ok(rooms > 5, "the search finds SQL where it is");
});

Deno.test("the search for SQL sees statements, and not prose", () => {
  const statements = [
    "select a\nfrom b",
    "INSERT INTO run VALUES",
    "delete from run",
    "UPDATE run SET x",
    "create or replace view v",
    "drop table x",
    "copy (x) to",
  ];
  for (const statement of statements) assert.ok(sqlIn(`const x = \`${statement}\`;`), statement);
  const prose = ["Select a step.", "Insert the key.", "Update the run.", "created from", "copy of a file"];
  for (const words of prose) assert.equal(sqlIn(`const x = "${words}"; // select a from b\n/* drop table x */`), undefined, words);
});
