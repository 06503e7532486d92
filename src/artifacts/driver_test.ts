import assert from "node:assert/strict";
import fc from "fast-check";
import pl from "polars";
import { driverForPath, driverForValue, driverNamed, type DriverSpec, registerDriver } from "./driver.ts";
import { tempFolder } from "./temp_folder.ts";

Deno.test("driverForPath() knows formats by extension and takes the rest for bytes", () => {
  const cases = [
    ["a.csv", "csv"],
    ["a.CSV", "csv"],
    ["a.tsv", "tsv"],
    ["a.ndjson", "ndjson"],
    ["a.parquet", "parquet"],
    ["a.arrow", "arrow"],
    ["a.ipc", "arrow"],
    ["a.json", "json"],
    ["a.geojson", "json"],
    ["a.txt", "txt"],
    ["a.md", "txt"],
    ["a.yaml", "txt"],
    ["a.yml", "txt"],
    ["a.xml", "txt"],
    ["a.html", "txt"],
    ["a.v8", "structured_clone"],
    ["a.csv.gz", "bytes"],
    ["a", "bytes"],
    [".csv", "bytes"],
    ["a.", "bytes"],
    ["x.csv/a", "bytes"],
    ["a.__proto__", "bytes"],
  ];
  for (const [path, name] of cases) assert.equal(driverForPath(path!).name, name, path);
});

Deno.test("driverNamed() names the nearest driver for a typo", () => {
  assert.throws(() => driverNamed("parquett"), { name: "OptionError", code: "option_invalid", fix: 'Did you mean "parquet"?' });
  assert.throws(() => driverNamed("zzzzzzzzz"), { code: "option_invalid", fix: /registerDriver/ });
  assert.throws(() => driverNamed("constructor"), { code: "option_invalid" });
});

Deno.test("driverForValue() chooses by the kind of value", () => {
  const frame = pl.DataFrame({ a: [1] });
  const cases: [unknown, string][] = [
    [frame, "parquet"],
    [frame.lazy(), "parquet"],
    [frame.getColumn("a"), "parquet"],
    [new Uint8Array(), "bytes"],
    ["", "txt"],
    ["\ud800", "json"],
    [null, "json"],
    [{ a: [1, "x", true] }, "json"],
    [{ a: NaN }, "structured_clone"],
    [undefined, "structured_clone"],
    [new Map(), "structured_clone"],
    [new Float64Array(1), "structured_clone"],
    [1n, "structured_clone"],
    [Object.create(null), "json"],
  ];
  for (const [value, name] of cases) assert.equal(driverForValue(value).name, name);
});

Deno.test("driverForValue() names the place of what cannot be stored", () => {
  const cases: [unknown, string][] = [
    [{ model: { fn: () => 1 } }, "value.model.fn is a function"],
    [{ "a b": [1, Symbol("x")] }, 'value["a b"][1] is a symbol'],
    [new Map([["k", { m: new WeakMap() }]]), 'value.get("k").m is an instance of class WeakMap'],
    [new Map([[() => 1, 1]]), "value.keys()[0] is a function"],
    [new Set([Promise.resolve()]), "value.values()[0] is a Promise"],
    [new (class Model {})(), "value is an instance of class Model"],
    [{ table: pl.DataFrame({ a: [1] }) }, "value.table is a DataFrame"],
    [[new URL("http://localhost")], "value[0] is a URL"],
    [Object.assign(new Error("x"), { status: 1 }), "value has a property status that would be lost"],
    [new Error("x", { cause: () => 1 }), "value.cause is a function"],
    [new Proxy({}, {}), "value is a Proxy"],
  ];
  for (const [value, problem] of cases) {
    assert.throws(() => driverForValue(value), {
      name: "OutputError",
      code: "output_not_storable",
      problem: `Cannot store the returned value: ${problem}.`,
    });
  }
  assert.throws(() => driverForValue(() => 1, 'outputs["it\'s"]'), { problem: /outputs\["it's"\] is a function/ });
});

Deno.test("driverForValue() gives a driver that keeps the value, or an error, for anything", async () => {
  await using folder = await tempFolder();
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withNullPrototype: true,
  });
  await fc.assert(fc.asyncProperty(anything, async (value) => {
    const driver = driverForValue(value);
    await driver.write(value, `${folder.path}/x`);
    assert.deepEqual(plain(await driver.read(`${folder.path}/x`)), plain(value));
  }));
});

/** A value with ordinary prototypes: that an object had none is not kept. */
const plain = (value: unknown) => structuredClone(value);

const unique: DriverSpec = {
  name: "unique",
  extensions: ["uniq"],
  formatVersion: 3,
  libraryVersion: () => Promise.resolve("1.2"),
  accepts: (value) => value instanceof RegExp,
  write: (value, path) => Deno.writeTextFile(path, (value as RegExp).source),
  read: async (path) => new RegExp(await Deno.readTextFile(path)),
};

Deno.test("registerDriver() adds a format that is asked before the library's own", async () => {
  await using folder = await tempFolder();
  const driver = registerDriver(unique);
  assert.equal(driverForValue(/a/), driver);
  assert.equal(driverForPath("x.uniq"), driver);
  assert.equal(await driver.identity(), "unique@3+1.2");
  await driver.write(/a+b/, `${folder.path}/x.uniq`);
  assert.deepEqual(await driver.read(`${folder.path}/x.uniq`), /a+b/);
  await assert.rejects(driver.read(await folder.write("y.uniq", "(")), { code: "input_unreadable", problem: /"unique"/ });
  await assert.rejects(driver.scan(`${folder.path}/x.uniq`), { code: "input_unreadable", why: /no tables/ });
  assert.deepEqual(await folder.names(), ["x.uniq", "y.uniq"]);
});

Deno.test("registerDriver() refuses names, extensions and versions that cannot be used", () => {
  const odd: object[] = [{ name: "" }, { name: "A" }, { name: "a b" }, { name: "../x" }, { name: "folder" }, { extensions: [".x"] }, {
    extensions: ["X"],
  }, {
    formatVersion: 1.5,
  }, { name: 5 }];
  for (const change of odd) {
    assert.throws(() => registerDriver({ ...unique, ...change } as DriverSpec), { name: "OptionError", code: "option_invalid" });
  }
});

Deno.test({
  name: "drivers do not load polars before a frame is at hand",
  ignore: Deno.build.os !== "linux", // the process's own list of loaded libraries tells
  async fn() {
    const script = `
      const { driverNamed, driverForValue, hashValue } = await import(${JSON.stringify(new URL("./mod.ts", import.meta.url).href)});
      await driverNamed("csv").identity();
      driverForValue({ a: 1 });
      hashValue([new Map()]);
      const loaded = async () => /polars/.test(await Deno.readTextFile("/proc/self/maps"));
      const before = await loaded();
      await import("polars");
      console.log(before, await loaded());`;
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: ["eval", "--config", config, script] }).output();
    assert.equal(new TextDecoder().decode(stdout).trim(), "false true", new TextDecoder().decode(stderr));
  },
});
