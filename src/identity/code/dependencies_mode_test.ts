import assert from "node:assert/strict";
import fc from "fast-check";
import { fromFileUrl, toFileUrl } from "@std/path";
import { makeSql } from "../../relations/mod.ts";
import { canonicalJson } from "../canonical_json.ts";
import { codeIdentity } from "../code.ts";
import { type CodeIdentity, LONGEST_PART_TEXT } from "../code_parts.ts";
import { sha256 } from "../digest.ts";
import { IDENTITY } from "./adapters.ts";
import { Project, step } from "./case_harness_test.ts";
import { changedMeanwhile } from "./dependencies_mode.ts";
import { type AnyFunction, STEP } from "./functions.ts";
import { moduleGraph } from "./module_graph.ts";
import { untracked } from "./untracked.ts";

const partsOf = ({ parts }: CodeIdentity) => parts.map(({ kind, name, text, where }) => [kind, name, where, text?.replace(/\s+/g, " ")]);
const identityOf = async (files: Parameters<typeof Project.load>[0]) => {
  await using project = await Project.load(files);
  return await project.identity();
};

Deno.test("codeIdentity() names each part with its file and its text", async () => {
  const identity = await identityOf({
    "main.ts": step(
      "return normalise(input) > threshold ? Kind.name : cfg.list",
      'import { normalise, Kind } from "./lib.ts"; const threshold = 0.5, cfg = { list: [1, "a"] };',
    ),
    "lib.ts": "export const normalise = (x: number) => x / 2; export class Kind {}",
  });
  assert.deepEqual(partsOf(identity), [
    ["function", "main", "main.ts", "function main(input = {}) { return normalise(input) > threshold ? Kind.name : cfg.list; }"],
    ["class", "Kind", "lib.ts", "class Kind { }"],
    ["value", "cfg", undefined, '{"list":[1,"a"]}'],
    ["function", "normalise", "lib.ts", "(x)=>x / 2"],
    ["value", "threshold", undefined, "0.5"],
  ]);
  assert.deepEqual([identity.opaque, identity.outside], [[], []]);
});

Deno.test("codeIdentity() caps the text of a part, not its hash", async () => {
  const of = (last: string) => identityOf(step("return K", `const K = ["${"x".repeat(LONGEST_PART_TEXT)}", "${last}"];`));
  const [a, b] = [await of("a"), await of("b")];
  assert.equal(a.parts[1]!.text!.length, LONGEST_PART_TEXT + 1);
  assert.notEqual(a.parts[1]!.hash, b.parts[1]!.hash);
});

Deno.test("codeIdentity() names what lies outside, and still has a hash", async () => {
  const body = `
    const { random } = Math;
    return [now(), random(), new Date(), Deno.env.get("X"), fetch, fs.readFileSync, crypto.randomUUID(), performance.now(), Temporal.Now.instant(),
      localStorage.length, hostname(), new Deno.Command("x"), globalThis.prompt, Math.max(1), JSON.parse("1"), new Date(0), crypto.subtle]`;
  const identity = await identityOf(step(body, 'import fs from "node:fs"; import { hostname } from "node:os"; const now = Date.now;'));
  assert.deepEqual(identity.outside.map(({ name, why }) => `${name}: ${why}`).sort(), [
    "Date.now: time",
    "Deno.Command: other programs",
    "Deno.env: environment",
    "Math.random: randomness",
    "Temporal.Now: time",
    "crypto.randomUUID: randomness",
    "fetch: network",
    "hostname: environment",
    "localStorage: stored elsewhere",
    "new Date(): time",
    "performance.now: time",
    "prompt: input from a person",
    "readFileSync: files",
  ]);
  assert.deepEqual(identity.opaque, []);
  assert.match(identity.hash!, /^[0-9a-f]{64}$/);
});

Deno.test("codeIdentity() does not name what is inside", async () => {
  const { outside } = await identityOf(
    step("return [Math.max(1), new Date(0), Date.UTC(2026), JSON.stringify(1), structuredClone, new Map(), Array.from([1])]"),
  );
  assert.deepEqual(outside, []);
});

Deno.test("codeIdentity() follows globalThis.x by content, and globalThis as a whole is opaque", async () => {
  const of = (value: string) =>
    identityOf(step("return [globalThis.shared, globalThis.absent, globalThis.Math]", `(globalThis as any).shared = ${value};`));
  const [one, again, two] = [await of("{ a: [1] }"), await of("{ a: [1] }"), await of("{ a: [2] }")];
  assert.equal(one.hash, again.hash);
  assert.notEqual(one.hash, two.hash);
  assert.deepEqual(one.opaque, []);
  assert.deepEqual(one.parts.at(-1), { kind: "value", name: "globalThis.shared", hash: one.parts.at(-1)!.hash, text: '{"a":[1]}' });
  const whole = await identityOf(step("return (globalThis as any)[input]"));
  assert.deepEqual(whole.opaque, [{ name: "globalThis", why: "globalThis is used as a whole" }]);
  delete (globalThis as { shared?: unknown }).shared;
});

Deno.test("untracked() leaves objects and functions out, with all that is in them", async () => {
  const make = (log: object, call: () => unknown) => () => [log, call];
  const logs = [untracked({ lines: ["a"] }), untracked({ lines: ["b"], secret: new Proxy({}, {}) })];
  const calls = [untracked(() => 1), untracked(() => 2)];
  const [a, b] = await Promise.all([0, 1].map((i) => codeIdentity(make(logs[i]!, calls[i]!))));
  assert.equal(a!.hash, b!.hash);
  assert.deepEqual(b!.opaque, []);
  assert.deepEqual(a!.parts.map(({ kind }) => kind), ["function"]);
  assert.notEqual((await codeIdentity(make({ lines: ["a"] }, calls[0]!))).hash, a!.hash);
  assert.equal(untracked(logs[0]), logs[0]);
});

Deno.test("untracked() refuses a primitive", () => {
  for (const value of [1, "a", null, undefined, true, 1n, Symbol("s")]) {
    assert.throws(() => untracked(value), (error) => (error as { code?: string }).code === "option_invalid");
  }
});

Deno.test("codeIdentity() reports state that the step changes itself, and changedMeanwhile() finds it afterwards", async () => {
  await using project = await Project.load(
    "const cache = new Map<string, number>(), log = { lines: [] as string[] }, plain = [1]; let n = 0, only = 0;\n" +
      "export const main = () => { only++; cache.set('a', 1); log.lines.push('x'); return [n++, cache.size, log, plain] };",
  );
  const before = await project.identity();
  assert.deepEqual(before.parts.slice(1).map(({ kind, name }) => `${kind} ${name}`), [
    "changing cache",
    "changing log",
    "changing n",
    "value plain",
  ]);
  (project.main as () => unknown)();
  const after = await project.identity();
  assert.notEqual(after.hash, before.hash);
  assert.deepEqual(changedMeanwhile(before, after).own.toSorted(), ["cache", "log", "n"]);
  assert.deepEqual(changedMeanwhile(after, after), { own: [], foreign: [] });
});

Deno.test("codeIdentity() does not count names that are only written to", async () => {
  const of = (start: number) =>
    identityOf(step("n++; void n++; (m += 1, 0); if (input) n--; const f = () => void n++; return f", `let n = ${start}, m = ${start};`));
  assert.equal((await of(1)).hash, (await of(2)).hash);
});

Deno.test("codeIdentity() counts this library as one package, and its objects by their own account", async () => {
  const handle = (content: unknown) => {
    class Handle {
      readonly state = new Proxy({}, {});
      [IDENTITY]() {
        return content;
      }
    }
    return new Handle();
  };
  const make = (captured: unknown) => () => [canonicalJson(1), captured];
  const { parts, opaque, hash } = await codeIdentity(make(handle("tracker")));
  assert.deepEqual(opaque, []);
  assert.ok(parts.some(({ kind, name, text }) => kind === "package" && name === "consist" && text === "identity-1"));
  assert.equal((await codeIdentity(make(handle("tracker")))).hash, hash);
  for (const other of ["artifact 1", { hash: "a" }, new Uint8Array([1])]) {
    assert.notEqual((await codeIdentity(make(handle(other)))).hash, hash);
  }
});

Deno.test("codeIdentity() finds an object of this library opaque that does not say what it is", async () => {
  const { BoundedMemo } = await import("./bounded_memo.ts");
  const memo = new BoundedMemo<number>(2);
  const { opaque } = await codeIdentity(() => memo);
  assert.match(opaque[0]!.why, /does not say what it is \(BoundedMemo\)/);
});

Deno.test("codeIdentity() follows what a call into this library captured", async () => {
  const tags = [
    makeSql(() => Promise.reject(new Error("1"))),
    makeSql(() => Promise.reject(new Error("1"))),
    makeSql(() => Promise.reject(new Error("2"))),
  ];
  const [one, again, two] = await Promise.all(tags.map((tag) => codeIdentity(() => tag)));
  assert.equal(one!.hash, again!.hash);
  assert.notEqual(one!.hash, two!.hash);
  assert.deepEqual(one!.opaque, []);
});

Deno.test("codeIdentity() reports an account that fails, and asks no Proxy for one", async () => {
  const broken = {
    [IDENTITY]() {
      throw new Error("no content");
    },
  };
  assert.match((await codeIdentity(() => broken)).opaque[0]!.why, /failed: no content/);
  const mock = new Proxy({}, { get: () => () => "anything" });
  assert.equal((await codeIdentity(() => mock)).opaque[0]!.why, "a Proxy");
  const trap = new Proxy({}, {
    get() {
      throw new Error("trap");
    },
  });
  assert.equal((await codeIdentity(() => trap)).opaque[0]!.why, "a Proxy");
});

Deno.test("codeIdentity() sees the options of a step that the step calls", async () => {
  const inner = () => 1;
  const defined = (options: object) => Object.assign(() => inner(), { [STEP]: inner, [IDENTITY]: () => options });
  const of = (options: object) => {
    const helper = defined(options);
    return codeIdentity(() => helper());
  };
  assert.equal((await of({ k: 1 })).hash, (await of({ k: 1 })).hash);
  assert.notEqual((await of({ k: 1 })).hash, (await of({ k: 2 })).hash);
});

Deno.test("codeIdentity() has no hash for a Proxy and for what is nested too deeply", async () => {
  const proxy = await codeIdentity(new Proxy(() => 1, {}));
  assert.deepEqual([proxy.hash, proxy.opaque[0]!.why], [null, "a Proxy"]);
  let deep: unknown = 1;
  for (let i = 0; i < 1e5; i++) deep = { deep };
  const nested = await codeIdentity(() => deep);
  assert.deepEqual([nested.hash, nested.opaque[0]!.why], [null, "a captured value is nested too deeply"]);
});

Deno.test("codeIdentity() does not take a module for what it was loaded as once its file was edited", async () => {
  await using project = await Project.load({ "main.ts": step('return import("./d.ts")'), "d.ts": "export const k = 1" });
  assert.deepEqual((await project.identity()).opaque, []);
  await (project.main as () => Promise<unknown>)();
  await Deno.writeTextFile(`${project.dir}/d.ts`, "export const k = 2");
  assert.match((await project.identity()).opaque[0]!.why, /was edited while this program runs/);
});

Deno.test("codeIdentity() reports an import() that cannot be resolved or read", async () => {
  const of = (specifier: string) => identityOf(step(`return import("${specifier}")`));
  assert.match((await of("./nowhere.ts")).opaque[0]!.why, /cannot be read/);
  assert.match((await of("not-mapped-anywhere")).opaque[0]!.why, /cannot be resolved/);
});

Deno.test("moduleGraph() wants an exact version of a package that is not loaded yet", () => {
  assert.match(moduleGraph("npm:@scope/not-loaded@^8.0.0", "").opaque[0]!, /no exact version/);
  assert.match(moduleGraph("npm:not-loaded", "").opaque[0]!, /no exact version/);
  assert.deepEqual(moduleGraph("npm:not-loaded@8.15.0/sub", "").opaque, []);
  assert.deepEqual(moduleGraph("node:fs", "").opaque, []);
  assert.notEqual(moduleGraph("npm:not-loaded@8.15.0", "").hash, moduleGraph("npm:not-loaded@8.14.0", "").hash);
});

Deno.test("moduleGraph() takes an edited module as it is on disk only where it is not loaded yet", async () => {
  await using project = await Project.load({ "main.ts": "", "d.ts": "export const k = 1" });
  const url = toFileUrl(`${project.dir}/d.ts`).href;
  assert.equal(moduleGraph(url, "").asksLoaded, true); // it is younger than this process
  assert.match(moduleGraph(url, "", new Set([url])).opaque[0]!, /edited while this program runs/);
  assert.deepEqual(moduleGraph(url, "", new Set()).opaque, []);
  const { hash, asksLoaded } = moduleGraph(url, "");
  assert.equal(asksLoaded, false); // it is the one that was looked at
  await Deno.writeTextFile(`${project.dir}/d.ts`, "export const k = 2");
  assert.equal(moduleGraph(url, "").asksLoaded, true);
  assert.notEqual(moduleGraph(url, "", new Set()).hash, hash);
});

Deno.test("codeIdentity(): a module that was edited after it was loaded, and then stands behind import()", async () => {
  await using project = await Project.load({ "main.ts": 'export const main = () => import("./d.ts")', "d.ts": "export const k = 1" });
  await import(toFileUrl(`${project.dir}/d.ts`).href);
  await Deno.writeTextFile(`${project.dir}/d.ts`, "export const k = 2");
  assert.match((await project.identity()).opaque[0]!.why, /edited while this program runs/);
});

Deno.test("moduleGraph() says the same of a package before and after it is loaded", () => {
  assert.equal(moduleGraph("acorn", "").hash, moduleGraph("npm:acorn@8.15.0", "").hash); // loaded: resolves to its file
  assert.equal(moduleGraph("acorn", "").hash, sha256("acorn@8.15.0"));
  assert.equal(moduleGraph("npm:not-loaded@1.2.3", "").hash, sha256("not-loaded@1.2.3"));
});

Deno.test({
  name: "codeIdentity() without --allow-sys says what it cannot read, and reports text and modules",
  permissions: { sys: false, read: true },
  fn: async () => {
    const k = Math.random();
    const { hash, opaque, parts } = await codeIdentity(() => k);
    assert.match(opaque.at(-1)!.why, /captured values cannot be read: .*--allow-sys/);
    assert.equal(opaque.at(-1)!.name, "k");
    assert.match(hash!, /^[0-9a-f]{64}$/);
    assert.deepEqual(parts.map(({ kind }) => kind), ["function", "module"]);
    assert.equal((await codeIdentity(Math.max.bind(null))).hash, null);
  },
});

Deno.test("codeIdentity() is the same in a worker and in another process", async () => {
  const files = {
    "lib.ts": "const k = { a: [1] }; class A { #v = k; get() { return this.#v } } export const a = new A();",
    "main.ts": 'import { a } from "./lib.ts"; export const main = (x: number) => [a.get(), x];',
  };
  const identity = `import { codeIdentity } from ${
    JSON.stringify(new URL("../code.ts", import.meta.url).href)
  }; import { main } from "./main.ts"; const { hash } = await codeIdentity(main);`;
  await using project = await Project.load({
    ...files,
    "worker.ts": `${identity} (self as any).postMessage(hash);`,
    "process.ts": `${identity} console.log(hash);`,
  });
  const { hash } = await project.identity();
  const worker = new Worker(toFileUrl(`${project.dir}/worker.ts`), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => (event.preventDefault(), reject(new Error(event.message)));
  assert.equal(await promise, hash);
  worker.terminate();
  const config = fromFileUrl(new URL("../../../deno.json", import.meta.url));
  const args = ["run", "-A", "--no-lock", "--config", config, `${project.dir}/process.ts`];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  assert.equal(new TextDecoder().decode(stdout).trim(), hash, new TextDecoder().decode(stderr));
});

const capture = (value: unknown): AnyFunction => () => value;

Deno.test("codeIdentity() gives captured values of one content one hash, and others another", async () => {
  const value = fc.oneof(fc.jsonValue(), fc.double(), fc.bigInt(), fc.date({ noInvalidDate: true }), fc.uint8Array(), fc.string());
  await fc.assert(
    fc.asyncProperty(value, value, async (a, b) => {
      const [x, again, y] = await Promise.all([a, structuredClone(a), b].map((each) => codeIdentity(capture(each))));
      assert.equal(x!.hash, again!.hash);
      assert.equal(x!.hash === y!.hash, isSame(a, b));
      assert.deepEqual(x!.opaque, []);
    }),
    { numRuns: 60 },
  );
});

/** Strict equality of content; property order counts. */
function isSame(a: unknown, b: unknown): boolean {
  const text = (value: unknown): string =>
    JSON.stringify(
      value,
      (_key, member) =>
        typeof member === "bigint"
          ? `${member}n`
          : typeof member === "number"
          ? `number ${Object.is(member, -0) ? "-0" : member}`
          : member instanceof Uint8Array
          ? `bytes ${sha256(member)}`
          : member,
    ) +
    Object.prototype.toString.call(value);
  return text(a) === text(b);
}

Deno.test("codeIdentity() follows classes whose name is no text, and asks nobody for it", async () => {
  const made = (n: number) => {
    class Odd {
      static readonly n = n;
      static get name(): string {
        throw new Error("asked");
      }
    }
    return new Function("Odd", "return () => [Odd.n, new Odd()]")(Odd) as () => unknown;
  };
  const [one, again, two] = [await codeIdentity(made(1)), await codeIdentity(made(1)), await codeIdentity(made(2))];
  assert.equal(typeof one.hash, "string");
  assert.deepEqual([one.hash === again.hash, one.hash === two.hash], [true, false]);
});
