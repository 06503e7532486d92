/** Row n: a change of code that was accepted, and one whose acceptance was taken back, in each environment. */
import assert from "node:assert/strict";
import { callIn } from "../cli/call.ts";
import type { Environment, Project, TrustCase } from "./case.ts";
import { inProgram, inWorkers } from "./environments.ts";
import { KernelSession } from "./kernel_session.ts";
import type { Report } from "./perform.ts";
import { Workshop } from "./workshop.ts";

const OLD = "return 2 * step.config.n;";
const NEW = "return step.config.n + step.config.n;";
const OTHER = "return step.config.n ** 2;";
const options = (n: number) => `{ config: { n: ${n} } }`;

/** Each version of the project, and what its step gives. */
const VERSIONS: readonly (readonly [project: Project, value: number])[] = [
  [{ body: OLD, options: options(1) }, 2],
  [{ body: OLD, options: options(3) }, 6],
  [{ body: NEW, options: options(1) }, 2],
  [{ body: NEW, options: options(3) }, 6], // accepted
  [{ body: NEW, options: options(5) }, 10],
  [{ body: OTHER, options: options(3) }, 9],
  [{ body: NEW, options: options(3) }, 6], // taken back
];
const CASE: TrustCase = {
  row: "d",
  name: "accepted",
  where: ["deno run", "kernel", "worker process"],
  stages: VERSIONS.map(([project, result]) => ({ ...project, expect: "right", result })),
};

async function next(workshop: Workshop, environment: Environment): Promise<Report> {
  const [running] = workshop.cases;
  if (environment === "kernel") {
    await using session = await KernelSession.start(workshop.root);
    await session.runStages(running!, 1);
  } else {
    assert.ok(await running!.prepare());
    const reports = environment === "deno run" ? await inProgram(workshop, [running!], {}) : await inWorkers(workshop, [running!], {}, 1);
    running!.reports.push(reports.get(running!.name)!);
  }
  return running!.reports.at(-1)!;
}

for (const environment of CASE.where) {
  Deno.test(`trust n, ${environment}: accepted code hits and says so, other config and other code miss, and so does what was taken back`, async () => {
    await using workshop = await Workshop.open(environment, [CASE]);
    const call = async (hit: boolean): Promise<Report> => {
      const report = await next(workshop, environment);
      assert.deepEqual([report.value, report.hit], [CASE.stages[workshop.cases[0]!.reports.length - 1]!.result, hit], report.words);
      return report;
    };
    for (let stage = 0; stage < 3; stage++) await call(false);
    const accepted = await callIn(workshop.root, "accept", workshop.cases[0]!.name, "--because", "a sum is a product", "--json");
    assert.equal(accepted.code, 0, accepted.err);
    assert.match((await call(true)).words, /The code differs .*: a sum is a product/);
    await call(false);
    await call(false);
    assert.equal((await callIn(workshop.root, "accept", "--revoke", JSON.parse(accepted.out).id)).code, 0);
    assert.doesNotMatch((await call(false)).words, /a sum is a product/);
  });
}
