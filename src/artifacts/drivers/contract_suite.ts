/** What every driver must do: one call of `testDriver` in each driver's test. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { ConsistError, InputError, OutputError } from "../../errors.ts";
import { JSON } from "../../intrinsics.ts";
import type { DataFrame } from "../../types.ts";
import { type Driver, driverForPath, driverNamed } from "../driver.ts";
import { completeChart } from "../../relations/mod.ts";
import { isFrame } from "../kinds.ts";
import { tempFolder } from "../temp_folder.ts";

/** What is special about a driver. */
export interface DriverContract {
  /** The driver. */
  readonly driver: Driver;
  /** Values that it keeps, each made anew when it is asked for. */
  readonly values: { readonly [label: string]: () => unknown };
  /** Values that it keeps, by the hundred. */
  readonly any?: fc.Arbitrary<unknown>;
  /** Values that it must not take for its own. */
  readonly foreign: { readonly [label: string]: () => unknown };
  /** Contents of files that it cannot read; none where every file is readable. */
  readonly damaged: { readonly [label: string]: string | Uint8Array };
  /** Are the same bytes written for the same value? @default true */
  readonly deterministic?: boolean;
}

/** Names that a careless path handling trips over. */
const HOSTILE = ["plain", "a b", "it's", 'qu"ote', "new\nline", "%20", "[a]*?{b,c}", "é😀", "..dots", "-rf", "$HOME;x", "y=2030"];

/** Registers the tests of a driver. */
export function testDriver(contract: DriverContract): void {
  const { driver } = contract;
  const test = (behaviour: string, work: () => Promise<void>) => Deno.test(`driver ${driver.name} ${behaviour}`, work);
  for (const [label, make] of Object.entries(contract.values)) test(`keeps ${label}`, () => keeps(driver, make()));
  const { any } = contract;
  if (any) test("keeps any value of its kind", () => fc.assert(fc.asyncProperty(any, (value) => keeps(driver, value)), { numRuns: 60 }));
  test("keeps a value under any file name", () => keepsUnderAnyName(driver, Object.values(contract.values)[0]!));
  if (contract.deterministic !== false) test("writes the same bytes for the same value", () => repeats(contract));
  test("accepts its values and no others", () => accepts(contract));
  test("refuses a foreign value and leaves nothing behind", () => refuses(contract));
  test("leaves the earlier file whole where writing fails", () => leavesEarlier(contract));
  for (const [label, content] of Object.entries(contract.damaged)) test(`calls ${label} unreadable`, () => unreadable(driver, content));
  test("calls a missing file missing", () => missing(driver));
  test("is found by its name and its extensions", () => found(driver));
  test("names its version without reading a file", async () =>
    assert.match(await driver.identity(), new RegExp(`^${driver.name}@\\d+\\+\\S+$`)));
}

/** Asserts that two values are the same; frames by columns, types and cells, charts by what they show. */
export async function assertSame(found: unknown, wanted: unknown): Promise<void> {
  const [chart, wantedChart] = [completeChart(found), completeChart(wanted)];
  if (chart !== undefined && wantedChart !== undefined) return assert.deepEqual((await chart()).spec, (await wantedChart()).spec);
  if (!isFrame(wanted)) return assert.deepEqual(found, wanted);
  const [one, other] = [found as DataFrame, wanted as DataFrame];
  assert.ok(isFrame(one), "a DataFrame was wanted");
  assert.deepEqual(one.columns, other.columns);
  assert.deepEqual(one.dtypes.map(String), other.dtypes.map(String));
  assert.ok(one.frameEqual(other, true), `${one} is not ${other}`);
}

async function keeps(driver: Driver, value: unknown): Promise<void> {
  await using folder = await tempFolder();
  const path = `${folder.path}/sub/x.${driver.extensions[0]}`;
  const { bytes, hash } = await driver.write(value, path);
  assert.equal((await Deno.stat(path)).size, bytes);
  assert.match(hash, /^[0-9a-f]{64}$/);
  await assertSame(await driver.read(path), value);
}

async function keepsUnderAnyName(driver: Driver, make: () => unknown): Promise<void> {
  await using folder = await tempFolder();
  for (const name of HOSTILE) {
    for (const extension of [...driver.extensions, "unknown"]) {
      const path = `${folder.path}/${name}.${extension}`;
      await driver.write(make(), path);
      await assertSame(await driver.read(path), make());
      if (driver.isTable) await assertSame(await (await driver.scan(path)).collect(), make());
    }
  }
}

async function repeats({ driver, values }: DriverContract): Promise<void> {
  await using folder = await tempFolder();
  for (const [label, make] of Object.entries(values)) {
    const [one, other] = [await driver.write(make(), `${folder.path}/one`), await driver.write(make(), `${folder.path}/other`)];
    assert.equal(one.hash, other.hash, label);
  }
}

// deno-lint-ignore require-await -- a test is a promise
async function accepts({ driver, values, foreign }: DriverContract): Promise<void> {
  for (const [label, make] of Object.entries(values)) assert.equal(driver.accepts(make()), true, label);
  for (const [label, make] of Object.entries(foreign)) assert.equal(driver.accepts(make()), false, label);
}

async function refuses({ driver, foreign }: DriverContract): Promise<void> {
  await using folder = await tempFolder();
  for (const [label, make] of Object.entries(foreign)) {
    await assert.rejects(driver.write(make(), `${folder.path}/x.${driver.extensions[0]}`), (error: unknown) => {
      assert.ok(error instanceof OutputError, label);
      assert.equal(error.code, "output_not_storable");
      assert.ok(error.problem.includes(`"${driver.name}"`), error.problem);
      return true;
    });
  }
  assert.deepEqual(await folder.names(), []);
}

async function leavesEarlier({ driver, values, foreign }: DriverContract): Promise<void> {
  await using folder = await tempFolder();
  const path = `${folder.path}/x.${driver.extensions[0]}`;
  const { hash } = await driver.write(Object.values(values)[0]!(), path);
  await assert.rejects(driver.write(Object.values(foreign)[0]!(), path), ConsistError);
  assert.deepEqual(await folder.names(), [`x.${driver.extensions[0]}`]);
  assert.equal((await driver.write(Object.values(values)[0]!(), path)).hash.length, hash.length);
  await assertSame(await driver.read(path), Object.values(values)[0]!());
}

async function unreadable(driver: Driver, content: string | Uint8Array): Promise<void> {
  await using folder = await tempFolder();
  const path = await folder.write(`broken.${driver.extensions[0]}`, content);
  await assert.rejects(driver.read(path), (error: unknown) => {
    assert.ok(error instanceof InputError);
    assert.equal(error.code, "input_unreadable");
    assert.equal(error.path, path);
    assert.ok(error.problem.includes(JSON.stringify(path)) && error.problem.includes(`"${driver.name}"`), error.problem);
    assert.ok(error.cause instanceof Error && error.why.length > 3, error.why);
    return true;
  });
}

async function missing(driver: Driver): Promise<void> {
  await using folder = await tempFolder();
  const path = `${folder.path}/none.${driver.extensions[0]}`;
  const wanted = (error: unknown) => error instanceof InputError && error.code === "input_missing" && error.path === path;
  await assert.rejects(driver.read(path), wanted);
  if (driver.isTable) await assert.rejects(driver.scan(path), wanted);
}

// deno-lint-ignore require-await -- a test is a promise
async function found(driver: Driver): Promise<void> {
  assert.equal(driverNamed(driver.name), driver);
  for (const extension of driver.extensions) {
    assert.equal(driverForPath(`/some.folder/x.${extension}`), driver);
    assert.equal(driverForPath(`X.Y.${extension.toUpperCase()}`), driver);
    assert.equal(driverNamed(`.${extension}`), driver);
  }
}
