/** A chart ⇄ a Vega-Lite specification with its data. Beside the file stand pictures of it, each marked with the run that made it. */
import { JSON, TextDecoder } from "../../intrinsics.ts";
import { chart as draw, chartFormat, completeChart } from "../../relations/mod.ts";
import type { DriverSpec } from "../driver.ts";
import { publish } from "../publish.ts";
import { readText } from "./text.ts";

/** What draws charts, and marks what was drawn. */
const drawing = (): Promise<typeof import("../../notebook/render/mod.ts")> => import("../../notebook/render/mod.ts");

type Spec = { readonly [key: string]: unknown };

/** The pictures beside a chart's file: what its name ends in, and how each is drawn. */
const BESIDE = { ".svg": "svg", ".png": "png", ".vl.json": "json" } as const;

/**
 * Reads and writes charts. The content is the specification with its data and nothing of the run, so that the same chart is the same content
 * whoever made it.
 */
export const chart: DriverSpec = {
  name: "chart",
  extensions: ["vl"],
  formatVersion: 1,
  libraryVersion: async () => (await drawing()).DRAWN_BY,
  accepts: (value) => completeChart(value) !== undefined || specWithData(value) !== undefined,
  async write(value, path) {
    const complete = (await completeChart(value)?.())?.spec ?? await checked(specWithData(value));
    if (complete === undefined) throw new TypeError("it is neither a chart nor a Vega-Lite specification with data");
    const { addressesOf, specText } = await drawing();
    const [address] = addressesOf(complete);
    if (address !== undefined) {
      throw new TypeError(
        `the chart loads ${JSON.stringify(address)} when it is shown, so that its content is not known: put the values into it`,
      );
    }
    await Deno.writeTextFile(path, specText(complete));
  },
  async read(path, madeBy) {
    const spec = specWithData(JSON.parse((await readText(path)).replace(/^\ufeff/, "")));
    if (spec === undefined) throw new TypeError("the file is no Vega-Lite specification");
    const { contentHash, specText, unmarkedSpec } = await drawing();
    const { KeptChart } = await import("../../relations/charts/mod.ts");
    const content = contentHash(specText(spec));
    const mark = madeBy === undefined ? undefined : { ...madeBy, content };
    return new KeptChart(unmarkedSpec(spec), mark, () => keptPicture(path, content));
  },
  beside: {
    endings: Object.keys(BESIDE),
    async write(path, madeBy) {
      const { ChartFiles } = await import("../../relations/charts/mod.ts");
      const files = new ChartFiles(JSON.parse(await Deno.readTextFile(path)), madeBy);
      const stem = path.replace(/\.vl$/, "");
      for (const [ending, format] of Object.entries(BESIDE)) {
        const bytes = await files.bytes(format);
        await publish(`${stem}${ending}`, (aside) => Deno.writeFile(aside, bytes));
      }
    },
    forName(path, name) {
      const format = /\.vl$/i.test(name) ? undefined : chartFormat(name);
      const ending = Object.entries(BESIDE).find((beside) => beside[1] === format)?.[0];
      return ending === undefined ? undefined : path.replace(/\.vl$/, ending);
    },
    picture: keptPicture,
    isWhole: async (path, content) => await unharmed(path, content) !== undefined,
  },
};

/** The picture that was drawn when the chart was kept, if it is as it was drawn and shows this content. */
async function keptPicture(path: string, content: string): Promise<string | undefined> {
  const bytes = await unharmed(path.replace(/\.vl$/, ".svg"), content);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

async function unharmed(path: string, content: string): Promise<Uint8Array | undefined> {
  const bytes = await Deno.readFile(path).catch(() => undefined); // a card shows none then, and a chart is drawn again
  return bytes !== undefined && await isOf(bytes, content) ? bytes : undefined;
}

async function isOf(bytes: Uint8Array<ArrayBuffer>, content: string): Promise<boolean> {
  const { readMark } = await drawing();
  const mark = readMark(bytes);
  return mark !== undefined && mark.isUnchanged && mark.content === content;
}

/** A specification with rows of its own is checked, and its rows made safe, as `chart(rows, spec)` does. */
async function checked(spec: Spec | undefined): Promise<Spec | undefined> {
  const { data, ...rest } = spec ?? {};
  const { values } = (data ?? {}) as { values?: unknown };
  return Array.isArray(values) ? (await completeChart(draw(values, rest))!()).spec : spec;
}

const DRAWS = ["mark", "layer", "concat", "hconcat", "vconcat", "spec"];

/** A plain Vega-Lite specification that has its data. */
function specWithData(value: unknown): Spec | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const spec = value as Spec;
  const language = typeof spec.$schema === "string" ? /vega-lite/i.test(spec.$schema) : true;
  return language && DRAWS.some((key) => key in spec) && "data" in spec ? spec : undefined;
}
