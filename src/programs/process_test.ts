import assert from "node:assert/strict";
import { fromFileUrl, join } from "@std/path";
import { Live } from "./live.ts";
import { type ProgramCall, runProgram } from "./process.ts";

const ignore = Deno.build.os === "windows";
const shell = (script: string, ...args: string[]) => ["/bin/sh", "-c", script, "sh", ...args];

async function call(argv: string[], more: Partial<ProgramCall> = {}): Promise<ProgramCall> {
  const cwd = await Deno.makeTempDir();
  return { argv, cwd, logs: { stdout: join(cwd, "out.log"), stderr: join(cwd, "err.log") }, ...more };
}

/** Waits until a file has something in it, which is then its content. */
async function content(path: string): Promise<string> {
  for (let tries = 0; tries < 1500; tries++) {
    const text = await Deno.readTextFile(path).catch(() => "");
    if (text.endsWith("\n")) return text.trim();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nothing was written to ${path}`);
}

/** Waits until a process is gone; a zombie that nobody waits for is gone as well. */
async function gone(pid: string): Promise<void> {
  for (let tries = 0; tries < 1500; tries++) {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => undefined);
    if (stat === undefined || /\) [ZX] /.test(stat)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`process ${pid} is still there`);
}

Deno.test("runProgram() keeps both streams, and the exit code", { ignore }, async () => {
  const asked = await call(shell('echo one; echo two >&2; echo "$X" "$(pwd)"; exit 7'), { env: { X: "ünïcode" } });
  const end = await runProgram(asked);
  assert.deepEqual([end.code, end.signal, end.cancelled], [7, undefined, false]);
  assert.equal(await Deno.readTextFile(asked.logs.stdout), `one\nünïcode ${await Deno.realPath(asked.cwd)}\n`);
  assert.equal(await Deno.readTextFile(asked.logs.stderr), "two\n");
  assert.match(end.tail, /one[^]*two|two[^]*one/);
});

Deno.test("runProgram() names the signal that ended a program", { ignore }, async () => {
  const end = await runProgram(await call(shell("kill -KILL $$")));
  assert.equal(end.signal, "SIGKILL");
});

Deno.test("runProgram() keeps the last lines of much output, and all of it in the log", { ignore }, async () => {
  const asked = await call(shell("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done"));
  const end = await runProgram(asked);
  assert.ok(end.tail.endsWith("line 19999") && end.tail.length <= 4000);
  assert.equal((await Deno.readTextFile(asked.logs.stdout)).split("\n").length, 20001);
});

Deno.test("runProgram() shows what is printed while it runs, no more than so many lines", { ignore }, async () => {
  const lines: string[] = [];
  const live = new Live("s", { line: (text) => lines.push(text) });
  await runProgram(await call(shell("i=0; while [ $i -lt 2000 ]; do echo $i; i=$((i+1)); done; printf end"), { live }));
  assert.deepEqual([lines[0], lines[1], lines.length, lines.at(-1)], ["s | 0", "s | 1", 501, "s | … the rest is in its log"]);
});

Deno.test("runProgram() ends a program and all that it started when its signal is aborted", { ignore }, async () => {
  const abort = new AbortController();
  const asked = await call(shell('trap "" TERM; sleep 600 & echo $! > child; echo $$ > own; wait; sleep 600'), { signal: abort.signal });
  const ended = runProgram(asked);
  const pids = [await content(join(asked.cwd, "child")), await content(join(asked.cwd, "own"))];
  abort.abort();
  assert.equal((await ended).cancelled, true);
  for (const pid of pids) await gone(pid);
});

Deno.test("runProgram() ends at once what was cancelled before, and cleans up", { ignore }, async () => {
  const asked = await call(shell("sleep 600"), { signal: AbortSignal.abort() });
  const marked = join(asked.cwd, "cleaned");
  const end = await runProgram({ ...asked, cleanup: ["/bin/sh", "-c", `echo 1 > '${marked}'`] });
  assert.equal(end.cancelled, true);
  assert.equal(await content(marked), "1");
});

Deno.test("runProgram() leaves no process behind when the program ends", { ignore }, async () => {
  const asked = await call(shell("sleep 600 & echo $! > child"));
  assert.equal((await runProgram(asked)).code, 0);
  await gone(await content(join(asked.cwd, "child")));
});

Deno.test("a program ends, and is cleaned up, when the process that runs it is killed", { ignore }, async () => {
  const asked = await call(shell("sleep 600 & echo $! > child; echo $$ > own; wait"));
  const marked = join(asked.cwd, "cleaned");
  const program = `import { runProgram } from ${JSON.stringify(new URL("./process.ts", import.meta.url).href)};
    await runProgram(${JSON.stringify({ ...asked, cleanup: ["/bin/sh", "-c", `echo 1 > '${marked}'`] })});`;
  const config = fromFileUrl(new URL("../../deno.json", import.meta.url));
  const path = join(asked.cwd, "program.ts");
  await Deno.writeTextFile(path, program);
  const parent = new Deno.Command(Deno.execPath(), { args: ["run", "-A", "--no-check", "--config", config, path] }).spawn();
  const pids = [await content(join(asked.cwd, "child")), await content(join(asked.cwd, "own"))];
  await new Promise((resolve) => setTimeout(resolve, 100)); // in the millisecond in which it begins nobody watches over it yet
  parent.kill("SIGKILL");
  await parent.status;
  for (const pid of pids) await gone(pid);
  assert.equal(await content(marked), "1");
});

Deno.test("a program is ended also where what ends the rest of it cannot be run, and that is said", { ignore }, async () => {
  const said: unknown[] = [];
  const { error } = console;
  console.error = (...parts: unknown[]) => void said.push(...parts);
  try {
    const controller = new AbortController();
    const asked = { ...await call(shell("echo $$ > own; sleep 600")), cleanup: ["/no/such/engine", "rm"], signal: controller.signal };
    const ended = runProgram(asked);
    const pid = await content(join(asked.cwd, "own"));
    controller.abort();
    assert.equal((await ended).cancelled, true);
    await gone(pid);
  } finally {
    console.error = error;
  }
  assert.equal(said.length, 1);
  assert.match(String(said[0]), /may go on, since \/no\/such\/engine could not be run/);
});

Deno.test("runProgram() refuses a program that is not there", { ignore }, async () => {
  await assert.rejects(runProgram(await call(["/no/such/program"])), Deno.errors.NotFound);
});
