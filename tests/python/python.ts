/** The real Python library in processes of its own. It has no tests of its own. */
import assert from "node:assert/strict";
import { fromFileUrl, join } from "@std/path";
import { PYTHON_CONSIST, pythonPackages, pythonVenv } from "../../tools/python_venv.ts";

let ready: Promise<string> | undefined;
/** The interpreter; installed at the first call. */
export const interpreter = (): Promise<string> => ready ??= pythonVenv("python-venv", PYTHON_CONSIST);

/** The folder of an SQLModel with which the library's ledgers have times without a zone, and its `db rebuild` works. */
export const olderSqlModel = async (): Promise<string> =>
  await pythonPackages(await interpreter(), "python-sqlmodel-0.0.37", ["sqlmodel==0.0.37"]);

/** How a process is started. */
export interface PythonOptions {
  /** Where. */
  readonly cwd?: string;
  /** Variables beside those of this process. */
  readonly env?: { readonly [name: string]: string };
}

/** What came of a process. */
export interface PythonCalled {
  /** Its exit code. */
  readonly code: number;
  /** What it printed. */
  readonly out: string;
  /** What it complained of. */
  readonly err: string;
}

/** A program of this folder, as a process that can be waited for. */
export async function pythonProgram(file: string, args: unknown, { cwd, env = {} }: PythonOptions = {}): Promise<Deno.Command> {
  const program = fromFileUrl(new URL(`./${file}`, import.meta.url));
  return new Deno.Command(await interpreter(), {
    args: [program, JSON.stringify(args)],
    env: { PYTHONIOENCODING: "utf-8", PYTHONDONTWRITEBYTECODE: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...(cwd === undefined ? {} : { cwd }),
  });
}

/** Runs a program of this folder; gives the JSON of the last line that it printed. */
export async function python<T>(file: string, args: unknown, options: PythonOptions = {}): Promise<T> {
  const { code, out, err } = said(await (await pythonProgram(file, args, options)).output());
  assert.equal(code, 0, err + out);
  return JSON.parse(out.trimEnd().split("\n").at(-1)!) as T;
}

/** Calls the library's command line. */
export async function pythonCli(words: readonly string[], { cwd, env = {} }: PythonOptions = {}): Promise<PythonCalled> {
  const command = new Deno.Command(await interpreter(), {
    args: ["-m", "consist.cli", ...words],
    env: { COLUMNS: "200", NO_COLOR: "1", TERM: "dumb", PYTHONIOENCODING: "utf-8", ...env },
    stdin: "null",
    ...(cwd === undefined ? {} : { cwd }),
  });
  return said(await command.output());
}

function said({ code, stdout, stderr }: Deno.CommandOutput): PythonCalled {
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

/** A folder that goes away at the end. */
export async function folder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "consist_python_" }));
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** The ledger of a folder. */
export const ledgerIn = (dir: string): string => join(dir, "provenance.duckdb");
