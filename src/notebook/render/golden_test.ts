/** Golden files of everything that a notebook shows, and what must hold for all of it. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { EXAMPLES } from "../../../tools/gallery_examples.ts";
import { HOSTILE, runOf } from "../../../tools/gallery_hostile.ts";
import { renderRunCard } from "./run_card.ts";
import { ACCENT, STYLE } from "./style.ts";

const TAGS = "div|span|b|br|bdi|table|thead|tbody|tr|th|td|details|summary|pre|img";
const ATTRIBUTES = "style|title|class|colspan|src|alt|width";
const ELEMENT = new RegExp(`</?(?:${TAGS})(?: (?:${ATTRIBUTES})="[^"<>]*")*>`, "g");

const STYLE_NAMES = new Map<string, string>(Object.entries(STYLE).map(([name, style]) => [style, name]));

/** A tag on each line and shared styles by their names, so that a changed golden file reads well. */
function readable(html: string): string {
  return html.replace(/style="([^"]*)"/g, (_, style: string) => `style="${STYLE_NAMES.get(style) ?? style}"`).replaceAll("><", ">\n<");
}

for (const { name, show } of EXAMPLES) {
  Deno.test(`golden: ${name}`, async (t) => {
    const bundle = await show();
    for (const [mime, content] of Object.entries(bundle)) {
      if (mime === "image/svg+xml") continue; // drawn by Vega, whose versions differ in the last digit
      const text = typeof content === "string" ? readable(content) : JSON.stringify(content, null, 1).slice(0, 3000);
      await t.assertSnapshot(text, { name: `${name} ${mime}`, dir: "__snapshots__", serializer: (value) => value });
    }
  });

  Deno.test(`every bundle: ${name} holds known tags and attributes, and no more than it may`, async () => {
    const bundle = await show();
    const html = bundle["text/html"];
    if (typeof html === "string") assert.doesNotMatch(html.replace(ELEMENT, ""), /[<>]/);
    assert.equal(typeof bundle["text/plain"], "string");
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(String(bundle["text/plain"]), /[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    assert.ok(JSON.stringify(bundle).length < 500_000, "a single display is far below the cap");
  });

  Deno.test(`every style: ${name} keeps to what an untrusted notebook keeps`, async () => {
    for (const [, style] of String((await show())["text/html"] ?? "").matchAll(/style="([^"]*)"/g)) {
      for (const declaration of style!.split(";")) assert.match(declaration, KEPT, declaration);
    }
  });
}

/** JupyterLab drops other properties and values, such as `overflow-wrap: anywhere` and `word-break: break-word`. */
const KEPT = new RegExp(
  `^(?:(?:padding|padding-left|margin|margin-left|margin-right|width|height|min-width|max-width|max-height|border-radius|font-size|line-height|opacity|font-weight):[\\d. a-z%-]+` +
    `|(?:background|border|border-left|border-bottom|color):[\\w\\d#(),. -]+|font-family:[a-zA-Z, -]+|float:right|cursor:pointer|border-collapse:collapse` +
    `|white-space:(?:nowrap|pre-wrap)|word-break:break-all|overflow-wrap:break-word|overflow(?:-x)?:auto|table-layout:auto|display:(?:inline-)?block` +
    `|text-align:(?:left|right)|direction:rtl|vertical-align:(?:top|bottom|middle))$`,
);

Deno.test("renderRunCard() shows any text as text", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(HOSTILE, "<", '"', "&lt;", "\ud800", "${x}")), (text) => {
      const bundle = renderRunCard(runOf(text));
      assert.doesNotMatch(String(bundle["text/html"]).replace(ELEMENT, ""), /[<>]/);
      assert.ok(JSON.stringify(bundle).isWellFormed());
    }),
    { numRuns: 60 },
  );
});

/** Contrast of two colours after WCAG 2. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string) => {
    const [r, g, blue] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255).map((c) =>
      c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
    );
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * blue!;
  };
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

Deno.test("accent colours carry white text and stand out on light and dark pages", () => {
  for (const [name, colour] of Object.entries(ACCENT)) {
    assert.ok(contrast(colour, "#ffffff") >= 4.5, `white on ${name}`);
    assert.ok(contrast(colour, "#111111") >= 3, `${name} on a dark page`);
  }
});
