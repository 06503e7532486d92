import assert from "node:assert/strict";
import type { TableView } from "../views.ts";
import { renderTable } from "./table.ts";

const numbers = (n: number, from = 0) => Array.from({ length: n }, (_, i) => [from + i]);
const textOf = (view: Partial<TableView>) => String(renderTable({ columns: [{ name: "n" }], rows: [], ...view })["text/plain"]);
const footer = (view: Partial<TableView>) => textOf(view).split("\n").at(-1);

Deno.test("renderTable() shows up to twenty rows whole, and of more the head and the tail", () => {
  assert.equal(footer({ rows: numbers(20) }), "20 rows, 1 column");
  assert.equal(footer({ rows: numbers(21) }), "first 10 and last 5 of 21 rows, 1 column");
  assert.deepEqual(textOf({ rows: numbers(100) }).split("\n").slice(10, 13), [" 9", " …", "95"]);
});

Deno.test("renderTable() believes the total of a caller that has the first rows only", () => {
  assert.equal(footer({ rows: numbers(12), total: 1000 }), "first 12 of 1,000 rows, 1 column");
  assert.equal(footer({ rows: numbers(50), total: 1000 }), "first 20 of 1,000 rows, 1 column");
});

Deno.test("renderTable() shows a tail that it is given", () => {
  assert.equal(footer({ rows: numbers(10), tail: numbers(5, 995), total: 1000 }), "first 10 and last 5 of 1,000 rows, 1 column");
});

Deno.test("renderTable() does not show a row twice where head and tail would overlap", () => {
  assert.equal(footer({ rows: numbers(10), tail: numbers(5, 7), total: 12 }), "first 10 of 12 rows, 1 column");
});

Deno.test("renderTable() shows the first and the last of many columns, and rows that are too short", () => {
  const columns = Array.from({ length: 30 }, (_, i) => ({ name: `c${i}` }));
  const text = textOf({ columns, rows: [Array.from({ length: 30 }, (_, i) => i), [1]] });
  assert.match(text, /c15\s+…\s+c23/);
  assert.match(text, /2 rows, 23 of 30 columns$/);
});

Deno.test("renderTable() cuts long cells", () => {
  const html = String(renderTable({ columns: [{ name: "t" }], rows: [["x".repeat(10_000)]] })["text/html"]);
  assert.ok(html.includes(`${"x".repeat(79)}…`) && html.length < 2000);
});

Deno.test("a table's query stands below it on one line, shortened and escaped", () => {
  const query = `select '<b>' as x\nfrom ${"a_long_name ".repeat(40)}`;
  const bundle = renderTable({ columns: [{ name: "x" }], rows: [["y"]], query });
  assert.match(String(bundle["text/plain"]), /1 row, 1 column\nselect '<b>' as x.from a_long_name [^\n]*…$/);
  assert.ok(!String(bundle["text/html"]).includes("<b>"));
});

Deno.test("a table keeps short words and ids on one line, and breaks sentences", () => {
  const id = "01a20545-e109-7424-8f83-0aa18781b776";
  const rows = [["New York"], [id], ["a sentence of more than a few words"], ["x".repeat(37)]];
  const html = String(renderTable({ columns: [{ name: "city" }], rows })["text/html"]);
  for (const short of ["New York", id]) assert.ok(html.includes(`<bdi style="white-space:nowrap">${short}</bdi>`), short);
  for (const long of ["a sentence", "xxx"]) assert.ok(html.includes(`<bdi>${long}`), long);
});
