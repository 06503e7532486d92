import assert from "node:assert/strict";
import { readMark, specHash } from "../../notebook/render/mod.ts";
import { chart, plotOf } from "../../relations/mod.ts";
import { KeptChart } from "../../relations/charts/mod.ts";
import { besideOf, driverNamed } from "../driver.ts";
import { tempFolder } from "../temp_folder.ts";
import { testDriver } from "./contract_suite.ts";

const rows = [{ "a.b[0]": "<b>", n: 1n, at: new Date(0) }, { "a.b[0]": null, n: NaN, at: null }];
const bars = { mark: "bar", encoding: { x: { field: "a.b[0]" }, y: { field: "n", type: "quantitative" } } };
const driver = driverNamed("chart");

testDriver({
  driver,
  values: {
    "a chart of one's own": () => chart(rows, bars),
    "a plot": () => plotOf(() => Promise.resolve(rows), { x: "a.b[0]", y: "n", title: "é😀" }),
    "a chart without rows": () => chart([], bars),
    "many rows": () => plotOf(() => Promise.resolve(Array.from({ length: 6000 }, (_, x) => ({ x, y: x % 3 }))), { x: "x", y: "y" }),
    "numbers for columns": () =>
      chart([{ 2030: 1, 2020: 2, z: 3 }], { mark: "point", encoding: { x: { field: "2030", type: "quantitative" } } }),
    "metadata of one's own": () => chart(rows, { ...bars, usermeta: { embedOptions: { renderer: "svg" } } }),
    "a kept chart": () => new KeptChart({ mark: "point", data: { values: [{ a: 1 }] } }),
  },
  foreign: {
    "text": () => "chart",
    "a plain object": () => ({ mark: "bar" }),
    "another language": () => ({ $schema: "https://vega.github.io/schema/vega/v6.json", mark: "bar", data: {} }),
  },
  damaged: { "half a file": '{"mark":', "a list": "[]", "no specification": '{"a": 1}', "no text": new Uint8Array([0xff, 0xfe]) },
});

Deno.test("driver chart writes a plain specification with data as chart() would draw it", async () => {
  await using folder = await tempFolder();
  const { data: _, ...plain } = { ...bars, data: { values: rows } };
  const one = await driver.write({ ...plain, data: { values: rows } }, `${folder.path}/one.vl`);
  const other = await driver.write(chart(rows, bars), `${folder.path}/other.vl`);
  assert.equal(one.hash, other.hash);
  await assert.rejects(driver.write({ ...bars, mark: "bra", data: { values: rows } }, `${folder.path}/x.vl`), /Did you mean "bar"/);
});

Deno.test("driver chart keeps no chart that loads data by itself when it is shown", async () => {
  await using folder = await tempFolder();
  const remote = chart([{ x: 1 }], {
    layer: [{ mark: "point", encoding: { x: { field: "x" } } }, { mark: "geoshape", data: { url: "https://example.org/zones.json" } }],
  });
  await assert.rejects(driver.write(remote, `${folder.path}/x.vl`), /loads "https:\/\/example.org\/zones.json" when it is shown/);
  assert.deepEqual(await folder.names(), []);
});

Deno.test("driver chart puts pictures beside its file, which name the run and leave the content alone", async () => {
  await using folder = await tempFolder();
  const path = `${folder.path}/figure.vl`;
  const { hash } = await driver.write(chart(rows, bars), path);
  const beside = besideOf("chart")!;
  const madeBy = { run: "draw_<&>é😀_1", key: "figure", content: hash };
  await beside.write(path, madeBy);
  assert.deepEqual((await folder.names()).sort(), ["figure.png", "figure.svg", "figure.vl", "figure.vl.json"]);
  for (const ending of beside.endings) {
    const bytes = await Deno.readFile(`${folder.path}/figure${ending}`);
    assert.deepEqual(readMark(bytes), { ...madeBy, isUnchanged: true }, ending);
    assert.equal(await beside.isWhole(`${folder.path}/figure${ending}`, hash), true, ending);
    assert.equal(await beside.isWhole(`${folder.path}/figure${ending}`, "0".repeat(64)), false, ending);
  }
  assert.equal(specHash(await Deno.readFile(`${folder.path}/figure.vl.json`)), hash);
  const drawn = await driver.read(path, madeBy) as KeptChart;
  assert.equal(await drawn.svg(), await Deno.readTextFile(`${folder.path}/figure.svg`));
  await Deno.writeTextFile(`${folder.path}/figure.svg`, (await Deno.readTextFile(`${folder.path}/figure.svg`)).replace("path", "hath"));
  assert.doesNotMatch(await (await driver.read(path, madeBy) as KeptChart).svg(), /hath/);
});

Deno.test("driver chart names the picture that a copy is made of", () => {
  const { forName } = besideOf("chart")!;
  const names = ["f.svg", "f.PNG", "f.json", "f.vl.json", "f.vl", "f.txt", "f"].map((name) => forName("/runs/figure.vl", name));
  assert.deepEqual(names, [
    ...["/runs/figure.svg", "/runs/figure.png", "/runs/figure.vl.json", "/runs/figure.vl.json", undefined, undefined, undefined],
  ]);
});
