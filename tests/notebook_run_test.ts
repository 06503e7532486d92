/** `consist notebook run`: what it prints, what it writes, its exit codes, and what bad notebooks and bad calls get. */
import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";
import { tempDir } from "./child.ts";
import { isNbformat } from "./nbformat.ts";

const fromRoot = (path: string): string => fromFileUrl(new URL(`../${path}`, import.meta.url));
const CONSIST = JSON.stringify(new URL("../mod.ts", import.meta.url).href);

interface Given {
  readonly source: string;
  readonly tags?: readonly string[];
}
const notebook = (cells: readonly (string | Given)[], metadata: object = {}) =>
  JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata,
    cells: cells.map((given, index) => {
      const { source, tags = [] } = typeof given === "string" ? { source: given } : given;
      return { cell_type: "code", id: `c${index}`, metadata: { tags }, source, outputs: [], execution_count: null };
    }),
  });

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
type Run = (...args: string[]) => Promise<Ended>;

/** A folder with notebooks, and the command in it. */
async function inFolder(notebooks: Readonly<Record<string, string>>, body: (run: Run, dir: string) => Promise<void>): Promise<void> {
  await using dir = await tempDir();
  await Deno.writeTextFile(`${dir.path}/deno.json`, await Deno.readTextFile(fromRoot("deno.json")).then(importsOf));
  for (const [name, text] of Object.entries(notebooks)) await Deno.writeTextFile(`${dir.path}/${name}`, text);
  await body(async (...args) => await consist(dir.path, "notebook", "run", ...args), dir.path);
}

/** The names of packages that the library needs where it is imported from a file. */
function importsOf(config: string): string {
  const { imports, links } = JSON.parse(config) as { imports: Record<string, string>; links: string[] };
  const at = (path: string) => path.startsWith("./") ? fromRoot(path) : path;
  return JSON.stringify({
    imports: Object.fromEntries(Object.entries(imports).map(([name, path]) => [name, at(path)])),
    links: links.map(at),
    nodeModulesDir: "none",
    lock: false,
  });
}

async function consist(cwd: string, ...args: string[]): Promise<Ended> {
  const words = ["run", "-A", "--no-check", "--config", fromRoot("deno.json"), fromRoot("cli.ts"), ...args];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: words, cwd, stdin: "null", env: { NO_COLOR: "1" } })
    .output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

const names = (dir: string) => Array.from(Deno.readDirSync(dir), ({ name }) => name).filter((name) => name !== "deno.json").sort();
const read = (path: string) => JSON.parse(Deno.readTextFileSync(path));
const steady = (text: string) => text.replace(/ +\d+\.\d+ s/g, " <time> s").replace(/in \d+\.\d s/g, "in <time> s");

const STUDY = notebook([
  { source: "const year = 2020;", tags: ["parameters"] },
  `import { run } from ${CONSIST};`,
  `const clean = await run({ name: "clean", fn: (_, { config }) => config.year * 2, config: { year }, outputs: ["n"] });`,
  `console.log(year, await clean.load())`,
], { custom: { z: 1.0, a: "<ü>" } }).replace('"z":1', '"z":1.0');

Deno.test("consist notebook run shows each cell with its steps, sets parameters, and writes the executed notebook beside nothing", () =>
  inFolder({ "study.ipynb": STUDY }, async (run, dir) => {
    const first = await run("study.ipynb", "--set", "year=2030", "--output", "out");
    assert.equal(first.err, "");
    assert.equal(first.code, 0);
    assert.equal(
      steady(first.out).replace(/file:\S+/, "…").trimEnd(),
      [
        "    1/5   const year = 2020;                            ok <time> s",
        "    2/5   Parameters                                    ok <time> s",
        '    3/5   import { run } from "…  ok <time> s',
        '    4/5   const clean = await run({ name: "clean", fn:  ok <time> s  1 executed',
        "    5/5   console.log(year, await clean.load())         ok <time> s",
        "study.ipynb: 5 of 5 cells in <time> s, 1 executed → out/study.ipynb",
      ].join("\n"),
    );
    assert.equal(await Deno.readTextFile(`${dir}/study.ipynb`), STUDY); // the source is as it was
    const text = await Deno.readTextFile(`${dir}/out/study.ipynb`);
    assert.deepEqual(isNbformat(text), []);
    assert.match(text, /"z": 1\.0\n/); // what is not ours stays as it is written
    const { cells } = JSON.parse(text);
    assert.deepEqual(cells.map(({ metadata }: { metadata: { tags: string[] } }) => metadata.tags[0] ?? ""), [
      "parameters",
      "injected-parameters",
      "",
      "",
      "",
    ]);
    assert.deepEqual(cells.at(-1).outputs[0].text, ["2030 4060\n"]);
    assert.deepEqual(Object.keys(cells.at(-1).metadata.execution).sort(), [
      "iopub.execute_input",
      "iopub.status.busy",
      "iopub.status.idle",
      "shell.execute_reply",
    ]);
    assert.match((await run("study.ipynb", "--set", "year=2030")).out, /1 hit\n/); // the ledger is the notebook's
    const again = await run("out/study.ipynb", "--set", "year=2040", "--inplace");
    assert.equal(again.code, 0, again.err);
    const replaced = read(`${dir}/out/study.ipynb`).cells;
    assert.equal(replaced.length, 5); // the injected cell was replaced
    assert.equal(replaced[1].id, cells[1].id);
    assert.deepEqual(replaced[1].source, ["// Parameters\n", "const year = 2040;"]);
  }));

Deno.test("consist notebook run takes several notebooks, stops at the first that fails, and goes on where that is wanted", () =>
  inFolder(
    { "a.ipynb": notebook(["1"]), "b.ipynb": notebook(["throw new Error('boom')", "2"]), "c.ipynb": notebook(["3"]) },
    async (run) => {
      const stopped = await run("a.ipynb", "b.ipynb", "c.ipynb", "--json");
      assert.equal(stopped.code, 1);
      assert.match(stopped.err, /Cell 1 of 2 of the notebook "b\.ipynb" failed.*Why: Error: boom.*Fix: /s);
      type Report = { status: string; cells?: { status: string }[] };
      const states = (out: string) =>
        (JSON.parse(out) as Report[]).map(({ status, cells }) => [status, cells?.map((cell) => cell.status).join()]);
      assert.deepEqual(states(stopped.out), [["ok", "ok"], ["failed", "failed,skipped"], ["not run", undefined]]);
      const gone = await run("a.ipynb", "b.ipynb", "c.ipynb", "--json", "--keep-going", "--jobs", "2");
      assert.equal(gone.code, 1);
      assert.deepEqual(states(gone.out), [["ok", "ok"], ["failed", "failed,ok"], ["ok", "ok"]]);
    },
  ));

Deno.test("consist notebook run runs a notebook of our kernel in our kernel, and one of Deno's in Deno's", () =>
  inFolder({
    "ours.ipynb": notebook(["Deno.jupyter.broadcast.length + 1; ({})", "console.log('ok')"], {
      kernelspec: { name: "deno-consist", display_name: "Deno (Consist)", language: "typescript" },
    }),
    "denos.ipynb": notebook(["console.log('ok')"], { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } }),
    "plain.ipynb": notebook([
      `console.log(Object.keys(globalThis[Symbol.for("consist.kernel")]).join(), globalThis[Symbol.for("consist.kernel")].cell.id)`,
    ]),
  }, async (run, dir) => {
    const { code, err } = await run("ours.ipynb", "denos.ipynb", "plain.ipynb", "--output", "out");
    assert.equal(code, 0, err);
    assert.deepEqual(read(`${dir}/out/ours.ipynb`).cells[1].outputs[0].text, ["ok\n"]);
    assert.match(read(`${dir}/out/plain.ipynb`).cells[0].outputs[0].text[0], /notebook,cell c0/);
    assert.equal(read(`${dir}/out/plain.ipynb`).metadata.kernelspec.name, "deno");
    assert.equal((await run("plain.ipynb", "--kernel", "consist", "--output", "o")).code, 0);
    assert.equal(read(`${dir}/o/plain.ipynb`).metadata.kernelspec.name, "deno-consist");
  }));

const python = { kernelspec: { name: "python3", display_name: "Python 3", language: "python" } };
const BAD_NOTEBOOKS: readonly (readonly [what: string, text: string, expected: RegExp])[] = [
  ["is not JSON", "{", /Cannot read.*It is not JSON.*Fix: Restore the file/s],
  ["is no notebook", `{"name":"package"}`, /Cannot read.*nbformat: wanted 4, found undefined/s],
  ["has format 3", `{"nbformat":3,"worksheets":[]}`, /nbformat: wanted 4, found 3, the format of an older Jupyter.*nbconvert/s],
  ["has a cell that does not parse", notebook(["const a = ;"]), /Cell 1 of 1.*Why: SyntaxError: .*line 1.*Fix: /s],
  [
    "ends its kernel",
    notebook(["console.log('so far'); await new Promise((done) => setTimeout(done, 100)); Deno.exit(7)"]),
    /Cell 1 of 1.*The kernel died\. Its process ended with exit code 7\. It printed.*Fix: /s,
  ],
  [
    "hangs",
    notebook(["console.log('so far'); await new Promise((done) => setTimeout(done, 99999))"]),
    /did not finish within 1500 ms.*Fix: /s,
  ],
  [
    "asks for another kernel",
    notebook(["print(1)"], python),
    /Cannot run.*asks for the kernel "python3", whose language is python.*--kernel deno/s,
  ],
];
for (const kernel of ["deno", "consist"]) {
  Deno.test(`consist notebook run says what is wrong with a notebook, and leaves it and the earlier output as they are (${kernel})`, async (t) => {
    const files = Object.fromEntries(BAD_NOTEBOOKS.map(([, text], index) => [`n${index}.ipynb`, text]));
    await inFolder(files, async (run, dir) => {
      for (const [index, [what, text, expected]] of BAD_NOTEBOOKS.entries()) {
        if (what === "asks for another kernel" && kernel === "consist") continue;
        await t.step(`one that ${what}`, async () => {
          const choice = kernel === "deno" ? [] : ["--kernel", kernel];
          const { code, err } = await run(`n${index}.ipynb`, "--timeout", "1.5", "--output", "out", ...choice);
          assert.equal(code, 1);
          assert.match(err, expected);
          assert.doesNotMatch(err, /^error: Uncaught/m);
          assert.equal(await Deno.readTextFile(`${dir}/n${index}.ipynb`), text);
          if (/so far/.test(text)) assert.equal(read(`${dir}/out/n${index}.ipynb`).cells[0].outputs[0].text[0], "so far\n");
        });
      }
      assert.ok(names(dir).every((name) => /^n\d\.ipynb$|^out$/.test(name)), String(names(dir)));
    });
  });
}

const BAD_CALLS: readonly (readonly [args: string[], expected: RegExp])[] = [
  [[], /No notebook was given/],
  [["gone.ipynb"], /Cannot read ".*gone\.ipynb" as a notebook.*There is no such file/s],
  [["a.ipynb", "--set", "yaer=1"], /Cannot set the parameter "yaer".*Did you mean "year"\?/s],
  [["b.ipynb", "--set", "year=1"], /No code cell of the notebook has the tag "parameters"/],
  [["a.ipynb", "--set", "year"], /The value of --set is "year"\. A name, = and a value were wanted/],
  [["a.ipynb", "--set", "year=1", "--set", "year=2"], /--set gives "year" twice/],
  [["a.ipynb", "--set", "year=[1"], /The value of --set year is "\[1"\. It begins like JSON and is none/],
  [["a.ipynb", "--timeout", "soon"], /The value of --timeout is "soon"\. A number of seconds was wanted/],
  [["a.ipynb", "--jobs", "1.5"], /The value of --jobs is "1\.5"\. A whole number from 1 on was wanted/],
  [["a.ipynb", "--kernel", "consits"], /The value of --kernel is "consits".*Did you mean "consist"\?/s],
  [["a.ipynb", "--stop-on-error", "--keep-going"], /Only one of --stop-on-error and --keep-going/],
  [["a.ipynb", "--inplace", "--output", "x"], /Only one of --inplace and --output/],
  [["a.ipynb", "b.ipynb", "--output", "x.ipynb"], /--output is the file "x\.ipynb", and 2 notebooks were given/],
  [["a.ipynb", "./a.ipynb", "--output", "x"], /Two notebooks would be written to ".*a\.ipynb"/],
  [["a.ipynb", "--colour"], /--colour/],
];
Deno.test("consist notebook run refuses a wrong call with code 2, before anything runs", () =>
  inFolder({ "a.ipynb": notebook([{ source: "const year = 1;", tags: ["parameters"] }]), "b.ipynb": notebook(["1"]) }, async (run, dir) => {
    for (const [args, expected] of BAD_CALLS) {
      const { code, err, out } = await run(...args);
      assert.deepEqual([args, code, out], [args, 2, ""]);
      assert.match(err, expected);
    }
    assert.deepEqual(names(dir), ["a.ipynb", "b.ipynb"]);
  }));

Deno.test("consist notebook run sees before it runs that the output cannot be written", () =>
  inFolder({ "a.ipynb": notebook(["Deno.writeTextFileSync('ran', '')"]) }, async (run, dir) => {
    await Deno.writeTextFile(`${dir}/out`, "a file in the way");
    const { code, err } = await run("a.ipynb", "--output", "out/");
    assert.equal(code, 1);
    assert.match(err, /Why: .*Fix: /s);
    assert.deepEqual(names(dir), ["a.ipynb", "out"]);
  }));

Deno.test("consist notebook run does not write over a notebook that was saved while it ran", () => {
  const source =
    `const path = globalThis[Symbol.for("consist.kernel")].notebook; Deno.writeTextFileSync(path, Deno.readTextFileSync(path) + "\\n"); "done"`;
  return inFolder({ "a.ipynb": notebook([source]) }, async (run, dir) => {
    const { code, err } = await run("a.ipynb", "--inplace");
    assert.equal(code, 1);
    assert.match(err, /was not written to ".*a\.ipynb".*saved by somebody else.*a\.executed\.ipynb/s);
    assert.equal(await Deno.readTextFile(`${dir}/a.ipynb`), notebook([source]) + "\n");
    assert.match(JSON.stringify(read(`${dir}/a.executed.ipynb`)), /done/);
  });
});

Deno.test("consist notebook run cuts a cell that shows too much, and the notebook stays whole", () =>
  inFolder({
    "a.ipynb": notebook([
      `const text = "x".repeat(1_000_000); for (let i = 0; i < 30; i++) console.log(text);`,
      `await Deno.jupyter.display({ "text/plain": "y".repeat(9_000_000) }, { raw: true })`,
      `console.log("after")`,
    ]),
  }, async (run, dir) => {
    const { code, err } = await run("a.ipynb", "--output", "out");
    assert.equal(code, 0, err);
    const text = await Deno.readTextFile(`${dir}/out/a.ipynb`);
    assert.deepEqual(isNbformat(text), []);
    assert.ok(text.length < 23_000_000, String(text.length));
    assert.match(text, /this cell shows more than 20 MB; the rest is left out/);
    assert.match(text, /left out: text\/plain: 9\.0 MB are too much for one output/);
    assert.match(text, /"after\\n"/);
  }));

Deno.test({
  name: "consist notebook run ends at Ctrl-C with its kernel, writes what there is, and leaves the source alone",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(
      { "a.ipynb": notebook(["console.log('first')", "Deno.writeTextFileSync('pid', String(Deno.pid)); for (;;) {}", "3"]) },
      async (_run, dir) => {
        for (const kernel of ["deno", "consist"]) {
          const words = ["run", "-A", "--no-check", "--config", fromRoot("deno.json"), fromRoot("cli.ts"), "notebook", "run", "a.ipynb"];
          const args = [...words, "--output", "out", "--kernel", kernel];
          const child = new Deno.Command(Deno.execPath(), { args, cwd: dir, stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
          const output = child.output();
          let pid = "";
          while (pid === "") {
            await new Promise((resolve) => setTimeout(resolve, 30));
            pid = await Deno.readTextFile(`${dir}/pid`).catch(() => "");
          }
          await Deno.remove(`${dir}/pid`);
          child.kill("SIGINT");
          const { code, stderr } = await output;
          assert.equal(code, 130);
          assert.match(new TextDecoder().decode(stderr), /was interrupted/);
          assert.throws(() => Deno.kill(Number(pid), "SIGCONT"), Deno.errors.NotFound);
          const { cells } = read(`${dir}/out/a.ipynb`);
          assert.deepEqual(cells[0].outputs[0].text, ["first\n"]);
          assert.equal(cells[1].outputs.at(-1).ename, "Interrupted");
          await Deno.remove(`${dir}/out`, { recursive: true });
        }
        assert.deepEqual(names(dir), ["a.ipynb"]);
      },
    ),
});

Deno.test({
  name: "consist notebook run that is killed leaves the notebook as it is, and no kernel",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    const text = notebook(["console.log('first')", "Deno.writeTextFileSync('pid', String(Deno.pid)); for (;;) {}"]);
    return inFolder({ "a.ipynb": text }, async (_run, dir) => {
      const words = ["run", "-A", "--no-check", "--config", fromRoot("deno.json"), fromRoot("cli.ts"), "notebook", "run", "a.ipynb"];
      const child = new Deno.Command(Deno.execPath(), { args: [...words, "--inplace"], cwd: dir, stdin: "null", stdout: "null" }).spawn();
      let pid = "";
      while (pid === "") {
        await new Promise((resolve) => setTimeout(resolve, 30));
        pid = await Deno.readTextFile(`${dir}/pid`).catch(() => "");
      }
      child.kill("SIGKILL");
      await child.status;
      assert.equal(await Deno.readTextFile(`${dir}/a.ipynb`), text);
      for (let tries = 0; await isAlive(pid); tries++) {
        assert.ok(tries < 100, `process ${pid} is an orphan`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    });
  },
});

/** Starts `consist notebook run` and gives the process. */
function starting(cwd: string, ...args: string[]): Deno.ChildProcess {
  const words = ["run", "-A", "--no-check", "--config", fromRoot("deno.json"), fromRoot("cli.ts"), "notebook", "run", ...args];
  return new Deno.Command(Deno.execPath(), { args: words, cwd, stdin: "null", stdout: "null", stderr: "null" }).spawn();
}

async function isThere(path: string): Promise<void> {
  while (await Deno.stat(path).then(() => false, () => true)) await new Promise((resolve) => setTimeout(resolve, 30));
}

Deno.test({
  name: "consist notebook run that is killed leaves the cells done so far in a valid notebook, and the notebook itself as it is",
  ignore: Deno.build.os === "windows",
  fn: () => {
    const sources = Array.from(
      { length: 60 },
      (_, n) => `console.log("cell ${n} " + "x".repeat(20_000)); await new Promise((done) => setTimeout(done, 100));`,
    );
    const text = notebook(sources).replaceAll(
      '"outputs":[]',
      '"outputs":[{"output_type":"stream","name":"stdout","text":["of before\\n"]}]',
    );
    return inFolder({ "a.ipynb": text }, async (_run, dir) => {
      for (const [args, kept] of [[["--output", "out"], "out/a.ipynb"], [["--inplace"], "a.unfinished.ipynb"]] as const) {
        const process = starting(dir, "a.ipynb", ...args);
        await isThere(`${dir}/${kept}`);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 1500));
        process.kill("SIGKILL");
        await process.status;
        assert.equal(await Deno.readTextFile(`${dir}/a.ipynb`), text);
        const left = await Deno.readTextFile(`${dir}/${kept}`);
        assert.deepEqual(isNbformat(left), []);
        const cells: { outputs: { text: string[] }[]; execution_count: number | null }[] = JSON.parse(left).cells;
        const done = cells.findIndex(({ outputs }) => outputs.length === 0);
        assert.ok(done > 0, `${done} cells`);
        for (const [n, { outputs, execution_count }] of cells.entries()) {
          const shown = outputs.map((output) => output.text.join("").slice(0, 7).trim());
          assert.deepEqual([n, shown, execution_count], n < done ? [n, [`cell ${n}`], n + 1] : [n, [], null]);
        }
      }
    });
  },
});

Deno.test("consist notebook run --inplace writes the notebook once, at its end, and leaves nothing beside it", () =>
  inFolder({ "a.ipynb": notebook(["1", "await new Promise((done) => setTimeout(done, 1500))", "2", "3"]) }, async (run, dir) => {
    const { code, err } = await run("a.ipynb", "--inplace");
    assert.equal(code, 0, err);
    assert.deepEqual(read(`${dir}/a.ipynb`).cells.map(({ execution_count }: { execution_count: number }) => execution_count), [1, 2, 3, 4]);
    assert.deepEqual(names(dir), ["a.ipynb"]);
  }));

const mayMount = Deno.build.os === "linux" && Deno.uid() === 0 &&
  new Deno.Command("unshare", { args: ["-m", "true"] }).outputSync().success;

/** The command in a folder on a small disk of its own, which goes away with it; also what is in a file there. */
async function onSmallDisk(dir: string, size: string, file: string, ...args: string[]): Promise<Ended & { readonly left: string }> {
  await Deno.mkdir(`${dir}/disk`);
  const script = `mount -t tmpfs -o size=${size} none disk && cp deno.json *.ipynb disk && cd disk && "$@"; code=$?; ` +
    `cp ${file} "$0/left" 2>/dev/null; exit $code`;
  const words = ["run", "-A", "--no-check", "--config", fromRoot("deno.json"), fromRoot("cli.ts"), "notebook", "run", ...args];
  const command = new Deno.Command("unshare", {
    args: ["-m", "sh", "-c", script, dir, Deno.execPath(), ...words],
    cwd: dir,
    stdin: "null",
    env: { NO_COLOR: "1" },
  });
  const { code, stdout, stderr } = await command.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
  return { code, out, err, left: await Deno.readTextFile(`${dir}/left`).catch(() => "") };
}

Deno.test({
  name: "consist notebook run on a full disk says which file, why, what to do and what is kept, and keeps the cells that were written",
  ignore: !mayMount,
  fn: () =>
    inFolder({
      "a.ipynb": notebook([
        `console.log("first"); await new Promise((done) => setTimeout(done, 1500));`,
        `await new Promise((done) => setTimeout(done, 500)); console.log("x".repeat(400_000))`,
      ]),
    }, async (_run, dir) => {
      const { code, out, err, left } = await onSmallDisk(dir, "200k", "out/a.ipynb", "a.ipynb", "--output", "out");
      assert.equal(code, 1);
      assert.match(out, /a\.ipynb: 2 of 2 cells/);
      assert.match(
        err,
        /^What the notebook shows was not written to ".*disk\/out\/a\.ipynb"\.\nWhy: The disk is full\. The file has the first 1 of 2 code cells executed\.\nFix: Free some space there, or name another place for it, and run the notebook again: steps that were completed are served from the ledger\.\n$/,
      );
      assert.deepEqual(isNbformat(left), []);
      assert.deepEqual(JSON.parse(left).cells.map(({ outputs }: { outputs: object[] }) => outputs.length), [1, 0]);
    }),
});

Deno.test({
  name: "consist notebook run whose ledger's disk is full says so once, and writes what the cells showed",
  ignore: !mayMount,
  fn: () =>
    inFolder({
      "a.ipynb": notebook([
        `import { run } from ${CONSIST};`,
        `await run({ name: "small", fn: () => 1, outputs: ["n"] }); console.log("kept")`,
        `await run({ name: "large", fn: () => "x".repeat(20_000_000), outputs: ["text"] })`,
      ]),
    }, async (_run, dir) => {
      const { code, out, err, left } = await onSmallDisk(dir, "10m", "out/a.ipynb", "a.ipynb", "--output", "out");
      assert.equal(code, 1);
      assert.match(out, /1 executed, 1 failed → out\/a\.ipynb/);
      assert.match(err, /^Cell 3 of 3 .*\nWhy: \w+: Cannot write "[^"]*disk\/runs\/[^"]*"\. The disk is full\.\nFix: Free some space/);
      assert.deepEqual([err.match(/^Why: /gm)?.length, err.match(/^Fix: /gm)?.length], [1, 1]);
      assert.match(left, /kept\\n/);
    }),
});

Deno.test("an error of a step is told once: by a notebook's run, and by a program that ends with it", () =>
  inFolder({
    "a.ipynb": notebook([
      `import { run } from ${CONSIST};`,
      `await run({ name: "bad", fn: () => { throw new TypeError("no such thing"); } })`,
    ]),
  }, async (run, dir) => {
    const { err } = await run("a.ipynb", "--output", "out");
    assert.match(
      err,
      /^Cell 2 of 2 of the notebook "a\.ipynb" failed: .*\nWhy: StepFailedError: Step "bad" failed: no such thing\. Its function threw a TypeError\.\nFix: See the stack.*\nIn: step "bad", run bad_\w+\n {4}at /,
    );
    assert.match(JSON.stringify(read(`${dir}/out/a.ipynb`).cells[1].outputs[0].traceback), /Why: Its function threw.*Fix: See the stack/);
    await Deno.writeTextFile(
      `${dir}/a.ts`,
      `import { run } from ${CONSIST};\nawait run({ name: "bad", fn: () => { throw new TypeError("of two\\nlines"); } });`,
    );
    const { stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "a.ts"],
      cwd: dir,
      env: { NO_COLOR: "1" },
    })
      .output();
    const printed = new TextDecoder().decode(stderr);
    for (const part of ["Why: Its function threw", "Fix: See the stack", 'In: step "bad"']) {
      assert.equal(printed.split(part).length - 1, 1, printed);
    }
    assert.match(printed, /StepFailedError: Step "bad" failed: of two\nlines\n.*\n.*\n.*\n {4}at .*a\.ts:2:/);
  }));

async function isAlive(pid: string): Promise<boolean> {
  const state = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  return state !== "" && !/ [ZX] /.test(state);
}
