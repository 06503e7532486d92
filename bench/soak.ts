/**
 * The soak task: processes on one ledger that run steps and are killed at random moments, while the input changes. Afterwards nothing may be
 * lost, half-made or stale.
 *
 *     deno task soak [--kills 200] [--processes 3] [--minutes 4]
 */
import { parseArgs } from "node:util";
import { fromFileUrl } from "@std/path";
import { openLedger } from "../src/ledger/mod.ts";
import { Tracker } from "../mod.ts";
import type { Done } from "../tests/programs/loop.ts";
import { numbered, versionIn } from "../tests/programs/numbered_step.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: { kills: { type: "string" }, processes: { type: "string" }, minutes: { type: "string" } },
});
const [kills, processes, minutes] = [Number(values.kills ?? 200), Number(values.processes ?? 3), Number(values.minutes ?? 4)];
/** Numbers are taken from so many: few enough to meet, many enough to execute. */
const AMONG = 40;
const LONGEST_LIFE_MS = 2_500;

const dir = await Deno.makeTempDir({ prefix: "consist_soak_" });
const [source, config] = [`${dir}/source.txt`, fromFileUrl(new URL("../deno.json", import.meta.url))];
const program = fromFileUrl(new URL("../tests/programs/loop.ts", import.meta.url));
const began = performance.now();
const isLate = (): boolean => performance.now() - began > minutes * 60_000;
const figures = { killed: 0, complaints: [] as string[], version: 0 };

await writeVersion();
const changing = setInterval(() => void writeVersion(), 2_000);
await Promise.all(Array.from({ length: processes }, (_, index) => killAgainAndAgain(index)));
clearInterval(changing);
const lasted = (performance.now() - began) / 1000;

const found = await check();
console.table({
  "processes at once": processes,
  "killed with SIGKILL": figures.killed,
  "seconds": Math.round(lasted),
  ...found,
});
for (const complaint of new Set(figures.complaints)) console.log(complaint);
await Deno.remove(dir, { recursive: true });
const wrong = found["completed runs lost"] + found["outputs not whole"] + found["results stale"] + found["runs still marked as running"];
if (wrong > 0 || figures.complaints.length > 0 || figures.killed < kills) Deno.exit(1);

/** The input gets another content: written aside and renamed, so that a reader sees one version or the next. */
async function writeVersion(): Promise<void> {
  await Deno.writeTextFile(`${source}.new`, `v${figures.version++}`);
  await Deno.rename(`${source}.new`, source);
}

async function killAgainAndAgain(index: number): Promise<void> {
  while (figures.killed < kills && !isLate()) {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        "--config",
        config,
        program,
        JSON.stringify({ dir, log: `${dir}/log-${index}.txt`, from: 0, among: AMONG }),
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const said = new Response(child.stderr).text();
    await going(child.stdout);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_LIFE_MS));
    if (await endedByItself(child)) figures.complaints.push(`A process ended by itself: ${(await said).trim()}`);
    else figures.killed++;
    const text = (await said).trim();
    if (/Error|lost|left out/.test(text)) figures.complaints.push(text);
  }
}

async function endedByItself(child: Deno.ChildProcess): Promise<boolean> {
  try {
    child.kill("SIGKILL");
  } catch {
    return true; // there is no such process any more
  }
  return (await child.status).signal !== "SIGKILL";
}

async function going(stdout: ReadableStream<Uint8Array>): Promise<void> {
  const reader = stdout.getReader();
  await reader.read();
  await reader.cancel();
}

async function check() {
  const done = (await Promise.all(Array.from({ length: processes }, (_, index) => written(`${dir}/log-${index}.txt`)))).flat();
  const executed = done.filter(({ hit }) => !hit);
  await using tracker = new Tracker({ dbPath: `${dir}/provenance.duckdb` });
  let [lost, partial] = [0, done.filter(({ version }) => version === undefined).length];
  for (const { id, n, version } of executed) {
    const run = await tracker.getRun(id);
    if (run?.status !== "completed") lost++;
    else {
      const text = await (await tracker.getArtifactsForRun(id)).outputs.text?.load().catch(() => undefined);
      if (typeof text !== "string" || versionIn(text, n) !== version) partial++;
    }
  }
  let again = 0;
  for (let n = 0; n < AMONG; n++) {
    const result = await numbered(tracker, n, source);
    if (versionIn(await result.load("text"), n) !== (await Deno.readTextFile(source)).trim()) partial++;
    if (result.cacheHit) again++;
  }
  const runs = await tracker.findRuns({ step: "numbered", history: true });
  const count = (status: string) => runs.filter((run) => run.status === status).length;
  return {
    "runs executed": executed.length,
    "hits": done.length - executed.length,
    "versions of the input": figures.version,
    "completed runs lost": lost,
    "outputs not whole": partial,
    "results stale": done.filter(isStale).length,
    "executed twice": await twice(),
    "of the last version, hits afterwards": `${again} of ${AMONG}`,
    "runs interrupted, and marked so": count("interrupted"),
    "runs still marked as running": count("running"),
  };
}

/** A result is current where it is made of what the input was at some moment of the call. */
function isStale({ before, after, version }: Done): boolean {
  const [from, to, made] = [before, after, version ?? before].map((text) => Number(text.slice(1))) as [number, number, number];
  return made < from || made > to;
}

/** Signatures that several runs completed: each was executed once, unless the one that had it was killed after it was recorded. */
async function twice(): Promise<number> {
  const ledger = openLedger(`${dir}/provenance.duckdb`);
  const rows = await ledger.read((db) =>
    db.all("SELECT signature FROM deno_run WHERE signature IS NOT NULL GROUP BY signature HAVING count(*) > 1")
  );
  return rows.length;
}

async function written(path: string): Promise<Done[]> {
  const text = await Deno.readTextFile(path).catch(() => "");
  return text.split("\n").filter((line) => line.endsWith("}")).map((line) => JSON.parse(line));
}
