/** Charts as outputs: kept, found again by their files, drawn, saved. */
import assert from "node:assert/strict";
import pl from "polars";
import {
  archiveRunOutputs,
  type Chart,
  chart,
  ConsistError,
  load,
  materializeArtifact,
  OptionError,
  run,
  Tracker,
  verifyRun,
  which,
  wouldHit,
} from "consist";
import { assertHit, assertMiss } from "consist/testing";
import { test } from "./in_tracker.ts";

const MIME = "application/vnd.vegalite.v5+json";
const shown = (value: unknown) => (value as { [key: symbol]: () => Promise<Record<string, string>> })[Symbol.for("Jupyter.display")]!();
const rows = [{ year: 2020, trips: 3 }, { year: 2030, trips: 5 }];
const line = { mark: "line", encoding: { x: { field: "year", type: "quantitative" }, y: { field: "trips", type: "quantitative" } } };
const draw = (seed: number, options: object = {}) =>
  run({
    name: "draw",
    fn: (_, { config }) => chart(rows, { ...line, title: config.seed > 9 ? "many" : "few" }),
    config: { seed },
    outputs: ["figure"],
    ...options,
  });
const beside = (path: string, ending: string) => path.replace(/\.vl$/, ending);

test("run() keeps a chart with its pictures, and a hit gives a chart that shows itself", async () => {
  const first = await draw(1);
  assertMiss(first);
  const { figure } = first.outputs;
  assert.equal(figure.driver, "chart");
  for (const ending of [".svg", ".png", ".vl.json"]) assert.ok((await Deno.stat(beside(figure.path, ending))).size > 500, ending);
  const again = await draw(1);
  assertHit(again);
  const loaded: Chart = await again.load();
  const bundle = await shown(loaded);
  assert.deepEqual(Object.keys(bundle).sort(), [MIME, "image/svg+xml", "text/plain"]);
  assert.equal(bundle["image/svg+xml"], await Deno.readTextFile(beside(figure.path, ".svg")));
  assert.match(bundle["text/plain"]!, new RegExp(`few\\nline chart  trips by year[^]*made by ${first.run.id}`));
  assert.deepEqual((loaded.spec.encoding as typeof line.encoding).x, line.encoding.x);
  for (const result of [first, again]) {
    assert.match((await shown(result))["text/html"]!, /<img src="data:image\/svg\+xml;base64,[^"]+" alt="figure"/);
  }
});

test("run() gives the same chart the same content, so that what reads it stays cached", async () => {
  const [one, other] = [await draw(1), await draw(2)];
  assertMiss(other);
  assert.equal(one.outputs.figure.hash, other.outputs.figure.hash);
  assert.notEqual(one.outputs.figure.path, other.outputs.figure.path);
  const count = (figure: typeof one.outputs.figure) =>
    run({ name: "count", fn: async ({ figure }) => (await (figure as Chart).svg()).length > 0, inputs: { figure }, outputs: ["ok"] });
  assertMiss(await count(one.outputs.figure));
  assertHit(await count(other.outputs.figure));
  assert.notEqual(one.outputs.figure.hash, (await draw(10)).outputs.figure.hash);
});

test("which() names the run of a chart's file, wherever it is and whatever it is called", async ({ dir }) => {
  const [one, other] = [await draw(1), await draw(2)];
  await Deno.mkdir(`${dir}/paper`);
  for (const ending of [".svg", ".png", ".vl.json"]) {
    for (const { run: { id }, outputs } of [one, other]) {
      const copy = `${dir}/paper/x'"<b>${ending}.bin`;
      await Deno.copyFile(beside(outputs.figure.path, ending), copy);
      const found = await which(copy);
      assert.equal(found[0]!.id, id, ending);
      assert.equal(found.isChanged, false);
      assert.match(found.note!, new RegExp(`was made by the run ${id}, as its output "figure"\\.$`));
    }
  }
  // the content itself carries no mark: both made it
  assert.deepEqual((await which(one.outputs.figure.path)).map(({ id }) => id), [other.run.id, one.run.id]);
  assert.equal((await which(one.outputs.figure.path)).note, undefined);
});

test("which() says that a chart's file was changed since its run made it", async ({ dir }) => {
  const { run: { id }, outputs: { figure } } = await draw(1);
  const svg = await Deno.readTextFile(beside(figure.path, ".svg"));
  await Deno.writeTextFile(`${dir}/figure3.svg`, svg.replace("<path", '<path data-edited="1"'));
  const found = await which(`${dir}/figure3.svg`);
  assert.deepEqual([...found].map((run) => run.id), [id]);
  assert.equal(found.isChanged, true);
  assert.match(found.note!, /figure3.svg was made by the run draw_\w+, as its output "figure", and its content was changed since\./);
  assert.match((await shown(found))["text/plain"]!, /changed since/);
  const json = JSON.parse(await Deno.readTextFile(beside(figure.path, ".vl.json")));
  await Deno.writeTextFile(`${dir}/laid_out.json`, JSON.stringify(json));
  assert.equal((await which(`${dir}/laid_out.json`)).isChanged, false);
  delete json.usermeta;
  await Deno.writeTextFile(`${dir}/bare.json`, JSON.stringify(json, null, 8));
  assert.deepEqual((await which(`${dir}/bare.json`)).map((run) => run.id), [id]); // by content alone
  json.usermeta = { consist: { run: "draw_of_another_ledger", key: "figure", content: "0" } };
  await Deno.writeTextFile(`${dir}/foreign.json`, JSON.stringify({ ...json, title: "other" }));
  const foreign = await which(`${dir}/foreign.json`);
  assert.equal(foreign.length, 0);
  assert.match(foreign.note!, /draw_of_another_ledger.*This ledger does not know the run\./);
});

test("run() executes again where a chart's file was damaged, and draws pictures again where only they were", async ({ dir }) => {
  const outputPaths = { figure: `${dir}/figure3.png` };
  const options = { outputPaths, cacheOptions: { cacheHydration: "outputs-requested" } };
  const first = await draw(1, options);
  const kept = beside(first.outputs.figure.path, ".png");
  assert.deepEqual(await Deno.readFile(outputPaths.figure), await Deno.readFile(kept));
  await Deno.writeTextFile(kept, "damaged");
  await Deno.remove(outputPaths.figure);
  assertHit(await draw(1, options));
  assert.equal((await which(outputPaths.figure))[0]!.id, first.run.id);
  assert.equal((await which(kept)).isChanged, false);
  await Deno.writeTextFile(beside(first.outputs.figure.path, ".svg"), "<svg/>");
  assert.match(await (await draw(1)).load().then((figure) => figure.svg()), /mark-line/);
  await Deno.writeTextFile(first.outputs.figure.path, "{}");
  assertMiss(await draw(1, options));
});

test("outputPaths take a chart's picture by the ending, and replace an earlier one", async ({ dir }) => {
  for (const ending of ["svg", "png", "json", "vl"]) {
    const path = `${dir}/figures/figure.${ending}`;
    const options = { outputPaths: { figure: path }, cacheOptions: { cacheHydration: "outputs-requested" } };
    const few = await draw(1, options);
    const many = await draw(10, options);
    assert.equal((await which(path))[0]!.id, many.outputs.figure.runId, ending);
    const back = await draw(1, options);
    assertHit(back);
    assert.equal((await which(path))[0]!.id, few.outputs.figure.runId, ending);
    assert.deepEqual(back.explain().includes("was not copied"), false);
  }
  assert.deepEqual([...Deno.readDirSync(`${dir}/figures`)].map(({ name }) => name).sort(), [
    "figure.json",
    "figure.png",
    "figure.svg",
    "figure.vl",
  ]);
});

test("outputPaths keep a picture that somebody edited", async ({ dir }) => {
  const path = `${dir}/figure.svg`;
  const options = { outputPaths: { figure: path } };
  await draw(1, options);
  await Deno.writeTextFile(path, `${await Deno.readTextFile(path)}<!-- mine -->`);
  await draw(10, options);
  assert.match(await Deno.readTextFile(`${path}.replaced-1`), /mine/);
});

test("materializeArtifact() does not call a chart's content a picture", async ({ dir }) => {
  const { outputs: { figure } } = await draw(1);
  const error = await materializeArtifact(figure, `${dir}/x.png`).then(() => undefined, (error) => error);
  assert.ok(error instanceof ConsistError && error.code === "output_mismatch", String(error));
  assert.match(error.fix, /\.save\(/);
  assert.equal((await which((await materializeArtifact(figure, `${dir}/x.vl`)).path)).length, 1);
});

test("save() writes a picture or the specification, which names the run that made the chart", async ({ dir }) => {
  const { run: { id }, outputs: { figure } } = await draw(1);
  const loaded = await load(figure) as Chart;
  for (const name of ["a.svg", "b.PNG", "c.json", "deep/d.vl"]) {
    await loaded.save(`${dir}/${name}`);
    assert.equal((await which(`${dir}/${name}`))[0]?.id, id, name);
  }
  await chart(rows, line).save(new URL(`file://${dir}/own.svg`));
  assert.deepEqual([...await which(`${dir}/own.svg`)], []);
  await assert.rejects(loaded.save(`${dir}/figure.pdf`), (error) => error instanceof OptionError && /none of \.svg/.test(error.why));
  await Deno.mkdir(`${dir}/folder.svg`);
  await assert.rejects(loaded.save(`${dir}/folder.svg`), /Cannot save the chart/);
  assert.deepEqual([...Deno.readDirSync(dir)].filter(({ name }) => name.endsWith(".tmp")), []);
});

test("run() keeps plot() of a query, a chart among other outputs, and a plain specification where the driver says so", async () => {
  const frame = pl.DataFrame(rows);
  const made = await run({
    name: "several",
    fn: () => ({
      total: 8,
      figure: chart(frame, line),
      spec: { ...line, data: { values: rows } },
      plain: { ...line, data: { values: rows } },
    }),
    outputs: { total: {}, figure: {}, spec: { driver: "chart" }, plain: {} },
  });
  assert.deepEqual(Object.values(made.outputs).map(({ driver }) => driver), ["json", "chart", "chart", "json"]);
  assert.equal(made.outputs.figure.hash, made.outputs.spec.hash);
  assert.deepEqual(await made.load("plain"), { ...line, data: { values: rows } });
});

test("run() refuses a chart that cannot be drawn, and one whose data is elsewhere", async () => {
  const failing = (spec: object) => run({ name: "bad", fn: () => chart(rows, spec as never), outputs: ["figure"] });
  await assert.rejects(failing({ mark: "bra" }), /Did you mean "bar"/);
  await assert.rejects(failing({ ...line, transform: [{ calculate: "datum.(", as: "z" }] }), /Vega refuses its "transform\[0\]"/);
  await assert.rejects(
    failing({ layer: [line, { mark: "geoshape", data: { url: "zones.json" } }] }),
    /loads "zones.json" when it is shown/,
  );
  await assert.rejects(failing({ mark: "line", encoding: { x: { field: "yaer" } } }), /Did you mean "year"/);
});

test("a chart that another step captures counts by what it shows", async () => {
  const figure = await draw(1).load();
  const use = () => run({ name: "use", fn: async () => (await figure.svg()).length > 9, outputs: ["ok"] });
  assertMiss(await use());
  assertHit(await use());
  const lazy = chart(rows, line);
  const outlook = await wouldHit({ name: "lazy", fn: async () => (await lazy.svg()).length, outputs: ["n"] });
  assert.equal(outlook.hit, false);
});

test("files of the step keep their names beside a chart's", async () => {
  const made = await run({
    name: "names",
    fn: async (_, step) => {
      await Deno.writeTextFile(step.outputPath("figure", "svg"), "<svg>mine</svg>");
      return chart(rows, line);
    },
    outputs: ["figure"],
  });
  const folder = made.outputs.figure.path.replace(/[^/\\]*$/, "");
  assert.equal(await Deno.readTextFile(`${folder}figure.svg`), "<svg>mine</svg>");
  assert.match(made.outputs.figure.path, /figure-2\.vl$/);
  assert.match(await made.load().then((figure) => figure.svg()), /mark-line/);
});

test("verifyRun() names the first difference of two charts by what they show", async () => {
  const fn = () => chart([{ year: 2020, trips: Math.random() }], line);
  const { verdict, differences } = await verifyRun(await run({ name: "noisy", fn, outputs: ["figure"] }), {
    name: "noisy",
    fn,
    outputs: ["figure"],
  });
  assert.equal(verdict, "different");
  assert.match(differences[0]!.first, /^\$\.data\.values\[0\]\.trips: 0\.\d+ → 0\.\d+$/);
});

test("a chart's output says which libraries drew it: other ones execute again", async () => {
  const { outputs: { figure } } = await draw(1);
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("../deno.json", import.meta.url)));
  const versions = ["vega", "vega-lite", "@resvg/resvg-js"].map((name) => imports[name].replace("npm:", ""));
  assert.equal(figure.meta.writer, `chart@1+${versions.join(",").replace("@resvg/resvg-js", "resvg")}`);
});

test("charts take any value and any name of a column", async () => {
  const hostile = ["a.b[0]", "it's", 'qu"ote', "<b>", "__proto__", "a\\\\b", "é😀", " "];
  const values = [1n, 2 ** 60, new Date(0), null, NaN, Infinity, { deep: [1, { er: 2n }] }, [1, 2], true, "<script>", undefined];
  for (const name of hostile) {
    const data = values.map((value, y) => Object.fromEntries([[name, value], ["y", y]]));
    const drawn = chart(data, {
      mark: "point",
      encoding: { x: { field: name, type: "nominal" }, y: { field: "y", type: "quantitative" } },
    });
    const svg = await drawn.svg();
    assert.doesNotMatch(svg, /<script|<b>/, name);
    assert.match(svg, /&lt;script&gt;/, name);
  }
});

test("outputPaths keep a picture whose chart is gone, since nothing could draw it again", async ({ dir }) => {
  const { outputs: { figure } } = await draw(1);
  for (const name of ["there", "gone"]) {
    const path = `${dir}/${name}.png`;
    await Deno.copyFile(beside(figure.path, ".png"), path);
    if (name === "gone") await Deno.remove(figure.path);
    await draw(10, { outputPaths: { figure: path }, cacheOptions: { cacheHydration: "outputs-requested" } });
    const aside = await which(`${path}.replaced-1`).catch(() => undefined);
    assert.equal(aside?.[0]?.id, name === "gone" ? figure.runId : undefined);
  }
});

test("a chart is drawn anew where it comes from an archive, and without a tracker", async ({ dir }) => {
  const first = await draw(1);
  await archiveRunOutputs(first, `${dir}/archive`, { mode: "move" });
  const again = await draw(1);
  assertHit(again);
  assert.match(await again.load().then((figure) => figure.svg()), /mark-line/);
  const off = new Tracker({ dbPath: `${dir}/off.duckdb`, enabled: false });
  const made = await off.run({ name: "off", fn: () => chart(rows, line), outputs: ["figure"], outputPaths: { figure: `${dir}/off.svg` } });
  assert.match(await made.load().then((figure) => figure.svg()), /mark-line/);
  assert.match(await Deno.readTextFile(`${dir}/off.svg`), /mark-line/);
  await off.close();
});
