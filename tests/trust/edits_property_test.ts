/**
 * Edits of generated programs. What an edit does is found out by calling both versions: where a result differs, the identity has to differ; where only
 * the way of writing differs, it has to be the same. A counter-example is printed as the two programs.
 */
import assert from "node:assert/strict";
import { toFileUrl } from "@std/path";
import fc from "fast-check";
import { run } from "consist";
import { assertHit, assertMiss, withTracker } from "consist/testing";
import { type CodeIdentity, codeIdentity } from "../../src/identity/mod.ts";
import { KernelProcess } from "../../src/kernels/mod.ts";
import type { Program } from "./generated/program.ts";
import { behaviour, samples, type Version } from "./generated/sample.ts";
import { cellsOf, modulesOf } from "./generated/write.ts";
import { configForElsewhere } from "./workshop.ts";

const SEED = 20261122;

interface Loaded {
  readonly main: (x: number) => number;
  readonly does: string;
  readonly text: string;
}

/** One version of a program, loaded as a new process would. */
async function load(dir: string, program: Program, { variant, style }: Version): Promise<Loaded> {
  const files = modulesOf(program, variant, style);
  await Deno.mkdir(dir);
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${dir}/${name}`, text);
  const text = Object.entries(files).map(([name, text]) => `── ${name}\n${text}`).join("\n");
  try {
    const { main } = await import(toFileUrl(`${dir}/main.ts`).href);
    return { main, does: behaviour(main), text };
  } catch (error) {
    throw new Error(text, { cause: error });
  }
}

async function inFolder(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "consist-edits-" }));
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** How many edits there were of each kind, so that a generator that changes nothing is noticed. */
class Tally {
  changing = 0;
  neutral = 0;
  neither = 0;

  /** Demands what an edit demands, and counts it. */
  check(version: Version, before: Loaded, after: Loaded, isSame: boolean): void {
    const about = () => `${before.text}\n══ edited\n${after.text}`;
    if (before.does !== after.does) {
      assert.ok(!version.isNeutral, `the generator is wrong: ${about()}`);
      assert.ok(!isSame, `a false hit: ${about()}`);
      this.changing++;
    } else if (version.isNeutral) {
      assert.ok(isSame, `a false miss: ${about()}`);
      this.neutral++;
    } else this.neither++;
  }

  /** Prints the counts, and demands so many. */
  demand(what: string, changing: number, neutral: number): void {
    const text = `${what}: ${this.changing} change a result, ${this.neutral} are neutral, ${this.neither} change nothing that was seen`;
    console.log(text);
    assert.ok(this.changing >= changing && this.neutral >= neutral, text);
  }
}

Deno.test("codeIdentity() differs after each edit of modules that changes a result, and after none that is only written differently", () =>
  inFolder(async (dir) => {
    const tally = new Tally();
    let folders = 0;
    const property = fc.asyncProperty(samples("modules", 8), async ({ program, versions }) => {
      const loaded: Loaded[] = [];
      for (const version of versions) loaded.push(await load(`${dir}/${folders++}`, program, version));
      const identities: CodeIdentity[] = [];
      for (const { main } of loaded) identities.push(await codeIdentity(main));
      assert.deepEqual(identities[0]!.opaque, [], loaded[0]!.text);
      for (const [index, version] of versions.entries()) {
        tally.check(version, loaded[0]!, loaded[index]!, identities[index]!.hash === identities[0]!.hash);
      }
    });
    await fc.assert(property, { seed: SEED, numRuns: 160 });
    tally.demand("edits of modules", 300, 700);
  }));

Deno.test("run() executes after each edit of modules that changes a result, hits after the others, and always gives the right result", () =>
  inFolder(async (dir) => {
    const tally = new Tally();
    let folders = 0;
    const property = fc.asyncProperty(
      samples("modules", 4),
      async ({ program, versions }) =>
        await withTracker(async () => {
          let base: { readonly loaded: Loaded; readonly id: string } | undefined;
          for (const version of versions) {
            const loaded = await load(`${dir}/${folders++}`, program, version);
            const { main } = loaded;
            const result = await run({ name: "generated", fn: () => behaviour(main), outputs: ["does"] });
            assert.equal(await result.load(), loaded.does, loaded.text);
            if (base) tally.check(version, base.loaded, loaded, result.cacheHit && result.explain().includes(base.id));
            base ??= { loaded, id: result.run.id };
          }
        }),
    );
    await fc.assert(property, { seed: SEED, numRuns: 12 });
    tally.demand("edits under run()", 5, 20);
  }));

/** A module for a kernel: what a step does, and its identity. */
const PROBE = `
import { codeIdentity } from ${JSON.stringify(new URL("../../src/identity/mod.ts", import.meta.url).href)};
import { behaviour } from ${JSON.stringify(new URL("./generated/sample.ts", import.meta.url).href)};
export async function probe(main) {
  const { hash, opaque } = await codeIdentity(main);
  return { does: behaviour(main), hash, opaque };
}`;
interface Probed {
  readonly does: string;
  readonly hash: string;
  readonly opaque: readonly unknown[];
}

Deno.test("codeIdentity() in a kernel differs after each edit of a cell that changes a result, and not after all cells were run again, written differently", () =>
  inFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/deno.json`, await configForElsewhere());
    await Deno.writeTextFile(`${dir}/probe.ts`, PROBE);
    await using kernel = await KernelProcess.start({ cwd: dir });
    const cell = async (code: string): Promise<void> => {
      const { error } = await kernel.execute(code, { timeout: 30_000 });
      assert.equal(error, undefined, `${code}\n${error?.evalue}`);
    };
    await cell(`import { probe } from "./probe.ts";`);
    const tally = new Tally();
    const property = fc.asyncProperty(samples("cells", 4), async ({ program, versions }) => {
      let shown: ReadonlyMap<string, string> = new Map();
      let before: Loaded & Probed | undefined;
      for (const version of versions) {
        const cells = cellsOf(program, version.variant, version.isNeutral ? version.style : versions[0]!.style);
        // an edit is run by itself, as one does in a notebook; what is only written differently is "Run All"
        for (const [name, text] of cells) if (version.isNeutral || shown.get(name) !== text) await cell(text);
        shown = cells;
        await cell(`var probed = await probe(${[...cells.keys()].at(-1)});`);
        const probed = await kernel.ask("probed") as Probed;
        assert.deepEqual(probed.opaque, []);
        const after = { ...probed, main: () => 0, text: [...cells.values()].join("\n── cell\n") };
        // after "Run All" the base is back, whatever the edit before it left
        if (before) {
          tally.check(
            { ...version, isNeutral: version.isNeutral && before.does === after.does },
            before,
            after,
            before.hash === after.hash,
          );
        }
        if (version.isNeutral) before = after;
      }
    });
    await fc.assert(property, { seed: SEED, numRuns: 60 });
    tally.demand("edits of cells", 20, 40);
  }));

// ── config and inputs ───────────────────────────────────────────────────────────────────────────────────────────────────────

const leaf = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.boolean(), fc.constant(null));
const key = fc.string({ minLength: 1, maxLength: 6 }).filter((name) => !name.startsWith("__"));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie("tree"), { maxLength: 4 }), fc.dictionary(key, tie("tree"), { maxKeys: 4 })),
}));
const config = fc.dictionary(key, tree, { minKeys: 1, maxKeys: 5 }) as fc.Arbitrary<Record<string, unknown>>;

/** The same config with its keys in another order, and with keys that are undefined. */
function rewritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewritten);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).reverse().map(([name, member]) => [name, rewritten(member)]);
  return Object.fromEntries([["absent", undefined], ...entries.filter(([name]) => name !== "absent")]);
}

/** As JSON has it: what the step sees of a config as far as it is plain data, with the keys sorted. */
const plain = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, member) =>
      typeof member === "object" && member !== null && !Array.isArray(member)
        ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => a < b ? -1 : 1))
        : member,
  );

Deno.test("run() misses after each change of the config, and hits when only its order or what is undefined changes", async () => {
  const property = fc.asyncProperty(config, config, async (one, two) =>
    await withTracker(async () => {
      const step = (config: Record<string, unknown>) =>
        run({
          name: "configured",
          fn: (_, { config }) => JSON.stringify(config),
          config: config as Record<string, string>,
          outputs: ["text"],
        });
      assertMiss(await step(one));
      assertHit(await step(rewritten(one) as typeof one));
      const other = await step(two);
      assert.equal(other.cacheHit, plain(one) === plain(two), `${plain(one)}\n${plain(two)}`);
      const nested = { ...one, more: two };
      assert.equal((await step(nested)).cacheHit, plain(nested) === plain(one) || plain(nested) === plain(two));
    }));
  await fc.assert(property, { seed: SEED, numRuns: 25 });
});

const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
const editOfBytes = fc.oneof(
  fc.record({ kind: fc.constant("flip" as const), at: fc.nat(99), by: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant("append" as const), at: fc.nat(255), by: fc.nat(0) }),
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat(39), by: fc.nat(0) }),
  fc.record({ kind: fc.constant("write again" as const), at: fc.nat(0), by: fc.nat(0) }),
);

function edited(
  content: Uint8Array,
  { kind, at, by }: { kind: "flip" | "append" | "cut" | "write again"; at: number; by: number },
): Uint8Array<ArrayBuffer> {
  if (kind === "append") return Uint8Array.from([...content, at]);
  if (kind === "cut") return content.slice(0, at);
  return content.map((byte, index) => kind === "flip" && index === at % content.length ? byte ^ by : byte);
}

Deno.test("run() misses after each change of an input's bytes, whatever its times say, and hits when they are the same", () =>
  inFolder(async (dir) => {
    const path = `${dir}/raw.bin`;
    const step = () => run({ name: "reads", fn: ({ raw }) => [...raw], inputs: { raw: path as `${string}.bin` }, outputs: ["list"] });
    await withTracker(async () => {
      const met = new Set<string>();
      const property = fc.asyncProperty(bytes, fc.array(editOfBytes, { minLength: 2, maxLength: 4 }), async (content, edits) => {
        let now: Uint8Array<ArrayBuffer> = Uint8Array.from(content);
        await Deno.writeFile(path, now);
        const { atime, mtime } = await Deno.stat(path);
        for (const edit of [undefined, ...edits]) {
          if (edit) {
            now = edited(now, edit);
            await Deno.writeFile(path, now);
            await Deno.utime(path, atime!, mtime!);
          }
          const result = await step();
          assert.deepEqual(await result.load(), [...now]);
          assert.equal(result.cacheHit, met.has(now.join()), `${edit?.kind} ${now}`);
          met.add(now.join());
        }
      });
      await fc.assert(property, { seed: SEED, numRuns: 60 });
    });
  }));
