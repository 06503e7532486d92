/** Pictures of charts, drawn by Vega and, as PNG, by resvg; each is loaded when the first one is drawn. */
import { fromFileUrl } from "@std/path";
import { ConsistError, OptionError } from "../../errors.ts";
import { short } from "../text/printable.ts";
import { partsOf, recordOf } from "./spec_parts.ts";

type Spec = { readonly [key: string]: unknown };

/** The libraries behind the pictures of charts, with their versions. Must be those of the import names. */
export const DRAWN_BY = "vega@6.4.0,vega-lite@6.5.0,resvg@2.6.2";

/**
 * A complete specification as an SVG document. Nothing is read for it: what the specification would load from an address is left out.
 *
 * @throws {OptionError} `option_invalid`, with the part that Vega refuses
 */
export async function drawSvg(spec: Spec): Promise<string> {
  const libraries = await loadVega();
  try {
    return await svgOf(libraries, spec);
  } catch (cause) {
    throw cause instanceof ConsistError ? cause : await refused(libraries, spec, cause);
  }
}

/** The same as PNG, at twice the size: text in the same font wherever it is drawn. */
export async function drawPng(svg: string): Promise<Uint8Array<ArrayBuffer>> {
  const [{ Resvg }, fontFiles] = await Promise.all([import("@resvg/resvg-js"), loadFonts()]);
  const font = { loadSystemFonts: needsOtherFonts(svg), fontFiles, defaultFontFamily: "DejaVu Sans", sansSerifFamily: "DejaVu Sans" };
  return new Uint8Array(new Resvg(svg, { font, fitTo: { mode: "zoom", value: 2 } }).render().asPng());
}

/** Looking at all fonts of a machine takes longer than drawing: only for a font that is asked for, and for letters that ours has not. */
function needsOtherFonts(svg: string): boolean {
  const families = new Set(Array.from(svg.matchAll(/font-family="([^"]*)"/g), ([, family]) => family));
  families.delete("system-ui, sans-serif");
  families.delete("sans-serif");
  return families.size > 0 || /[\u0700-\u109f\u1100-\u1dff\u2e80-\ua63f\ua6a0-\ufaff\u{10000}-\u{10ffff}]/u.test(svg);
}

/** Without a font there is no text, and a machine may have none: the package is asked for first, so that its files are there. */
async function loadFonts(): Promise<string[]> {
  await import("dejavu-fonts-ttf/package.json", { with: { type: "json" } });
  return [
    import.meta.resolve("npm:dejavu-fonts-ttf@2.37.3/ttf/DejaVuSans.ttf"),
    import.meta.resolve("npm:dejavu-fonts-ttf@2.37.3/ttf/DejaVuSans-Bold.ttf"),
  ].map((address) => fromFileUrl(address));
}

type Libraries = readonly [typeof import("vega"), typeof import("vega-lite")];

let loading: Promise<Libraries> | undefined;
/** What Vega-Lite puts on every `Set` of the program while it is loaded. */
let setAsJson: PropertyDescriptor | undefined;

/** Vega takes 0.4 s and 40 MB. */
const loadVega = (): Promise<Libraries> => loading ??= loadBoth();

async function loadBoth(): Promise<Libraries> {
  const vega = await import("vega");
  const before = jsonOfSets();
  const lite = await import("vega-lite");
  setAsJson = jsonOfSets();
  putJsonOfSets(before);
  return [vega, lite];
}

const jsonOfSets = () => Object.getOwnPropertyDescriptor(Set.prototype, "toJSON");

function putJsonOfSets(descriptor: PropertyDescriptor | undefined): void {
  if (descriptor === undefined) Reflect.deleteProperty(Set.prototype, "toJSON");
  else Object.defineProperty(Set.prototype, "toJSON", descriptor);
}

/** The user's sets are as the language has them: other JSON of theirs would be another result, and each step would count it. */
function compiled(lite: Libraries[1], spec: Spec, logger: Silent): ReturnType<Libraries[1]["compile"]> {
  const before = jsonOfSets();
  putJsonOfSets(setAsJson);
  try {
    return lite.compile(
      spec as unknown as Parameters<typeof lite.compile>[0],
      { logger } as unknown as Parameters<typeof lite.compile>[1],
    );
  } finally {
    putJsonOfSets(before);
  }
}

async function svgOf([vega, lite]: Libraries, spec: Spec): Promise<string> {
  const logger = silent();
  const own = withRoom(structuredClone(spec)); // Vega marks the rows that it draws
  const options = { renderer: "none", logger, loader: offline() } as unknown as ConstructorParameters<typeof vega.View>[1];
  const view = new vega.View(vega.parse(compiled(lite, own, logger).spec), options);
  try {
    await view.runAsync();
    return wellFormed(await view.toSVG());
  } finally {
    view.finalize();
  }
}

/** Without a canvas Vega takes each letter for wider than it is, and cuts titles that have room. */
function withRoom(spec: Spec): Spec {
  const config = recordOf(spec.config);
  const wider = (part: string, limit: string) => {
    const given = recordOf(config[part])[limit];
    return typeof given === "number" ? { [part]: { ...recordOf(config[part]), [limit]: given * 1.4 } } : {};
  };
  return { ...spec, config: { ...config, ...wider("title", "limit"), ...wider("axis", "titleLimit") } };
}

/** Characters that no XML document may hold would make the whole picture unreadable. */
function wellFormed(svg: string): string {
  // deno-lint-ignore no-control-regex
  return svg.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd");
}

/** What Vega refused: the first part without which it draws. */
async function refused(libraries: Libraries, spec: Spec, cause: unknown): Promise<OptionError> {
  let part: string | undefined;
  for (const { path, rest } of partsOf(spec)) {
    const draws = await svgOf(libraries, rest).then(() => true, () => false); // the refusal is the answer
    if (draws) part = path;
    if (draws) break;
  }
  return new OptionError("option_invalid", {
    problem: part === undefined ? "Cannot draw the chart." : `Cannot draw the chart: Vega refuses its ${JSON.stringify(part)}.`,
    why: `Vega says: ${short(cause instanceof Error ? cause.message : String(cause), 300)}`,
    fix: "Correct the specification; https://vega.github.io/editor shows what it draws.",
    path: part ?? "spec",
    cause,
  });
}

/** A logger as Vega wants it: each method gives the logger. */
type Silent = { readonly [method in "level" | "error" | "warn" | "info" | "debug"]: () => Silent };

/** Vega's remarks would be printed under the user's cell. */
function silent(): Silent {
  const logger: Silent = { level: () => logger, error: () => logger, warn: () => logger, info: () => logger, debug: () => logger };
  return logger;
}

/** Rendering reads nothing: a specification that names a URL is drawn without it. */
function offline() {
  const refuse = () => Promise.reject(new Error("A chart's picture is drawn from its rows only."));
  return { load: refuse, sanitize: refuse, http: refuse, file: refuse };
}
