/** Everything that a notebook cell shows: plain views in, MIME bundles out, with no look at files, the ledger or the clock. And where it is shown. */
export { currentKernel, DISPLAY, inKernel, INSPECT, interruptSignal, type Kernel, openedLog, OWN_OUTPUT } from "./kernel.ts";
export { listenToOutput, type OutputListener, type PrintStream, unheard, unwrapped } from "./output_tap.ts";
export { hereAndNow, LiveDisplay, type LivePicture, type LivePlace } from "./live_display.ts";
export { TerminalLine } from "./terminal_line.ts";
export { BUNDLE_LIMIT, capBundle } from "./render/bundle.ts";
export { renderArtifactCard } from "./render/artifact_card.ts";
export { chartSvg, chartText, completeSpec, pictureOf, renderChart, renderCompleteChart } from "./render/chart.ts";
export { DRAWN_BY, drawPng } from "./render/draw_chart.ts";
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
} from "./render/made_by.ts";
export { addressesOf } from "./render/spec_parts.ts";
export { beforeAfterChart } from "./render/before_after_chart.ts";
export { savingsChart } from "./render/savings_chart.ts";
export { timelineChart } from "./render/timeline_chart.ts";
export { renderDiffCard } from "./render/diff_card.ts";
export { renderLineage } from "./render/lineage.ts";
export { renderNote } from "./render/note.ts";
export { ownSpec } from "./render/own_spec.ts";
export { plotSpec } from "./render/plot_spec.ts";
export { renderReplayMark, replayMarkText } from "./render/replay_mark.ts";
export { renderRunCard } from "./render/run_card.ts";
export { renderRunTable } from "./render/run_table.ts";
export { renderScenarioCard } from "./render/scenario_card.ts";
export { renderSweepProgress, sweepLine } from "./render/sweep_progress.ts";
export { renderTable } from "./render/table.ts";
export { byteSize, count, countOf, duration, isoTime, localTime, preciseTime, rateText, shortHash } from "./render/units.ts";
export { oneLine, printable } from "./render/printable.ts";
export { valueText } from "./render/values.ts";
export type {
  BeforeAfterView,
  QuantityView,
  SavingsPeriod,
  SavingsRowView,
  SavingsView,
  TimelineRunView,
  TimelineView,
} from "./chart_views.ts";
export type {
  ArtifactCardView,
  ChangeView,
  ChartView,
  ColumnView,
  DiffCardView,
  FailureView,
  FileView,
  LineageEdge,
  LineageNode,
  LineageView,
  PictureView,
  ProgressView,
  ReplayView,
  RunCardView,
  RunRowView,
  RunState,
  RunTableView,
  ScenarioCardView,
  SweepProgressView,
  TableView,
} from "./views.ts";
