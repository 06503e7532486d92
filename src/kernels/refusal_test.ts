import assert from "node:assert/strict";
import { explainRefusal } from "./refusal.ts";

Deno.test("explainRefusal() names a syntax error, its place and its line", async () => {
  const refusal = await explainRefusal("const a = 1;\nlet q: = 3;\n", "");
  assert.equal(refusal?.ename, "SyntaxError");
  assert.match(refusal.evalue, /Unexpected token.*\(line 2, column 8\): let q: = 3/);
});

Deno.test("explainRefusal() names the imports of well-formed code, also of code that would not type-check", async () => {
  const code = `import x from "npm:@no/where"; const y: number = await import('./gone.ts') satisfies string;`;
  assert.match((await explainRefusal(code, ""))?.evalue ?? "", /cannot be resolved: "npm:@no\/where", "\.\/gone\.ts"/);
  assert.match((await explainRefusal("1;", ""))?.evalue ?? "", /well-formed; its process may have printed/);
});

Deno.test("explainRefusal() finds no failure where only the promise of a finished cell was collected", async () => {
  const printed = `CDP response has null result. Full response: {"error":{"message":"Promise was collected"}}`;
  assert.equal(await explainRefusal("for (const x of y) void show(x);", printed), undefined);
  assert.match((await explainRefusal("await new Promise(() => {});", printed))?.evalue ?? "", /can never come/);
});
