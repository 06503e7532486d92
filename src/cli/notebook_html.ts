/** `consist notebook html`: notebooks as pages that need nothing else. */
import { readNotebook, renderHtmlPage, runNotebook, writeWhole } from "../jupyter/mod.ts";
import { badCall, type NotebookArguments, notebookArguments, type NotebookFlags, type NotebookJob, pageOf } from "./notebook_arguments.ts";
import { NotebookProgress } from "./notebook_progress.ts";
import { checkNotebook, failureText, optionsOf, shown } from "./notebook_run.ts";
import type { Output } from "./output.ts";
import { type StopSignal, stopSignal } from "./stop_signal.ts";

/** What it takes. */
export interface NotebookHtmlFlags extends Pick<NotebookFlags, "set" | "timeout" | "kernel" | "output" | "json"> {
  /** Is the notebook run first? */
  readonly run?: boolean;
}

const COMMAND = "notebook html";

/** Does it; `false` where a notebook that is run fails: its page shows the failure. */
export async function notebookHtml(say: Output, { run = false, ...flags }: NotebookHtmlFlags, ...paths: string[]): Promise<boolean> {
  const needless = (["set", "timeout", "kernel"] as const).find((name) => flags[name] !== undefined);
  if (!run && needless !== undefined) throw badCall(COMMAND, `--${needless} says how a notebook is run, and --run is not given.`);
  const given = await notebookArguments(COMMAND, paths, flags, ".html");
  for (const { path } of given.jobs) await checkNotebook(path, given);
  const stop = stopSignal();
  const pages: Page[] = [];
  for (const job of given.jobs) {
    if (!stop.signal.aborted) pages.push(await makePage(say, job, run ? given : undefined, stop));
  }
  stop.dispose();
  say.answer({ json: () => pages, text: () => pages.map(({ page }) => shown(page)).join("\n") });
  if (stop.signal.aborted) Deno.exit(130);
  return pages.every(({ ok }) => ok);
}

/** A page that was made. */
interface Page {
  readonly notebook: string;
  readonly page: string;
  readonly ok: boolean;
}

async function makePage(say: Output, job: NotebookJob, run: NotebookArguments | undefined, { signal }: StopSignal): Promise<Page> {
  const page = pageOf(job.output ?? job.path);
  if (run === undefined) {
    await writeWhole(page, await renderHtmlPage(await readNotebook(job.path)));
    return { notebook: job.path, page, ok: true };
  }
  using progress = new NotebookProgress({ withNames: false });
  const report = await runNotebook(job.path, { ...optionsOf(job, run, progress, signal), output: undefined });
  await writeWhole(page, await renderHtmlPage(report.notebook));
  if (report.failure !== undefined) say.note(failureText(report));
  return { notebook: job.path, page, ok: report.ok };
}
