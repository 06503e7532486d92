/** On a disk that is nearly full: what fails, how, and what is there afterwards. Arguments: `{ dir }`, which is the disk. */
import { ConsistError, Tracker } from "consist";

const { dir } = JSON.parse(Deno.args[0]!) as { dir: string };
const tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
/** Makes a text of so many bytes. */
const text = (bytes: number) =>
  tracker.run({ name: "text", fn: (_, { config }) => "x".repeat(config.bytes), config: { bytes }, outputs: ["text"] });
const failure = (error: unknown): ConsistError => {
  if (!(error instanceof ConsistError)) throw error;
  return error;
};
const hit = async (bytes: number) => (await text(bytes)).cacheHit ? "hit" : "miss";
const filesOf = (folder: string): string[] =>
  [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => isDirectory ? filesOf(`${folder}/${name}`) : [`${folder}/${name}`]);

for (const bytes of [10, 20, 30]) await text(bytes);
// an output that does not fit
const before = filesOf(`${dir}/runs/outputs`);
const output = await text(50_000_000).then(() => undefined, failure);
const leftBehind = filesOf(`${dir}/runs/outputs`).filter((path) => !before.includes(path));
// a ledger that does not fit: the disk is filled to its last byte, and a little is freed for the run's folder
using filler = await Deno.open(`${dir}/filler`, { create: true, write: true });
for (let bytes = 65_536; bytes >= 1;) {
  await filler.write(new Uint8Array(bytes)).then((count) => count < bytes && (bytes /= 2), () => bytes /= 2);
}
const ledger: string[] = [];
for (let bytes = 100; bytes < 3_000 && ledger.length < 3; bytes++) {
  const error = await text(bytes).then(() => undefined, failure);
  if (error !== undefined) ledger.push(error.code);
}
const hitsMeanwhile = await hit(20) === "hit";
await Deno.truncate(`${dir}/filler`, 0);
const afterwards = [await hit(40_000), await hit(50_000)];
await tracker.close();
const kept = [await hit(10), await hit(20), await hit(40_000)];
const statuses = [...new Set((await tracker.findRuns({ history: true })).map(({ status }) => status))].filter((s) => s !== "running")
  .sort();
await tracker.close();
console.log(JSON.stringify({
  output: `${output?.code}: ${output?.why}`,
  leftBehind,
  ledger: [...new Set(ledger)].join(),
  hitsMeanwhile,
  afterwards,
  kept,
  statuses,
}));
