/** `consist notebook run`: a notebook through a Deno kernel, without Python. */
import { parseArgs } from "node:util";
import { resolve } from "@std/path";
import { type CellOutcome, runNotebook } from "../jupyter/mod.ts";
import { badArguments } from "./main.ts";

/** Does it; `false` where something is not as it should be. */
export async function notebookRun(args: readonly string[]): Promise<boolean> {
  const { path, output, timeout } = parsed(args);
  const report = await runNotebook(path, {
    onCell: show,
    ...(output === undefined ? {} : { output }),
    ...(timeout === undefined ? {} : { timeout }),
  });
  return report.ok;
}

function show({ number, of, source, status, seconds, error }: CellOutcome): void {
  console.log(
    `${`${number}/${of}`.padStart(7)}   ${source.trim().split("\n")[0]!.slice(0, 50).padEnd(52)}${status.padEnd(9)}${
      seconds.toFixed(2).padStart(7)
    } s`,
  );
  if (error !== undefined) console.error(`${error.ename}: ${error.evalue}`);
}

function parsed(args: readonly string[]): { path: string; output: string | undefined; timeout: number | undefined } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { output: { type: "string" }, timeout: { type: "string" } },
      allowPositionals: true,
    });
    const [path, ...rest] = positionals;
    if (path === undefined || rest.length > 0) {
      throw new Error(path === undefined ? "No notebook was given." : `One notebook was wanted, and ${positionals.length} were given.`);
    }
    const seconds = values.timeout === undefined ? undefined : Number(values.timeout);
    if (seconds !== undefined && !(seconds > 0)) {
      throw new Error(`The time-out is "${values.timeout}", and a number of seconds was wanted.`);
    }
    return {
      path: resolve(path),
      output: values.output === undefined ? undefined : resolve(values.output),
      timeout: seconds === undefined ? undefined : seconds * 1000,
    };
  } catch (error) {
    throw badArguments("notebook run", error);
  }
}
