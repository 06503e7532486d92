import assert from "node:assert/strict";
import { KernelProcess } from "./kernel.ts";
import { NotebookError } from "../errors.ts";
import type { Output } from "./outputs.ts";

const TIMEOUT = 20_000;
const plain = (output: Output | undefined) => output && "data" in output ? output.data["text/plain"] : undefined;

Deno.test("execute() gives printed text, displays and the result, in order, and numbers the cells", async () => {
  await using kernel = await KernelProcess.start();
  const { outputs, executionCount, error } = await kernel.execute(
    `console.log("one"); console.log("two");
     await Deno.jupyter.display({ "text/plain": "three", "text/html": "<b>3</b>" }, { raw: true });
     ({ [Symbol.for("Jupyter.display")]: () => ({ "text/plain": "four" }) })`,
    { timeout: TIMEOUT },
  );
  assert.equal(error, undefined);
  assert.equal(executionCount, 1);
  assert.deepEqual(outputs, [
    { output_type: "stream", name: "stdout", text: "one\ntwo\n" },
    { output_type: "display_data", data: { "text/plain": "three", "text/html": "<b>3</b>" }, metadata: {} },
    { output_type: "execute_result", execution_count: 1, data: { "text/plain": "four" }, metadata: {} },
  ]);
  assert.equal((await kernel.execute("1", { timeout: TIMEOUT })).executionCount, 2); // the fence is not counted
  assert.equal(kernel.languageInfo.name, "typescript");
});

Deno.test("execute() loses none of 300 displays, and each cell has its own", async () => {
  await using kernel = await KernelProcess.start();
  for (const cell of ["a", "b", "c"]) {
    const code = `for (let i = 0; i < 300; i++) void Deno.jupyter.display({ "text/plain": "${cell}" + i }, { raw: true });`;
    const { outputs } = await kernel.execute(code, { timeout: TIMEOUT });
    assert.deepEqual(outputs.map(plain), Array.from({ length: 300 }, (_, i) => cell + i));
  }
});

Deno.test("execute() takes calls in their order, and one at a time", async () => {
  await using kernel = await KernelProcess.start();
  const texts = await Promise.all([1, 2, 3].map(async (n) => {
    const { outputs } = await kernel.execute(`await new Promise((done) => setTimeout(done, ${30 / n})); console.log(${n})`, {
      timeout: TIMEOUT,
    });
    return outputs.map((output) => output.output_type === "stream" ? output.text : "");
  }));
  assert.deepEqual(texts, [["1\n"], ["2\n"], ["3\n"]]);
});

Deno.test("ask() gives a value between cells, and nothing of it is seen", async () => {
  await using kernel = await KernelProcess.start();
  await kernel.execute("const seven = 7;", { timeout: TIMEOUT });
  assert.deepEqual(await kernel.ask("Promise.resolve({ seven, none: undefined })"), { seven: 7 });
  assert.equal(await kernel.ask("undefined"), null);
  await assert.rejects(kernel.ask("nowhere"), /could not be asked.*ReferenceError: nowhere is not defined/s);
  await assert.rejects(kernel.ask("new Promise((done) => setTimeout(done, 500))", { timeout: 50 }), /within 50 ms/);
  assert.deepEqual(
    await kernel.execute("seven", { timeout: TIMEOUT }).then(({ executionCount, outputs }) => [executionCount, outputs.length]),
    [2, 1],
  );
});

Deno.test("execute() gives an error as the last output, and the kernel goes on", async () => {
  await using kernel = await KernelProcess.start();
  const failed = await kernel.execute(`console.log("before"); console.error("said"); throw new RangeError("boom")`, { timeout: TIMEOUT });
  assert.equal(failed.error?.ename, "RangeError");
  assert.equal(failed.error.evalue, "boom");
  assert.deepEqual(failed.outputs.map((output) => output.output_type), ["stream", "stream", "error"]);
  assert.equal((await kernel.execute("1 + 1", { timeout: TIMEOUT })).error, undefined);
});

Deno.test("execute() finds the reason of code that the kernel refuses without one", async () => {
  await using kernel = await KernelProcess.start();
  const { error } = await kernel.execute("const a = 1;\nlet b: = 2;", { timeout: TIMEOUT });
  assert.equal(error?.ename, "SyntaxError");
  assert.match(error?.evalue ?? "", /line 2, column 8/);
});

Deno.test("execute() keeps an output of 2 MB whole", async () => {
  await using kernel = await KernelProcess.start();
  const { outputs } = await kernel.execute(
    `await Deno.jupyter.display({ "text/plain": "x".repeat(1_999_000) + "end" }, { raw: true }); console.log("after")`,
    { timeout: TIMEOUT },
  );
  assert.equal(String(plain(outputs[0])).length, 1_999_003);
  assert.deepEqual(outputs[1], { output_type: "stream", name: "stdout", text: "after\n" });
});

Deno.test("execute() leaves out what would damage the kernel's stream, and says so, however it is shown", async () => {
  await using kernel = await KernelProcess.start();
  const bundle = `{ "text/plain": "x".repeat(12_000_000) }`;
  const { outputs } = await kernel.execute(
    `await Deno.jupyter.display(${bundle}, { raw: true, display_id: "a" }); await Deno.jupyter.broadcast("display_data", { data: ${bundle}, metadata: {} });
     await Deno.jupyter.display({ [Symbol.for("Jupyter.display")]: () => (${bundle}) }); console.log("y".repeat(12_000_000));`,
    { timeout: TIMEOUT },
  );
  const left = "(left out: text/plain: 12.0 MB are too much for one output; write it to a file)";
  assert.deepEqual(outputs.slice(0, 3).map(plain), [left, left, left]);
  assert.match(outputs[3]?.output_type === "stream" ? outputs[3].text : "", /\(cut here: 12\.0 MB are too much for one output/);
});

Deno.test("execute() gives a result of 12 MB whole, or says that the kernel's stream was damaged", async () => {
  await using kernel = await KernelProcess.start();
  try {
    const { outputs } = await kernel.execute(`"x".repeat(12_000_000)`, { timeout: TIMEOUT });
    assert.ok(String(plain(outputs[0])).length > 1_000);
  } catch (error) {
    assert.ok(error instanceof NotebookError, String(error));
    assert.match(error.message, /cannot be read.*larger than about 3 MB|did not all arrive/s);
  }
});

Deno.test("execute() rejects with the exit code and what was printed where a cell ends the kernel", async () => {
  await using kernel = await KernelProcess.start();
  // The kernel takes over what Deno prints; a native library writes to the process's own stream, as this does.
  const windows = Deno.build.os === "windows";
  const print = `Deno.openSync("/dev/stderr", { write: true }).writeSync(new TextEncoder().encode("out of luck\\n"));`;
  await assert.rejects(kernel.execute(`${windows ? "" : print} Deno.exit(7)`, { timeout: TIMEOUT }), (error) => {
    assert.ok(error instanceof NotebookError);
    assert.match(error.message, windows ? /kernel died.*exit code 7/s : /kernel died.*exit code 7.*out of luck/s);
    return true;
  });
  await assert.rejects(kernel.execute("1"), /kernel died/);
});

Deno.test("execute() rejects in time where a cell computes for ever or awaits nothing, and the kernel can be ended", async () => {
  for (const code of ["for (;;) {}", "console.log('waiting'); await new Promise(() => {})"]) {
    await using kernel = await KernelProcess.start();
    await assert.rejects(kernel.execute(code, { timeout: 300 }), /did not finish within 300 ms/);
  }
});

Deno.test("start() sees the deno.json of its folder, and the folders above", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${dir}/notebooks`);
    await Deno.writeTextFile(`${dir}/deno.json`, JSON.stringify({ imports: { mine: "./mine.ts" } }));
    await Deno.writeTextFile(`${dir}/mine.ts`, `export const mine: string = "found";`);
    await using kernel = await KernelProcess.start({ cwd: `${dir}/notebooks`, env: { CONSIST_TEST: "set" } });
    const { outputs } = await kernel.execute(`import { mine } from "mine"; console.log(mine, Deno.env.get("CONSIST_TEST"))`, {
      timeout: TIMEOUT,
    });
    assert.deepEqual(outputs, [{ output_type: "stream", name: "stdout", text: "found set\n" }]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

/** Starts Deno's kernel, with one of its ports taken the first few times. */
async function startWhereTaken(times: number): Promise<KernelProcess> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${dir}/kernel.ts`,
      `const [file] = Deno.args;
       const before = await Deno.readTextFile("${dir}/tries").catch(() => "");
       await Deno.writeTextFile("${dir}/tries", before + "x");
       if (before.length < ${times}) Deno.listen({ hostname: "127.0.0.1", port: JSON.parse(await Deno.readTextFile(file)).shell_port });
       const args = ["jupyter", "--kernel", "--conn", file];
       Deno.exit((await new Deno.Command(Deno.execPath(), { args }).spawn().status).code);`,
    );
    const command = [Deno.execPath(), "run", "-A", "--no-config", `${dir}/kernel.ts`, "{connection_file}"];
    const kernel = await KernelProcess.start({ command });
    assert.equal(await Deno.readTextFile(`${dir}/tries`), "x".repeat(times + 1));
    return kernel;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("start() tries other ports where another program took one in the meantime, and says so where that goes on", async () => {
  await using kernel = await startWhereTaken(1);
  assert.equal((await kernel.execute("1 + 1", { timeout: TIMEOUT })).error, undefined);
  await assert.rejects(startWhereTaken(99), /could not be started[^]*of 3, another program took one of the ports/);
});

Deno.test("start() rejects where the working directory does not exist, and leaves nothing behind", async () => {
  await assert.rejects(KernelProcess.start({ cwd: "/no/such/folder" }), /No such cwd|NotFound|no such/i);
});

Deno.test("start() rejects where the kernel does not answer in time", async () => {
  await assert.rejects(KernelProcess.start({ startTimeout: 1 }), /did not start within 1 ms/);
});

Deno.test("shutdown() leaves no process, also when called twice and while a cell runs", async () => {
  const kernel = await KernelProcess.start();
  const { outputs } = await kernel.execute("console.log(Deno.pid)", { timeout: TIMEOUT });
  const pid = Number(outputs[0]?.output_type === "stream" ? outputs[0].text : "");
  assert.ok(pid > 0);
  const running = assert.rejects(kernel.execute("await new Promise(() => {})"), /was shut down/);
  await Promise.all([kernel.shutdown(), running]);
  await kernel.shutdown();
  assert.throws(() => Deno.kill(pid, "SIGCONT"), Deno.errors.NotFound);
});

Deno.test({
  name: "a kernel ends with the process that started it, even by SIGKILL",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const program = `import { KernelProcess } from ${JSON.stringify(import.meta.resolve("./kernel.ts"))};
      const kernel = await KernelProcess.start();
      await kernel.execute("console.log(Deno.pid)").then(({ outputs }) => console.log(outputs[0].text.trim()));
      await new Promise((done) => setTimeout(done, 60_000));`;
    const args = ["run", "-A", "--no-check", "--ext=ts", "-"];
    const parent = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped", stderr: "inherit" }).spawn();
    const writer = parent.stdin.getWriter();
    await writer.write(new TextEncoder().encode(program));
    await writer.close();
    const reader = parent.stdout.getReader();
    const pid = Number(new TextDecoder().decode((await reader.read()).value));
    assert.ok(pid > 0);
    parent.kill("SIGKILL");
    await parent.status;
    await reader.cancel();
    await gone(pid);
  },
});

/** Waits a few seconds for a process to be gone. */
async function gone(pid: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const state = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
    if (state === "" || / [ZX] /.test(state)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  Deno.kill(pid, "SIGKILL");
  assert.fail(`process ${pid} is an orphan`);
}
