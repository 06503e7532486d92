/** A worker process: told on its first argument which steps to import by module and run, it prints a report for each. */
import { toFileUrl } from "@std/path";
import { begin, end, perform, refusal } from "./perform.ts";

const [root, tasks] = Deno.args as [string, string];
begin(root);
for (const { name, dir } of JSON.parse(tasks) as { name: string; dir: string }[]) {
  console.log(JSON.stringify([name, await importAndRun(name, dir).catch(refusal)]));
}
await end();

async function importAndRun(name: string, dir: string) {
  const { main, options, upstream } = await import(toFileUrl(`${dir}/main.ts`).href);
  return await perform(name, dir, main, options, upstream);
}
