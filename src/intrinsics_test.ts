import assert from "node:assert/strict";
import { functionSource, isNativeFunction, JSON as own, REPLACED_BEFORE } from "./intrinsics.ts";

Deno.test("JSON stays the language's own when a program replaces its functions", () => {
  const { stringify } = JSON;
  try {
    JSON.stringify = () => "1";
    assert.equal(own.stringify({ a: [1] }), '{"a":[1]}');
  } finally {
    JSON.stringify = stringify;
  }
  assert.deepEqual(REPLACED_BEFORE, []);
});

Deno.test("isNativeFunction() and functionSource() do not ask the function itself", () => {
  const liar = Object.assign(() => 1, { toString: () => "function map() { [native code] }" });
  assert.match(functionSource(liar), /^\(\) ?=> ?1$/);
  assert.ok(!isNativeFunction(liar));
  assert.ok(isNativeFunction(Array.prototype.map));
  assert.ok(!isNativeFunction("{ [native code] }"));
});

/** Folders whose files decide what is the same step, or write it down. */
const FLOORS = ["artifacts", "executors", "identity", "ledger", "query", "relations", "run", "scenario", "schemas", "tracker"];
const KEPT = /(?<![\w.])(?:(JSON)\.(?:stringify|parse)|(crypto)\.(?:randomUUID|getRandomValues)|new (TextEncoder|TextDecoder)\b)/g;

Deno.test("what decides an identity or is written down takes the functions of intrinsics.ts", async () => {
  for (const floor of FLOORS) {
    for await (const [name, text] of modulesIn(new URL(`./${floor}/`, import.meta.url))) {
      const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|"[^"\n]*"/g, "");
      const imported = /import \{([^}]*)\} from "[./]*\/intrinsics\.ts"/.exec(text)?.[1]?.split(/[\s,]+/) ?? [];
      for (const [use, ...names] of code.matchAll(KEPT)) {
        assert.ok(imported.includes(names.find((each) => each !== undefined)!), `${floor}/${name} has ${use} without importing it`);
      }
    }
  }
});

async function* modulesIn(folder: URL): AsyncGenerator<readonly [name: string, text: string]> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* modulesIn(new URL(`${name}/`, folder));
    else if (/(?<!_test|_suite)\.ts$/.test(name)) yield [name, await Deno.readTextFile(new URL(name, folder))];
  }
}
