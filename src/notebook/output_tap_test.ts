import assert from "node:assert/strict";
import { listenToOutput, type OutputListener, unheard, unwrapped } from "./output_tap.ts";

/** A listener that notes what it hears. */
function noting(): OutputListener & { readonly heard: string[] } {
  const heard: string[] = [];
  return {
    heard,
    onConsole: (method, args) => void heard.push(`${method} ${args.join(" ")}`),
    onWrite: (stream, bytes) => void heard.push(`${stream} ${new TextDecoder().decode(bytes)}`),
    onBroadcast: (type) => void heard.push(type),
  };
}
/** With a console that prints nowhere. */
function silently(body: () => void): void {
  const own = { log: console.log, error: console.error };
  Object.assign(console, { log: () => "given", error: () => {} });
  try {
    body();
  } finally {
    Object.assign(console, own);
  }
}
const all = () => Object.getOwnPropertyDescriptors(console);

Deno.test("listenToOutput() hears the console, gives what the original gives, and leaves it as it was", () =>
  silently(() => {
    const before = all();
    const listener = noting();
    const stop = listenToOutput(listener);
    assert.notEqual(console.log, before.log!.value);
    assert.equal((console.log as (...args: unknown[]) => unknown)("a", 1), "given");
    assert.equal(console.log.name, "log");
    assert.equal(unwrapped(console.log), before.log!.value);
    console.error("b");
    unheard(() => console.log("of our own"));
    stop();
    console.log("afterwards");
    assert.deepEqual(listener.heard, ["log a 1", "error b"]);
    assert.deepEqual(all(), before);
  }));

Deno.test("listenToOutput() hears each call once, however often a listener was given, until it was taken back as often", () =>
  silently(() => {
    const [one, two] = [noting(), noting()];
    const stops = [listenToOutput(one), listenToOutput(one), listenToOutput(two)];
    console.log("a");
    stops[0]!();
    stops[2]!();
    console.log("b");
    stops[1]!();
    assert.deepEqual([one.heard, two.heard], [["log a", "log b"], ["log a"]]);
  }));

Deno.test("listenToOutput() does not hear what one method does by another, and leaves alone what somebody else put there", () =>
  silently(() => {
    console.log = (...args: unknown[]) => console.error(...args);
    const listener = noting();
    const stop = listenToOutput(listener);
    console.log("a");
    assert.deepEqual(listener.heard, ["log a"]);
    const theirs = () => {};
    console.log = theirs;
    stop();
    assert.equal(console.log, theirs);
  }));

Deno.test("listenToOutput() hears what is written to the standard streams", () => {
  const listener = noting();
  const prototypes = () => [Deno.stdout, Deno.stderr].map((stream) => Object.getOwnPropertyDescriptors(Object.getPrototypeOf(stream)));
  const before = prototypes();
  const stop = listenToOutput(listener);
  try {
    assert.equal(Deno.stdout.writeSync(new Uint8Array()), 0);
    assert.deepEqual(listener.heard, ["stdout "]);
  } finally {
    stop();
  }
  assert.deepEqual(prototypes(), before);
});
