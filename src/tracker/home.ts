/** Where a notebook is. */
import { dirname, resolve } from "@std/path";

/** Folder of the notebook that this kernel runs, as Jupyter tells it; none elsewhere. */
export function notebookFolder(): string | undefined {
  const path = Deno.env.get("JPY_SESSION_NAME");
  if (path === undefined || !path.endsWith(".ipynb")) return undefined;
  const folder = dirname(resolve(path));
  try {
    return Deno.statSync(folder).isDirectory ? folder : undefined;
  } catch (error) {
    // The name is only a hint: where its folder is not there, the working directory is as good.
    if (error instanceof Error) return undefined;
    throw error;
  }
}
