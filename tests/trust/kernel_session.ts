/** A real kernel in which a case's parts are cells. */
import assert from "node:assert/strict";
import { KernelProcess } from "../../src/kernels/mod.ts";
import { mainOf, type Project, projectAt, type Stage } from "./case.ts";
import { refusal, type Report } from "./perform.ts";
import { addressOf, type Running } from "./workshop.ts";

/** The parts of a project that are cells, in the order of a notebook. */
const CELLS = ["declare", "main", "options", "upstream", "also"] as const;
type CellName = typeof CELLS[number];

/** One kernel. */
export class KernelSession implements AsyncDisposable {
  private constructor(readonly kernel: KernelProcess) {}

  static async start(root: string): Promise<KernelSession> {
    const session = new KernelSession(await KernelProcess.start({ cwd: root }));
    await session.#cell(`import { begin, end, perform } from "trust/perform.ts";\nawait begin(${JSON.stringify(root)});`);
    return session;
  }

  /** Runs a case's stages up to the first one that needs another kernel, and at most so many. */
  async runStages(running: Running, most = Infinity): Promise<void> {
    const shown = new Map<CellName, string>();
    for (let done = 0; done < most && running.next !== undefined; done++) {
      if (done > 0 && changesModules(running.next)) return;
      if (!await running.prepare()) continue;
      running.reports.push(await this.#runStage(running, running.next, shown).catch(refusal));
    }
  }

  async #runStage(running: Running, { main }: Stage, shown: Map<CellName, string>): Promise<Report> {
    const project = projectAt(running.trust, running.reports.length);
    await this.#runChanged(cellsOf(project, running.dir), shown, main !== undefined || project.main !== undefined);
    return await this.#perform(running);
  }

  /** Runs the cells whose text changed; a step that an expression makes is made again when what it is made of changed. */
  async #runChanged(cells: ReadonlyMap<CellName, string>, shown: Map<CellName, string>, isMade: boolean): Promise<void> {
    const changed = CELLS.filter((name) => shown.get(name) !== cells.get(name));
    if (isMade && changed.includes("declare") && !changed.includes("main")) changed.push("main");
    for (const name of changed) {
      const text = cells.get(name)!;
      shown.set(name, text);
      if (text !== "") await this.#cell(text);
    }
  }

  async #perform({ name, dir }: Running): Promise<Report> {
    await this.#cell(`var trustReport = await perform("${name}", ${JSON.stringify(dir)}, main, options, upstream);`);
    return await this.kernel.ask("trustReport") as Report;
  }

  async #cell(code: string): Promise<void> {
    const { error } = await this.kernel.execute(code, { timeout: 30_000 });
    assert.equal(error, undefined, `${code}\n${error?.ename}: ${error?.evalue}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cell("await end();");
    await this.kernel.shutdown();
  }
}

function cellsOf(project: Project, dir: string): ReadonlyMap<CellName, string> {
  const placed = (text: string) =>
    text.replaceAll(/(from |import |import\()"\.\/([^"]+)"/g, (_, word, file) => `${word}"${addressOf(dir, file)}"`);
  return new Map<CellName, string>([
    ["declare", placed(project.declare ?? "")],
    ["main", placed(`const main: any = ${mainOf(project)};`)],
    ["options", `const options: any = () => (${project.options || "{}"});`],
    ["upstream", `const upstream: any = ${project.upstream ? `() => (${project.upstream})` : "undefined"};`],
    ["also", project.also ?? ""],
  ]);
}

/** A module that was imported stays as it was until the kernel is restarted. */
const changesModules = ({ files }: Stage) => Object.keys(files ?? {}).some((file) => /\.(?:[cm]?[jt]s|json)$/.test(file));
