import assert from "node:assert/strict";
import { join } from "@std/path";
import fc from "fast-check";
import { quietLeft, type QuietParts } from "./quiet.ts";
import { tempDir } from "./support_test.ts";

const STRETCH = 2_000;
const parts = (now: () => number, seenAt = -Infinity, path = "/nowhere"): QuietParts => ({
  path,
  stretchMs: STRETCH,
  now,
  seenAt: () => seenAt,
});
const moment = fc.integer({ min: 1.7e12, max: 2e12 });

/** When Python's library tries to open a file that it never gets: 20 times; each try takes a while itself on a busy machine. */
function tries(begin: number, jitter: readonly number[], took: number): number[] {
  const times: number[] = [];
  let now = begin;
  for (let attempt = 0; attempt < 20; attempt++) {
    times.push(now);
    now += took + Math.min(100 * 1.5 ** attempt + jitter[attempt]!, 2_000);
  }
  return times;
}

Deno.test("whenever Python's library begins to try, it meets a moment at which all leave the ledger alone", () => {
  const jitter = fc.array(fc.integer({ min: 50, max: 200 }), { minLength: 20, maxLength: 20 });
  fc.assert(fc.property(moment, jitter, fc.integer({ min: 0, max: 300 }), fc.boolean(), (begin, jitter, took, isSeen) => {
    const meets = (time: number) => quietLeft(parts(() => time, isSeen ? time - 1_000 : undefined)) > 0;
    assert.ok(tries(begin, jitter, took).some(meets));
  }));
});

Deno.test("all who look know the same end of such a moment, and it is over when they come back", () => {
  fc.assert(fc.property(moment, fc.boolean(), (time, isSeen) => {
    const at = (now: number) => quietLeft(parts(() => now, isSeen ? time : undefined));
    const left = at(time);
    if (left === 0) return;
    assert.equal(at(time + left / 2), left - left / 2);
    assert.equal(at(time + left), 0);
    assert.ok(left <= STRETCH * 1.8);
  }));
});

Deno.test("it is rare where no other program was seen, more frequent where one was, and leaves most of the time to us", () => {
  const shareOf = (seenAt: (now: number) => number): number => {
    let quiet = 0;
    for (let now = 0; now < 240_000; now += 100) if (quietLeft(parts(() => now, seenAt(now))) > 0) quiet++;
    return quiet / 2_400;
  };
  const [rare, often, forgotten] = [shareOf(() => -Infinity), shareOf((now) => now), shareOf((now) => now - 60_000)];
  assert.ok(rare < 0.15 && rare < often && often < 0.27, `${rare} ${often}`);
  assert.equal(forgotten, rare);
});

Deno.test("while another program writes the moment goes on, not for ever, and ends where it writes no more", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "a.duckdb");
  await Deno.writeTextFile(path, "");
  const window = Math.ceil(Date.now() / 14_000) * 14_000;
  const leftAt = (after: number, wroteAt?: number): number => {
    if (wroteAt !== undefined) Deno.utimeSync(path, (window + wroteAt) / 1_000, (window + wroteAt) / 1_000);
    return quietLeft(parts(() => window + after, window + after, path));
  };
  assert.equal(leftAt(3_600, 1_000), 0, "it wrote, and does so no more");
  assert.equal(leftAt(3_600, 3_300), 1_200);
  assert.equal(leftAt(3_650, 3_300), 1_150, "who wakes later comes to the same");
  assert.equal(leftAt(4_800, 3_300), 0);
  assert.equal(leftAt(4_800, 4_100), 1_200);
  assert.equal(leftAt(4_850, 4_810), 0, "who wrote after the step may be one of us");
  assert.equal(leftAt(6_200, 6_190), 0, "not for ever");
});
