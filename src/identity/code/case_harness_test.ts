/** For the `*_cases_test.ts` files: small projects in two versions, and whether their steps are the same step. It has no tests of its own. */
import assert from "node:assert/strict";
import { toFileUrl } from "@std/path";
import { codeIdentity } from "../code.ts";
import type { CodeIdentity } from "../code_parts.ts";
import type { AnyFunction } from "./functions.ts";
import { glance } from "./glance.ts";
import { withInspector } from "./inspector.ts";

/** `main.ts`, or files by name. */
export type Files = string | Readonly<Record<string, string>>;
/** A name, what is expected, two versions; and words that the reason for an opaque part must contain. */
export type IdentityCase = readonly [name: string, expected: "same" | "different", before: Files, after: Files, opaque?: string];

/** A `main.ts` whose exported step has this body, below these declarations. */
export const step = (body: string, head = "") => `${head}\nexport function main(this: any, input: any = {}) { ${body} }\n`;

/** Two cases: other declarations make another step, the same ones the same step. */
export function pair(
  name: string,
  head: (value: number | string) => string,
  body: string,
  before: number | string = 1,
  after: number | string = 2,
): IdentityCase[] {
  return [
    [`${name}: changed`, "different", step(body, head(before)), step(body, head(after))],
    [`${name}: loaded again`, "same", step(body, head(before)), step(body, head(before))],
  ];
}

/** A step that calls `f` of `lib.ts`. */
export const withLib = (
  lib: string,
  body = "return f(1)",
  head = 'import { f } from "./lib.ts"',
  more: Readonly<Record<string, string>> = {},
) => ({
  "main.ts": step(body, head),
  "lib.ts": lib,
  ...more,
});

/** A package as it lies in node_modules. */
export const packageFiles = (name: string, version: string, index: string, file = "index.js") => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, version, main: file }),
  [`node_modules/${name}/${file}`]: index,
});

/** A project in a folder of its own, loaded as a new process would. */
export class Project implements AsyncDisposable {
  private constructor(readonly dir: string, readonly exports: Readonly<Record<string, unknown>>) {}

  static async load(files: Files): Promise<Project> {
    const dir = await Deno.realPath(await Deno.makeTempDir());
    for (const [name, text] of Object.entries(typeof files === "string" ? { "main.ts": files } : files)) {
      await Deno.mkdir(`${dir}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${dir}/${name}`, text);
    }
    return new Project(dir, await import(toFileUrl(`${dir}/main.ts`).href));
  }

  get main(): AnyFunction {
    return this.exports.main as AnyFunction;
  }

  identity(): Promise<CodeIdentity> {
    return codeIdentity(this.main);
  }

  async [Symbol.asyncDispose]() {
    await Deno.remove(this.dir, { recursive: true });
  }
}

/** What a glance at a function tells, if that is enough, as in a process that has not read its scripts' sources yet. */
export async function glanceAt(fn: AnyFunction): Promise<CodeIdentity | undefined> {
  return await withInspector(async (inspector) => (await glance(fn, inspector, () => inspector.readUrls())).identity);
}

const reasons = ({ opaque }: CodeIdentity) => opaque.map(({ name, why }) => `${name}: ${why}`).join("; ");
const partsOf = ({ parts }: CodeIdentity) => parts.map(({ kind, name, text }) => `${kind} ${name} ${text?.slice(0, 60)}`).join("\n");

/** One test for each case. */
export function testCases(cases: readonly IdentityCase[]): void {
  for (const [name, expected, before, after, opaque] of cases) {
    Deno.test(`codeIdentity(): ${name}`, async () => {
      await using a = await Project.load(before);
      const glanced = await glanceAt(a.main);
      const x = await a.identity(); // before the second version is loaded: both may set one global
      if (glanced !== undefined) assert.deepEqual(glanced, x, "a glance tells the same, or nothing");
      await using b = await Project.load(after);
      const y = await b.identity();
      assert.equal(x.hash !== null && x.hash === y.hash ? "same" : "different", expected, `${partsOf(x)}\n---\n${partsOf(y)}`);
      if (opaque === undefined) assert.equal(reasons(x), "");
      else assert.ok(reasons(x).includes(opaque), reasons(x));
    });
  }
}

/** One function object, with something done between two looks: the memo must notice, or must not mind. */
export function testBetween(name: string, expected: "same" | "different", files: Files, change: string): void {
  Deno.test(`codeIdentity() in one process: ${name}`, async () => {
    await using project = await Project.load(files);
    const [first, again] = [await project.identity(), await project.identity()];
    (project.exports[change] as () => unknown)();
    const [changed, after] = [await project.identity(), await project.identity()];
    assert.equal(first.hash, again.hash);
    assert.equal(changed.hash, after.hash);
    assert.equal(first.hash === changed.hash ? "same" : "different", expected, `${partsOf(first)}\n---\n${partsOf(changed)}`);
  });
}
