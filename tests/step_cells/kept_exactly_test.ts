/** An output is the same value just made and out of the cache, or its step executes each time and says why. */
import assert from "node:assert/strict";
import { became, Notebook } from "./notebook.ts";

const CHANGED: { readonly [id: string]: readonly [code: string, look: string, why: RegExp] } = {
  buffer: ['const buf = Buffer.from("ab");', "buf.toString()", /buf is a Buffer/],
  getter: ["const got = { n: 1, get d() { return this.n * 2; } };", "(got.n = 5, got.d)", /got\.d is a getter/],
  frozen: ["const cold = Object.freeze({ a: 1 });", "Object.isFrozen(cold)", /cold is frozen/],
  bare: ["const bare = Object.assign(Object.create(null), { a: 1 });", "Object.getPrototypeOf(bare)", /bare has no prototype/],
  view: ["const part = new DataView(new ArrayBuffer(8), 4);", "[part.byteOffset, part.buffer.byteLength]", /part is a view of a part/],
  symbol: ["const named = { [Symbol.for('k')]: 1 };", "Object.getOwnPropertySymbols(named).length", /named/],
  position: ["const found = /a/g; found.exec('aa');", "found.lastIndex", /found/],
  instance: ["const p = new Point(3);", "p.double", /p is an instance of class Point/],
  temporal: ["const day = Temporal.PlainDate.from('2020-01-02');", "day.add({ days: 1 }).toString()", /day/],
  series: ['const column = pl.Series("x", [1, 2]);', "column.sum()", /column is a polars Series/],
};
const SAME: { readonly [id: string]: readonly [code: string, look: string] } = {
  unset: ["let unset;", "[typeof unset]"],
  nothing: ["const nothing = null;", "nothing"],
  empty: ["const empty = {};", "empty"],
  zero: [
    "const odd = [-0, NaN, undefined, , 2n ** 70n];",
    "[Object.is(odd[0], -0), String(odd[1]), odd.length, 3 in odd, 2 in odd, String(odd[4])]",
  ],
  twice: ["const rows = [{ x: 1 }]; rows.push(rows[0], [rows[0]]);", "(rows[0].x = 7, rows[1].x + rows[2][0].x)"],
  order: ["const map = new Map([['b', 1], ['a', 2]]), set = new Set([3, 1, 3]);", "[[...map], [...set]]"],
  dates: ["const when = [new Date(NaN), new Date(5)];", "[String(when[0]), when[1].getTime()]"],
  memory: [
    "const longs = BigInt64Array.of(1n, -2n), bytes = Uint8Array.of(1, 2, 3), view = new DataView(new ArrayBuffer(3));",
    "[String(longs), longs.buffer.byteLength, bytes.buffer.byteLength, view.byteOffset, view.buffer.byteLength, new Uint32Array(longs.buffer).length]",
  ],
  half: ["const half = '\\ud800', mark = '\\ufefftext';", "[half.charCodeAt(0), mark.charCodeAt(0), half.length, mark.length]"],
  circle: ["const ring = []; ring.push(ring);", "ring[0] === ring"],
  errors: ["const bad = new TypeError('no', { cause: 1 });", "[bad.name, bad.message, bad.cause, bad instanceof TypeError]"],
  nested: ["const deep = { b: [1, { c: null }], 2: 'two', 1: 'one' };", "JSON.stringify(deep)"],
  dollar: ["const $a = 1, S_a = 2, S_a_2 = [3];", "[$a, S_a, S_a_2]"],
};

Deno.test("what a file would change executes each time and says why; what it keeps is alike, just made, from the cache and without it", async () => {
  await using notebook = await Notebook.in();
  const cells = {
    plain:
      `import pl from "polars"; import { Buffer } from "node:buffer"; class Point { constructor(readonly x: number) {} get double() { return this.x * 2; } }`,
    ...Object.fromEntries([...Object.entries(CHANGED), ...Object.entries(SAME)].map(([id, [code]]) => [id, `//| step: ${id}\n${code}`])),
  };
  const looks = [...Object.values(CHANGED), ...Object.values(SAME)].map(([, look]) => look);
  const wanted = await notebook.plainValues(cells, looks);
  for (const round of ["executed", "hit"]) {
    const results = await notebook.run(cells);
    for (const [id, [, , why]] of Object.entries(CHANGED)) {
      assert.equal(results[id]!.became, "executed", id);
      assert.match(results[id]!.texts.join("\n"), new RegExp(`no data that a file can keep: .*${why.source}`));
    }
    assert.deepEqual(Object.keys(SAME).map((id) => `${id} ${results[id]!.became}`), Object.keys(SAME).map((id) => `${id} ${round}`));
    for (const [at, look] of looks.entries()) assert.deepEqual(await notebook.values([look]), [wanted[at]], `${round}: ${look}`);
    await notebook.restart();
  }
});

Deno.test("an output that is nothing but another cell's object comes apart from it, executed and from the cache, and says so", async () => {
  await using notebook = await Notebook.in();
  const cells = {
    plain: "const list = [1];",
    a: "//| step: a\nconst a = [1];",
    b: "//| step: b\nconst b = a;",
    c: "//| step: c\nconst c = list;",
    push: "b.push(2); c.push(3);",
  };
  for (const round of ["executed", "hit"]) {
    const results = await notebook.run(cells);
    assert.equal(became(results), `plain plain, a ${round}, b ${round}, c ${round}, push plain`);
    if (round === "executed") assert.match(results.b!.texts.join("\n"), /its output "b" is the object "a" of another cell/);
    if (round === "executed") assert.match(results.c!.texts.join("\n"), /its output "c" is the object "list" of another cell/);
    assert.deepEqual(await notebook.values(["a", "b", "list", "c"]), [[1], [1, 2], [1], [1, 3]]);
    await notebook.restart();
  }
});
