/** Examples of comparisons. */
import type { DiffCardView } from "../src/notebook/mod.ts";
import { renderDiffCard } from "../src/notebook/render/mod.ts";
import type { Example } from "./gallery_example.ts";

const DIFF: DiffCardView = {
  title: "simulate 2030",
  left: "baseline",
  right: "high_gas",
  changes: [{ name: "config.fuel_price", before: 1.8, after: 2.4 }, { name: "input network", before: "51e2b07c", after: "0ddba115" }],
};
const VERIFIED: DiffCardView = {
  title: "train_0f0f0f0f0f0f",
  verdict: "not repeatable",
  left: "recorded",
  right: "repeated",
  why: "Two repetitions gave different content for the same code, config and inputs: the step is not deterministic.",
  changes: [{ name: "weights: first difference at byte 128", before: "0x3f800000", after: "0x3f800001" }],
};

/** Examples of comparisons. */
export const COMPARISONS: readonly Example[] = [
  { name: "diff_runs", group: "Comparisons", about: "Two runs.", show: () => renderDiffCard(DIFF) },
  {
    name: "diff_verified",
    group: "Comparisons",
    about: "A recorded step executed again, beside the original.",
    show: () => renderDiffCard(VERIFIED),
  },
];
