/** What a notebook draws: plain views in, MIME bundles out. Loaded with the first display. */
export { renderArtifactCard } from "./artifact_card.ts";
export { chartSvg, chartText, completeSpec, pictureOf, renderChart, renderCompleteChart } from "./chart.ts";
export { DRAWN_BY, drawPng } from "./draw_chart.ts";
export {
  contentHash,
  type FoundMark,
  type MadeBy,
  markedPng,
  markedSpec,
  markedSvg,
  readMark,
  specHash,
  specText,
  unmarkedSpec,
} from "./made_by.ts";
export { addressesOf } from "./spec_parts.ts";
export { beforeAfterChart } from "./before_after_chart.ts";
export { savingsChart } from "./savings_chart.ts";
export { timelineChart } from "./timeline_chart.ts";
export { renderDiffCard } from "./diff_card.ts";
export { renderLineage } from "./lineage.ts";
export { renderNote } from "./note.ts";
export { ownSpec } from "./own_spec.ts";
export { plotSpec } from "./plot_spec.ts";
export { renderReplayMark } from "./replay_mark.ts";
export { renderRunCard } from "./run_card.ts";
export { renderRunTable } from "./run_table.ts";
export { renderScenarioCard } from "./scenario_card.ts";
export { renderSweepProgress } from "./sweep_progress.ts";
export { renderTable } from "./table.ts";
