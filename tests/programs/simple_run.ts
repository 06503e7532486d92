/** A program that runs one step of plain values, twice where it is told to, and says what this process has loaded by then. */
import { Session } from "node:inspector";
import { Tracker } from "consist";

const { dbPath, calls } = JSON.parse(Deno.args[0]!) as { dbPath: string; calls: number };

await using tracker = new Tracker({ dbPath });
const hits: boolean[] = [];
for (let call = 0; call < calls; call++) {
  const result = await tracker.run({
    name: "draws",
    fn: (_, { config }) => [config.seed, 2, 3],
    config: { seed: 1 },
    outputs: ["draws"],
  });
  await result.load();
  hits.push(result.cacheHit);
}

/** The addresses of all scripts. */
async function loaded(): Promise<string[]> {
  const session = new Session();
  session.connect();
  const addresses: string[] = [];
  session.on("Debugger.scriptParsed", ({ params }) => addresses.push(params.url));
  await new Promise<void>((resolve) => session.post("Debugger.enable", () => resolve()));
  session.disconnect();
  return addresses.filter((address) => /^(?:file|https?):/.test(address));
}

console.log(JSON.stringify({ hits, loaded: await loaded() }));
