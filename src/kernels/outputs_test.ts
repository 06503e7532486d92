import assert from "node:assert/strict";
import { OutputCollector, withoutColours } from "./outputs.ts";

/** A collector that has taken these messages. */
function collected(...messages: readonly (readonly [type: string, content: Record<string, unknown>])[]): OutputCollector {
  const collector = new OutputCollector();
  for (const [type, content] of messages) take(collector, type, content);
  return collector;
}
function take(collector: OutputCollector, msg_type: string, content: Record<string, unknown>) {
  collector.take({ header: { msg_id: "1", msg_type, session: "s" }, parent: {}, content });
}
const shown = (text: string, id?: string) => ({ data: { "text/plain": text }, metadata: {}, transient: id ? { display_id: id } : {} });

Deno.test("OutputCollector joins what is printed to one stream, and only while nothing stands between", () => {
  const { outputs } = collected(
    ["stream", { name: "stdout", text: "a\n" }],
    ["stream", { name: "stdout", text: "b\n" }],
    ["stream", { name: "stderr", text: "c\n" }],
    ["display_data", shown("d")],
    ["stream", { name: "stdout", text: "e\n" }],
  );
  assert.deepEqual(outputs, [
    { output_type: "stream", name: "stdout", text: "a\nb\n" },
    { output_type: "stream", name: "stderr", text: "c\n" },
    { output_type: "display_data", data: { "text/plain": "d" }, metadata: {} },
    { output_type: "stream", name: "stdout", text: "e\n" },
  ]);
});

Deno.test("OutputCollector applies an update to every display of that id, also in an earlier cell", () => {
  const collector = collected(["display_data", shown("old", "x")], ["display_data", shown("other", "y")]);
  const earlier = collector.outputs;
  collector.begin();
  take(collector, "display_data", shown("old", "x"));
  take(collector, "update_display_data", shown("new", "x"));
  take(collector, "update_display_data", shown("nobody", "z"));
  const texts = [...earlier, ...collector.outputs].map((output) => "data" in output && output.data["text/plain"]);
  assert.deepEqual(texts, ["new", "other", "new"]);
});

Deno.test("OutputCollector clears at once, or when the next output comes", () => {
  assert.deepEqual(collected(["stream", { name: "stdout", text: "a" }], ["clear_output", { wait: false }]).outputs, []);
  const waiting = collected(["stream", { name: "stdout", text: "a" }], ["clear_output", { wait: true }]);
  assert.equal(waiting.outputs.length, 1);
  take(waiting, "stream", { name: "stdout", text: "b" });
  assert.deepEqual(waiting.outputs, [{ output_type: "stream", name: "stdout", text: "b" }]);
});

Deno.test("OutputCollector puts the error last, though the kernel sends it before what was printed", () => {
  const error = { ename: "Error", evalue: "boom", traceback: ["Error: boom"] };
  const { outputs } = collected(["error", error], ["stream", { name: "stderr", text: "late\n" }]);
  assert.deepEqual(outputs, [{ output_type: "stream", name: "stderr", text: "late\n" }, { output_type: "error", ...error }]);
});

Deno.test("OutputCollector leaves messages alone that are no output, and bears contents of the wrong shape", () => {
  const { outputs } = collected(["status", { execution_state: "idle" }], ["execute_result", {}], ["error", { traceback: "text" }]);
  assert.deepEqual(outputs, [
    { output_type: "execute_result", execution_count: null, data: {}, metadata: {} },
    { output_type: "error", ename: "", evalue: "", traceback: [] },
  ]);
});

Deno.test("withoutColours() removes escape sequences and nothing else", () => {
  assert.equal(withoutColours("\x1b[1m\x1b[38;5;245m[a] b\x1b[0m\x1b[2K"), "[a] b");
});

Deno.test("OutputCollector leaves out what a cell shows beyond its limit, says so once, and begins anew with the next cell", () => {
  const collector = new OutputCollector(10);
  collector.begin();
  take(collector, "stream", { name: "stdout", text: "12345" });
  take(collector, "display_data", shown("123456"));
  take(collector, "stream", { name: "stdout", text: "more" });
  take(collector, "error", { ename: "E", evalue: "long enough", traceback: [] });
  assert.deepEqual(collector.outputs.map((output) => output.output_type), ["stream", "stream", "error"]);
  assert.match(JSON.stringify(collector.outputs[1]), /"stderr".*the rest is left out/);
  collector.begin();
  take(collector, "stream", { name: "stdout", text: "again" });
  assert.equal(collector.outputs.length, 1);
});
