/** What step cells do where something is not as it should be. */
import assert from "node:assert/strict";
import { became, Notebook } from "./notebook.ts";

Deno.test("a step that fails shows the error with the cell's own lines, ends the queue, and runs when it is mended", async () => {
  await using notebook = await Notebook.in();
  const client = await notebook.client();
  const bad = `//| step: bad
//| outputs: x
interface Unused {
  a: number;
}

const deep = (n: number): number => {
  if (n === 0) throw new RangeError("too deep");
  return deep(n - 1);
};
const x = deep(1);`;
  const [failed, next] = await Promise.all([client.execute(bad), client.execute("globalThis.ran = true")]);
  assert.match(failed.stack, /StepFailedError: Step "bad" failed: too deep/);
  assert.match(failed.stack, /at deep \(In\[1\]:8:22\)\n\s+at deep \(In\[1\]:9:10\)\n\s+at In\[1\]:11:11$/);
  assert.equal(next.reply.status, "aborted");
  assert.match((await notebook.cell("x")).error!, /x is not defined/);
  assert.equal(became(await notebook.run({ bad: bad.replace("deep(1)", "1") })), "bad executed");
  assert.deepEqual(await notebook.values(["x"]), [1]);
});

Deno.test("a step that awaits is interrupted, and the kernel goes on", async () => {
  await using notebook = await Notebook.in();
  await notebook.run({ kept: "const kept = 3;" });
  const client = await notebook.client();
  const waiting = client.execute("//| step: waits\nconst never = await new Promise(() => {});");
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await client.request("control", "interrupt_request", {});
  assert.match((await waiting).error!, /interrupted/);
  assert.deepEqual((await notebook.cell("kept")).texts, ["3"]);
});

Deno.test("what a helper changes of another cell is changed for later cells too, and the step is not served again", async () => {
  await using notebook = await Notebook.in();
  const cells = {
    helper:
      "const log: number[] = []; const grow = (rows: number[]) => { rows.push(9); return rows.length; }; const note = () => log.push(1);",
    rows: "//| step: rows\nconst rows = [1, 2];",
    grown: "//| step: grown\nconst length = grow(rows);",
    noted: "//| step: noted\nconst noted = note();",
    after: "//| step: after\nconst sum = rows.reduce((a, b) => a + b);",
  };
  const names = ["length", "noted", "sum", "rows", "log"];
  const plain = await notebook.plainValues(cells, names);
  for (const _ of [1, 2]) {
    const results = await notebook.run(cells);
    assert.match(became(results), /grown executed, noted executed/);
    assert.match(results.grown!.texts.join(), /changes "rows" of another cell/);
    assert.deepEqual(await notebook.values(names), plain);
    await notebook.restart();
  }
});

Deno.test("what helpers only write to is found as well: counters, logs, maps, static fields, names of modules and closures", async () => {
  await using notebook = await Notebook.in({
    "counted.ts": "let calls = 0; export const add = () => { calls++; }; export const asked = () => calls;",
  });
  const cells = {
    helpers: `import { add, asked } from "./counted.ts";
let calls = 0, last: unknown; const log: number[] = [], map = new Map<number, number>(); class Count { static n = 0; static #p = 0; static up() { Count.#p++; } static get p() { return Count.#p; } }
const counter = (() => { let n = 0; return { up: () => { n++; }, get: () => n }; })(), { up, get } = counter;
const f1 = (x: number) => { calls++; return x + 1; }; const f2 = (x: number) => { log.push(x); return x; }; const f3 = (x: number) => { map.set(x, 1); return x; };
const f4 = (x: number) => { Count.n += 1; return x; }; const f5 = (x: number) => { Count.up(); return x; }; const f6 = (x: number) => { up(); return x; };
const f7 = (x: number) => { add(); return x; }; const f8 = (x: number) => { last = x; return x; };`,
    ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((n) => [`s${n}`, `//| step: s${n}\nconst r${n} = f${n}(${n});`])),
  };
  const names = ["calls", "log", "[...map]", "Count.n", "Count.p", "get()", "asked()", "last"];
  const plain = await notebook.plainValues(cells, names);
  for (const _ of [1, 2]) {
    const results = await notebook.run(cells);
    assert.equal(became(results), `helpers plain, ${[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `s${n} executed`).join(", ")}`);
    assert.match(results.s1!.texts.join(), /it changes "calls" of another cell, which a hit would not do/);
    assert.match(results.s4!.texts.join(), /changes/);
    assert.deepEqual(await notebook.values(names), plain);
    await notebook.restart();
  }
});

Deno.test("outputs that no file can keep are values of the session, and their step executes each time", async () => {
  await using notebook = await Notebook.in();
  const cells = {
    make: "const adder = (n: number) => (x: number) => x + n;",
    tools: "//| step: tools\nconst add = adder(2); const limit = 5;",
    use: "//| step: use\nconst five = add(3);",
  };
  assert.equal(became(await notebook.run(cells)), "make plain, tools executed, use executed");
  const again = await notebook.run(cells);
  assert.equal(became(again), "make plain, tools executed, use hit");
  assert.match(again.tools!.texts.join(), /"add" is no data/);
  assert.deepEqual(await notebook.values(["five", "limit", "add(1)"]), [5, 5, 3]);
});

Deno.test("a cell that runs again replaces its outputs: renamed, fewer, of another kind", async () => {
  await using notebook = await Notebook.in();
  await notebook.run({ one: "//| step: s\nconst a = 1, b = 2;", two: "//| step: t\nconst c = a + b;" });
  await notebook.restart();
  const renamed = await notebook.run({ one: "//| step: s\nconst a = 1, b2 = 2;" });
  assert.equal(became(renamed), "one executed");
  assert.match((await notebook.cell("b")).error!, /b is not defined/);
  assert.deepEqual(await notebook.values(["a", "b2"]), [1, 2]);
  await notebook.run({ three: "//| step: u\nlet changing = 1;" });
  await notebook.run({ set: "changing = 5;" });
  assert.equal(became(await notebook.run({ read: "//| step: v\nconst d = changing * 2;" })), "read executed");
  assert.deepEqual(await notebook.values(["d"]), [10]);
  const other = await notebook.cell("//| step: u\nconst changing = 2;", "three");
  assert.equal(other.error, undefined);
  assert.match((await notebook.cell("changing")).error!, /already been declared/); // as in Deno's own kernel
});

Deno.test("a function of another cell may ask for an output at any time", async () => {
  await using notebook = await Notebook.in();
  const cells = {
    helper: "const total = () => rows.reduce((a: number, b: number) => a + b);",
    rows: "//| step: rows\nconst rows = [1, 2];",
    sum: "//| step: sum\nconst sum = total();",
  };
  assert.equal(became(await notebook.run(cells)), "helper plain, rows executed, sum executed");
  await notebook.restart();
  assert.equal(became(await notebook.run(cells)), "helper plain, rows hit, sum hit");
  assert.deepEqual(await notebook.values(["sum", "total()"]), [3, 3]);
  const changed = { ...cells, rows: "//| step: rows\nconst rows = [1, 5];" };
  assert.equal(became(await notebook.run(changed)), "helper plain, rows executed, sum executed");
  assert.deepEqual(await notebook.values(["sum"]), [6]);
  assert.equal(became(await notebook.run(cells)), "helper plain, rows hit, sum hit");
  assert.deepEqual(await notebook.values(["sum", "total()"]), [3, 3]);
});

Deno.test("files that are listed count, cache: false executes each time, and the last value is shown", async () => {
  await using notebook = await Notebook.in({ "a.txt": "1", "b.txt": "2" });
  const cells = {
    listed:
      `//| step: listed\n//| inputs: "*.txt"\n//| outputs: n\nconst names = []; for await (const { name } of Deno.readDir(".")) if (name.endsWith(".txt")) names.push(name);\nconst n = names.length;\n({ names: names.length })`,
    always: "//| step: always\n//| cache: false\nconst at = 1;",
    reads: "//| step: reads\nconst twice = at * 2;",
  };
  const first = await notebook.run(cells);
  assert.equal(became(first), "listed executed, always executed, reads executed");
  assert.equal(first.listed!.texts[0], "{ names: 2 }");
  assert.equal(became(await notebook.run(cells)), "listed hit, always executed, reads hit");
  await notebook.write("c.txt", "3");
  assert.equal(became(await notebook.run(cells)), "listed executed, always executed, reads hit");
  assert.deepEqual(await notebook.values(["n"]), [3]);
});

Deno.test("step cells of a scenario share its name, and running its first cell again begins anew", async () => {
  await using notebook = await Notebook.in();
  const cells = {
    setting: "const rate = 2;",
    first: "//| step: first\n//| scenario: baseline\n//| year: 2030\n//| facet: { kind: demo }\nconst base = rate * 10;",
    second: "//| step: second\n//| scenario: baseline\nconst more = base + 1;",
  };
  const found = `import { findRuns } from "consist";
const runs = await findRuns({ scenario: "baseline" }), all = await findRuns({ scenario: "baseline", history: true });
console.log(JSON.stringify([runs.map(({ model, year }) => [model, year ?? null]).sort(), all.length]));`;
  const asked = async () => JSON.parse((await notebook.cell(found)).texts[0]!);
  assert.equal(became(await notebook.run(cells)), "setting plain, first executed, second executed");
  assert.deepEqual(await asked(), [[["first", 2030], ["second", null]], 2]);
  assert.equal(became(await notebook.run(cells)), "setting plain, first hit, second hit");
  assert.deepEqual(await asked(), [[["first", 2030], ["second", null]], 4]);
  await notebook.restart();
  await notebook.run({ setting: cells.setting, first: cells.first });
  assert.deepEqual(await asked(), [[["first", 2030], ["second", null]], 5]);
  const joined = await notebook.run({
    own:
      `import { scenario } from "consist"; const sc = await scenario("own"); await sc.run({ name: "made", fn: () => 1, outputs: ["made"] });`,
    step: "//| step: joins\n//| scenario: own\nconst x = 1;",
    use: `[...sc.coupler.keys()].sort().join()`,
  });
  assert.deepEqual(joined.use!.texts, ['"made,x"']);
});

Deno.test("outputs that share an object come apart, executed or from the cache", async () => {
  await using notebook = await Notebook.in();
  const cells = {
    outside: "const config = { rows: [{ x: 1 }] };",
    shared: "//| step: shared\nconst all = [{ x: 1 }, { x: 2 }]; const some = all.filter(({ x }) => x > 1); const [taken] = config.rows;",
    change: "some[0].x = 9; taken.x = 9;",
  };
  for (const round of ["executed", "hit"]) {
    assert.equal((await notebook.run(cells)).shared!.became, round);
    assert.deepEqual(await notebook.values(["all", "some", "config.rows"]), [[{ x: 1 }, { x: 2 }], [{ x: 9 }], [{ x: 1 }]]);
    await notebook.restart();
  }
});

Deno.test("a value that cannot be loaded stops every cell that may ask for it, by its name or by a function", async () => {
  await using notebook = await Notebook.in();
  const cells = {
    helper: "let factor = 1; const total = () => rows.reduce((a: number, b: number) => a + b);",
    rows: "//| step: rows\nconst rows = [1, factor];",
  };
  await notebook.run(cells);
  assert.deepEqual(await notebook.values(["total()"]), [2]);
  await notebook.run({ factor: "factor = 5", rows: cells.rows });
  await notebook.run({ factor: "factor = 1", other: "1 + 1" });
  const spoil =
    `for await (const { name } of Deno.readDir("runs/outputs/rows")) await Deno.writeTextFile(\`runs/outputs/rows/\${name}/rows.json\`, "[0]");
void (factor = 7);`;
  assert.equal((await notebook.run({ rows: cells.rows })).rows!.became, "hit");
  assert.deepEqual(await notebook.values(["total()"]), [2]);
  await notebook.restart();
  await notebook.run({ factor: "let factor = 5;", rows: cells.rows, spoil });
  const named = await notebook.cell("rows.length");
  assert.match(named.error!, /"rows" of the step cell "rows" is gone[^]*Run its cell again/);
  const byFunction = await notebook.cell(cells.helper.replace("let factor = 1; ", ""));
  assert.match(byFunction.error!, /is gone/);
  await notebook.run({ rows: cells.rows });
  assert.deepEqual(await notebook.values(["rows"]), [[1, 7]]);
});

Deno.test("a step that computes is interrupted, and the same step can run again", async () => {
  await using notebook = await Notebook.in({ "go.txt": "no" });
  await notebook.run({ kept: "const kept = 3;", warm: "//| step: warm\nconst warm = 1;" });
  for (const wait of ["", "await null; "]) {
    await notebook.write("go.txt", "no");
    const busy = `//| step: busy\n//| outputs: n\nlet n = 0; ${wait}while (Deno.readTextFileSync("go.txt") === "no") n++;\nn = 1;`;
    const client = await notebook.client();
    const computing = client.execute(busy);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await client.request("control", "interrupt_request", {});
    assert.match((await computing).error!, /interrupted/);
    await notebook.write("go.txt", "yes");
    assert.equal((await notebook.run({ busy })).busy!.became, "executed");
    assert.deepEqual(await notebook.values(["kept", "n"]), [3, 1]);
  }
});

Deno.test("a scenario of step cells is completed when the kernel ends", async () => {
  await using notebook = await Notebook.in();
  await notebook.run({ first: "//| step: first\n//| scenario: ended\nconst first = 1;" });
  await notebook.restart();
  const { texts } = await notebook.cell(`import { runQuery } from "consist";
console.log(JSON.stringify(await runQuery("SELECT status, count(*) AS n FROM run GROUP BY status")));`);
  assert.deepEqual(JSON.parse(texts[0]!), [{ status: "completed", n: 2 }]);
});

Deno.test("a list of another cell that is sorted makes a cell plain, a frame that is sorted does not", async () => {
  await using notebook = await Notebook.in();
  const cells = {
    values: `import pl from "polars"; const list = [3, 1, 2]; const frame = pl.DataFrame({ x: [2, 1] });`,
    list: "//| step: list\nconst sorted = list.sort();",
    frame: `//| step: frame\nconst ordered = frame.sort("x");`,
  };
  const results = await notebook.run(cells);
  assert.equal(became(results), "values plain, list plain, frame executed");
  assert.match(results.list!.texts[0]!, /it changes "list", which it does not declare/);
  assert.deepEqual(await notebook.values(["list", "sorted === list", 'ordered.getColumn("x").toArray()']), [[1, 2, 3], true, [1, 2]]);
});

Deno.test("names and options that look like code or markup do nothing but what they say", async () => {
  await using notebook = await Notebook.in({ "a b's.txt": "1" });
  const hostile = `//| step: "<script>alert(1)</script> '; DROP TABLE run; --"
//| inputs: "a b's.txt"
//| facet: { "k'": "\\u003cimg src=x onerror=alert(1)>" }
const \$x = "\\"); throw new Error('escaped'); (\\"";
const größe = \`\${1}\u2028\`;`;
  assert.equal((await notebook.run({ hostile })).hostile!.became, "executed");
  await notebook.restart();
  assert.equal((await notebook.run({ hostile })).hostile!.became, "hit");
  assert.deepEqual(await notebook.values(["$x", "größe"]), [`"); throw new Error('escaped'); ("`, "1\u2028"]);
});

Deno.test("an output too large to be shown damages no step", async () => {
  await using notebook = await Notebook.in();
  const large = "//| step: large\n//| outputs: size\nconst text = 'x'.repeat(9_000_000); const size = text.length;\n({ text })";
  assert.equal((await notebook.run({ size: "const before = 1;", large })).large!.error, undefined);
  assert.deepEqual(await notebook.values(["size"]), [9_000_000]);
  assert.equal((await notebook.run({ more: "//| step: more\nconst more = size + before;" })).more!.became, "executed");
  assert.deepEqual(await notebook.values(["more"]), [9_000_001]);
});

Deno.test("a frame that a helper reads counts the same, just made and out of the cache", async () => {
  await using notebook = await Notebook.in({ "rows.csv": "x,d\n1,2020-01-01\n3,2020-01-02\n2,2020-02-02\n" });
  const cells = {
    before: `import pl from "polars"; import { input } from "consist"; const top = () => table.height + rows.length;`,
    table: `//| step: table
const table = (await input("rows.csv") as pl.DataFrame).withColumns(pl.col("x").mul(2).alias("y")).sort("x").filter(pl.col("x").gt(1));
const rows = [{ a: 1, b: undefined, d: new Date(5) }];`,
    after: `const below = () => table.getColumn("y").sum();`,
    use: `//| step: use\nconst got = [top(), below()];`,
  };
  assert.equal(became(await notebook.run(cells)), "before plain, table executed, after plain, use executed");
  await notebook.restart();
  assert.equal(became(await notebook.run(cells)), "before plain, table hit, after plain, use hit");
  assert.deepEqual(await notebook.values(["got"]), [[3, 10]]);
});

Deno.test("files count however the text names them: by a URL, an output of a step that hit, a pattern, and functions of other cells", async () => {
  await using notebook = await Notebook.in();
  const cells = {
    plain: 'import fs from "node:fs"; import pl from "polars"; const url = new URL(`file://${Deno.cwd()}/a.txt`);',
    path: '//| step: path\nconst path = "a.txt";',
    byUrl: "//| step: byUrl\nconst viaUrl = await Deno.readTextFile(url);",
    byOutput: "//| step: byOutput\nconst viaOutput = await Deno.readTextFile(path);",
    byPattern: '//| step: byPattern\nconst viaPattern = (await pl.scanCSV("*.csv").collect()).columns;',
    byOther: '//| step: byOther\nconst viaOther = fs.readFileSync("a.txt", "utf8");',
  };
  for (const [round, text] of ["one", "two", "two", "three"].entries()) {
    await notebook.write("a.txt", text);
    await notebook.write("a.csv", `${text}\n1\n`);
    const results = await notebook.run(cells);
    const steps = ["byUrl", "byOutput", "byPattern", "byOther"];
    const wanted = round === 2 ? "hit" : "executed";
    assert.deepEqual(steps.map((id) => results[id]!.became), steps.map(() => wanted), became(results));
    const [viaUrl, viaOutput, viaPattern, viaOther] = await notebook.values([
      "viaUrl",
      "viaOutput",
      "viaPattern",
      "viaOther",
    ]);
    assert.deepEqual([viaUrl, viaOutput, viaPattern, viaOther], [text, text, [text], text]);
    await notebook.restart();
  }
});
