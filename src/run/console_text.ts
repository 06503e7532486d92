/** What the console prints, as text: by a console of its own for each step, so that its groups and counters are the step's. */

/** Takes a text and its level; from 2 on it goes to standard error. */
type Printer = (text: string, level: number) => void;
type PrintingConsole = { readonly [method: string]: ((...args: readonly unknown[]) => void) | undefined };
type ConsoleClass = new (print: Printer) => PrintingConsole;

/** Calls methods of a console that gives its text to `print`. */
export function consoleText(
  print: (stream: "stdout" | "stderr", text: string) => void,
): (method: string, args: readonly unknown[]) => void {
  const own = ownConsole((text, level) => print(level > 1 ? "stderr" : "stdout", text));
  return (method, args) => {
    try {
      // A trace would show the stack of this call.
      if (method === "trace") own["error"]?.("Trace:", ...args);
      else own[method]?.(...args);
    } catch {
      // A value whose own method of showing itself throws: the step's own call throws the same.
    }
  };
}

/** Deno's own class, so that the text is the one that was shown; a plain one where a version of Deno has none to give. */
function ownConsole(print: Printer): PrintingConsole {
  const { internal } = Deno as unknown as { readonly internal: PropertyKey };
  const internals = Reflect.get(Deno, internal ?? "") as { readonly Console?: unknown } | undefined;
  return typeof internals?.Console === "function" ? new (internals.Console as ConsoleClass)(print) : plainConsole(print);
}

/** Without its formats and tables. */
export function plainConsole(print: Printer): PrintingConsole {
  const at = (level: number) => (...args: readonly unknown[]) =>
    print(`${args.map((arg) => typeof arg === "string" ? arg : Deno.inspect(arg)).join(" ")}\n`, level);
  return { log: at(1), info: at(1), debug: at(0), dir: at(1), table: at(1), group: at(1), warn: at(2), error: at(3) };
}
