/** A child process that ends with its parent, where the system can see to that. */

let found: Promise<readonly string[]> | undefined;

/** On Linux, where util-linux is installed: the words that make a program end together with the process that started it. */
export function childGuard(): Promise<readonly string[]> {
  return found ??= find();
}

async function find(): Promise<readonly string[]> {
  if (Deno.build.os !== "linux") return [];
  const words = ["setpriv", "--pdeathsig", "KILL"];
  try {
    const { success } = await new Deno.Command("setpriv", {
      args: [...words.slice(1), "true"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return success ? words : [];
  } catch {
    return []; // not installed, or not allowed: a child then ends when it sees that its input was closed
  }
}
