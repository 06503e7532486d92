/** With no handle left: what fails, and how. Arguments: `{ dir }`. */
import { ConsistError, Tracker } from "consist";

const { dir } = JSON.parse(Deno.args[0]!) as { dir: string };
const tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
const step = (n: number) => tracker.run({ name: "one", fn: (_, { config }) => config.n, config: { n }, outputs: ["n"] });
const hit = async (n: number) => (await step(n)).cacheHit ? "hit" : "miss";

await step(1);
await tracker.close();
// Deno itself opens some on its way up, behind the program's back, and panics where it cannot.
await new Promise((resolve) => setTimeout(resolve, 500));
const held: Deno.FsFile[] = [];
try {
  for (;;) held.push(Deno.openSync(Deno.execPath()));
} catch {
  // now there is none left
}
const refused = await step(2).then(() => "it worked", (error: unknown) => {
  if (!(error instanceof ConsistError)) throw error;
  return `${error.code}: ${error.why}`;
});
for (const file of held) file.close();
const answer = { refused, afterwards: await hit(2), kept: await hit(1) };
await tracker.close();
console.log(JSON.stringify(answer));
