import assert from "node:assert/strict";
import { exists } from "@std/fs";
import { fromFileUrl, join } from "@std/path";
import { type NotebookReport, testNotebook } from "consist/testing";
import { type Output, runNotebook } from "../src/jupyter/mod.ts";
import { assertShownEverywhere, isProgress } from "../tests/frontends/expected.ts";
import { notebookPath, prepareTutorial, type TutorialName, TUTORIALS } from "../tools/notebooks.ts";
import { shownBy, steadyFinding } from "../tools/tutorials.ts";

async function tested(name: TutorialName): Promise<NotebookReport> {
  const { path, env } = await prepareTutorial(name);
  return await testNotebook(path, { env });
}
const textOf = (report: NotebookReport, title: string) => String(shownBy(report, title)["text/plain"]);
const states = (text: string) => [...text.matchAll(/^ +(hit|executed) /gm)].map(([, state]) => state);
const outputOf = (data: { readonly [mime: string]: unknown }): Output => ({ output_type: "display_data", data: { ...data }, metadata: {} });
const isChart = (report: NotebookReport, title: string) => "application/vnd.vegalite.v5+json" in shownBy(report, title);

Deno.test("tutorial: a multi-year loop computes the years again that a changed assumption reaches, and no others", async () => {
  const report = await tested("multi_year_loop");
  const cards = ["Go on as in the 1990s", "A fifth fewer births from 2020 on", "A fifth fewer births from 2030 on"];
  const [steady, fewer, later] = cards.map((title) => states(textOf(report, title)).join(" "));
  assert.equal(steady, "executed executed executed executed executed executed executed");
  assert.equal(fewer, "hit hit hit executed executed executed executed");
  assert.equal(later, "hit hit hit hit executed executed executed");
  assert.match(textOf(report, "Compare it with the census"), /projected +266\.219 +12\.3621\ncounted +281\.421 +12\.4300/);
  assert.match(textOf(report, "Trace the population of 2050 back"), /run advance {2}fewer births, 2050[^]*fewer births, 2040/);
  assert.ok(isChart(report, "Chart both scenarios"));
  assert.match(
    steadyFinding(report),
    /16\.2 % of Americans are 65 or older in 2050, after 12\.4 % in 2000; with a fifth fewer births from 2030 on, 17\.8 %.*highest in 2030, with 17\.2 %.* 10 decades, of which 8 were computed/,
  );
});

Deno.test("tutorial: views over four scenarios count what they share for each of them", async () => {
  const report = await tested("scenario_views");
  assert.equal(report.runs.filter(({ cacheHit }) => cacheHit).length, 8);
  assert.match(textOf(report, "Count what is shared"), /as it is +1461 +4 +as it is, heat pump +9159\n/);
  assert.match(textOf(report, "Look at a cold week"), /as it is +2014-02-06 +116\.1600 +null +null\nheat pump +2014-02-06 +null +35\.6348/);
  assert.ok(isChart(report, "Chart the months"));
  assert.match(
    steadyFinding(report),
    /heat pump saves 88 % of the carbon dioxide, insulation 41 %, both 93 %.* saves 833 kg a year .* 100 kg, 12 % of that/,
  );
});

Deno.test("tutorial: a Monte Carlo sweep runs its failed rows again, and rows that are added only", async () => {
  const report = await tested("monte_carlo");
  assert.match(textOf(report, "Run the sweep"), /30 runs: 27 executed, 3 failed/);
  assert.match(textOf(report, "Run the failed rows again"), /3 runs: 3 executed/);
  assert.deepEqual(report.runs.filter(({ model }) => model === "water_garden").length, 30 + 3 + 30 + 90);
  assert.equal(report.runs.filter(({ model, cacheHit }) => model === "water_garden" && cacheHit).length, 30 + 30);
  assert.match(textOf(report.again!, "Run the failed rows again"), /0 rows/);
  assert.ok(isChart(report, "Chart the estimates"));
  assert.match(
    steadyFinding(report),
    /4 m³ gives a garden in Seattle 71\.6 % \(95 % interval 70\.4 to 72\.9\).* New York 98\.0 % \(95 % interval 97\.3 to 98\.8\)/,
  );
});

const ANSWER =
  /parabola reaches 450 ppm in 2035, the exponential in 2030.*it was from 1980 on the exponential \(typically 3\.49 ppm off\).*from 2000 on the parabola \(typically 0\.75 ppm off\).*too low by 20 to 35 ppm in 2019.*from 1\.22 ppm a year in the 1970s to 2\.41 in the 2010s/;

Deno.test("tutorial: ten step cells execute once and are hits the second time, which shows what they showed", async () => {
  const report = await tested("step_cells");
  assert.equal(report.runs.filter(({ cacheHit }) => !cacheHit).length, 10);
  assert.equal(report.again!.runs.filter(({ cacheHit }) => cacheHit).length, 10);
  assert.deepEqual(
    report.runs.flatMap(({ year }) => year ?? []).sort(),
    [1980, 1990, 2000],
  );
  assert.match(steadyFinding(report), ANSWER);
  for (const [at, { outputs, source }] of report.again!.cells.entries()) {
    const replayed = outputs.filter((output) => /^↻ replayed/.test(String(output["text/plain"])));
    const first = report.cells[at]!.outputs.filter((data) => !isProgress(outputOf(data)));
    const shown = /^\/\/\| step/.test(source) ? first.slice(0, -1) : []; // the last one is the card
    assert.equal(replayed.length, shown.length === 0 ? 0 : 1, source);
    for (const [place, output] of shown.entries()) assert.deepEqual(outputs[place + 1], output, source);
    for (const data of outputs) assertShownEverywhere(source, outputOf(data));
  }
});

Deno.test("tutorial: a notebook of step cells gives the same answers in Deno's own kernel, where they are comments", async () => {
  const { path } = await prepareTutorial("step_cells");
  const { cells, failure, ledgers } = await runNotebook(path, { kernel: "deno", timeout: 120_000 });
  assert.equal(failure, undefined);
  assert.deepEqual(ledgers, []);
  const found = cells.at(-1)!.outputs.at(-1)! as { data: Record<string, unknown> };
  assert.match(String(found.data["text/markdown"]).replaceAll("\n", " "), ANSWER);
  for (const { outputs, id } of cells) for (const output of outputs) assertShownEverywhere(id, output);
});

Deno.test("tutorial: the notebook with containers says what it needs where there is no engine", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const setpriv = "/usr/bin/setpriv"; // with it a kernel ends with its parent, on Linux
    if (await exists(setpriv)) await Deno.symlink(setpriv, join(folder, "setpriv"));
    await assert.rejects(
      testNotebook(notebookPath("container"), { env: { PATH: folder } }),
      /cannot go on without a container engine.*There is no container engine on this machine.*deno task tutorials container/s,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the notebooks are typed: their cells in a row check as one module", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const names = ["quickstart", ...Object.keys(TUTORIALS)];
    const modules = await Promise.all(names.map(async (name) => {
      const module = join(folder, `${name}.ts`);
      await Deno.writeTextFile(module, await codeOf(notebookPath(name)));
      return module;
    }));
    const config = fromFileUrl(new URL("../deno.json", import.meta.url));
    const args = ["check", "--quiet", "--config", config, ...modules];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function codeOf(path: string): Promise<string> {
  const { cells } = JSON.parse(await Deno.readTextFile(path)) as { cells: { cell_type: string; source: string[] }[] };
  return [...cells.filter(({ cell_type }) => cell_type === "code").map(({ source }) => source.join("")), "export {};\n"].join("\n");
}
