/** Files that a step cell reads without its text telling so: each counts, however it is read. */
import assert from "node:assert/strict";
import { Notebook } from "./notebook.ts";

const DOORS: { readonly [name: string]: string } = {
  renamed: 'const viaRenamed = await rd("a.txt");',
  renamedNode: 'const viaRenamedNode = rf("./a.txt", "utf8");',
  helper: 'const viaHelper = deep.read("a");',
  fetched: "const viaFetch = await (await fetch(`file://${Deno.cwd()}/a.txt`)).text();",
  size: 'const viaStat = Deno.statSync("a.txt").size;',
  opened: 'const viaOpen = await fromOpen("a.txt");',
  command: 'const viaCommand = new TextDecoder().decode((await new Deno.Command("cat", { args: ["a.txt"] }).output()).stdout);',
  frame: 'const viaFrame = csv("a.csv").columns[0];',
  lazy: 'const viaLazy = lazily("a");',
  stream: "const viaStream = await streamed();",
  query: "const viaQuery = Object.keys((await sql`FROM 'a.csv'`.rows())[0]!)[0];",
  queried: "const viaHelperQuery = await asked('a');",
};
const PLAIN =
  `import { readFileSync as rf, createReadStream } from "node:fs"; import pl from "polars"; import { text } from "node:stream/consumers";
const rd = Deno.readTextFile;
const deep = { read: (stem: string) => Deno.readTextFileSync([stem, "txt"].join(".")) };
const fromOpen = async (path: string) => { using file = await Deno.open(path); return await new Response(file.readable).text(); };
const csv = pl.readCSV;
const lazily = (stem: string) => pl.scanCSV(stem + ".csv").collectSync().columns[0];
const streamed = () => text(createReadStream("a.txt"));
import { sql } from "consist";
const asked = async (stem: string) => Object.keys((await sql\`SELECT * FROM read_csv(\${stem + ".csv"})\`.rows())[0]!)[0];`;

Deno.test("a file counts by whatever door a step reads it: renamed functions, helpers, fetch, stat, programs, frames", async () => {
  await using notebook = await Notebook.in();
  const cells = { plain: PLAIN, ...Object.fromEntries(Object.entries(DOORS).map(([id, code]) => [id, `//| step: ${id}\n${code}`])) };
  const names = Object.values(DOORS).map((code) => /const (\w+)/.exec(code)![1]!);
  for (const [round, text] of ["one", "three", "three", "four"].entries()) {
    await notebook.write("a.txt", text);
    await notebook.write("a.csv", `${text}\n1\n`);
    const results = await notebook.run(cells);
    const wanted = round === 2 ? "hit" : "executed";
    for (const id of Object.keys(DOORS)) {
      assert.equal(results[id]!.became, wanted, `${id}, round ${round}:\n${results[id]!.texts.join("\n")}`);
    }
    const values = await notebook.values(names);
    assert.deepEqual(values, Object.keys(DOORS).map((id) => id === "size" ? text.length : text));
    await notebook.restart();
  }
});

Deno.test("a file that is not there counts as not being there, and one that a helper makes counts for those who read it", async () => {
  await using notebook = await Notebook.in();
  const cells = {
    plain: `import { existsSync as isThere } from "node:fs"; const asked = (path: string) => isThere(path) ? "there" : "none";`,
    asks: '//| step: asks\nconst answer = asked("maybe.txt");',
    nested: `//| step: nested\nconst scratch = await scratched();`,
    scratched:
      `const scratched = async () => { const path = await Deno.makeTempFile(); await Deno.writeTextFile(path, "x"); const text = await Deno.readTextFile(path); await Deno.remove(path); return text; };`,
  };
  const { nested, ...others } = cells;
  const ordered = { ...others, nested };
  for (const [round, wanted] of ["executed", "hit", "executed", "hit"].entries()) {
    if (round === 2) await notebook.write("maybe.txt", "");
    const results = await notebook.run(ordered);
    assert.equal(results.asks!.became, wanted, results.asks!.texts.join("\n"));
    assert.equal(results.nested!.became, round === 0 ? "executed" : "hit", results.nested!.texts.join("\n"));
    assert.deepEqual(await notebook.values(["answer", "scratch"]), [round < 2 ? "none" : "there", "x"]);
    await notebook.restart();
  }
});

Deno.test("what a helper writes, removes or lists is found: the step executes each time and says why", async () => {
  await using notebook = await Notebook.in({ "n.txt": "1" });
  const cells = {
    plain:
      `const next = () => { const n = Number(Deno.readTextFileSync("n.txt")) + 1; Deno.writeTextFileSync("n.txt", String(n)); return n; };
const listed = () => [...Deno.readDirSync(".")].filter(({ name }) => name.endsWith(".txt")).map(({ name }) => name).sort();
const renew = () => { Deno.writeTextFileSync("old.md", ""); Deno.removeSync("old.md"); return 1; };`,
    counts: "//| step: counts\nconst n = next();",
    lists: "//| step: lists\nconst names = listed();",
    removes: "//| step: removes\nconst removed = renew();",
    told: '//| step: told\n//| inputs: "*.txt"\nconst told = listed();',
  };
  for (const round of [0, 1, 2]) {
    const results = await notebook.run(cells);
    assert.deepEqual(["counts", "lists", "removes"].map((id) => results[id]!.became), ["executed", "executed", "executed"]);
    assert.match(results.counts!.texts.join(), /it writes "n.txt", or that changed while it ran/);
    assert.match(results.lists!.texts.join(), /it looks into the folder ".", and nothing tells which of its files count/);
    assert.match(results.removes!.texts.join(), /it removes or renames "old.md"/);
    assert.deepEqual(await notebook.values(["n", "names"]), [round + 2, ["n.txt"]]);
    await notebook.restart();
  }
});

Deno.test("a step that hit hits again when its project has moved, and files that it reads by relative paths count there", async () => {
  await using notebook = await Notebook.in({ "a.txt": "one" });
  const cells = {
    plain: "const rd = Deno.readTextFile;",
    reads: '//| step: reads\nimport { input } from "consist";\nconst text = await rd("a.txt") + await input("a.txt");',
  };
  assert.equal((await notebook.run(cells)).reads!.became, "executed");
  await notebook.move();
  const again = (await notebook.run(cells)).reads!;
  assert.equal(again.became, "hit", again.texts.join("\n"));
  assert.equal(again.texts.join().match(/a\.txt/g)!.length, 1); // once, though it was read twice
  await notebook.write("a.txt", "two");
  assert.equal((await notebook.run(cells)).reads!.became, "executed");
  assert.deepEqual(await notebook.values(["text"]), ["twotwo"]);
});

Deno.test("where nothing tells what a program or a lazy frame reads, the step executes each time and says so, unless it lists its files", async () => {
  await using notebook = await Notebook.in();
  const cells = {
    plain: `import pl from "polars"; import { execSync } from "node:child_process"; const lf = pl.scanCSV("a.csv"); const C = Deno.Command;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes); const cat = (path: string) => text(execSync("cat " + path));`,
    renamed: '//| step: renamed\nconst viaRenamed = text(new C("cat", { args: ["a.txt"] }).outputSync().stdout);',
    helper: '//| step: helper\nconst viaHelper = cat("a.txt");',
    lazy: "//| step: lazy\nconst viaLazy = (await lf.collect()).columns[0];",
    listed: '//| step: listed\n//| inputs: a.txt\nconst viaListed = cat("a.txt");',
  };
  for (const [round, content] of ["one", "two", "two"].entries()) {
    await notebook.write("a.txt", content);
    await notebook.write("a.csv", `${content}\n1\n`);
    const results = await notebook.run(cells);
    assert.match(results.renamed!.texts.join(), /it starts another program \(Command\), and nothing tells which files/);
    assert.match(results.helper!.texts.join(), /it starts another program \(execSync\)/);
    assert.match(results.lazy!.texts.join(), /"lf" reads files when it is collected/);
    assert.equal(results.listed!.became, round === 2 ? "hit" : "executed", results.listed!.texts.join());
    assert.deepEqual(await notebook.values(["viaRenamed", "viaHelper", "viaLazy", "viaListed"]), [content, content, content, content]);
    await notebook.restart();
  }
});

Deno.test("a file counts that a package with native code reads, where its name stands in the cell or in a helper", async () => {
  await using notebook = await Notebook.in();
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  const cells = {
    plain: `import { DuckDBInstance } from "${imports["@duckdb/node-api"]}";
const ask = async (query: string) => { const c = await (await DuckDBInstance.create(":memory:")).connect(); return (await c.runAndReadAll(query)).columnNames()[0]; };
const helped = () => ask("SELECT * FROM read_csv('./a.csv')");`,
    own: `//| step: own\nconst viaOwn = await ask("FROM 'a.csv'");`,
    helper: "//| step: helper\nconst viaHelper = await helped();",
    pattern: `//| step: pattern\nconst viaPattern = await ask("FROM '*.csv'");`,
  };
  for (const [round, text] of ["one", "two", "two"].entries()) {
    await notebook.write("a.csv", `${text}\n1\n`);
    const results = await notebook.run(cells);
    for (const id of ["own", "helper", "pattern"]) {
      assert.equal(results[id]!.became, round === 2 ? "hit" : "executed", `${id}:\n${results[id]!.texts.join("\n")}`);
    }
    assert.deepEqual(await notebook.values(["viaOwn", "viaHelper", "viaPattern"]), [text, text, text]);
    await notebook.restart();
  }
});

Deno.test("where the list of what was opened is lost while a step runs, the step is not served again, and the next one is", async () => {
  await using notebook = await Notebook.in({ "a.txt": "one" });
  const cells = {
    plain: `const rd = Deno.readTextFileSync; const notes = Reflect.get(globalThis, Symbol.for("consist.kernel")).opened as string;
const lose = (path: string) => { const text = rd(path); Deno.truncateSync(notes); return text; };`,
    loses: '//| step: loses\nconst lost = lose("a.txt");',
    next: '//| step: next\nconst next = rd("a.txt");',
  };
  for (const round of ["executed", "hit"]) {
    const { loses, next } = await notebook.run(cells);
    assert.equal(loses!.became, "executed");
    assert.match(loses!.texts.join(), /what it read cannot be told/);
    assert.equal(next!.became, round, next!.texts.join());
    await notebook.restart();
  }
});

Deno.test("a pattern in a step's query is served, and is another input where a file was added", async () => {
  await using notebook = await Notebook.in({ "g1.csv": "x\n1\n" });
  await notebook.run({ imports: 'import { sql } from "consist";' });
  const cells = {
    sum: "//| step\nconst sum = (await sql`select sum(x)::int as n from 'g*.csv'`.rows())[0].n;",
    given: "//| step\nconst given = (await sql`select sum(x)::int as n from read_csv(${'g*.csv'})`.rows())[0].n;",
  };
  const became = async () => Object.values(await notebook.run(cells)).map((cell) => cell.became);
  // what the kernel itself looks into at the first run may raise a doubt, and then it executes once more
  for (const name of ["g2.csv", "g3.csv"]) {
    assert.deepEqual(await became(), ["executed", "executed"]);
    await became();
    assert.deepEqual(await became(), ["hit", "hit"]);
    await notebook.write(name, "x\n2\n");
  }
});
