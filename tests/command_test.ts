/** Programs of this machine as steps: what of them counts, what is kept, what they fail with. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  command,
  type CommandOptions,
  type ConsistError,
  defineStep,
  findRun,
  mapRuns,
  run,
  scenario,
  type Step,
  StepFailedError,
  Tracker,
  verifyRun,
  wouldHit,
} from "consist";
import { assertHit, assertMiss, withTracker } from "consist/testing";
import { refused } from "./in_tracker.ts";

const ignore = Deno.build.os === "windows";
type At = { readonly dir: string; readonly tracker: Tracker };

/** A test in a temporary folder of its own, with an ambient tracker. */
function test(name: string, body: (at: At) => Promise<void>): void {
  Deno.test(name, { ignore }, () => withTracker(async (tracker) => await body({ tracker, dir: tracker.runDir.replace(/[/\\]runs$/, "") })));
}
async function write(path: string, text: string, mode = 0o644): Promise<string> {
  await Deno.writeTextFile(path, text);
  await Deno.chmod(path, mode);
  return path;
}
const paths = { inputBinding: "paths" } as const;

/** `tool` writes its arguments and variables, and what it reads, into the file that it gets first. */
const TOOL =
  '#!/bin/sh\nout=$1; shift; { echo "$X"; for a in "$@"; do if [ -f "$a" ]; then cat "$a"; else echo "$a"; fi; done; } > "$out"\n';
const step = (options: CommandOptions, input?: string) =>
  run({
    name: "tool",
    fn: command(options),
    outputs: ["made"],
    executionOptions: paths,
    ...(input === undefined ? {} : { inputs: { source: input } }),
  });
const argv = (tool: string, ...more: string[]): CommandOptions["argv"] => (inputs, step) => [
  tool,
  step.outputPath("made", ".txt"),
  ...more,
  ...Object.values(inputs),
];

test("command() runs once, and hits while all that counts is the same", async ({ dir }) => {
  const tool = await write(join(dir, "tool"), TOOL, 0o755);
  const source = await write(join(dir, "in.txt"), "hello\n");
  const call = () => step({ argv: argv(tool, "-v"), env: { X: "1" } }, source);
  assertMiss(await call());
  const again = await call();
  assertHit(again);
  assert.equal(await again.load("made"), "1\n-v\nhello\n");
});

test("command() misses when its executable changes, and says so", async ({ dir }) => {
  const tool = await write(join(dir, "tool"), TOOL, 0o755);
  await step({ argv: argv(tool) });
  await write(tool, `${TOOL}# changed\n`, 0o755);
  const changed = await step({ argv: argv(tool) });
  assertMiss(changed, "code");
  assert.match(changed.explain(), /What the step is asked for changed: executable tool\./);
});

test("command() misses when what interprets its script changes", async ({ dir }) => {
  const shell = join(dir, "shell");
  await Deno.copyFile("/bin/sh", shell);
  const tool = await write(join(dir, "tool"), TOOL.replace("/bin/sh", shell), 0o755);
  await step({ argv: argv(tool) });
  assertHit(await step({ argv: argv(tool) }));
  await Deno.writeFile(shell, new Uint8Array(1), { append: true });
  assert.match((await step({ argv: argv(tool) })).explain(), /interpreter shell/);
});

test("command() names the argument that changed, from what to what", async () => {
  const call = (flag: string) => run({ name: "print", fn: command({ argv: ["printf", "%s", flag] }) });
  await call("-n");
  const changed = await call("-r");
  assertMiss(changed, "code");
  assert.match(changed.explain(), /argument 2: -n → -r|argument 2.*"-n".*"-r"/);
  assertHit(await call("-n"));
});

test("command() misses when a variable changes, and keeps no value of one", async ({ dir }) => {
  const tool = await write(join(dir, "tool"), TOOL, 0o755);
  const call = (secret: string) => step({ argv: argv(tool), env: { X: secret } });
  const { run: { id } } = await call("very-secret-1");
  const changed = await call("very-secret-2");
  assert.match(changed.explain(), /environment X/);
  assert.doesNotMatch(changed.explain(), /very-secret/);
  assertHit(await call("very-secret-1"));
  assert.doesNotMatch(await Deno.readTextFile(join(dir, "runs", "consist_runs", `${id}.json`)), /very-secret/);
});

test("command() misses when an input changes, and hits where only its path does", async ({ dir }) => {
  const tool = await write(join(dir, "tool"), TOOL, 0o755);
  const [one, two] = [await write(join(dir, "one.txt"), "a"), await write(join(dir, "two.txt"), "a")];
  await step({ argv: argv(tool) }, one);
  assertHit(await step({ argv: argv(tool) }, two));
  await write(two, "b");
  assertMiss(await step({ argv: argv(tool) }, two), "inputs");
});

test("command() counts files and folders that an argument names", async ({ dir }) => {
  const tool = await write(join(dir, "tool"), TOOL, 0o755);
  const script = await write(join(dir, "script.py"), "1");
  await Deno.mkdir(join(dir, "lib"));
  const part = await write(join(dir, "lib", "a.py"), "1");
  const call = () => step({ argv: argv(tool, script, `--lib=${join(dir, "lib")}`) });
  await call();
  assertHit(await call());
  await write(script, "2");
  assert.match((await call()).explain(), /file of argument 2 \(.*script\.py\)/);
  await write(part, "2");
  assert.match((await call()).explain(), /folder of argument 3/);
  assertHit(await call());
});

test("command() serves no result of a run during which a file that an argument names changed", async ({ dir }) => {
  const script = await write(join(dir, "script.sh"), "echo >> $0");
  const call = () => run({ name: "selfish", fn: command({ argv: ["sh", script] }) });
  await call();
  assertMiss(await call());
});

test("command() executes where an argument names the folder of the whole project, and says why", async () => {
  const call = () => run({ name: "list", fn: command({ argv: ["ls", "."] }) });
  await call();
  const again = await call();
  assert.equal(again.miss?.code, "identity_unknown");
  assert.match(again.explain(), /argument 1 \(\.\)/);
});

test("command() executes where an argument names what cannot be read as a whole", async () => {
  if (Deno.build.os !== "linux") return;
  const call = (path: string) => run({ name: "look", fn: command({ argv: ["test", "-e", path] }) });
  for (const path of ["/proc/cpuinfo", "/proc", "/usr"]) {
    await call(path);
    assert.equal((await call(path)).miss?.code, "identity_unknown", path);
  }
});

test("command() executes where its file may be executed and not read", async ({ dir }) => {
  const tool = join(dir, "tool");
  await Deno.copyFile("/bin/true", tool);
  await Deno.chmod(tool, 0o111);
  const call = () => run({ name: "closed", fn: command({ argv: [tool] }) });
  await call();
  const again = await call();
  assert.ok(Deno.uid() === 0 ? again.cacheHit : again.miss?.code === "identity_unknown"); // root reads everything
});

test("command() misses when the function of its arguments reads something else", async ({ dir }) => {
  const tool = await write(join(dir, "tool"), TOOL, 0o755);
  const call = (level: number) => step({ argv: (_, step) => [tool, step.outputPath("made", ".txt"), String(level)] });
  await call(1);
  assertHit(await call(1));
  const changed = await call(2);
  assertMiss(changed, "code");
  assert.match(changed.explain(), /argument 2/);
});

test("command() gives its config to the function of its arguments", async () => {
  const call = (n: number) =>
    run({ name: "print", fn: command({ argv: (_, step) => ["printf", JSON.stringify(step.config)] }), config: { n } });
  assert.equal(((await call(3)).run.meta.program as { printed: string }).printed, '{"n":3}');
  assertMiss(await call(4), "config");
});

test("command() serves nothing that arguments of chance made", async () => {
  const call = () => run({ name: "chance", fn: command({ argv: () => ["printf", String(Math.random())] }) });
  await call();
  assertMiss(await call());
});

test("command() executes where its arguments cannot be told before the run", async ({ dir }) => {
  const tool = await write(join(dir, "tool"), TOOL, 0o755);
  const call = () =>
    step({
      argv: (_, step) => {
        Deno.writeTextFileSync(join(step.runDir, "control"), "1");
        return [tool, step.outputPath("made", ".txt")];
      },
    });
  await call();
  const again = await call();
  assert.equal(again.miss?.code, "identity_unknown");
  assert.match(again.explain(), /argv \(what it gives cannot be told before the run/);
});

test("command() keeps what the program printed, also for a hit", async ({ dir }) => {
  const call = () => run({ name: "talk", fn: command({ argv: ["sh", "-c", "echo one; echo two >&2"] }) });
  const first = await call();
  const hit = await call();
  assertHit(hit);
  for (const result of [first, hit]) {
    const program = result.run.meta.program as { stdout: string; stderr: string; printed: string; exit_code: number };
    assert.match(program.printed, /one/);
    assert.equal(program.exit_code, 0);
    assert.equal(await Deno.readTextFile(join(dir, "runs", program.stdout)), "one\n");
    assert.equal(await Deno.readTextFile(join(dir, "runs", program.stderr)), "two\n");
    assert.match(Deno.inspect(result), /printed.*:\n\s+(one|two)/);
  }
});

test("command() that is cancelled ends its program, also outside of runs", async ({ dir }) => {
  const abort = new AbortController();
  const step = { name: "long", runId: "long_1", runDir: join(dir, "long"), signal: abort.signal, logMeta: () => Promise.resolve() };
  const ended = refused(command({ argv: ["sh", "-c", `echo 1 > '${join(dir, "begun")}'; sleep 600`] })({}, step as unknown as Step));
  while (!await Deno.stat(join(dir, "begun")).then(() => true, () => false)) await new Promise((resolve) => setTimeout(resolve, 20));
  abort.abort();
  assert.match((await ended).message, /The program "sh" was cancelled/);
});

test("command() as a row of a sweep ends when the sweep is cancelled", async ({ dir }) => {
  const abort = new AbortController();
  const sweep = mapRuns({
    rows: [{ n: 1 }],
    nameTemplate: "long_{n}",
    fn: command({ argv: ["sh", "-c", `echo 1 > '${join(dir, "begun")}'; sleep 600`] }),
    signal: abort.signal,
  });
  while (!await Deno.stat(join(dir, "begun")).then(() => true, () => false)) await new Promise((resolve) => setTimeout(resolve, 20));
  abort.abort();
  assert.equal((await sweep).successes.length, 0);
});

test("command() fails with the exit code and the last lines, and the run is recorded as failed", async () => {
  const error = await refused(
    run({ name: "broken", fn: command({ argv: ["sh", "-c", "echo working; echo no such matrix >&2; exit 3"] }) }),
  );
  assert.ok(error instanceof StepFailedError);
  assert.equal((error.cause as ConsistError).code, "program_failed");
  assert.match(error.message, /^Step "broken" failed: The program "sh" ended with exit code 3\.\nWhy: It printed last:\n/);
  assert.match(error.message, /no such matrix/);
  const { status, meta } = await findRun({ id: error.run! });
  assert.equal(status, "failed");
  assert.equal((meta.program as { exit_code: number }).exit_code, 3);
});

test("command() names the signal that ended the program", async () => {
  assert.match((await refused(run({ name: "killed", fn: command({ argv: ["sh", "-c", "kill -SEGV $$"] }) }))).message, /signal SIGSEGV/);
});

test("command() says where it looked for a program that is missing", async ({ dir }) => {
  const of = async (name: string) => (await refused(run({ name: "x", fn: command({ argv: [name] }) }))).message;
  assert.match(await of("no-such-program"), /There is no program "no-such-program"\.\nWhy: It is in no folder of the search path: /);
  assert.match(await of(join(dir, "none")), /No file that can be executed is at/);
  assert.match(
    (await refused(run({ name: "x", fn: command({ argv: ["true"], cwd: join(dir, "none") }) }))).message,
    /cannot run in .*none/,
  );
});

test("command() that fails serves nothing, and executes again", async ({ dir }) => {
  const flag = join(dir, "flag");
  const call = () => run({ name: "later", fn: command({ argv: ["sh", "-c", `test -e '${flag}'`] }) });
  await refused(call());
  await write(flag, "");
  assert.equal((await call()).cacheHit, false);
});

test("command() takes outputs from outputPaths", async ({ dir }) => {
  const out = join(dir, "out.txt");
  const call = () =>
    run({ name: "write", fn: command({ argv: ["sh", "-c", 'echo 1 > "$0"', out] }), outputs: ["made"], outputPaths: { made: out } });
  assert.equal(await (await call()).load("made"), "1\n");
  assertHit(await call());
});

test("command() that makes nothing of what it declares is refused", async () => {
  assert.match((await refused(run({ name: "idle", fn: command({ argv: ["true"] }), outputs: ["made"] }))).message, /did not make "made"/);
});

test("a step that wrote its outputPath need not return it", async () => {
  const call = () =>
    run({ name: "plain", fn: (_, step) => Deno.writeTextFileSync(step.outputPath("made", ".txt"), "1"), outputs: ["made"] });
  assert.equal(await (await call()).load("made" as never), "1");
  assertHit(await call());
});

test("a step that wrote two files for one output is refused", async () => {
  const both = (_: unknown, step: { outputPath(key: string, ext: string): string }) => {
    for (const ext of [".txt", ".csv"]) Deno.writeTextFileSync(step.outputPath("made", ext), "1");
  };
  assert.match((await refused(run({ name: "both", fn: both, outputs: ["made"] }))).message, /several files for its output "made"/);
});

test("command() inside another step is read by it: another executable is a miss", async ({ dir }) => {
  const tool = await write(join(dir, "tool"), TOOL, 0o755);
  const outer = () =>
    run({
      name: "outer",
      fn: async (_, step) => {
        await command({ argv: [tool, step.outputPath("made", ".txt")] })({}, step as never);
      },
      outputs: ["made"],
    });
  await outer();
  assertHit(await outer());
  await write(tool, `${TOOL}# changed\n`, 0o755);
  assertMiss(await outer());
});

test("wouldHit() and verifyRun() know steps that are programs", async ({ dir }) => {
  const tool = await write(join(dir, "tool"), TOOL, 0o755);
  const options = { name: "tool", fn: command({ argv: argv(tool) }), outputs: ["made"], executionOptions: paths } as const;
  assert.equal((await wouldHit(options)).hit, false);
  const result = await run(options);
  assert.equal((await wouldHit(options)).hit, true);
  assert.equal((await verifyRun(result)).verdict, "equal");
  const chance = await run({
    name: "chance",
    fn: command({ argv: (_, step) => ["sh", "-c", 'cat /proc/sys/kernel/random/uuid > "$0"', step.outputPath("made", ".txt")] }),
    outputs: ["made"],
  });
  if (Deno.build.os === "linux") assert.equal((await verifyRun(chance)).verdict, "different");
});

test("command() refuses what is no command", async () => {
  const of = async (options: unknown) => (await refused(Promise.resolve().then(() => command(options as CommandOptions)))).message;
  assert.match(await of({ argv: [] }), /begins with a program/);
  assert.match(await of({ argv: "sort a" }), /begins with a program/);
  assert.match(await of({ argv: ["a", 1] }), /argument 1 is 1/);
  assert.match(await of({ argv: ["a\0b"] }), /NUL/);
  assert.match(await of({ argv: ["a"], environment: {} }), /Did you mean env\?|option "environment"/);
  assert.match(await of({ argv: ["a"], env: { A: 1 } }), /object of strings/);
  assert.match(await of(undefined), /undefined/);
  const loaded = { name: "x", fn: command({ argv: ["true"] }), executionOptions: { inputBinding: "loaded" } } as const;
  assert.match((await refused(run(loaded))).message, /inputs of a program are to be loaded/);
});

test("command() with defaults by defineStep, in a scenario, and beside workers", async ({ dir }) => {
  const tool = await write(join(dir, "tool"), TOOL, 0o755);
  const source = await write(join(dir, "in.txt"), "a\n");
  const copy = defineStep({ name: "copy", outputs: ["made"] }, command({ argv: argv(tool, "-v") }));
  const call = () => run({ fn: copy, inputs: { source }, executionOptions: paths });
  assert.equal(await (await call()).load("made"), "\n-v\na\n");
  assertHit(await call());
  await write(tool, `${TOOL}# changed\n`, 0o755);
  assert.match((await call()).explain(), /executable tool/);
  await scenario("study", async (sc) => {
    await sc.run({ name: "seed", fn: () => "7", outputs: ["seed"] });
    const next = await sc.run({
      name: "next",
      fn: command({ argv: argv(tool) }),
      inputs: ["seed"],
      outputs: ["made"],
      executionOptions: paths,
    });
    assert.match(await Deno.readTextFile(next.outputs.made.path), /7/);
  });
  const sweep = await mapRuns({
    rows: [{ n: 1 }, { n: 2 }],
    nameTemplate: "row_{n}",
    fn: command({ argv: (_, step) => [tool, step.outputPath("made", ".txt"), String((step.config as { n: number }).n)] }),
    outputs: ["made"],
    executor: "worker",
  });
  assert.equal(sweep.successes.length, 2);
});

for (const codeIdentity of ["source", "module"] as const) {
  test(`command() counts its program and the function of its arguments with codeIdentity "${codeIdentity}"`, async ({ dir }) => {
    const tool = await write(join(dir, "tool"), TOOL, 0o755);
    const call = (fn: CommandOptions["argv"]) =>
      run({ name: "tool", fn: command({ argv: fn }), outputs: ["made"], cacheOptions: { codeIdentity } });
    const one: CommandOptions["argv"] = (_, step) => [tool, step.outputPath("made", ".txt"), "1"];
    await call(one);
    assertHit(await call(one));
    assertMiss(await call((_, step) => [tool, step.outputPath("made", ".txt"), "2"]));
    await write(tool, `${TOOL}# changed\n`, 0o755);
    assertMiss(await call(one));
  });
}

test("command() runs where nothing is tracked", async ({ dir }) => {
  const tool = await write(join(dir, "tool"), TOOL, 0o755);
  await using off = new Tracker({ dbPath: join(dir, "off.duckdb"), enabled: false });
  const result = await off.run({ name: "tool", fn: command({ argv: argv(tool, "-v") }), outputs: ["made"] });
  assert.equal(await result.load("made" as never), "\n-v\n");
});
