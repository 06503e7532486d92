/** Holds a DuckDB file. Arguments: `{ path, ms }`. */
import { DuckDBInstance } from "@duckdb/node-api";

const { path, ms } = JSON.parse(Deno.args[0]!) as { path: string; ms: number };
const instance = await DuckDBInstance.create(path);
const connection = await instance.connect();
console.log("held");
await new Promise((resolve) => setTimeout(resolve, ms));
connection.disconnectSync();
instance.closeSync();
