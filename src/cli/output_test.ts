import assert from "node:assert/strict";
import { coloured } from "./colour.ts";
import { csvText } from "./csv.ts";
import { jsonText, Output } from "./output.ts";

// deno-lint-ignore no-control-regex
const COLOURS = /\x1b\[\d+m/g;

Deno.test("coloured() colours what has a meaning, and changes nothing else", () => {
  const text = "● executed  clean\n  warning: x\nhit       a\nfailed    b\n    - old\n    + new\nhitherto executed";
  const shown = coloured(text);
  assert.equal(shown.replaceAll(COLOURS, ""), text);
  assert.ok(shown.startsWith("\x1b[34m● executed\x1b[0m  clean"));
  assert.ok(shown.endsWith("\x1b[31m- old\x1b[0m\n    \x1b[32m+ new\x1b[0m\nhitherto executed"));
});

Deno.test("csvText() quotes what has to be quoted, and leaves nothing empty but null", () => {
  const rows = [[1, 'a "b", c', null], [2n, "two\nlines", new Date(0)], [{ x: 1n }, [1, 2], true]];
  assert.equal(
    csvText(["n", "t,x", "d"], rows),
    'n,"t,x",d\r\n1,"a ""b"", c",\r\n2,"two\nlines",1970-01-01T00:00:00.000Z\r\n"{""x"":""1""}","[1,2]",true\r\n',
  );
});

Deno.test("jsonText() escapes what acts on a terminal, and reads back as it was", () => {
  const value = { "\u202ekey": "\x1b[2J\x9b\u2028", big: 9007199254740993n };
  const text = jsonText(value);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text, /[\x1b\x7f-\x9f\u2028-\u202e]/);
  assert.deepEqual(JSON.parse(text), { "\u202ekey": "\x1b[2J\x9b\u2028", big: "9007199254740993" });
});

Deno.test("Output: a raw answer is as it is in a pipe, and harmless on a terminal", () => {
  for (const outIsTerminal of [false, true]) {
    let out = "";
    const parts = {
      out: (text: string) => void (out += text),
      err: () => {},
      colourOut: false,
      colourErr: false,
      errIsTerminal: false,
      asks: false,
    };
    new Output({ ...parts, outIsTerminal }, false).raw("\x1b[2J\n");
    assert.equal(out, outIsTerminal ? "␛[2J\n" : "\x1b[2J\n");
  }
});
