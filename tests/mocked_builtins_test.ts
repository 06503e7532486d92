import assert from "node:assert/strict";
import { run } from "consist";
import { assertHit, assertMiss, withTracker } from "consist/testing";

/** Does something while a member of an object is another one. */
async function whileReplaced<T>(object: object, key: string, by: unknown, work: () => Promise<T>): Promise<T> {
  const original = Object.getOwnPropertyDescriptor(object, key);
  Object.defineProperty(object, key, { value: by, configurable: true, writable: true, enumerable: original?.enumerable ?? false });
  try {
    return await work();
  } finally {
    if (original) Object.defineProperty(object, key, original);
    else Reflect.deleteProperty(object, key);
  }
}

const inTracker = (body: () => Promise<void>) => withTracker(async () => await body());

const upper = (text: string) => run({ name: "upper", fn: () => ({ word: `${text}!` }), config: { text }, outputs: ["word"] });
const captured = (text: string) => run({ name: "captured", fn: () => ({ word: text }), outputs: ["word"] });

const MOCKS: readonly (readonly [path: string, object: object, key: string, by: unknown])[] = [
  ["JSON.stringify", JSON, "stringify", () => "1"],
  ["JSON.parse", JSON, "parse", () => ({})],
  ["crypto.randomUUID", crypto, "randomUUID", () => "00000000-0000-4000-8000-000000000000"],
  ["crypto.getRandomValues", crypto, "getRandomValues", <T>(bytes: T) => bytes],
  [
    "TextEncoder",
    globalThis,
    "TextEncoder",
    class {
      encode = () => new Uint8Array();
    },
  ],
];

for (const [path, object, key, by] of MOCKS) {
  Deno.test(`run() tells steps apart, keeps and serves them while a program has another ${path}`, () =>
    inTracker(() =>
      whileReplaced(object, key, by, async () => {
        for (const make of [upper, captured]) {
          assertMiss(await make("a"));
          const other = await make("b");
          assertMiss(other);
          assert.equal(await other.outputs.word.load(), make === upper ? "b!" : "b");
          const again = await make("a");
          assertHit(again);
          assert.equal(await again.outputs.word.load(), make === upper ? "a!" : "a");
        }
      })
    ));
}

Deno.test("run() executes, and says why, while a method with which identities are told is another one", () =>
  inTracker(async () => {
    const { sort } = Array.prototype;
    const lies: [object, string, unknown][] = [
      [Function.prototype, "toString", () => "function () {}"],
      [Array.prototype, "sort", function (this: unknown[], compare: () => number) {
        return sort.call(this, compare);
      }],
    ];
    for (const [object, key, by] of lies) {
      for (const codeIdentity of ["dependencies", "source", "module"] as const) {
        const step = (text: string) =>
          run({
            name: "told",
            fn: () => ({ word: text }),
            config: { key, codeIdentity },
            outputs: ["word"],
            cacheOptions: { codeIdentity },
          });
        await whileReplaced(object, key, by, async () => {
          await step("a");
          const again = await step("b");
          assertMiss(again);
          assert.match(again.explain(), new RegExp(`prototype\\.${key} \\(it was replaced`));
          assert.equal(await again.outputs.word.load(), "b");
        });
      }
    }
  }));
