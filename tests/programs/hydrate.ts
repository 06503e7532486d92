/** Copies the outputs of a hit to where it is told, and says what became of it. Arguments: `{ dir, to, bytes, half }`. */
import { ConsistError, registerDriver, Tracker } from "consist";

const { dir, to, bytes, half = false } = JSON.parse(Deno.args[0]!) as { dir: string; to: string; bytes: number; half?: boolean };
await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });

if (half) {
  registerDriver({
    name: "half",
    extensions: ["half"],
    formatVersion: 1,
    libraryVersion: () => Promise.resolve("1"),
    accepts: () => false,
    write: async (_, path) => {
      await Deno.writeTextFile(path, "half of it");
      console.log("writing");
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    },
    read: () => Promise.resolve("half"),
  });
  await tracker.run({ name: "half written", fn: () => "text", outputs: { text: { driver: "half" } } });
}

const made = (cacheHydration: "metadata" | "outputs-requested") =>
  tracker.run({
    name: "large",
    fn: (_, { config }) => ({ small: "small", large: new Uint8Array(config.bytes).fill(7) }),
    config: { bytes },
    outputs: ["small", "large"],
    outputPaths: cacheHydration === "metadata" ? {} : { small: `${to}/small.txt`, large: `${to}/large.bin` },
    cacheOptions: { cacheHydration },
  });
await made("metadata");
console.log("copying");
const error = await made("outputs-requested").then(() => undefined, (error: unknown) => error);
const left = [...Deno.readDirSync(to)].map(({ name }) => name).sort();
console.log(JSON.stringify(error instanceof ConsistError ? { code: error.code, why: error.why, left } : { error: String(error), left }));
