/** `consist notebook html` and `consist notebook watch`: pages, runs at each save, and their ends. */
import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";
import { tempDir } from "./child.ts";

const fromRoot = (path: string): string => fromFileUrl(new URL(`../${path}`, import.meta.url));
const notebook = (...sources: readonly string[]) =>
  JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: sources.map((source, index) => ({
      cell_type: "code",
      id: `c${index}`,
      metadata: index === 0 ? { tags: ["parameters"] } : {},
      source,
      outputs: [],
      execution_count: null,
    })),
  });

function consist(cwd: string, ...args: string[]): Deno.ChildProcess {
  const words = ["run", "-A", "--no-check", "--config", fromRoot("deno.json"), fromRoot("cli.ts"), "notebook", ...args];
  return new Deno.Command(Deno.execPath(), { args: words, cwd, stdin: "null", stdout: "piped", stderr: "piped", env: { NO_COLOR: "1" } })
    .spawn();
}
async function ended(child: Deno.ChildProcess): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await child.output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

Deno.test("consist notebook html makes a page of what a notebook has, or of what it shows when it is run, and leaves it alone", async () => {
  await using dir = await tempDir();
  const text = notebook("let year = 1;", "console.log('the year is', year)");
  await Deno.writeTextFile(`${dir.path}/a.ipynb`, text);
  const plain = await ended(consist(dir.path, "html", "a.ipynb"));
  assert.deepEqual([plain.code, plain.out.trim(), plain.err], [0, "a.html", ""]);
  assert.doesNotMatch(await Deno.readTextFile(`${dir.path}/a.html`), /the year is 2030/);
  const run = await ended(consist(dir.path, "html", "a.ipynb", "--run", "--set", "year=2030", "--output", "out/page.html"));
  assert.equal(run.code, 0, run.err);
  assert.match(await Deno.readTextFile(`${dir.path}/out/page.html`), /<pre>the year is 2030/);
  assert.equal(await Deno.readTextFile(`${dir.path}/a.ipynb`), text);
});

Deno.test("consist notebook html refuses what it cannot mean, and shows a failure in the page", async () => {
  await using dir = await tempDir();
  await Deno.writeTextFile(`${dir.path}/a.ipynb`, notebook("throw new Error('boom')"));
  for (
    const [args, expected] of [
      [["a.ipynb", "--set", "a=1"], /--set says how a notebook is run, and --run is not given/],
      [["a.ipynb", "--output", "x.ipynb"], /what is written ends in \.html/],
      [[], /No notebook was given/],
      [["gone.ipynb"], /There is no such file/],
    ] as const
  ) {
    const { code, err } = await ended(consist(dir.path, "html", ...args));
    assert.equal(code, 2, err);
    assert.match(err, expected);
  }
  const { code, err } = await ended(consist(dir.path, "html", "a.ipynb", "--run"));
  assert.equal(code, 1);
  assert.match(err, /Cell 1 of 1.*boom/s);
  assert.match(await Deno.readTextFile(`${dir.path}/a.html`), /class="output error"><pre>.*boom/);
});

Deno.test({
  name: "consist notebook watch runs at each save, names the changed cells, ends a run that is out of date, and leaves no kernel behind",
  ignore: Deno.build.os === "windows", // a signal cannot be sent there
  async fn() {
    await using dir = await tempDir();
    const path = `${dir.path}/a.ipynb`;
    const write = (...sources: string[]) => Deno.writeTextFile(path, notebook(...sources));
    const pid = "await Deno.writeTextFile('pid', String(Deno.pid));";
    await write("const a = 1;", "console.log(a)");
    const child = consist(dir.path, "watch", "a.ipynb", "--inplace");
    const heard = { text: "" };
    const reading = (async () => {
      for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) heard.text += part;
    })();
    const errors = new Response(child.stderr).text();
    const until = async (wanted: () => boolean | Promise<boolean>) => {
      for (let tries = 0; !await wanted(); tries++) {
        assert.ok(tries < 600, heard.text);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    const runs = () => heard.text.match(/cells in/g)?.length ?? 0;
    await until(() => runs() === 1);
    assert.match(await Deno.readTextFile(path), /"1\\n"/); // and its own writing is no save:
    await write("const a = 2;", "console.log(a)", `${pid} for (;;) {}`);
    await until(() => Deno.stat(`${dir.path}/pid`).then(() => true, () => false));
    assert.match(heard.text, /a\.ipynb: saved, cell 1 changed; cell 3 new\n/);
    assert.equal(runs(), 1);
    await Deno.writeTextFile(path, "{");
    await write("const a = 3;", "console.log(a)", "4"); // ends the busy loop
    await until(() => runs() === 2);
    assert.match(heard.text, /saved, cells 1, 3 changed\n.*3 of 3 cells/s);
    await Deno.remove(`${dir.path}/pid`);
    await write("const a = 3;", "console.log(a)", `${pid} for (;;) {}`);
    await until(() => Deno.stat(`${dir.path}/pid`).then(() => true, () => false));
    const kernel = Number(await Deno.readTextFile(`${dir.path}/pid`));
    child.kill("SIGINT");
    const { code } = await child.status;
    await Promise.all([reading, errors]);
    assert.equal(code, 0);
    assert.match(heard.text, /no longer watched\n$/);
    assert.throws(() => Deno.kill(kernel, "SIGCONT"), Deno.errors.NotFound);
    assert.equal(await Deno.readTextFile(path), notebook("const a = 3;", "console.log(a)", `${pid} for (;;) {}`));
  },
});
