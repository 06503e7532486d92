/** A folder in which the cases of one environment live, each with its project; and their stages, round after round. */
import { dirname, fromFileUrl, toFileUrl } from "@std/path";
import { type Environment, moduleOf, type Place, projectAt, type Stage, type TrustCase } from "./case.ts";
import { refusal, type Report } from "./perform.ts";

/** A case with its place and what came of it so far. */
export class Running implements Place {
  /** What came of each stage. */
  readonly reports: Report[] = [];
  /** How often its folder was moved. */
  #moves = 0;

  constructor(readonly workshop: Workshop, readonly trust: TrustCase, readonly name: string) {}

  get dir(): string {
    return `${this.workshop.root}/${this.name}${"_moved".repeat(this.#moves)}`;
  }

  get outputs(): Readonly<Record<string, string>> {
    return this.reports.findLast(({ refused }) => refused === undefined)?.outputs ?? {};
  }

  /** The stage that comes next. */
  get next(): Stage | undefined {
    return this.trust.stages[this.reports.length];
  }

  async move(): Promise<void> {
    const from = this.dir;
    this.#moves++;
    await Deno.rename(from, this.dir);
  }

  /** Writes what the next stage edits, and does what it does; where that fails, the stage is over. */
  async prepare(): Promise<boolean> {
    try {
      await this.#edit(this.next!);
      return true;
    } catch (error) {
      this.reports.push(refusal(error));
      return false;
    }
  }

  async #edit(stage: Stage): Promise<void> {
    for (const [file, text] of Object.entries(stage.files ?? {})) await this.#write(file, text);
    await this.#write("main.ts", moduleOf(projectAt(this.trust, this.reports.length)));
    await stage.act?.(this);
  }

  async #write(file: string, text: string | null): Promise<void> {
    const path = `${this.dir}/${file}`;
    await Deno.mkdir(dirname(path), { recursive: true });
    if (text === null) await Deno.remove(path).catch(() => {}); // a case may never have had it
    else if (await Deno.readTextFile(path).catch(() => null) !== text) await Deno.writeTextFile(path, text);
  }
}

/** One environment's folder, with the repository's import map and no lock file. */
export class Workshop implements AsyncDisposable {
  readonly cases: readonly Running[];
  #root: string;

  private constructor(root: string, cases: readonly TrustCase[]) {
    this.#root = root;
    this.cases = cases.map((trust, index) => new Running(this, trust, `${trust.row}_${index}`));
  }

  static async open(environment: Environment, cases: readonly TrustCase[]): Promise<Workshop> {
    const base = await Deno.realPath(await Deno.makeTempDir({ prefix: "consist-trust-" }));
    const workshop = new Workshop(`${base}/work`, cases.filter(({ where }) => where.includes(environment)));
    await Deno.mkdir(workshop.root);
    await Deno.writeTextFile(`${workshop.root}/deno.json`, await configForElsewhere());
    return workshop;
  }

  get root(): string {
    return this.#root;
  }

  /** Moves everything: projects, ledger, runs. */
  async move(): Promise<void> {
    const to = `${dirname(this.#root)}/other place`;
    await Deno.rename(this.#root, to);
    this.#root = to;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(dirname(this.#root), { recursive: true });
  }
}

/** The repository's deno.json for a folder elsewhere. */
export async function configForElsewhere(): Promise<string> {
  const home = new URL("../../", import.meta.url);
  const { imports, links, nodeModulesDir } = JSON.parse(await Deno.readTextFile(new URL("deno.json", home)));
  const absolute = Object.entries(imports as Record<string, string>).map(([name, to]) => [
    name,
    to.startsWith("./") ? new URL(to, home).href : to,
  ]);
  return JSON.stringify({
    imports: { ...Object.fromEntries(absolute), "trust/": new URL("./", import.meta.url).href },
    links: (links as string[]).map((link) => fromFileUrl(new URL(link, home))),
    nodeModulesDir,
    lock: false,
  });
}

/** Runs a program of a workshop and takes the reports that it prints. */
export async function reportsOf(
  workshop: Workshop,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Map<string, Report>> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: [...args], cwd: workshop.root, env, stdin: "null" })
    .output();
  const [printed, complaints] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
  if (code !== 0) throw new Error(`A program of the trust matrix failed with ${code}:\n${complaints}\n${printed.slice(-2000)}`);
  return new Map(printed.split("\n").filter((line) => line.startsWith("[")).map((line) => JSON.parse(line) as [string, Report]));
}

/** The address of a file of a project. */
export const addressOf = (dir: string, file: string): string => toFileUrl(`${dir}/${file}`).href;
