/** Tries to open a DuckDB file as Python's library does: 20 times, after 0.1 s × 1.5ⁿ, at most 2 s. Arguments: `{ path }`. */
import { DuckDBInstance } from "@duckdb/node-api";

const { path } = JSON.parse(Deno.args[0]!) as { path: string };

async function isIn(): Promise<boolean> {
  try {
    const instance = await DuckDBInstance.create(path);
    instance.closeSync();
    return true;
  } catch {
    return false; // another process has the file
  }
}

let found = false;
for (let attempt = 0; attempt < 20 && !found; attempt++) {
  found = await isIn();
  if (!found) await new Promise((resolve) => setTimeout(resolve, Math.min(100 * 1.5 ** attempt, 2_000)));
}
console.log(JSON.stringify({ in: found }));
