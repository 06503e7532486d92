import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { consoleText, plainConsole } from "./console_text.ts";
import { DISPLAYS_LIMIT, Recording, type Shown, shownFrom, TEXT_LIMIT } from "./recording.ts";

const kept = (recording: Recording) => shownFrom(recording.text!)!;
const show = (data: unknown, id?: string) => ({ data, metadata: {}, transient: id === undefined ? {} : { display_id: id } });
const brief = (shown: readonly Shown[]) =>
  shown.map((each) => each.kind === "text" ? `${each.stream} ${each.text}` : `${each.kind} ${each.id ?? ""} ${JSON.stringify(each.data)}`);

Deno.test("Recording.text is nothing where nothing was shown", () => {
  const recording = new Recording();
  recording.broadcast("comm_msg", { data: {} });
  recording.write("stdout", new Uint8Array());
  assert.equal(recording.text, undefined);
});

Deno.test("Recording keeps displays in their last state, and updates of others as updates", () => {
  const recording = new Recording();
  recording.broadcast("display_data", show({ "text/plain": "0 %" }, "bar"));
  recording.console("log", ["a"]);
  for (const share of ["50 %", "100 %"]) recording.broadcast("update_display_data", show({ "text/plain": share }, "bar"));
  for (const text of ["x", "y"]) recording.broadcast("update_display_data", show({ "text/plain": text }, "elsewhere"));
  assert.deepEqual(brief(kept(recording).shown), [
    'display bar {"text/plain":"100 %"}',
    "stdout a\n",
    'update elsewhere {"text/plain":"y"}',
  ]);
});

Deno.test("Recording forgets what the step cleared: at once, or when the next thing comes", () => {
  const recording = new Recording();
  recording.console("log", ["a"]);
  recording.broadcast("clear_output", { wait: true });
  assert.deepEqual(brief(kept(recording).shown), ["stdout a\n"]);
  recording.console("error", ["b"]);
  assert.deepEqual(brief(kept(recording).shown), ["stderr b\n"]);
  recording.broadcast("clear_output", { wait: false });
  assert.equal(recording.text, undefined);
});

Deno.test("Recording keeps a display as it was shown, though its data change afterwards, and none that is no plain data", () => {
  const recording = new Recording();
  const data = { "application/json": { n: 1 } };
  recording.broadcast("display_data", show(data));
  data["application/json"].n = 2;
  const ring: Record<string, unknown> = {};
  ring.self = ring;
  for (const bad of [ring, { "application/json": 1n }, undefined]) recording.broadcast("display_data", show(bad));
  const { shown, displaysLeftOut } = kept(recording);
  assert.deepEqual(brief(shown), ['display  {"application/json":{"n":1}}']);
  assert.equal(displaysLeftOut, 3);
});

Deno.test("Recording does not keep what we show of our own", () => {
  const recording = new Recording();
  recording.broadcast("display_data", { ...show({ "text/plain": "running" }), metadata: { consist: true } });
  assert.equal(recording.text, undefined);
});

Deno.test("Recording cuts a display that is too large with a notice, and leaves out what is too much", () => {
  const recording = new Recording();
  recording.broadcast("display_data", show({ "text/html": "x".repeat(1_200_000), "text/plain": "table" }));
  assert.match(JSON.stringify(kept(recording).shown[0]), /This display takes 1\.2 MB, more than the 1 MB/);
  for (let i = 0; i < 6; i++) recording.broadcast("display_data", show({ "image/png": "x".repeat(800_000) }));
  assert.equal(kept(recording).displaysLeftOut, 2);
  assert.ok(recording.text!.length < DISPLAYS_LIMIT + 1000);
  recording.broadcast("display_data", show({ "text/plain": "small" }));
  assert.equal(kept(recording).shown.length, 6);
});

Deno.test("Recording reads bytes of a stream that stop in the middle of a letter", () => {
  const recording = new Recording();
  const bytes = new TextEncoder().encode("größer");
  for (const byte of bytes) recording.write("stdout", Uint8Array.of(byte));
  assert.deepEqual(brief(kept(recording).shown), ["stdout größer"]);
});

Deno.test("Recording keeps any texts in their order, up to its limit, and counts the rest", () => {
  const stream = fc.constantFrom("stdout" as const, "stderr" as const);
  const line = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("x".repeat(100_000), "<b>", "\u001b[31m", "</script>"));
  fc.assert(
    fc.property(fc.array(fc.tuple(stream, line)), (lines) => {
      const recording = new Recording();
      for (const [where, text] of lines) recording.line(where, text);
      const all = lines.map(([, text]) => `${text}\n`).join("");
      if (all === "") return assert.equal(recording.text, undefined);
      const { shown, textLeftOut = 0 } = kept(recording);
      const texts = shown.map((each) => each.kind === "text" ? each.text : "").join("");
      assert.equal(textLeftOut, Math.max(0, all.length - TEXT_LIMIT));
      assert.equal(texts, textLeftOut === 0 ? all : `${all.slice(0, TEXT_LIMIT)}…\n`.toWellFormed());
      assert.ok(shown.every((each, i) => each.kind === "text" && (i === 0 || each.stream !== (shown[i - 1] as typeof each).stream)));
    }),
    { numRuns: 20 },
  );
});

Deno.test("shownFrom() gives nothing of a text that is damaged", () => {
  for (
    const text of [
      "",
      "null",
      "[]",
      '{"shown":1}',
      '{"shown":[null]}',
      '{"shown":[{"kind":"display"}]}',
      '{"shown":[{"kind":"display","data":[],"metadata":{}}]}',
      '{"shown":[{"kind":"display","data":{},"metadata":{},"id":1}]}',
      '{"shown":[{"kind":"text"',
    ]
  ) {
    assert.equal(shownFrom(text), undefined, text);
  }
  assert.deepEqual(shownFrom('{"shown":[]}'), { shown: [] });
});

Deno.test("consoleText() gives what the console prints, with groups of its own, and survives values that cannot be shown", () => {
  const texts: string[] = [];
  const print = consoleText((stream, text) => texts.push(`${stream} ${text}`));
  print("group", ["g"]);
  print("warn", ["%s", 1, { a: 1 }]);
  print("groupEnd", []);
  print("assert", [true, "fine"]);
  print("log", [{
    [Symbol.for("Deno.customInspect")]: () => {
      throw new Error("no");
    },
  }]);
  print("no such method", []);
  assert.deepEqual(texts.map(stripVTControlCharacters), ["stdout g\n", "stderr   1 { a: 1 }\n"]);
});

Deno.test("plainConsole() prints values one after the other", () => {
  const texts: string[] = [];
  const { log, error } = plainConsole((text, level) => texts.push(`${level} ${text}`));
  log!("a", { b: 1 });
  error!("c");
  assert.deepEqual(texts, ["1 a { b: 1 }\n", "3 c\n"]);
});
