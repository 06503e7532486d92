import assert from "node:assert/strict";
import { codeIdentity } from "../code.ts";
import type { AnyFunction } from "./functions.ts";

interface Loaded {
  main: AnyFunction;
  other: AnyFunction;
}
let version = 0;
async function load(text: string): Promise<Loaded> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/it's <b>.ts`, text);
    return await import(`file://${dir}/${encodeURIComponent("it's <b>.ts")}?${version++}`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
const module = (fn: AnyFunction) => codeIdentity(fn, { mode: "module" });

Deno.test('codeIdentity("module") counts the whole file, not its formatting and comments', async () => {
  const text = "const k = 1;\nexport function main(x: number) { return x + k; }\nexport const other = () => 2;\n";
  const base = await module((await load(text)).main);
  assert.equal((await module((await load(`// c\n${text.replace(": number", ":   number").replace(" + ", "+")}`)).main)).hash, base.hash);
  assert.notEqual((await module((await load(text.replace("k = 1", "k = 2"))).main)).hash, base.hash);
  assert.notEqual((await module((await load(text.replace("=> 2", "=> 3"))).main)).hash, base.hash);
  assert.deepEqual(base.parts.map(({ kind, name }) => [kind, name]), [["module", "it's <b>.ts"]]);
  assert.match(base.parts[0]!.text!, /export function main/);
});

Deno.test('codeIdentity("module") tells two functions of one file apart', async () => {
  const { main, other } = await load("export const main = () => 1, other = () => 1;");
  assert.notEqual((await module(main)).hash, (await module(other)).hash);
});

Deno.test('codeIdentity("module") has no hash for what stands in no file', async () => {
  for (const fn of [(0, eval)("() => 1"), new Function("return 1"), Math.max, (() => 1).bind(null), new Proxy(() => 1, {})]) {
    const { hash, opaque } = await module(fn);
    assert.equal(hash, null);
    assert.match(opaque[0]!.why, /cell or in evaluated text|stands in no file/);
  }
});

Deno.test('codeIdentity("module") does not believe a script\'s own word about its url', async () => {
  const { hash } = await module((0, eval)("() => 1\n//# sourceURL=file:///claimed.ts"));
  assert.equal(hash, null);
});

Deno.test({
  name: 'codeIdentity("module") without --allow-sys has no hash and says what is missing',
  permissions: { sys: false, read: true },
  fn: async () => {
    const { hash, opaque } = await module(() => 1);
    assert.equal(hash, null);
    assert.match(opaque[0]!.why, /--allow-sys/);
  },
});
