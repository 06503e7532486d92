/** On a disk that becomes read-only: what fails, and how. Arguments: `{ dir }`, which is the disk. */
import { ConsistError, Tracker } from "consist";

const { dir } = JSON.parse(Deno.args[0]!) as { dir: string };
const remount = async (how: "ro" | "rw") => {
  const { success } = await new Deno.Command("mount", { args: ["-o", `remount,${how}`, dir] }).output();
  if (!success) throw new Error(`The disk could not be mounted as ${how}.`);
};
const step = (tracker: Tracker) => tracker.run({ name: "one", fn: () => 1, outputs: ["n"] });
const failure = (error: unknown): string => {
  if (!(error instanceof ConsistError)) throw error;
  return `${error.code}: ${error.why}`;
};
const worked = () => "it worked";

const known = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
await step(known);
await known.close();
await remount("ro");
const answer = { known: await step(known).then(worked, failure), fresh: "", outputs: "", afterwards: "" };
answer.fresh = await step(new Tracker({ dbPath: `${dir}/new.duckdb` })).then(worked, failure);
const elsewhere = new Tracker({ dbPath: `${await Deno.makeTempDir()}/provenance.duckdb`, runDir: `${dir}/runs` });
answer.outputs = await step(elsewhere).then(worked, failure);
await elsewhere.close();
await remount("rw");
answer.afterwards = (await step(known)).cacheHit ? "hit" : "miss";
await known.close();
console.log(JSON.stringify(answer));
