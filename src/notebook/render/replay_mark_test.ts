import assert from "node:assert/strict";
import { HOSTILE } from "../../../tools/gallery_hostile.ts";
import type { ReplayView } from "../views.ts";
import { renderReplayMark } from "./replay_mark.ts";

const VIEW: ReplayView = { step: "clean", runId: "clean_3f2a91c4d0e8", at: new Date("2026-11-20T14:03:11"), lines: 12, displays: 1 };
const VIEWS: { readonly [name: string]: ReplayView } = {
  "text and a display": VIEW,
  "one line": { ...VIEW, lines: 1, displays: 0 },
  "only displays": { ...VIEW, lines: 0, displays: 2 },
  "cut": { ...VIEW, textLeftOut: 1_337_856, displaysLeftOut: 3 },
  "all left out": { ...VIEW, lines: 0, displays: 0, displaysLeftOut: 1 },
  "hostile names": { ...VIEW, step: HOSTILE, runId: HOSTILE },
};

for (const [name, view] of Object.entries(VIEWS)) {
  Deno.test(`renderReplayMark() golden: ${name}`, async (t) => {
    const bundle = renderReplayMark(view);
    for (const mime of ["text/html", "text/plain"] as const) {
      await t.assertSnapshot(bundle[mime], { name: `${name} ${mime}`, dir: "__snapshots__" });
    }
    assert.doesNotMatch(String(bundle["text/html"]).replace(/<\/?(?:div|span|bdi)(?: style="[^"<>]*")?>/g, ""), /[<>]/);
    assert.doesNotMatch(String(bundle["text/plain"]), /\n/);
  });
}
