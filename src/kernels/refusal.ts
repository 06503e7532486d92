/** What is behind the bare "Execution failed" with which Deno's kernel answers where it could not evaluate a cell. */
import { listNames } from "../errors.ts";
import { errorOf, type ErrorOutput, withoutColours } from "./outputs.ts";

/** An error's class and message. */
export interface Refusal {
  /** The error's class. */
  readonly ename: string;
  /** The error's message. */
  readonly evalue: string;
}

/**
 * The error to show for a cell that ended with one that nobody was shown: Deno's kernel says "Execution failed" where it could not evaluate a
 * cell, and publishes nothing.
 *
 * @param code the cell
 * @param content what the kernel replied
 * @param printed gives what the kernel's process printed meanwhile
 * @returns nothing where the cell was executed all the same
 */
export async function reasonOfFailure(
  code: string,
  content: Parameters<typeof errorOf>[0],
  printed: () => string,
): Promise<ErrorOutput | undefined> {
  const given = errorOf(content);
  if (given.traceback.length > 0) return given;
  await new Promise((resolve) => setTimeout(resolve, 50)); // what the process printed comes another way
  const reason = await explainRefusal(code, printed());
  return reason && { output_type: "error", ...reason, traceback: [`${reason.ename}: ${reason.evalue}`] };
}

/**
 * Why the kernel refused a cell.
 *
 * @param code the cell
 * @param printed what the kernel's process printed meanwhile
 * @returns nothing where the cell was executed all the same
 */
export async function explainRefusal(code: string, printed: string): Promise<Refusal | undefined> {
  if (printed.includes("Promise was collected")) {
    // The garbage collector took the promise of the evaluation. Without `await`, everything was done by then and only the value is lost.
    if (!/\bawait\b/.test(code)) return undefined;
    return { ename: "Error", evalue: "The cell awaits something that can never come: nothing is left that could settle it." };
  }
  const syntaxError = await syntaxErrorIn(code);
  if (syntaxError !== undefined) return { ename: "SyntaxError", evalue: syntaxError };
  const imports = [...code.matchAll(/(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g)].map((match) => match[1]!);
  const guess = imports.length > 0 ? `most likely an import cannot be resolved: ${listNames(imports)}` : "its process may have printed one";
  return { ename: "Error", evalue: `Execution failed. The kernel gives no reason, and the code is well-formed; ${guess}.` };
}

/** The first syntax error of some TypeScript, with its place; none where it is well-formed. Asks the formatter of this Deno, which parses without executing. */
async function syntaxErrorIn(code: string): Promise<string | undefined> {
  const args = ["fmt", "--no-config", "--ext", "ts", "-"];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "null", stderr: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(code));
    await writer.close();
  } catch {
    // It has found the error before it read everything.
  }
  const { success, stderr } = await child.output();
  return success ? undefined : firstError(withoutColours(new TextDecoder().decode(stderr)));
}

/** From the formatter's report: the sentence, the line and column, and the line itself. */
function firstError(report: string): string {
  const sentence = /SyntaxError: (.*)/.exec(report)?.[1] ?? report.trim().split("\n")[0]!;
  const place = /:(\d+):(\d+)\s*$/m.exec(report);
  const line = /^\d+ \| (.*)$/m.exec(report)?.[1]?.trim();
  return [sentence, place ? ` (line ${place[1]}, column ${place[2]})` : "", line ? `: ${line}` : ""].join("");
}
