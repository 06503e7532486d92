import assert from "node:assert/strict";
import { type ContainerCall, type EngineName, ENGINES, inspectLine, labelLine, listLine, removeLine, runLine } from "./engines.ts";

const CALL: ContainerCall = {
  image: "travel-model:v2.1",
  command: ["python", "run.py", "--year", "2030", 'a "b" $c'],
  mounts: [
    { source: "/data/in, puts", target: "/inputs", writable: false },
    { source: '/data/o"ut:puts', target: "/outputs", writable: true },
  ],
  environment: { YEAR: "2030", SECRET: "two words", PATH: "/opt/bin", http_proxy: "http://proxy" },
  workingDir: "/model",
  name: "consist-model_1-0a1b2c3d",
  labels: { "consist.process": "%7B%22pid%22%3A1%7D", "consist.run": "model_1" },
};

for (const engine of ENGINES) {
  Deno.test(`runLine() of ${engine}`, async (t) => {
    await t.assertSnapshot({ list: runLine(engine, CALL), shell: runLine(engine, { ...CALL, command: "run && check > /outputs/log" }) });
  });
  Deno.test(`runLine() of ${engine} with nothing but an image`, async (t) => {
    const bare = { image: "busybox", command: [], mounts: [], environment: {}, name: "n", labels: {} };
    await t.assertSnapshot(runLine(engine, bare));
  });
}

Deno.test("runLine() shows no list of processes the value of a variable that the engine does not go by", () => {
  for (const engine of ENGINES) {
    const { args, env } = runLine(engine, CALL);
    assert.ok(!args.join(" ").includes("two words"));
    assert.ok(Object.values(env).includes("two words"));
  }
});

Deno.test("apptainer takes files and addresses as they are, and names from a registry", () => {
  const imageOf = (image: string) => runLine("apptainer", { ...CALL, image }).args.find((word) => word.includes(image));
  const cases = {
    "model:v2": "docker://model:v2",
    "model.sif": "model.sif",
    "./box": "./box",
    "/a/box": "/a/box",
    "oras://x/y": "oras://x/y",
  };
  for (const [image, wanted] of Object.entries(cases)) assert.equal(imageOf(image), wanted);
});

Deno.test("the questions to an engine", async (t) => {
  const of = (engine: EngineName) => removeLine(engine, ["one", "two"]) ?? null;
  await t.assertSnapshot([inspectLine("model:v2"), listLine("l"), labelLine("l", ["a"]), of("podman"), of("docker"), of("apptainer")]);
});
