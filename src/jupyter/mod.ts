/** Notebooks outside Jupyter: notebook files, a runner, a page to read, and the kernelspec of our kernel. */
export {
  type InstalledKernel,
  installedKernel,
  installKernel,
  type KernelPlace,
  type Kernelspec,
  kernelspecFolder,
  uninstallKernel,
} from "./kernelspec.ts";
export { type KernelChoice } from "./kernel_choice.ts";
export { type ChangedCells, changedCells, changeText } from "./changed_cells.ts";
export { Saves } from "./saves.ts";
export { type Target, targetOf, type Written } from "./target.ts";
export { type Kept, notWritten } from "./notebook_keeper.ts";
export { checkParameters } from "./parameters.ts";
export { parameterValue } from "./parameter_value.ts";
export { type HtmlPageOptions, renderHtmlPage } from "./html_page.ts";
export {
  type Cell,
  type CodeCell,
  formatNotebook,
  type Notebook,
  parseNotebook,
  readNotebook,
  readNotebookText,
  type TextCell,
  writeNotebook,
  writeWhole,
} from "./notebook_file.ts";
export { withoutColours } from "../kernels/mod.ts";
export type { DisplayOutput, ErrorOutput, Metadata, MimeData, Output, ResultOutput, StepNotes, StreamOutput } from "../kernels/mod.ts";
export { type CellOutcome, type CellStart, type NotebookRun, runNotebook, type RunNotebookOptions } from "./runner.ts";
export { type CellReport, type NotebookOptions, type NotebookReport, testNotebook } from "./testing.ts";
