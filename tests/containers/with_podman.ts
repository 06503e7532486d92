/** Containers for real, with podman and an image of busybox: what is installed and built for it is in `tools/tiny_image.sh`. Run by `deno task test:containers`. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fromFileUrl } from "@std/path";
import {
  container,
  type ContainerSpec,
  findRun,
  mapRuns,
  run,
  runContainer,
  scenario,
  type Step,
  type Tracker,
  verifyRun,
  wouldHit,
} from "consist";
import { assertHit, assertMiss, withTracker } from "consist/testing";
import { Child } from "../child.ts";
import { refused } from "../in_tracker.ts";

const IMAGE = "localhost/consist-tests:1";
const script = fromFileUrl(new URL("../../tools/tiny_image.sh", import.meta.url));

/** Installs and builds what the tests need, once; each test fails with its words where that is not possible. */
let prepared: Promise<void> | undefined;
const prepare = () =>
  prepared ??= (async () => {
    await words(["bash", script, "install"]);
    const built = await words(["bash", script, "build"]);
    for (const [name, value] of Object.entries(JSON.parse(built.trim().split("\n").at(-1)!) as Record<string, string>)) {
      Deno.env.set(
        name,
        value,
      );
    }
  })();

async function words(argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(argv[0]!, { args: argv.slice(1) }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.equal(code, 0, `${argv.join(" ")}: ${err}${out}`);
  return out!;
}

interface At {
  readonly dir: string;
  readonly tracker: Tracker;
}
function test(name: string, body: (at: At) => Promise<void>): void {
  Deno.test(name, async () => {
    await prepare();
    await withTracker(async (tracker) => {
      const dir = tracker.runDir.replace(/[/\\]runs$/, "");
      await Deno.mkdir(join(dir, "out"));
      await body({ dir, tracker });
    });
    assert.equal(await left(), "", "a container was left behind");
  });
}
/** The containers of ours that there are, by their names. */
const left = async () => (await words(["podman", "ps", "--all", "--filter", "label=consist.process", "--format", "{{.Names}}"])).trim();
async function until(what: string, is: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await is()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain: ${what}`);
}

const model = ({ dir }: At, command: ContainerSpec["command"], more: Partial<ContainerSpec> = {}) =>
  runContainer({
    image: IMAGE,
    command,
    volumes: { [join(dir, "out")]: "/out" },
    outputs: { made: join(dir, "out", "made.csv") },
    ...more,
  });

test("runContainer() runs a program of an image, and hits without starting one", async (at) => {
  const count = join(at.dir, "out", "count");
  const first = await model(at, "echo a,b > /out/made.csv; echo 1,2 >> /out/made.csv; echo x >> /out/count; echo counted");
  assertMiss(first);
  assert.equal((await first.load("made") as { height: number }).height, 1);
  const again = await model(at, "echo a,b > /out/made.csv; echo 1,2 >> /out/made.csv; echo x >> /out/count; echo counted");
  assertHit(again);
  assert.equal(await Deno.readTextFile(count), "x\n");
  assert.equal((again.run.meta.program as { printed: string }).printed, "counted");
});

test("an image that was changed under its name, or another one, is a miss", async (at) => {
  const words = 'echo "n$EDITION" > /out/made.csv';
  await model(at, words);
  const other = await model(at, words, { image: "localhost/consist-tests:2" });
  assert.match(other.explain(), /changed: image\./);
  assert.equal(await Deno.readTextFile(other.outputs.made.path), "n2\n");
});

test("inputs are mounted read-only, with hostile names as well", async ({ dir }) => {
  const hostile = join(dir, "in, pu\"t 'é:ro.csv");
  await Deno.writeTextFile(hostile, "a\n1\n");
  const call = () =>
    run({
      name: "copy",
      fn: container({
        image: IMAGE,
        command: (
          { raw = "" },
          step,
        ) => ["sh", "-c", 'cat "$1" > "$2"; ! echo broken 2>/dev/null >> "$1"', "sh", raw, step.outputPath("made", ".csv")],
      }),
      inputs: { raw: hostile },
      outputs: ["made"],
      executionOptions: { inputBinding: "paths" },
    });
  const result = await call();
  assert.equal(await Deno.readTextFile(result.outputs.made.path), "a\n1\n");
  assert.equal(await Deno.readTextFile(hostile), "a\n1\n");
  assertHit(await call());
  await Deno.writeTextFile(hostile, "a\n2\n");
  assertMiss(await call(), "inputs");
});

test("variables with spaces and lines, and the working folder, reach the program", async (at) => {
  const environment = { PLAIN: "two words", LINES: "a\nb", PATH: "/bin:/none" };
  const result = await model(at, 'printf "%s|%s|%s|%s" "$PLAIN" "$LINES" "$PATH" "$(pwd)" > /out/made.csv', {
    environment,
    workingDir: "/tmp",
  });
  assert.equal(await Deno.readTextFile(result.outputs.made.path), "two words|a\nb|/bin:/none|/tmp");
});

test("a program that fails, is missing or is killed says so, with its last lines", async (at) => {
  const of = async (command: ContainerSpec["command"]) => (await refused(model(at, command))).message;
  const failed = await of("echo year 2031; echo no such matrix >&2; exit 3");
  assert.match(failed, /exit code 3\.\nWhy: It printed last:/);
  assert.match(failed, /no such matrix/);
  assert.match(await of(["no-such-program"]), /exit code 127: what it is to run is not in the image/);
  assert.match(await of("sh -c 'kill -KILL $$'; exit $?"), /exit code 137/);
  const error = await refused(model(at, "exit 4"));
  assert.equal((await findRun({ id: error.run! })).status, "failed");
});

test("an image that is missing is an error with the way out", async (at) => {
  assert.match(
    (await refused(model(at, "true", { image: "localhost/none:1" }))).message,
    /is not on this machine\.\nWhy: .*image not known/,
  );
});

test("wouldHit(), verifyRun(), scenarios and sweeps know containers", async ({ dir }) => {
  const steady = {
    name: "steady",
    fn: container({ image: IMAGE, command: "echo 1 > /consist/outputs/made.txt" }),
    outputs: ["made"],
  } as const;
  assert.equal((await wouldHit(steady)).hit, false);
  const result = await run(steady);
  assert.equal((await wouldHit(steady)).hit, true);
  assert.equal((await verifyRun(result)).verdict, "equal");
  const chance = await runContainer({
    image: IMAGE,
    command: "cat /proc/sys/kernel/random/uuid > /out/made.txt",
    volumes: { [join(dir, "out")]: "/out" },
    outputs: { made: join(dir, "out", "made.txt") },
  });
  const before = await Deno.readTextFile(join(dir, "out", "made.txt"));
  assert.equal((await verifyRun(chance)).verdict, "different");
  assert.equal(await Deno.readTextFile(join(dir, "out", "made.txt")), before);
  await scenario("study", async (sc) => {
    await sc.run({ name: "first", fn: () => "7", outputs: ["seed"] });
    const fn = container({ image: IMAGE, command: ({ seed = "" }, step) => ["cp", seed, step.outputPath("made", ".txt")] });
    const second = await sc.run({ name: "second", fn, inputs: ["seed"], outputs: ["made"], executionOptions: { inputBinding: "paths" } });
    assert.match(await Deno.readTextFile(second.outputs.made.path), /7/);
  });
  const sweep = () =>
    mapRuns({
      rows: [{ n: 1 }, { n: 2 }],
      nameTemplate: "row_{n}",
      fn: container({
        image: IMAGE,
        command: (_, step) => ["sh", "-c", `echo ${(step.config as { n: number }).n} > ${step.outputPath("made", ".txt")}`],
      }),
      outputs: ["made"],
    });
  assert.equal((await sweep()).successes.length, 2);
  assert.equal((await sweep()).hits.length, 2);
});

test("a step that is cancelled leaves no container", async ({ dir }) => {
  const abort = new AbortController();
  const step = { name: "long", runId: "long_1", runDir: join(dir, "long"), signal: abort.signal, logMeta: () => Promise.resolve() };
  const fn = container({
    image: IMAGE,
    command: 'trap "" TERM; touch /out/begun; sleep 600; sleep 600',
    volumes: { [join(dir, "out")]: "/out:rw" },
  });
  const ended = refused(fn({}, step as unknown as Step));
  await until("the program in it runs", async () => await Deno.stat(join(dir, "out", "begun")).then(() => true, () => false));
  abort.abort();
  assert.match((await ended).message, /The container of "localhost\/consist-tests:1" was cancelled/);
  assert.equal(await left(), "");
});

test("a process that is killed leaves no container and no program", async ({ dir }) => {
  const child = new Child("contained.ts", { dir, image: IMAGE });
  await until("the container runs", async () => (await left()) !== "");
  await until("the program in it runs", async () => await Deno.stat(join(dir, "out", "begun")).then(() => true, () => false));
  child.process.kill("SIGKILL");
  await child.ended();
  await until("the container is gone", async () => (await left()) === "");
});

test("a container that outlived its process is removed before the next one runs, and no other", async (at) => {
  const dead = encodeURIComponent(JSON.stringify({ pid: 2 ** 22 + 1, host: Deno.hostname() }));
  const living = encodeURIComponent(JSON.stringify({ pid: Deno.ppid, host: Deno.hostname() }));
  for (const [name, label] of [["consist-dead", dead], ["consist-living", living]]) {
    await words(["podman", "run", "--detach", "--name", name!, "--label", `consist.process=${label}`, IMAGE, "sleep", "600"]);
  }
  try {
    const program = new Child("contained.ts", { dir: at.dir, image: IMAGE, quick: true });
    await program.until("done");
    await program.ended();
    assert.equal(await left(), "consist-living");
  } finally {
    await words(["podman", "rm", "--force", "--time", "0", "--ignore", "consist-living", "consist-dead"]);
  }
});
