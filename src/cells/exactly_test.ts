import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createContext, runInContext } from "node:vm";
import fc from "fast-check";
import { driverForValue } from "../artifacts/mod.ts";
import { OutputError } from "../errors.ts";
import { exactness } from "./exactly.ts";

const twice = { x: 1 };
const memory = new ArrayBuffer(16);
const CHANGED: { readonly [what: string]: unknown } = {
  "a Buffer": Buffer.from("ab"),
  "a Buffer inside": { b: Buffer.alloc(8192) },
  "a getter": {
    n: 1,
    get d() {
      return 2;
    },
  }, // deno-fmt-ignore
  "a setter of a list": Object.defineProperty([1], 0, { get: () => 1, enumerable: true, configurable: true }),
  "frozen": [{ a: Object.freeze({ b: 1 }) }],
  "sealed": Object.seal([1]),
  "not extensible": Object.preventExtensions(new Map([[1, 2]])),
  "no prototype": { a: Object.assign(Object.create(null), { b: 1 }) },
  "hidden member": Object.defineProperty({}, "x", { value: 1 }),
  "a symbol as key": Object.defineProperty({}, Symbol("s"), { value: 1, enumerable: false }),
  "a fixed length": Object.defineProperty([1, 2], "length", { writable: false }),
  "a view of a part": new Float64Array(memory, 8, 1),
  "a DataView of a part": new DataView(memory, 1),
  "two views of one memory": [new Uint8Array(memory), new Uint16Array(memory)],
  "memory with its view": { memory, bytes: new Uint8Array(memory) },
  "memory that grows": new ArrayBuffer(4, { maxByteLength: 8 }),
  "members of a map": Object.assign(new Map(), { note: 1 }),
  "hidden members of a date": Object.defineProperty(new Date(0), "note", { value: 1 }),
  "members of a number": Object.assign(new Number(1), { x: 1 }),
  "a member of a list's memory": Object.assign(new Uint8Array(2), { x: 1 }),
  "a boxed symbol": Object(Symbol("s")),
  "another realm's list": runInContext("[1, 2]", createContext()),
  "an Error with a class": new (class Odd extends Error {})(),
  "a Map of a class": new (class Odd extends Map {})(),
  "a Proxy": new Proxy({}, {}),
};

for (const [what, value] of Object.entries(CHANGED)) {
  Deno.test(`exactness(): ${what} would come back as something else`, () => {
    assert.match(exactness(value, "out").flaw ?? "", /^out/);
  });
}

Deno.test("exactness() tells where", () => {
  assert.equal(
    exactness({
      rows: [1, {
        "a b": {
          get c() {
            return 1;
          },
        },
      }],
    }, "out").flaw,
    'out.rows[1]["a b"].c is a getter or a setter',
  ); // deno-fmt-ignore
  assert.equal(exactness([Object.freeze([])], "out").flaw, "out[0] is frozen");
});

Deno.test("exactness() finds objects that are met twice, also in circles", () => {
  assert.deepEqual(exactness([twice, twice], "out"), { isShared: true });
  const circle: unknown[] = [];
  circle.push(circle);
  assert.deepEqual(exactness(circle, "out"), { isShared: true });
  assert.deepEqual(exactness([{ x: 1 }, { x: 1 }], "out"), { isShared: false });
});

/** All that a cell can ask of a value, without its identity. */
function seen(value: unknown, met = new Map<object, number>()): unknown {
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : typeof value === "bigint" ? `${value}n` : value;
  if (met.has(value)) return { met: met.get(value) };
  met.set(value, met.size);
  const own = Reflect.ownKeys(value).map((key) => {
    const { get, value: member, ...rest } = Object.getOwnPropertyDescriptor(value, key)!;
    return [String(key), key === "stack" ? "" : get === undefined ? seen(member, met) : "getter", JSON.stringify(rest)];
  });
  const inside = value instanceof Map || value instanceof Set ? [...value].map((each) => seen(each, met)) : [];
  const memory = ArrayBuffer.isView(value) ? [value.byteOffset, value.byteLength, value.buffer.byteLength] : [];
  const bytes = value instanceof ArrayBuffer ? [...new Uint8Array(value)] : [];
  const text = value instanceof Date ? value.getTime() : value instanceof RegExp ? `${value}${value.lastIndex}` : "";
  const boxed = value instanceof Number || value instanceof String || value instanceof Boolean ? value.valueOf() : "";
  return [Object.prototype.toString.call(value), Object.isExtensible(value), own, inside, memory, bytes, text, boxed];
}

const anything = fc.anything({
  ...{ withBigInt: true, withBoxedValues: true, withDate: true, withMap: true, withSet: true, withNullPrototype: true },
  ...{ withSparseArray: true, withTypedArray: true, withUnicodeString: true },
});
const strange = fc.oneof(
  anything,
  fc.constantFrom(...Object.values(CHANGED)),
  fc.constantFrom(twice, new Date(NaN), /a/g, new TypeError("no")),
);

Deno.test("whatever passes comes out of its file as it was, as far as anybody can see", async () => {
  const dir = await Deno.makeTempDir();
  let n = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(anything, fc.array(strange, { maxLength: 3 }), fc.dictionary(fc.string(), strange, { maxKeys: 3 })),
      async (value) => {
        const { flaw, isShared } = exactness(value, "out");
        if (flaw !== undefined || isShared) return;
        let driver;
        try {
          driver = driverForValue(value);
        } catch (error) {
          if (error instanceof OutputError) return;
          throw error;
        }
        const path = `${dir}/${++n}.${driver.extensions[0]}`;
        await driver.write(value, path);
        assert.deepEqual(seen(await driver.read(path)), seen(value));
      },
    ),
    { numRuns: 300 },
  );
  await Deno.remove(dir, { recursive: true });
});
