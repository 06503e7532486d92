/** Runs numbered steps until it is killed, and writes down what was done after each. Arguments: JSON of `Args`. */
import { Tracker } from "consist";
import { numbered, versionIn } from "./numbered_step.ts";

export interface Args {
  readonly dir: string;
  /** Where it writes down, one JSON of `Done` a line. */
  readonly log: string;
  /** Numbers are taken at random from this many beginning with `from`, so that processes meet. */
  readonly from: number;
  readonly among: number;
  /** Ends by itself after this many steps. */
  readonly steps?: number;
  /** Says each time that something was completed. */
  readonly tells?: boolean;
}

/** One step that resolved. */
export interface Done {
  readonly n: number;
  readonly id: string;
  readonly hit: boolean;
  /** The versions of the input before and after, and the one that the result is made of; none where it is not whole. */
  readonly before: string;
  readonly after: string;
  readonly version?: string | undefined;
}

const { dir, log, from, among, steps = Infinity, tells = false } = JSON.parse(Deno.args[0]!) as Args;
const source = `${dir}/source.txt`;
const present = () => Deno.readTextFileSync(source).trim();
await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
console.log("going");
for (let step = 0; step < steps; step++) {
  const n = from + Math.floor(Math.random() * among);
  const before = present();
  const result = await numbered(tracker, n, source);
  const version = versionIn(await result.load("text"), n);
  const done: Done = { n, id: result.run.id, hit: result.cacheHit, before, after: present(), version };
  Deno.writeTextFileSync(log, `${JSON.stringify(done)}\n`, { append: true });
  if (tells && !done.hit) console.log("did");
}
console.log("done");
