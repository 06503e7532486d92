/** Containerised programs as steps, with engines that only note what they are asked: what counts, what is mounted, what is refused. */
import assert from "node:assert/strict";
import { delimiter, join } from "node:path";
import {
  type ConsistError,
  container,
  type ContainerSpec,
  run,
  runContainer,
  StepFailedError,
  Tracker,
  verifyRun,
  wouldHit,
} from "consist";
import { assertHit, assertMiss, withTracker } from "consist/testing";
import { refused } from "./in_tracker.ts";

const ignore = Deno.build.os === "windows";
const ID = "87a7bea9c01a72abe09bd0d069e7d0a58df595d4fb9c45e07aecb7e9c2549d2a";

/**
 * An engine that has images in a folder, notes its words, and runs the words after the image here, with `/out` and `/consist/outputs` replaced
 * by what is mounted there.
 */
const ENGINE = `#!/bin/sh
home=$(dirname "$0")/..
echo "$(basename "$0") $*" >> "$home/log"
case "$1" in
  image) [ -e "$home/images/$5" ] || { echo "Error: No such image: $5" >&2; exit 1; }; cat "$home/images/$5"; exit 0 ;;
  pull) [ -e "$home/registry/$2" ] || { echo "manifest unknown" >&2; exit 125; }; cp "$home/registry/$2" "$home/images/$2"; exit 0 ;;
  ps|rm|container) exit 0 ;;
esac
shift
while [ $# -gt 0 ]; do
  case "$1" in
    --mount) text=$2; source=$(echo "$text" | sed 's/.*source=\\([^,]*\\).*/\\1/'); target=$(echo "$text" | sed -E 's/.*(target|destination)=([^,]*).*/\\2/')
      case "$target" in /out) out=$source ;; /consist/outputs) own=$source ;; /consist/inputs/*) input=$source ;; esac; shift 2 ;;
    --name|--label|--env|--workdir|--entrypoint|--pwd) shift 2 ;;
    --*) shift ;;
    *) break ;;
  esac
done
shift
[ "$1" = fail ] && { echo "the model does not converge" >&2; exit "$2"; }
[ "$1" = idle ] && exit 0
[ "$1" = own ] && { echo "own $EDITION" > "$own/made.txt"; exit 0; }
[ "$1" = read ] && { cat "$input" > "$own/made.txt"; exit 0; }
echo "$@" > "$out/made.txt"
`;

interface At {
  readonly dir: string;
  readonly tracker: Tracker;
  /** What the engines were asked since the last look, the words of `run` only. */
  runs(): Promise<string[]>;
}

function test(name: string, body: (at: At) => Promise<void>): void {
  Deno.test(name, { ignore }, () =>
    withTracker(async (tracker) => {
      const dir = tracker.runDir.replace(/[/\\]runs$/, "");
      for (const folder of ["bin", "images", "registry", "out"]) await Deno.mkdir(join(dir, folder));
      for (const engine of ["podman", "docker", "apptainer"]) await Deno.writeTextFile(join(dir, "bin", engine), ENGINE, { mode: 0o755 });
      await image(dir, "images", "model:v2", ID);
      const before = Deno.env.get("PATH")!;
      Deno.env.set("PATH", `${join(dir, "bin")}${delimiter}${before}`);
      const runs = async () => {
        const text = await Deno.readTextFile(join(dir, "log")).catch(() => "");
        await Deno.writeTextFile(join(dir, "log"), "");
        return text.split("\n").filter((line) => /^\w+ (?:run|exec) /.test(line));
      };
      try {
        await body({ dir, tracker, runs });
      } finally {
        Deno.env.set("PATH", before);
      }
    }));
}
async function image(dir: string, where: "images" | "registry", name: string, id: string): Promise<void> {
  await Deno.writeTextFile(join(dir, where, name), `${id} []\n`);
}

/** A model that writes its words into `/out`. */
const model = ({ dir }: At, more: Partial<ContainerSpec> = {}) =>
  runContainer({
    image: "model:v2",
    command: ["run", "--year", "2030"],
    volumes: { [join(dir, "out")]: "/out" },
    outputs: { made: join(dir, "out", "made.txt") },
    backend: "podman",
    ...more,
  });

test("runContainer() runs once; an equal call starts no container", async (at) => {
  const first = await model(at);
  assertMiss(first);
  assert.equal(first.run.model, "model");
  assert.equal(await first.load("made"), "run --year 2030\n");
  assert.ok(first.outputs.made.path.startsWith(at.tracker.runDir));
  assert.equal((await at.runs()).length, 1);
  const again = await model(at);
  assertHit(again);
  assert.equal(await again.load("made"), "run --year 2030\n");
  assert.deepEqual(await at.runs(), []);
});

test("runContainer() hits with another engine that has the same image", async (at) => {
  await model(at);
  assertHit(await model(at, { backend: "docker" }));
  await image(at.dir, "images", "model:v2", `sha256:${ID}`);
  assertHit(await model(at, { backend: "docker" }));
});

const OTHER: { readonly [name: string]: readonly [Partial<ContainerSpec>, RegExp] } = {
  "a word": [{ command: ["run", "--year", "2040"] }, /argument 3: 2030 → 2040/],
  "the form of the command": [{ command: "run --year 2030" }, /shell command/],
  "a variable": [{ environment: { EDITION: "2" } }, /environment EDITION/],
  "the folder": [{ workingDir: "/model" }, /working directory/],
};
for (const [name, [more, says]] of Object.entries(OTHER)) {
  test(`runContainer() misses when ${name} changes`, async (at) => {
    await model(at);
    const changed = await model(at, more);
    assertMiss(changed, "code");
    assert.match(changed.explain(), says);
    assertHit(await model(at, more));
  });
}

test("runContainer() misses when the image is another one under its name", async (at) => {
  await model(at);
  await image(at.dir, "images", "model:v2", ID.replace("8", "9"));
  const changed = await model(at);
  assert.match(changed.explain(), /What the step is asked for changed: image\./);
});

test("runContainer() counts the content of what is mounted read-only, and no path", async (at) => {
  const folder = join(at.dir, "inputs");
  await Deno.mkdir(folder);
  await Deno.writeTextFile(join(folder, "a.csv"), "1");
  const call = (host: string, target = "/inputs") => model(at, { volumes: { [join(at.dir, "out")]: "/out", [host]: target } });
  await call(folder);
  await Deno.rename(folder, `${folder}-moved`);
  assertHit(await call(`${folder}-moved`));
  assert.match((await call(`${folder}-moved`, "/data")).explain(), /mount \/data/);
  await Deno.writeTextFile(join(`${folder}-moved`, "a.csv"), "2");
  assert.match((await call(`${folder}-moved`)).explain(), /changed: mount \/inputs\./);
});

test("runContainer() executes where the project with its runs is mounted read-only, and says why", async (at) => {
  const call = () => model(at, { volumes: { [join(at.dir, "out")]: "/out", [at.dir]: "/project" } });
  await call();
  const again = await call();
  // An output lies in it, so that the container may write there: it does not count, and that is said.
  assert.match(again.explain(), /mount \/project: the container may write there/);
  const bare = () =>
    run({ name: "own", fn: container({ image: "model:v2", command: ["own"], volumes: { [at.dir]: "/project" } }), outputs: ["made"] });
  await bare();
  assert.match((await bare()).explain(), /mount \/project \(the runs or the ledger lie in it/);
});

test("runContainer() names what it read and made: a list of inputs by the names of the files", async (at) => {
  await Deno.writeTextFile(join(at.dir, "network.csv"), "a\n1\n");
  const call = () =>
    runContainer({
      image: "model:v2",
      command: ["read"],
      inputs: [join(at.dir, "network.csv")],
      outputs: { made: join(at.dir, "out", "copy.txt") },
      backend: "podman",
    });
  const result = await call();
  assert.equal(await result.load("made"), "a\n1\n");
  assert.equal(await Deno.readTextFile(join(at.dir, "out", "copy.txt")), "a\n1\n");
  const [line] = await at.runs();
  assert.match(line!, /source=[^ ]*network\.csv,target=\/consist\/inputs\/network\.csv,readonly/);
  const { inputs } = await at.tracker.getArtifactsForRun(result.run);
  assert.deepEqual(Object.keys(inputs), ["network"]);
  await Deno.writeTextFile(join(at.dir, "network.csv"), "a\n2\n");
  assertMiss(await call(), "inputs");
});

test("an input in a volume that is written to is mounted over itself, read-only", async (at) => {
  const inside = join(at.dir, "out", "in.csv");
  await Deno.writeTextFile(inside, "1");
  await runContainer({
    image: "model:v2",
    command: ["run"],
    volumes: { [join(at.dir, "out")]: "/out" },
    inputs: { raw: inside },
    outputs: { made: join(at.dir, "out", "made.txt") },
    backend: "podman",
  });
  const [line] = await at.runs();
  assert.match(line!, /source=[^ ,]*\/out,target=\/out --/);
  assert.match(line!, /source=[^ ,]*\/out\/in\.csv,target=\/out\/in\.csv,readonly/);
});

test("container() gives its command the paths in the container", async (at) => {
  await Deno.writeTextFile(join(at.dir, "raw.csv"), "1");
  const call = (year: number) =>
    run({
      name: "own",
      fn: container({
        image: "model:v2",
        command: (
          { raw = "" },
          step,
        ) => ["own", raw, step.outputPath("made", ".txt"), step.runDir, String((step.config as { year: number }).year)],
        environment: { EDITION: "7" },
      }),
      inputs: { raw: join(at.dir, "raw.csv") },
      config: { year },
      outputs: ["made"],
      executionOptions: { inputBinding: "paths" },
    });
  const result = await call(2030);
  assert.equal(await result.load("made"), "own 7\n");
  assert.match((await at.runs())[0]!, /model:v2 own \/consist\/inputs\/raw\.csv \/consist\/outputs\/made\.txt \/consist\/outputs 2030$/);
  assertHit(await call(2030));
  assertMiss(await call(2040), "config");
});

test("container() takes what the program wrote under an output's key", async () => {
  const call = () => run({ name: "own", fn: container({ image: "model:v2", command: ["own"] }), outputs: ["made"] });
  assert.equal(await (await call()).load("made" as never), "own \n");
  assertHit(await call());
});

test("a new declared output is a miss", async (at) => {
  const call = (outputs: string[]) =>
    run({ name: "own", fn: container({ image: "model:v2", command: ["own"] }), outputs, outputPolicy: { outputMissing: "ignore" } });
  await call(["made"]);
  assertHit(await call(["made"]));
  assertMiss(await call(["made", "other"]), "code");
  assert.equal((await at.runs()).length, 2);
});

test("a container inside another step makes that step's result one that is not served again", async () => {
  const outer = () =>
    run({
      name: "outer",
      fn: async (_, step) => {
        await container({ image: "model:v2", command: ["idle"] })({}, step as never);
        return 1;
      },
      outputs: ["made"],
    });
  assert.match(Deno.inspect(await outer()), /it runs a container of model:v2 on its way/);
  assertMiss(await outer());
});

test("container() runs where nothing is tracked", async ({ dir }) => {
  await using off = new Tracker({ dbPath: join(dir, "off.duckdb"), enabled: false });
  const result = await off.run({ name: "own", fn: container({ image: "model:v2", command: ["own"] }), outputs: ["made"] });
  assert.equal(await result.load("made" as never), "own \n");
  assert.equal(await Deno.stat(join(dir, "off.duckdb")).then(() => true, () => false), false);
});

test("container() keeps no value of a variable", async (at) => {
  const result = await model(at, { environment: { TOKEN: "swordfish 1" } });
  const changed = await model(at, { environment: { TOKEN: "swordfish 2" } });
  assert.doesNotMatch(changed.explain(), /swordfish/);
  assert.doesNotMatch(await Deno.readTextFile(join(at.dir, "runs", "consist_runs", `${result.run.id}.json`)), /swordfish/);
  assert.ok((await at.runs()).every((line) => !line.includes("swordfish")));
});

test("an image that is missing is an error with the way out; pullLatest fetches it", async (at) => {
  const error = await refused(model(at, { image: "other:v1" }));
  assert.ok(error instanceof StepFailedError);
  assert.equal((error.cause as ConsistError).code, "container_failed");
  assert.match(
    error.message,
    /The image "other:v1" is not on this machine\.\nWhy: Error: No such image: other:v1\nFix: Fetch it with podman pull other:v1/,
  );
  assert.equal((await wouldHit({ name: "x", fn: container({ image: "other:v1", command: [] }) })).miss?.code, "identity_unknown");
  await image(at.dir, "registry", "other:v1", ID);
  assertMiss(await model(at, { image: "other:v1", pullLatest: true }));
});

test("pullLatest takes the newest image, and the one that is here where none can be fetched", async (at) => {
  await image(at.dir, "registry", "model:v2", ID);
  await model(at, { pullLatest: true });
  assertHit(await model(at, { pullLatest: true }));
  await image(at.dir, "registry", "model:v2", ID.replace("8", "9"));
  assert.match((await model(at, { pullLatest: true })).explain(), /image/);
  await Deno.remove(join(at.dir, "registry", "model:v2"));
  assertHit(await model(at, { pullLatest: true }));
  const fresh = await model(at, { pullLatest: true, command: ["another"] });
  assert.match(Deno.inspect(fresh), /could not be fetched \(manifest unknown\)/);
});

test("a container that fails says its exit code and what it printed last", async (at) => {
  const of = async (code: string) => (await refused(model(at, { command: ["fail", code] }))).message;
  assert.match(
    await of("3"),
    /^Step "model" failed: The container of "model:v2" ended with exit code 3\.\nWhy: It printed last:\n {2}the model does not converge/,
  );
  assert.match(await of("127"), /exit code 127: what it is to run is not in the image/);
  assert.match(await of("125"), /exit code 125: podman could not start it/);
});

test("a container that makes nothing of what it declares is refused, also where an older file is there", async (at) => {
  await Deno.writeTextFile(join(at.dir, "out", "made.txt"), "old");
  assert.match((await refused(model(at, { command: ["idle"] }))).message, /did not make|did not write/);
});

test("volumes that are not there, and engines that fail, are errors of their own", async (at) => {
  assert.match(
    (await refused(model(at, { volumes: { [join(at.dir, "none")]: "/in", [join(at.dir, "out")]: "/out" } }))).message,
    /none" cannot be mounted at \/in/,
  );
  await Deno.writeTextFile(join(at.dir, "bin", "docker"), "#!/bin/sh\necho Cannot connect to the daemon >&2; exit 1\n");
  assert.match(
    (await refused(model(at, { backend: "docker" }))).message,
    /docker could not be asked for the image.*\nWhy: Cannot connect to the daemon/,
  );
});

test("verifyRun() executes a container on a copy of what it writes to", async (at) => {
  const result = await model(at);
  await Deno.writeTextFile(join(at.dir, "out", "made.txt"), "mine");
  assert.equal((await verifyRun(result)).verdict, "equal");
  assert.equal(await Deno.readTextFile(join(at.dir, "out", "made.txt")), "mine");
});

test("apptainer runs files, and says where nothing tells what an image is", async (at) => {
  const file = join(at.dir, "model.sif");
  await Deno.writeTextFile(file, "1");
  const call = (image: string) => model(at, { image, backend: "apptainer" });
  const first = await call(file);
  assert.equal(await first.load("made"), "run --year 2030\n");
  assertHit(await call(file));
  await Deno.writeTextFile(file, "2");
  assert.match((await call(file)).explain(), /changed: image\./);
  assert.equal((await call("model:v2")).miss?.code, "identity_unknown");
  assertHit((await call(`model@sha256:${ID}`), await call(`model@sha256:${ID}`)));
});

test("container() and runContainer() refuse what is none", async (at) => {
  const of = async (spec: unknown) => (await refused(Promise.resolve().then(() => container(spec as ContainerSpec)))).message;
  assert.match(await of({ image: "", command: [] }), /name of one/);
  assert.match(await of({ image: "--privileged", command: [] }), /name of one/);
  assert.match(await of({ image: "a", command: [1] }), /word 1 of its command/);
  assert.match(await of({ image: "a", command: [], volume: {} }), /Did you mean volumes\?/);
  assert.match(await of({ image: "a", command: [], inputs: {} }), /Give inputs to run/);
  assert.match(await of({ image: "a", command: [], volumes: { a: "b" } }), /absolute/);
  assert.match(await of({ image: "a", command: [], environment: { "A=B": "" } }), /variable's name/);
  assert.match(await of({ image: "a", command: [], backend: "lxc" }), /"podman", "docker", "apptainer"/);
  const call = async (more: object) => (await refused(Promise.resolve().then(() => model(at, more)))).message;
  assert.match(await call({ outptus: {} }), /Did you mean outputs\?/);
  assert.match(await call({ inputs: ["a/x.csv", "b/x.csv"] }), /two inputs called "x"/);
  assert.match(await call({ outputs: ["a"] }), /key → path|outputs/);
});

test("a machine without an engine says so", async (at) => {
  await Deno.mkdir(join(at.dir, "empty"));
  const program = `import { container, run } from "consist";
    const error = await run({ name: "x", fn: container({ image: "a", command: [] }) }).catch((error) => error);
    console.log(error.message);`;
  await Deno.writeTextFile(join(at.dir, "program.ts"), program);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--config", new URL("../deno.json", import.meta.url).pathname, "program.ts"],
    cwd: at.dir,
    env: { PATH: join(at.dir, "empty") },
  }).output();
  assert.match(new TextDecoder().decode(stdout), /There is no container engine on this machine/);
});
