/** From reports to tests: one for each case, and a table of the rows. */
import assert from "node:assert/strict";
import type { Environment, Stage, TrustCase } from "./case.ts";
import { type Disturbance, runAll } from "./environments.ts";
import type { Report } from "./perform.ts";
import type { Running, Workshop } from "./workshop.ts";

/** What a test of a case is called. */
export const testName = (environment: string, { row, name }: TrustCase): string => `trust ${row}, ${environment}: ${name}`;

/** Tests of all cases of an environment; the first one runs them all, `after` sees the workshop at the end. */
export function testMatrix(
  environment: Environment,
  cases: readonly TrustCase[],
  { title = environment, disturbance, after }: {
    title?: string;
    disturbance?: Disturbance;
    after?: (workshop: Workshop) => Promise<void>;
  } = {},
): void {
  let work: Promise<Workshop> | undefined;
  const workshop = () => work ??= runAll(environment, cases, disturbance);
  const passed = new Map<string, number>();
  const there = cases.filter(({ where }) => where.includes(environment));
  for (const trust of there) {
    Deno.test(testName(title, trust), async () => {
      checkCase((await workshop()).cases.find((running) => running.trust === trust)!);
      passed.set(trust.row, (passed.get(trust.row) ?? 0) + 1);
    });
  }
  Deno.test(`trust matrix, ${title}: all of it, and what is left behind`, async () => {
    await using shop = await workshop();
    await after?.(shop);
    console.log(tableOf(title, there, passed));
  });
}

/** Does each stage of a case say and give what it has to? */
function checkCase({ trust, reports }: Running): void {
  for (const [index, stage] of trust.stages.entries()) checkStage(stage, reports[index]!, `stage ${index} of "${trust.name}"`);
}

function checkStage({ expect, result, says, upstreamHit }: Stage, report: Report, place: string): void {
  const about = `${place}: ${report.words}`;
  assert.deepEqual(report.value, result, about);
  assert.equal(report.refused ?? false, expect === "refused", about);
  if (expect === "hit" || expect === "miss" || expect === "executes") assert.equal(report.hit, expect === "hit", about);
  if (expect === "hit" || expect === "miss") assert.ok(report.signed, about);
  if (expect === "executes") assert.ok(!report.signed, about);
  if (says !== undefined) assert.match(report.words, says, about);
  if (upstreamHit !== undefined) assert.equal(report.upstreamHit, upstreamHit, about);
}

/** Row → cases → passed. */
function tableOf(title: string, cases: readonly TrustCase[], passed: ReadonlyMap<string, number>): string {
  const rows = [...new Set(cases.map(({ row }) => row))];
  const lines = rows.map((row) => {
    const all = cases.filter((trust) => trust.row === row).length;
    return `  ${row.padEnd(3)} ${String(all).padStart(4)} cases ${String(passed.get(row) ?? 0).padStart(4)} passed`;
  });
  return [`trust matrix, ${title}`, ...lines].join("\n");
}
