/** Walking a Vega-Lite specification: its parts, what it reads by itself, and names that Vega-Lite does not know. */
import { listNames, nearestName, OptionError } from "../../errors.ts";

type Spec = { readonly [key: string]: unknown };

const MARKS = [
  ...["arc", "area", "bar", "boxplot", "circle", "errorband", "errorbar", "geoshape", "image", "line", "point", "rect", "rule"],
  ...["square", "text", "tick", "trail"],
];
const CHANNELS = [
  ...["x", "y", "x2", "y2", "xOffset", "yOffset", "xError", "xError2", "yError", "yError2", "longitude", "latitude", "longitude2"],
  ...["latitude2", "theta", "theta2", "radius", "radius2", "color", "fill", "stroke", "opacity", "fillOpacity", "strokeOpacity"],
  ...["strokeWidth", "strokeDash", "size", "angle", "shape", "detail", "key", "text", "tooltip", "href", "url", "description", "order"],
  ...["facet", "row", "column", "time"],
];
const TYPES = ["quantitative", "temporal", "ordinal", "nominal", "geojson"];
const SEVERAL = ["layer", "concat", "hconcat", "vconcat"];

/** Parts that may be at fault, smallest first, each with the specification without it. */
export function* partsOf(spec: Spec, path = ""): Generator<{ readonly path: string; readonly rest: Spec }> {
  for (const list of [...SEVERAL, "transform", "params"]) {
    const members: unknown = spec[list];
    if (!Array.isArray(members)) continue;
    for (const [index, member] of members.entries()) {
      const put = (rest: readonly unknown[]) => ({ ...spec, [list]: members.toSpliced(index, 1, ...rest) });
      const own = `${path}${list}[${index}]`;
      if (SEVERAL.includes(list)) {
        for (const inner of partsOf(recordOf(member), `${own}.`)) yield { path: inner.path, rest: put([inner.rest]) };
      }
      yield { path: own, rest: put([]) };
    }
  }
  const inner = recordOf(spec.spec);
  if ("spec" in spec) { for (const part of partsOf(inner, `${path}spec.`)) yield { path: part.path, rest: { ...spec, spec: part.rest } }; }
  const encoding = recordOf(spec.encoding);
  for (const channel of Object.keys(encoding)) {
    yield { path: `${path}encoding.${channel}`, rest: { ...spec, encoding: without(encoding, channel) } };
  }
  for (const key of Object.keys(spec)) {
    if (key === "mark") yield { path: `${path}mark`, rest: { ...spec, mark: "point" } };
    else if (!["data", "$schema", "layer", "spec"].includes(key)) yield { path: `${path}${key}`, rest: without(spec, key) };
  }
}

/** Addresses of data that the specification would have a frontend load. */
export function addressesOf(value: unknown): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap(addressesOf))];
  const found = Object.entries(recordOf(value)).flatMap(([key, inner]) => {
    const url = key === "data" ? recordOf(inner).url : undefined;
    return key === "values" ? [] : [...typeof url === "string" ? [url] : [], ...addressesOf(inner)];
  });
  return [...new Set(found)];
}

/**
 * Refuses marks, channels and types that Vega-Lite does not know: it would draw something else without a word, or name no place.
 *
 * @throws {OptionError} `unknown_key` or `option_invalid`
 */
export function checkNames(spec: Spec, path = ""): void {
  const { mark, encoding, $schema } = spec;
  if (typeof $schema === "string" && !/vega-lite/i.test($schema)) throw otherLanguage($schema);
  if (mark !== undefined) known("mark", typeof mark === "string" ? mark : recordOf(mark).type, MARKS, `${path}mark`);
  for (const [channel, definition] of Object.entries(recordOf(encoding))) {
    known("encoding channel", channel, CHANNELS, `${path}encoding`);
    const { type } = recordOf(definition);
    if (type !== undefined) known("type", type, TYPES, `${path}encoding.${channel}.type`);
  }
  for (const list of SEVERAL) {
    const members: unknown = spec[list];
    if (Array.isArray(members)) members.forEach((member, index) => checkNames(recordOf(member), `${path}${list}[${index}].`));
  }
  if ("spec" in spec) checkNames(recordOf(spec.spec), `${path}spec.`);
}

function known(what: string, name: unknown, names: readonly string[], path: string): void {
  if (typeof name === "string" && names.includes(name)) return;
  const text = typeof name === "string" ? name : String(JSON.stringify(name));
  const near = typeof name === "string" ? nearestName(name, names) : undefined;
  throw new OptionError("option_invalid", {
    problem: `Cannot draw the chart: ${path} names the ${what} ${JSON.stringify(text)}.`,
    why: `Vega-Lite has no such ${what}. It has ${listNames(names)}.`,
    fix: near === undefined ? "Use one of these." : `Did you mean ${JSON.stringify(near)}?`,
    path,
  });
}

function otherLanguage(schema: string): OptionError {
  return new OptionError("option_invalid", {
    problem: "Cannot draw the chart: its $schema names another language.",
    why: `It is ${JSON.stringify(schema)}, and charts are drawn from Vega-Lite.`,
    fix: "Write the specification in Vega-Lite.",
    path: "$schema",
  });
}

function without(spec: Spec, key: string): Spec {
  return Object.fromEntries(Object.entries(spec).filter(([name]) => name !== key));
}

/** A member of a specification as an object; empty where it is none. */
export function recordOf(value: unknown): Spec {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Spec : {};
}
