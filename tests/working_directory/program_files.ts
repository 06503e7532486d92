/** Which files count that the words of a program's call name, and which of them the program writes itself. */
import assert from "node:assert/strict";
import { command, type CommandOptions, run, type Tracker } from "consist";
import { assertHit, assertMiss, withTracker } from "consist/testing";

const ignore = Deno.build.os === "windows";

/** A test in a folder of its own, which is the working directory meanwhile. */
function test(name: string, body: (dir: string) => Promise<void>): void {
  Deno.test(name, { ignore }, () =>
    withTracker(async (tracker: Tracker) => {
      const before = Deno.cwd();
      Deno.chdir(tracker.runDir.replace(/[/\\]runs$/, ""));
      try {
        await body(Deno.cwd());
      } finally {
        Deno.chdir(before);
      }
    }));
}

/** The step runs `read`, which writes the content of `$file` of its text into its first argument. */
const reads = (words: string, more: readonly string[], env: CommandOptions["env"] = {}) =>
  run({
    name: "reads",
    fn: command({ argv: (_, step) => ["sh", "-c", `${words} > "$0"`, step.outputPath("made", ".txt"), ...more], env }),
    outputs: ["made"],
  });

test("command() counts files behind an @, a short option, in a list and in a variable", async () => {
  const calls = {
    "a file of arguments": () => reads('cat "${1#@}"', ["@x.txt"]),
    "behind a sign of equality": () => reads('cat "${1#*@}"', ["--data=@x.txt"]),
    "a short option": () => reads('cat "${1#-f}"', ["-fx.txt"]),
    "a list": () => reads("cat x.txt", ["-cp", "y.txt:x.txt"]),
    "a list as a value": () => reads("cat x.txt", ["--files=y.txt,x.txt"]),
    "a variable": () => reads('cat "$CFG"', [], { CFG: "x.txt" }),
  };
  await Deno.writeTextFile("y.txt", "y");
  for (const [name, call] of Object.entries(calls)) {
    await Deno.writeTextFile("x.txt", "1");
    const first = await call();
    assert.equal(await first.load("made"), "1", name);
    assertHit(await call());
    await Deno.writeTextFile("x.txt", "2");
    const second = await call();
    assertMiss(second);
    assert.equal(await second.load("made"), "2", name);
    await Deno.writeTextFile("x.txt", "1");
    assertHit(await call());
  }
});

test("command() inside a step reads the files of its arguments and variables", async () => {
  const fn = async () => {
    const made = command({
      argv: (_, step) => ["sh", "-c", 'cat "$CFG" "${1#@}" > "$0"', step.outputPath("inner", ".txt"), "@x.txt"],
      env: { CFG: "c.txt" },
    });
    return await run({ name: "inner", fn: made, outputs: ["inner"] }).load("inner");
  };
  await Deno.writeTextFile("x.txt", "1");
  await Deno.writeTextFile("c.txt", "c");
  const outer = () => run({ name: "outer", fn, outputs: ["o"] });
  assert.equal(await outer().load(), "c1");
  for (const file of ["x.txt", "c.txt"]) {
    await Deno.writeTextFile(file, "2");
    assert.match(String(await outer().load()), /2/);
  }
});

test("a step counts the files that decide what the runs inside of it give: of programs, and extra dependencies of code", async () => {
  const inner = {
    argument: {
      files: ["x.txt"],
      fn: command({ argv: (_, step) => ["sh", "-c", 'cat "$1" > "$0"', step.outputPath("inner", ".txt"), "x.txt"] }),
    },
    folder: {
      files: ["in/x.txt"],
      fn: command({ argv: (_, step) => ["sh", "-c", 'cat "$1/x.txt" > "$0"', step.outputPath("inner", ".txt"), "in"] }),
    },
    dependency: { files: ["x.txt"], fn: () => Deno.readTextFileSync("x.txt") },
  };
  await Deno.mkdir("in");
  for (const [name, { files, fn }] of Object.entries(inner)) {
    const cacheOptions = { codeIdentityExtraDeps: ["x.txt", "none.txt"] };
    const outer = () =>
      run({
        name,
        fn: async () =>
          await run({ name: "inner", fn: fn as () => void, outputs: ["inner"], ...(name === "dependency" ? { cacheOptions } : {}) }).load(
            "inner",
          ) as unknown as string,
        outputs: ["o"],
      });
    for (const file of files) await Deno.writeTextFile(file, "1");
    assert.equal(await outer().load(), "1", name);
    assertHit(await outer());
    for (const file of files) {
      await Deno.writeTextFile(file, "2");
      assert.equal(await outer().load(), "2", `${name}: ${file}`);
      await Deno.writeTextFile(file, "1");
      assertHit(await outer());
    }
  }
});

test("command() with outputs in the working directory counts its script all the same", async () => {
  const script = async (value: number) => await Deno.writeTextFile("s.sh", `echo a,${value} > o.csv; echo ${value} > "$1"`);
  const captures = () =>
    run({ name: "captures", fn: command({ argv: ["sh", "s.sh", "o.csv"] }), captureDir: ".", capturePattern: "*.csv", outputs: ["o"] });
  const copies = () =>
    run({
      name: "copies",
      fn: command({ argv: (_, step) => ["sh", "s.sh", step.outputPath("o", "txt")] }),
      outputDir: ".",
      outputs: ["o"],
    });
  for (const call of [captures, copies]) {
    await script(1);
    const first = await call();
    assertHit(await call());
    await script(2);
    const second = await call();
    assertMiss(second);
    assert.notEqual(second.outputs.o.hash, first.outputs.o.hash);
    await script(1);
    assertHit(await call());
  }
});

test("command() executes where nothing tells which files of the working directory it writes, and says what would", async () => {
  await Deno.writeTextFile("s.sh", "echo 1 > o.txt");
  const call = () => run({ name: "captures", fn: command({ argv: ["sh", "s.sh"] }), captureDir: ".", outputs: ["o"] });
  assertMiss(await call());
  const again = await call();
  assertMiss(again);
  assert.match(again.explain(), /say with capturePattern which files it writes there/);
});

test("command() does not count what it writes into a folder of its own", async () => {
  await Deno.mkdir("out");
  await Deno.writeTextFile("s.sh", 'cat x.txt > "$1"');
  const call = () =>
    run({ name: "captures", fn: command({ argv: ["sh", "s.sh", "out/o.txt"] }), dependsOn: ["x.txt"], captureDir: "out", outputs: ["o"] });
  for (const value of ["1", "2"]) {
    await Deno.writeTextFile("x.txt", value);
    assertMiss(await call());
    assertHit(await call());
  }
  await Deno.writeTextFile("x.txt", "1");
  assertHit(await call());
});
