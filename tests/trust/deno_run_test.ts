import assert from "node:assert/strict";
import { CASES } from "./cases/mod.ts";
import { testMatrix } from "./check.ts";
import { inProgram } from "./environments.ts";
import type { Workshop } from "./workshop.ts";

testMatrix("deno run", CASES, { after: moved });

/** The whole project with its ledger and its artifacts is moved: whatever has an identity hits, and gives what it gave last. */
async function moved(workshop: Workshop): Promise<void> {
  await workshop.move();
  const due = workshop.cases.filter(({ trust }) =>
    trust.stages.every(({ expect }) => expect === "hit" || expect === "miss" || expect === "right")
  );
  const reports = await inProgram(workshop, due, { TZ: "UTC" });
  for (const { trust, name } of due) {
    const report = reports.get(name)!;
    if (trust.row === "m") continue; // another round, another time zone
    assert.ok(report.hit, `${trust.row}, ${trust.name}, moved: ${report.words}`);
    assert.deepEqual(report.value, trust.stages.at(-1)!.result, trust.name);
  }
}
