import assert from "node:assert/strict";
import { TerminalLine } from "./terminal_line.ts";

/** A terminal that keeps its lines, and a line on it. */
function terminal(columns = 40) {
  const screen = [""];
  const write = (text: string): void => {
    // deno-lint-ignore no-control-regex -- what erases a line
    for (const part of text.split(/(\n|\r\x1b\[K)/)) {
      if (part === "\n") screen.push("");
      else if (part.startsWith("\r")) screen[screen.length - 1] = "";
      else screen[screen.length - 1] += part;
    }
  };
  return { screen, write, line: new TerminalLine(write, () => columns) };
}
/** With a console and a standard output that print to it. */
function on(write: (text: string) => void, body: () => void): void {
  const { log } = console;
  const own = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Deno.stdout), "writeSync")!;
  const writeSync = (bytes: Uint8Array) => (write(new TextDecoder().decode(bytes)), bytes.length);
  console.log = (text: string) => write(`${text}\n`);
  Object.defineProperty(Object.getPrototypeOf(Deno.stdout), "writeSync", { ...own, value: writeSync });
  try {
    body();
  } finally {
    console.log = log;
    Object.defineProperty(Object.getPrototypeOf(Deno.stdout), "writeSync", own);
  }
}

Deno.test("TerminalLine stands below what is printed, and leaves nothing or its last words", () => {
  const { screen, write, line } = terminal();
  const [one, two] = [{}, {}];
  on(write, () => {
    line.show(one, "one: 1 of 3");
    console.log("printed");
    line.show(one, "one: 2 of 3");
    line.show(two, "two: 5");
    assert.deepEqual(screen, ["printed", "one: 2 of 3  ·  two: 5"]);
    line.end(two, "two: done");
    console.log("more");
    line.end(one);
    console.log("last");
  });
  assert.deepEqual(screen, ["printed", "two: done", "more", "last", ""]);
});

Deno.test("TerminalLine does not touch half a line that somebody else printed", () => {
  const { screen, write, line } = terminal();
  const who = {};
  const print = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text));
  on(write, () => {
    line.show(who, "1 of 3");
    print("half ");
    line.show(who, "2 of 3");
    print("a line\n");
    line.show(who, "3 of 3");
    print("half");
    line.end(who, "done");
  });
  assert.deepEqual(screen, ["half a line", "half", "done", ""]);
});

Deno.test("TerminalLine is never wider than the terminal, and has no line breaks", () => {
  for (const text of ["x".repeat(100), "日本".repeat(40), "a\nb\r\x1b[2Jc".repeat(9), "👩‍👩‍👧".repeat(30)]) {
    const { screen, line } = terminal(20);
    const who = {};
    line.show(who, text);
    assert.equal(screen.length, 1);
    assert.ok(screen[0]!.length <= 20 && screen[0]!.endsWith("…"), screen[0]);
    line.end(who);
    assert.deepEqual(screen, [""]);
  }
  for (const columns of [0, 1, 2]) {
    const { screen, line } = terminal(columns);
    line.show(line, "text");
    assert.equal(screen[0], "…");
    line.end(line);
  }
});
