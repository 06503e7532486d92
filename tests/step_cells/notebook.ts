/** A notebook in a folder of its own, whose cells are executed by our kernel or by Deno's. */
import assert from "node:assert/strict";
import { KernelProcess } from "../../src/kernels/mod.ts";
import { Client, type Executed } from "../../src/kernels/kernel_client_test.ts";
import { configForElsewhere } from "../trust/workshop.ts";

/** What came of a cell. */
export interface CellResult extends Executed {
  /** What its card says; `plain` where it has none. */
  readonly became: "hit" | "executed" | "failed" | "plain";
}

/** A folder with the notebook's files, and a kernel at a time. */
export class Notebook implements AsyncDisposable {
  #client: Client | undefined;

  private constructor(public dir: string) {}

  static async in(files: { readonly [name: string]: string } = {}): Promise<Notebook> {
    const notebook = new Notebook(await Deno.makeTempDir({ prefix: "consist-cells-" }));
    await notebook.write("deno.json", await configForElsewhere());
    for (const [name, text] of Object.entries(files)) await notebook.write(name, text);
    return notebook;
  }

  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(`${this.dir}/${name}`, text);
  }

  /** Executes a cell; its id is what a frontend would send. */
  async cell(code: string, id?: string): Promise<CellResult> {
    const executed = await (await this.client()).execute(code, {}, id);
    const card = executed.texts.map((text) => /^(✓ hit|● executed|✗ failed) /.exec(text)?.[1]?.slice(2)).find((word) => word !== undefined);
    return { ...executed, became: (card ?? "plain") as CellResult["became"] };
  }

  /** Executes cells that have to succeed, by their ids; what became of each. */
  async run(cells: { readonly [id: string]: string }): Promise<{ [id: string]: CellResult }> {
    const results: [string, CellResult][] = [];
    for (const [id, code] of Object.entries(cells)) {
      const result = await this.cell(code, id);
      assert.equal(result.error, undefined, `${code}\n${result.stack}`);
      results.push([id, result]);
    }
    return Object.fromEntries(results);
  }

  async client(): Promise<Client> {
    return this.#client ??= await Client.start({ cwd: this.dir });
  }

  /** Ends the kernel; the next cell starts another one. */
  async restart(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.[Symbol.asyncDispose]();
  }

  /** Ends the kernel and moves the folder elsewhere. */
  async move(): Promise<void> {
    await this.restart();
    const elsewhere = await Deno.makeTempDir({ prefix: "consist-cells-moved-" });
    await Deno.rename(this.dir, elsewhere);
    this.dir = elsewhere;
  }

  /** The values of names after all cells, in Deno's own kernel. */
  async plainValues(cells: { readonly [id: string]: string }, names: readonly string[]): Promise<unknown[]> {
    await using kernel = await KernelProcess.start({ cwd: this.dir });
    for (const code of Object.values(cells)) {
      const { error } = await kernel.execute(code, { timeout: 60_000 });
      assert.equal(error, undefined, `${code}\n${error?.evalue}`);
    }
    return await kernel.ask(`[${names.join()}]`) as unknown[];
  }

  /** The same in ours, as JSON. */
  async values(names: readonly string[]): Promise<unknown[]> {
    const { texts, error } = await this.cell(`console.log(JSON.stringify([${names.join()}]))`);
    assert.equal(error, undefined);
    return JSON.parse(texts[0]!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.restart();
    await Deno.remove(this.dir, { recursive: true });
  }
}

/** What became of each cell, in one line. */
export const became = (results: { readonly [id: string]: CellResult }): string =>
  Object.entries(results).map(([id, { became }]) => `${id} ${became}`).join(", ");
