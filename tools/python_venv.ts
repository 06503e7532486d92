/** A Python of the repository's own, below `.cache/`: made once, and again where other packages are wanted. */
import { fromFileUrl, join } from "@std/path";

const cache = fromFileUrl(new URL("../.cache/", import.meta.url));

/** The packages of the Python library as this one is compared with it; DuckDB 2 makes files that DuckDB 1.5 does not read. */
export const PYTHON_CONSIST: readonly string[] = ["consist[ingest]==0.3.3", "pytz", "duckdb<2"];

/** Makes a virtual environment with packages, where it is not there yet; gives its interpreter. Needs `python3` with `venv`, and PyPI. */
export async function pythonVenv(name: string, packages: readonly string[]): Promise<string> {
  const venv = join(cache, name);
  const python = join(venv, Deno.build.os === "windows" ? "Scripts/python.exe" : "bin/python");
  await once(venv, packages, async () => {
    await succeed("python3", ["-m", "venv", venv]);
    await succeed(python, ["-m", "pip", "install", "--quiet", ...packages]);
  });
  return python;
}

/** Installs packages into a folder that stands before others in `PYTHONPATH`; gives the folder. */
export async function pythonPackages(python: string, name: string, packages: readonly string[]): Promise<string> {
  const folder = join(cache, name);
  await once(
    folder,
    packages,
    () => succeed(python, ["-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target", folder, ...packages]),
  );
  return folder;
}

/** Does what makes a folder, unless the folder says that it was made of the same packages. */
async function once(folder: string, packages: readonly string[], make: () => Promise<unknown>): Promise<void> {
  const mark = join(folder, "packages.txt");
  const wanted = packages.join("\n");
  const found = await Deno.readTextFile(mark).catch(() => ""); // no mark: it is to be made
  if (found === wanted) return;
  console.error(`installing ${packages.join(", ")} into ${folder} …`);
  await make();
  await Deno.writeTextFile(mark, wanted);
}

/** Runs a program, and demands that it succeeds; gives what it printed. */
export async function succeed(program: string, args: readonly string[], cwd?: string): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args], ...(cwd === undefined ? {} : { cwd }) }).output();
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} failed with ${code}: ${new TextDecoder().decode(stderr).slice(-1000)}`);
  return new TextDecoder().decode(stdout);
}
