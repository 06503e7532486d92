/** Step cells at awkward moments: while others print, while another process reads, killed at any moment, tried again, with workers and odd names. */
import assert from "node:assert/strict";
import { became, Notebook } from "./notebook.ts";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const CLI = new URL("../../cli.ts", import.meta.url).href;

/** Our command line in the notebook's folder, as another process. */
async function consist(notebook: Notebook, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", CLI, ...args],
    cwd: notebook.dir,
    env: { NO_COLOR: "1" },
  }).output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

Deno.test("what other cells print while a step runs is not shown again with it, and what a run inside of it showed is", async () => {
  await using notebook = await Notebook.in();
  const cells = {
    plain: `import { run } from "consist";
let left = 400; const other = (async () => { while (left-- > 0) { console.log("OTHER"); await Deno.stat("deno.json"); } })();
const inner = () => run({ name: "inner", outputs: ["n"], fn: async () => { console.log("INNER"); await Deno.jupyter.display({ "text/plain": "SHOWN INSIDE" }, { raw: true }); return 1; } });`,
    step: `//| step: own
console.log("BEFORE");
const n = await (await inner()).load();
for (let i = 0; i < 50; i++) await Deno.stat("deno.json");
console.log("AFTER");`,
    end: "left = 0; await other; left",
  };
  const first = await notebook.run(cells);
  assert.equal(first.step!.became, "executed", first.step!.texts.join("\n"));
  await notebook.restart();
  const again = (await notebook.run({ ...cells, plain: cells.plain.replace("left = 400", "left = 0") })).step!;
  assert.equal(again.became, "hit", again.texts.join("\n"));
  const shown = again.texts.join("\n");
  assert.doesNotMatch(shown, /OTHER/);
  assert.match(shown, /BEFORE[^]*INNER[^]*SHOWN INSIDE[^]*AFTER/);
});

Deno.test("displayOutputs: false in a cell shows on the miss, and nothing again on the hit; a step cell around it shows what it shows", async () => {
  await using notebook = await Notebook.in();
  const cells = {
    plain:
      `import { run } from "consist"; const quiet = () => run({ name: "quiet", outputs: ["n"], displayOutputs: false, fn: () => { console.log("QUIET"); return 1; } });`,
    alone: "const alone = await (await quiet()).load();",
    around: "//| step: around\nconst around = await (await quiet()).load();",
  };
  const first = await notebook.run(cells);
  assert.match(first.alone!.texts.join(), /QUIET/);
  await notebook.restart();
  const again = await notebook.run(cells);
  assert.doesNotMatch(again.alone!.texts.join(), /QUIET/);
  assert.equal(again.around!.became, "hit");
});

Deno.test("another process reads the ledger while a step cell computes, awaits and ends, and each run is there", async () => {
  await using notebook = await Notebook.in();
  await notebook.run({ early: "//| step: early\nconst early = 1;" });
  const busy = notebook.run({
    busy: "//| step: busy\n//| outputs: n\nlet n = 0; const end = performance.now() + 2500; while (performance.now() < end) n++;\nn = 1;",
    waits: "//| step: waits\nconst text = await new Response(new Blob(['x'])).text();",
    next: "//| step: next\nconst next = n + 1;",
  });
  const asked: string[] = [];
  for (let i = 0; i < 3; i++) {
    const { code, out, err } = await consist(notebook, "runs", "--json");
    assert.equal(code, 0, err);
    asked.push(out);
  }
  assert.ok(asked.every((out) => out.includes("early")));
  assert.equal(became(await busy), "busy executed, waits executed, next executed");
  const { out } = await consist(notebook, "runs", "--json");
  for (const step of ["early", "busy", "waits", "next"]) assert.ok(out.includes(`"${step}"`), out);
});

Deno.test("a kernel that is killed at any moment around a step cell leaves nothing that is served, and no claim that is waited for", async () => {
  await using notebook = await Notebook.in({ "k.txt": "1" });
  const cells = {
    plain: "const rd = Deno.readTextFile;",
    warm: "//| step: warm\nconst warm = 1;",
    step: '//| step: killed\nconst killed = Number(await rd("k.txt")) * 10; const list = [killed, killed];',
  };
  let n = 0;
  for (const [round, ms] of [0, 5, 15, 30, 60, 90, 140].entries()) {
    await notebook.write("k.txt", String(++n));
    const { plain, warm, step } = cells;
    await notebook.run({ plain, warm });
    const pid = Number((await notebook.cell("Deno.pid")).texts[0]);
    const client = await notebook.client();
    const executed = client.execute(step, {}, "step");
    await pause(ms);
    Deno.kill(pid, "SIGKILL");
    await executed;
    await notebook.restart();
    const results = await notebook.run(cells);
    assert.match(results.step!.became, /executed|hit/, `round ${round}`);
    assert.deepEqual(await notebook.values(["killed", "list"]), [n * 10, [n * 10, n * 10]], `killed after ${ms} ms`);
    await notebook.restart();
  }
  const { code, out } = await consist(notebook, "db", "doctor");
  assert.equal(code, 0, out);
});

Deno.test("a step cell that failed, was interrupted or lost its file runs again with what is there now", async () => {
  await using notebook = await Notebook.in({ "a.txt": "no" });
  const cells = {
    plain:
      `const rd = Deno.readTextFile; const strict = async () => { const text = await rd("a.txt"); if (text === "no") throw new Error("refused"); return text; };`,
    step: "//| step: retried\nconst text = await strict();",
  };
  await notebook.run({ plain: cells.plain });
  for (const text of ["no", "no", "yes", "no", "last"]) {
    await notebook.write("a.txt", text);
    const { error, became } = await notebook.cell(cells.step, "step");
    if (text === "no") assert.match(error!, /refused/);
    else {
      assert.equal(became, "executed");
      assert.deepEqual(await notebook.values(["text"]), [text]);
    }
  }
  await notebook.write("a.txt", "yes");
  await notebook.restart();
  assert.equal((await notebook.run(cells)).step!.became, "hit"); // of the run that read the same
  assert.deepEqual(await notebook.values(["text"]), ["yes"]);
});

Deno.test("a sweep of workers in a step cell, whose module changes between rows, keeps no row that is not what its code says", async () => {
  const module = (k: number) =>
    `export const k = ${k};\nexport const row = (_: unknown, { config }: { config: { x: number } }) => config.x * k;`;
  await using notebook = await Notebook.in({ "row.ts": module(1) });
  const cells = {
    plain: `import { run } from "consist"; import { row } from "./row.ts";
const change = async (k: string) => { await Deno.writeTextFile("row.ts", (await Deno.readTextFile("row.ts")).replace(/k = \\d+/, "k = " + k)); };`,
    step: `//| step: swept
const rows = [];
for (const x of [1, 2, 3]) {
  rows.push(await run({ fn: row, config: { x }, outputs: ["n"], executionOptions: { executor: "worker" } }).load());
  if (x === 1) await change("2");
}`,
  };
  await notebook.run({ plain: cells.plain });
  const first = await notebook.cell(cells.step, "step");
  assert.equal(first.error, undefined, first.stack);
  await notebook.restart();
  const again = await notebook.run(cells);
  assert.deepEqual(await notebook.values(["rows"]), [[2, 4, 6]], again.step!.texts.join("\n"));
});

Deno.test("steps whose names are options, paths, control characters or shell words are found by the command line, and do nothing", async () => {
  await using notebook = await Notebook.in();
  const names = [
    "--json",
    "-x",
    "../../up",
    "; touch pwned",
    "$(touch pwned)",
    "a\\u001b[31mred",
    "' OR 1=1 --",
    "<b>",
    "con",
    "%s%n",
    "ä 数",
    ".",
  ];
  const cells = Object.fromEntries(names.map((name, at) => [`c${at}`, `//| step: "${name}"\nconst v${at} = ${at};`]));
  assert.ok(Object.values(await notebook.run(cells)).every(({ became }) => became === "executed"));
  await notebook.restart();
  assert.ok(Object.values(await notebook.run(cells)).every(({ became }) => became === "hit"));
  await notebook.restart();
  const { code, out } = await consist(notebook, "runs", "--json", "--limit", "100");
  assert.equal(code, 0);
  // deno-lint-ignore no-control-regex -- it must not be there
  assert.doesNotMatch(out, /\u001b/);
  for (const name of ["--json", "-x", "; touch pwned", "a\\u001b[31mred", "' OR 1=1 --"]) {
    const plain = name.replace("\\u001b", "\u001b");
    const said = await consist(notebook, "explain", "--", plain);
    assert.ok(
      said.code === 0 || /no (?:run|step)|several|ambiguous/i.test(said.err + said.out),
      `${name}: ${said.code}\n${said.out}${said.err}`,
    );
    // deno-lint-ignore no-control-regex -- it must not be there
    assert.doesNotMatch(said.out + said.err, /\u001b\[31m/);
  }
  await assert.rejects(Deno.stat(`${notebook.dir}/pwned`));
  const entries = [...Deno.readDirSync(`${notebook.dir}/..`)].map(({ name }) => name);
  assert.ok(!entries.includes("up"));
});
