/** What is shown and where: plain views in, text out, with no look at files, the ledger or the clock. What a notebook draws of them is in `render/`. */
export { currentKernel, DISPLAY, inKernel, INSPECT, interruptSignal, type Kernel, openedLog, OWN_OUTPUT } from "./kernel.ts";
export { listenToOutput, type OutputListener, type PrintStream, unheard, unwrapped } from "./output_tap.ts";
export { hereAndNow, LiveDisplay, type LivePicture, type LivePlace } from "./live_display.ts";
export { TerminalLine } from "./terminal_line.ts";
export { replayMarkText } from "./text/replay_text.ts";
export { byteSize, count, countOf, duration, isoTime, localTime, preciseTime, rateText, shortHash } from "./text/units.ts";
export { oneLine, printable } from "./text/printable.ts";
export { valueText } from "./text/values.ts";
export { runText } from "./text/run_text.ts";
export { BUNDLE_LIMIT, capBundle } from "./text/bundle.ts";
export { artifactText } from "./text/artifact_text.ts";
export { scenarioText } from "./text/scenario_text.ts";
export { runTableText } from "./text/run_table_text.ts";
export { sweepLine } from "./text/sweep_text.ts";
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
