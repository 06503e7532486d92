import assert from "node:assert/strict";
import { crc32, deflateSync } from "node:zlib";
import { contentHash, type MadeBy, markedPng, markedSpec, markedSvg, readMark, specHash, specText, unmarkedSpec } from "./made_by.ts";
import { pngTexts, pngWithout } from "./png_text.ts";
import fc from "fast-check";

const PNG = Uint8Array.fromBase64("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=");
const SVG = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="1"><g><path d="M0,0"/></g></svg>';
const SPEC = { mark: "bar", data: { values: [{ 2030: 1, a: -0.5, b: null }] } };
const madeBy: MadeBy = { run: "draw_1", key: "figure", content: contentHash(specText(SPEC)) };
const bytes = (text: string) => new TextEncoder().encode(text);
const files = (mark: MadeBy) => ({
  svg: bytes(markedSvg(SVG, mark)),
  png: markedPng(PNG, mark),
  json: bytes(JSON.stringify(markedSpec(SPEC, mark), null, 2)),
});

Deno.test("readMark() reads what was written, whatever the run and the key are called", () => {
  fc.assert(fc.property(fc.string({ minLength: 1, unit: "binary" }), fc.string({ unit: "binary" }), (run, key) => {
    for (const file of Object.values(files({ ...madeBy, run, key }))) {
      assert.deepEqual(readMark(file), { ...madeBy, run, key, isUnchanged: true });
    }
  }));
  const hostile = { ...madeBy, run: '</metadata><script>"&\u0000', key: "]]>" };
  assert.doesNotMatch(markedSvg(SVG, hostile), /<script>/);
});

Deno.test("readMark() sees that a file was changed", () => {
  const { svg, png, json } = files(madeBy);
  const text = (file: Uint8Array) => new TextDecoder().decode(file);
  const changed = [
    bytes(text(svg).replace("M0,0", "M1,0")),
    bytes(text(svg).replace('width="1"', 'width="2"')),
    png.map((byte, index) => index === png.length - 20 ? byte ^ 1 : byte),
    bytes(text(json).replace("-0.5", "-0.6")),
  ];
  for (const file of changed) assert.deepEqual(readMark(file), { ...madeBy, isUnchanged: false });
  assert.deepEqual(readMark(bytes(JSON.stringify(JSON.parse(text(json))))), { ...madeBy, isUnchanged: true }); // only the layout changed
});

Deno.test("readMark() finds a mark that another tool has written again", () => {
  const text = pngTexts(markedPng(PNG, madeBy))[0]![1];
  const chunk = (type: string, content: Uint8Array) => {
    const body = new Uint8Array([...bytes(type), ...content]);
    const view = new DataView(new ArrayBuffer(4));
    const number = (n: number) => (view.setUint32(0, n), new Uint8Array(view.buffer.slice(0)));
    return [...number(content.length), ...body, ...number(crc32(body))];
  };
  const stored = {
    zTXt: [...bytes("consist\0\0"), ...deflateSync(bytes(text))],
    iTXt: [...bytes("consist\0\0\0en\0\0"), ...bytes(text)],
    "iTXt ": [...bytes("consist\0\u0001\0\0\0"), ...deflateSync(bytes(text))],
  };
  for (const [type, content] of Object.entries(stored)) {
    const again = new Uint8Array([...PNG.subarray(0, 33), ...chunk(type.trim(), new Uint8Array(content)), ...PNG.subarray(33)]);
    assert.equal(readMark(again)?.run, "draw_1", type);
    assert.deepEqual(pngWithout(again, "consist"), PNG);
  }
  const inkscape = new TextDecoder().decode(files(madeBy).svg)
    .replace("<metadata ", "<svg:metadata\n   ").replace("</metadata>", "</svg:metadata>").replaceAll("&#34;", "&quot;");
  assert.deepEqual(readMark(bytes(inkscape)), { ...madeBy, isUnchanged: true });
});

Deno.test("readMark() says nothing of files without a mark, or with half of one", () => {
  const others = [
    "",
    "{",
    "[]",
    "<svg/>",
    "<html>",
    '{"usermeta":{"consist":{"run":1}}}',
    '<svg><metadata id="consist">{</metadata></svg>',
    "\ufeff{}",
  ];
  for (const text of others) assert.equal(readMark(bytes(text)), undefined, text);
  for (const file of [PNG, markedPng(PNG, madeBy).subarray(0, 60), PNG.subarray(0, 9)]) assert.equal(readMark(file), undefined);
});

Deno.test("a mark is no part of a specification's content", () => {
  const own = { ...SPEC, usermeta: { embedOptions: {} } };
  for (const spec of [SPEC, own]) {
    assert.deepEqual(unmarkedSpec(markedSpec(spec, madeBy)), spec);
    assert.equal(specText(markedSpec(spec, madeBy)), specText(spec));
    assert.equal(specHash(bytes(JSON.stringify(markedSpec(spec, madeBy), null, 4))), contentHash(specText(spec)));
  }
});
