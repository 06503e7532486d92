/** What the tables of cases cannot say: one ledger for all environments, what the runtime may not tell, import maps, and a kernel that keeps what it loaded. */
import assert from "node:assert/strict";
import type { Project, TrustCase } from "./case.ts";
import { inProgram, inWorkers } from "./environments.ts";
import { KernelSession } from "./kernel_session.ts";
import type { Report } from "./perform.ts";
import { type Running, Workshop } from "./workshop.ts";

const LIB = "const k = 2;\nexport const f = (x: number) => x * k;\n";
const PROJECTS: readonly Project[] = [
  { declare: "const scale = (x: number) => x * 2;", body: "return scale(10);" },
  { declare: "class Fleet { #n = 2; go() { return this.#n * 10; } }\nconst fleet = new Fleet();", body: "return fleet.go();" },
  { declare: 'import { f } from "./lib.ts";', body: "return f(10);", files: { "lib.ts": LIB } },
  { declare: 'import pl from "polars";\nconst table = pl.DataFrame({ a: [20] });', body: 'return table.getColumn("a").sum();' },
  { declare: 'import { z } from "zod";\nconst schema = z.number().max(30);', body: "return schema.parse(20);" },
  { declare: "const make = (k: number) => () => k;", main: "make(20)" },
  { body: "return Number(inputs.raw);", options: '{ inputs: { raw: "raw.txt" } }', files: { "raw.txt": "20" } },
];
const ENVIRONMENTS = ["deno run", "kernel", "worker process"] as const;

/** Cases that have as many stages as they are called. */
const called = (times: number): TrustCase[] =>
  PROJECTS.map((project, index) => ({
    row: "d",
    name: `${index}`,
    where: ENVIRONMENTS,
    stages: Array.from(
      { length: times },
      (_, stage) => ({ ...(stage === 0 ? project : {}), expect: stage === 0 ? "miss" : "hit", result: 20 }),
    ),
  }));

async function next(workshop: Workshop, environment: typeof ENVIRONMENTS[number]): Promise<readonly Report[]> {
  const due = workshop.cases;
  if (environment === "kernel") {
    await using session = await KernelSession.start(workshop.root);
    for (const running of due) await session.runStages(running, 1);
  } else {
    for (const running of due) assert.ok(await running.prepare());
    const reports = environment === "deno run" ? await inProgram(workshop, due, {}) : await inWorkers(workshop, due, {}, 1);
    for (const running of due) running.reports.push(reports.get(running.name)!);
  }
  return due.map(({ reports }) => reports.at(-1)!);
}

for (const first of ENVIRONMENTS) {
  Deno.test(`trust d, across environments: what was recorded in ${first} hits in the others`, async () => {
    await using workshop = await Workshop.open(first, called(3));
    const order = [first, ...ENVIRONMENTS.filter((environment) => environment !== first)];
    for (const [index, environment] of order.entries()) {
      for (const [which, { hit, value, words }] of (await next(workshop, environment)).entries()) {
        assert.equal(hit, index > 0, `project ${which} in ${environment}: ${words}`);
        assert.equal(value, 20);
      }
    }
  });
}

/** A program of one step, run several times with something done before each. */
async function oneStep(
  project: Project,
  args: readonly string[],
  before: readonly ((at: Running) => unknown)[],
): Promise<readonly Report[]> {
  const trust: TrustCase = {
    row: "l",
    name: "one",
    where: ["deno run"],
    stages: before.map(() => ({ ...project, expect: "right", result: 0 })),
  };
  await using workshop = await Workshop.open("deno run", [trust]);
  const running = workshop.cases[0]!;
  for (const act of before) {
    assert.ok(await running.prepare());
    await act(running);
    running.reports.push((await inProgram(workshop, [running], {}, args)).get(running.name)!);
  }
  return running.reports;
}

Deno.test("trust l, deno run: without --allow-sys a step that captures something executes and says why, and one that captures nothing hits", async () => {
  const nothing = [() => {}, () => {}];
  const captured = await oneStep({ declare: "const k = 20;", body: "return k;" }, ["--deny-sys"], nothing);
  for (const { hit, signed, value, words } of captured) {
    assert.deepEqual([hit, signed, value], [false, false, 20]);
    assert.match(words, /\bk\b.*--allow-sys/s);
  }
  const alone = await oneStep({ body: "return 20;" }, ["--deny-sys"], nothing);
  assert.deepEqual(alone.map(({ hit, value }) => [hit, value]), [[false, 20], [true, 20]]);
});

/** Maps `pack` to something else. */
const mapped = (to: string) => async ({ workshop: { root } }: Running) => {
  const config = JSON.parse(await Deno.readTextFile(`${root}/deno.json`));
  await Deno.writeTextFile(`${root}/deno.json`, JSON.stringify({ ...config, imports: { ...config.imports, pack: to } }));
};

Deno.test("trust e, deno run: an import map that leads to another version of a package, or to other code of the user's, is a miss", async () => {
  const ms = await oneStep({ declare: 'import ms from "pack";', body: 'return ms("1d") as any;' }, [], [
    mapped("npm:ms@2.1.2"),
    mapped("npm:ms@2.1.2"),
    mapped("npm:ms@2.1.3"),
    mapped("npm:ms@2.1.2"),
  ]);
  assert.deepEqual(ms.map(({ hit, value }) => [hit, value]), [[false, 864e5], [true, 864e5], [false, 864e5], [true, 864e5]]);
  const files = {
    "vendor/pack@1/mod.ts": LIB,
    "vendor/pack@2/mod.ts": LIB.replace("2", "3"),
    "vendor/pack@3/mod.ts": `// the same\n${LIB}`,
  };
  const own = await oneStep({ declare: 'import { f } from "pack";', body: "return f(10);", files }, [], [
    mapped("./l_0/vendor/pack@1/mod.ts"),
    mapped("./l_0/vendor/pack@2/mod.ts"),
    mapped("./l_0/vendor/pack@3/mod.ts"),
  ]);
  assert.deepEqual(own.map(({ hit, value }) => [hit, value]), [[false, 20], [false, 30], [true, 20]]);
});

Deno.test("trust b, kernel: a module that is edited while the kernel runs counts as it was loaded; after a restart it is a miss", async () => {
  const project: Project = { declare: 'import { f } from "./lib.ts";', body: "return f(10);", files: { "lib.ts": LIB } };
  const stages = [0, 1, 2].map((index) => ({ ...(index === 0 ? project : {}), expect: "right" as const, result: 0 }));
  await using workshop = await Workshop.open("kernel", [{ row: "b", name: "one", where: ["kernel"], stages }]);
  const running = workshop.cases[0]!;
  {
    await using session = await KernelSession.start(workshop.root);
    await session.runStages(running, 1);
    await Deno.writeTextFile(`${running.dir}/lib.ts`, LIB.replace("2", "3"));
    await session.runStages(running, 1);
  }
  await using session = await KernelSession.start(workshop.root);
  await session.runStages(running, 1);
  assert.deepEqual(running.reports.map(({ hit, value }) => [hit, value]), [[false, 20], [true, 20], [false, 30]]);
});
