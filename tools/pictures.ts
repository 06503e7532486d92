/**
 * The pictures of the documents: parts of notebooks as they stand in JupyterLab. A picture is taken anew only where it shows something else than
 * before: what differs between any two runs, such as ids and durations, is no reason.
 */
import { join } from "@std/path";
import type { Page } from "playwright-core";
import { type Output, writeWhole } from "../src/jupyter/mod.ts";
import { settlePage } from "./in_page.js";
import type { LabPage, Theme } from "./lab_page.ts";

const IMAGES = join(import.meta.dirname!, "..", "docs", "images");
/** What each picture shows: its file's name → a digest. */
const SHOWN = join(IMAGES, "shown.json");
/** The highest window; Chromium paints no higher one. */
const HIGHEST = 16_000;

/** A part of the page, in CSS pixels. */
export interface Part {
  /** From the left of the page. */
  readonly x: number;
  /** From its top. */
  readonly y: number;
  /** To the right. */
  readonly width: number;
  /** To the bottom. */
  readonly height: number;
}

/** Makes the window as high as the notebook, so that a picture can show any part of it. */
export async function showAll({ page }: LabPage): Promise<void> {
  const { width } = page.viewportSize()!;
  const height = await page.evaluate("[...document.querySelectorAll('.jp-Cell')].reduce((sum, cell) => sum + cell.offsetHeight + 10, 300)");
  await page.setViewportSize({ width, height: Math.min(HIGHEST, Number(height)) });
  await page.evaluate(`(${settlePage})()`);
  await painted(page);
}

/** Waits until what changed is on the screen; charts are drawn anew where their place has another width. */
export async function painted(page: Page): Promise<void> {
  await page.evaluate(
    "document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true)))))",
  );
}

/** The part that some elements take, with a margin. */
export async function partOf({ page }: LabPage, selectors: readonly string[], margin = 5): Promise<Part> {
  const boxes = await Promise.all(selectors.map(async (selector) => {
    const box = await page.locator(selector).first().boundingBox();
    if (box === null) throw new Error(`${selector} is not on the page.`);
    return box;
  }));
  const [left, top] = [Math.min(...boxes.map(({ x }) => x)) - margin, Math.min(...boxes.map(({ y }) => y)) - margin];
  const right = Math.max(...boxes.map(({ x, width }) => x + width)) + margin;
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height)) + margin;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Takes a picture of a part, where what it shows is not what it showed the last time. */
export async function takePicture(lab: LabPage, name: string, part: Part, shows: unknown): Promise<void> {
  const path = join(IMAGES, name);
  const digest = await digestOf(JSON.stringify([part.width, shows]));
  const known = JSON.parse(await Deno.readTextFile(SHOWN).catch(() => "{}")) as Record<string, string>; // the first picture of all
  if (known[name] === digest && await exists(path)) return console.log(`docs/images/${name}: as before`);
  await lab.page.screenshot({ path, clip: part });
  const entries = Object.entries({ ...known, [name]: digest }).sort(([a], [b]) => a < b ? -1 : 1);
  await writeWhole(SHOWN, `${JSON.stringify(Object.fromEntries(entries), null, 1)}\n`);
  console.log(`docs/images/${name}: ${Math.round(part.width)} x ${Math.round(part.height)}`);
}

/** What pictures in both themes are to show. */
export interface Motif {
  /** Pictures are named after it: `name_light.png` and `name_dark.png`. */
  readonly name: string;
  /** The elements that are in it. */
  readonly selectors: readonly string[];
  /** What it shows, as far as that lasts. */
  readonly shows: unknown;
}

/** Takes pictures in both themes. */
export async function takeBoth(lab: LabPage, motifs: readonly Motif[]): Promise<void> {
  for (const theme of ["light", "dark"] satisfies Theme[]) {
    await lab.show(theme);
    await painted(lab.page);
    for (const { name, selectors, shows } of motifs) await takePicture(lab, `${name}_${theme}.png`, await partOf(lab, selectors), shows);
  }
}

/** Outputs without what differs from run to run, and without the pictures that JupyterLab adds to charts. */
export function lastingOf(outputs: readonly Output[]): unknown {
  const text = JSON.stringify(outputs, (key, value) => key === "image/png" || key === "execution_count" ? undefined : value);
  return text
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?/g, "<date>")
    .replaceAll(/_[0-9a-f]{12}\b/g, "_<id>")
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "<id>")
    .replaceAll(/\b\d+(\.\d+)? (µs|ms|s|min|h)\b( \d+ (s|min)\b)?/g, "<time>");
}

async function digestOf(text: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toHex().slice(0, 16);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
