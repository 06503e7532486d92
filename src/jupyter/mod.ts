/** Notebooks outside Jupyter: a Deno kernel as a child process, notebook files, a runner and a page to read. */
export { type ExecuteOptions, type Execution, type KernelOptions, KernelProcess } from "./kernel.ts";
export { type HtmlPageOptions, renderHtmlPage } from "./html_page.ts";
export {
  type Cell,
  type CodeCell,
  formatNotebook,
  type Notebook,
  parseNotebook,
  readNotebook,
  type TextCell,
  writeNotebook,
  writeWhole,
} from "./notebook_file.ts";
export type { DisplayOutput, ErrorOutput, Metadata, MimeData, Output, ResultOutput, StreamOutput } from "./outputs.ts";
export { type CellOutcome, type CellStart, type NotebookRun, runNotebook, type RunNotebookOptions } from "./runner.ts";
export { type CellReport, type NotebookOptions, type NotebookReport, testNotebook } from "./testing.ts";
