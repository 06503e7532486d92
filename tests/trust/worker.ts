/** A worker process: told by its arguments which steps to import by module and run, it prints a report for each. */
import { toFileUrl } from "@std/path";
import { begin, end, perform, refusal } from "./perform.ts";

const [root, tasks] = Deno.args as [string, string];
await begin(root);
// all first: each new script costs the first identity after it a look through all scripts
const loaded = [];
for (const { name, dir } of JSON.parse(tasks) as { name: string; dir: string }[]) {
  loaded.push({ name, dir, module: await import(toFileUrl(`${dir}/main.ts`).href).catch((error: unknown) => ({ error })) });
}
for (const { name, dir, module: { main, options, upstream, error } } of loaded) {
  console.log(JSON.stringify([name, error ? refusal(error) : await perform(name, dir, main, options, upstream)]));
}
await end();
