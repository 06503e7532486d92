/** The matrix in step cells: every case whose step is nothing but code, as a cell of our kernel. */
import assert from "node:assert/strict";
import { Client } from "../../src/kernels/kernel_client_test.ts";
import { mainOf, type Project, projectAt, type Stage, type TrustCase } from "./case.ts";
import { CASES } from "./cases/mod.ts";
import { addressOf, type Running, Workshop } from "./workshop.ts";

/**
 * Cases that are something else in a cell: what it writes to makes it plain, a Proxy that it makes itself is its own, and a module that it
 * loads while it runs is a file that it opens, which counts by all of its content.
 */
const OTHERWISE = [
  "a name that is only written to",
  "a Proxy as the step",
  "comments and types of a module behind import()",
];

/** What options, inputs and programs are has no words in a cell. */
const isOnlyCode = ({ name, where, stages }: TrustCase): boolean => {
  const text = stages.map(({ declare = "", body = "", main = "" }) => [declare, body, main].join("\n")).join("\n");
  return where.includes("kernel") && !OTHERWISE.includes(name) && !/\b(?:defineStep|command|container|step|inputs)\b/.test(text) &&
    stages.every(({ options, upstream, expect }) => options === undefined && upstream === undefined && expect !== "refused");
};

/** What came of a stage. */
interface Outcome {
  readonly became: "hit" | "executed" | "plain";
  readonly isSigned: boolean;
  readonly value: unknown;
  readonly words: string;
  readonly outputs: { readonly [key: string]: string };
}

/** A module that was imported stays as it was until the kernel is restarted. */
const changesModules = ({ files }: Stage): boolean => Object.keys(files ?? {}).some((file) => /\.(?:[cm]?[jt]s|json)$/.test(file));

const cases = CASES.filter(isOnlyCode);
let work: Promise<Map<TrustCase, Outcome[]>> | undefined;

for (const trust of cases) {
  Deno.test(`trust ${trust.row}, step cells: ${trust.name}`, async () => {
    const outcomes = (await (work ??= runAll())).get(trust)!;
    for (const [index, { expect, result }] of trust.stages.entries()) {
      const { became, isSigned, value, words } = outcomes[index]!;
      const about = `stage ${index}: ${words}`;
      assert.deepEqual(value, result, about);
      if (expect === "hit") assert.equal(became, "hit", about);
      else if (expect !== "right") assert.notEqual(became, "hit", about);
      if (expect === "executes") assert.ok(!isSigned, about);
    }
  });
}

async function runAll(): Promise<Map<TrustCase, Outcome[]>> {
  await using workshop = await Workshop.open("kernel", cases);
  const outcomes = new Map<TrustCase, Outcome[]>(cases.map((trust) => [trust, []]));
  const done = (running: Running): number => outcomes.get(running.trust)!.length;
  while (workshop.cases.some((running) => done(running) < running.trust.stages.length)) {
    await using client = await Client.start({ cwd: workshop.root });
    await cell(client, `const { begin, end, plain } = await import("trust/perform.ts");\nawait begin(${JSON.stringify(workshop.root)});`);
    for (const running of workshop.cases) {
      const shown = new Map<string, string>();
      for (let first = true; done(running) < running.trust.stages.length; first = false) {
        if (!first && changesModules(running.trust.stages[done(running)]!)) break;
        await running.prepare();
        const outcome = await runStage(client, running, shown).catch(failure);
        outcomes.get(running.trust)!.push(outcome);
        running.reports.push({ hit: outcome.became === "hit", signed: outcome.isSigned, value: null, words: "", outputs: outcome.outputs });
      }
    }
    await cell(client, "await end();");
  }
  return outcomes;
}

async function runStage(client: Client, running: Running, shown: Map<string, string>): Promise<Outcome> {
  const project = projectAt(running.trust, running.reports.length);
  for (const [part, text] of Object.entries(cellsOf(project, running.dir))) {
    if (shown.get(part) !== text) await cell(client, text);
    shown.set(part, text);
  }
  const code = placed(
    `//| step: ${running.name}\n//| outputs: n\nconst main: any = ${mainOf(project)};\nconst n = await main({}, {});`,
    running.dir,
  );
  const { texts } = await cell(client, code);
  const words = texts.join("\n");
  const path = /^ +outputs +n +\.\/(\S+)/m.exec(words)?.[1];
  const { texts: [json] } = await cell(client, "console.log(JSON.stringify(plain(n)) ?? 'null')");
  return {
    became: /^✓ hit /m.test(words) ? "hit" : /^● executed /m.test(words) ? "executed" : "plain",
    isSigned: !/cannot be followed|not be served|plain cell/.test(words),
    value: JSON.parse(json!),
    words,
    outputs: path === undefined ? {} : { n: `${running.workshop.root}/runs/${path}` },
  };
}

const failure = (error: unknown): Outcome => ({ became: "plain", isSigned: false, value: "failed", words: String(error), outputs: {} });

async function cell(client: Client, code: string): Promise<{ texts: string[] }> {
  const executed = await client.execute(code);
  assert.equal(executed.error, undefined, `${code}\n${executed.stack}`);
  return executed;
}

const cellsOf = ({ declare = "", also = "" }: Project, dir: string): { [part: string]: string } => ({
  declare: placed(declare, dir),
  also,
});

const placed = (text: string, dir: string): string =>
  text.replaceAll(/(from |import |import\()"\.\/([^"]+)"/g, (_, word, file) => `${word}"${addressOf(dir, file)}"`);
