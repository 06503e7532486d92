/** Fetches what is larger than its disk, and says what became of it. Arguments: `{ dir, url }`. */
import { ConsistError, Tracker } from "consist";

const { dir, url } = JSON.parse(Deno.args[0]!) as { dir: string; url: string };
await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
const step = {
  name: "large",
  fn: ({ large }: { large: Uint8Array }) => large.length,
  inputs: { large: url as `${string}.bin` },
  outputs: ["n"],
} as const;
const error = await tracker.run(step).then(() => undefined, (error: unknown) => error);
const filesOf = (folder: string): string[] =>
  [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => isDirectory ? filesOf(`${folder}/${name}`) : [name]);
const told = error instanceof ConsistError ? { code: error.code, why: error.why } : { code: String(error), why: "" };
console.log(JSON.stringify({ ...told, left: filesOf(`${dir}/runs/fetched`) }));
