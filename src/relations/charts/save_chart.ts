/** Charts as files of the user's: pictures and specifications, marked with the run that made them. */
import { basename, dirname, fromFileUrl, join, resolve } from "@std/path";
import { ensureDir } from "@std/fs";
import { LedgerError, OptionError } from "../../errors.ts";
import { crypto, JSON, TextEncoder } from "../../intrinsics.ts";
import { drawPng, type MadeBy, markedPng, markedSpec, markedSvg, pictureOf } from "../../notebook/render/mod.ts";
import { type ChartFormat, chartFormat } from "../chart_format.ts";

type Spec = { readonly [key: string]: unknown };

/** The files of a chart, each drawn once. */
export class ChartFiles {
  readonly #spec: Spec;
  readonly #madeBy: MadeBy | undefined;
  #svg: Promise<string> | undefined;

  /** `spec` has its data; with `madeBy` the files say who made them. */
  constructor(spec: Spec, madeBy: MadeBy | undefined) {
    this.#spec = spec;
    this.#madeBy = madeBy;
  }

  /** The bytes of the file. */
  async bytes(format: ChartFormat): Promise<Uint8Array<ArrayBuffer>> {
    const madeBy = this.#madeBy;
    if (format === "json") {
      return new TextEncoder().encode(`${JSON.stringify(madeBy === undefined ? this.#spec : markedSpec(this.#spec, madeBy), null, 1)}\n`);
    }
    const svg = await (this.#svg ??= pictureOf(this.#spec));
    if (format === "svg") return new TextEncoder().encode(madeBy === undefined ? svg : markedSvg(svg, madeBy));
    const png = await drawPng(svg);
    return madeBy === undefined ? png : markedPng(png, madeBy);
  }
}

/** Writes a chart's file whole or not at all. */
export async function saveChart(path: string | URL, spec: () => Promise<Spec>, madeBy: MadeBy | undefined): Promise<void> {
  const target = resolve(path instanceof URL ? fromFileUrl(path) : path);
  const format = chartFormat(target);
  if (format === undefined) throw unknownEnding(target);
  const bytes = await new ChartFiles(await spec(), madeBy).bytes(format);
  try {
    await writeWhole(target, bytes);
  } catch (cause) {
    throw new LedgerError("storage_failed", {
      problem: `Cannot save the chart at ${JSON.stringify(target)}.`,
      why: cause instanceof Error ? cause.message : String(cause),
      fix: "Choose another place, make the folder writable, or free space on its disk.",
      path: target,
      cause,
    });
  }
}

async function writeWhole(target: string, bytes: Uint8Array): Promise<void> {
  await ensureDir(dirname(target));
  const aside = join(dirname(target), `${basename(target).slice(0, 40)}.${crypto.randomUUID().slice(0, 8)}.tmp`);
  try {
    using file = await Deno.open(aside, { write: true, createNew: true });
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    await file.sync();
  } catch (error) {
    await Deno.remove(aside).catch(() => {}); // it was never made: the first error says why
    throw error;
  }
  await Deno.rename(aside, target).catch(async (error) => {
    await Deno.remove(aside);
    throw error;
  });
}

function unknownEnding(target: string): OptionError {
  return new OptionError("option_invalid", {
    problem: `Cannot save the chart at ${JSON.stringify(target)}.`,
    why: "The ending of a file's name says what to write, and it is none of .svg, .png, .json, .vl.",
    fix: 'Name it so, as in "figure3.svg".',
    path: target,
  });
}
