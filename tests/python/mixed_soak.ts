/** Processes of both languages on one ledger, and what is there afterwards of what they said was completed. It has no tests of its own. */
import assert from "node:assert/strict";
import { exists } from "@std/fs";
import { join } from "@std/path";
import { type Artifact, Tracker } from "consist";
import { type Db, openLedger, readSnapshot } from "../../src/ledger/mod.ts";
import { Child } from "../child.ts";
import { callIn } from "../cli/call.ts";
import type { MixedArgs, MixedRun } from "./mixed.ts";
import { folder, interpreter, ledgerIn, pythonCli, pythonProgram } from "./python.ts";

const LANGUAGES = ["deno", "python"] as const;
type Language = typeof LANGUAGES[number];

/** How many processes of each language, and how long they pause. */
export interface MixedOptions {
  /** Processes of each language. @default 2 */
  readonly deno?: number;
  /** Processes of each language. @default 2 */
  readonly python?: number;
  /** The longest pause between two steps, in seconds. @default 0.4 */
  readonly pause?: number;
  /** Numbers are taken from so many: with few of them most steps are hits. @default 60 */
  readonly among?: number;
  /** A process that has executed nothing after so many seconds has starved. @default 120 more than the soak's own */
  readonly patience?: number;
}

/** What one process did. */
export interface Did {
  readonly executed: number;
  readonly hits: number;
  /** The longest step, as its caller saw it. */
  readonly longestSeconds: number;
}

/** What a mixed soak found. */
export interface MixedFigures {
  /** Of each process. */
  readonly done: Readonly<Record<string, Did>>;
  /** Processes that executed nothing, however long they were given. */
  readonly starved: readonly string[];
  /** How often Python's processes waited for the ledger, and how long in all. */
  readonly pythonWaits: number;
  readonly pythonWaitedSeconds: number;
  /** How often Python's processes gave up changing tables at opening, where nothing is to be changed. */
  readonly unopened: number;
  /** Times that Python gave up looking up or recording a run. */
  readonly unrecorded: number;
  /** Runs that a process said are completed, and that are not whole in the ledger, with their files, or in their snapshot. */
  readonly lost: readonly string[];
  /** Hits on a run of the other language. */
  readonly servedAcross: readonly string[];
  /** Rows that an index does not find. */
  readonly notIndexed: number;
  /** What the two command lines find wrong. */
  readonly complaints: readonly string[];
}

/** What a Python process tells at its end. */
interface PythonTold {
  readonly retries: number;
  readonly slept: number;
  readonly unrecorded: number;
  readonly unopened: number;
  readonly warnings: readonly string[];
}

/** A process of the soak. */
interface Worker {
  readonly language: Language;
  readonly name: string;
  readonly log: string;
}

/**
 * Processes of each language run steps on one ledger for so many seconds, and on until each has executed one: on a slow machine a process may
 * need longer to begin than the others' steps take.
 */
export async function soakMixed(seconds: number, options: MixedOptions = {}): Promise<MixedFigures> {
  const { deno = 2, python = 2, pause = 0.4, among = 60, patience = seconds + 120 } = options;
  await using dir = await folder();
  await Deno.writeTextFile(join(dir.path, "source.txt"), "the same for all\n");
  if (python > 0) await python0(dir.path);
  const workers = workersIn(dir.path, { deno, python });
  const stop = join(dir.path, "stop");
  const ended = Promise.all(
    workers.map(({ language, log }, index) => work(language, { dir: dir.path, log, stop, first: among + index, among, pause })),
  );
  const starved = await goneOn(workers, seconds, patience, ended);
  await Deno.writeTextFile(stop, "");
  const ofPython = (await ended).filter((told) => told !== undefined);
  const done = await Promise.all(workers.map(async (worker) => ({ ...worker, runs: await written(worker.log) })));
  const sum = (of: (told: PythonTold) => number) => ofPython.reduce((total, told) => total + of(told), 0);
  return {
    done: Object.fromEntries(done.map(({ name, runs }) => [name, figuresOf(runs)])),
    starved,
    ...{ pythonWaits: sum(({ retries }) => retries), pythonWaitedSeconds: sum(({ slept }) => slept) },
    ...{ unopened: sum(({ unopened }) => unopened), unrecorded: sum(({ unrecorded }) => unrecorded) },
    ...await check(dir.path, done),
    complaints: [...ofPython.flatMap(({ warnings }) => warnings), ...python > 0 ? await doctors(dir.path) : []],
  };
}

function workersIn(dir: string, wanted: Readonly<Record<Language, number>>): Worker[] {
  return LANGUAGES.flatMap((language) =>
    Array.from({ length: wanted[language] }, (_, index) => {
      const name = `${language} ${index + 1}`;
      return { language, name, log: join(dir, `${name}.txt`) };
    })
  );
}

/** Waits until the time is over and each has executed a step; gives those who have not when their time is over, too. */
async function goneOn(workers: readonly Worker[], seconds: number, patience: number, ended: Promise<unknown>): Promise<string[]> {
  const began = performance.now();
  let isOver = false;
  ended.then(() => isOver = true, () => isOver = true); // who waits for the ends of all gets the error
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const lasted = (performance.now() - began) / 1_000;
    if (lasted < seconds && !isOver) continue;
    const runs = await Promise.all(workers.map(({ log }) => written(log)));
    const starved = workers.filter((_, index) => runs[index]!.every(({ hit }) => hit));
    if (starved.length === 0 || isOver || lasted > patience) return starved.map(({ name }) => name);
  }
}

/** The ledger is Python's from the beginning in half of the soaks: whoever is first makes it. */
async function python0(dir: string): Promise<void> {
  await interpreter(); // installed before the time begins
  if (Math.random() < 0.5) return;
  await work("python", { dir, log: join(dir, "first.txt"), stop: dir, first: 0, among: 1, pause: 0 });
}

async function work(language: Language, args: MixedArgs): Promise<PythonTold | undefined> {
  if (language === "python") {
    const { code, stdout, stderr } = await (await pythonProgram("mixed.py", args)).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
    assert.equal(code, 0, err);
    return JSON.parse(out.trimEnd().split("\n").at(-1)!);
  }
  const { code, err } = await new Child("../python/mixed.ts", args).ended();
  const complaints = err.split("\n").filter((line) => line !== "" && !line.startsWith("consist: waiting for step ")); // it says who computes
  assert.deepEqual([code, complaints], [0, []]);
  return undefined;
}

interface Done extends Worker {
  readonly runs: readonly MixedRun[];
}

function figuresOf(runs: readonly MixedRun[]): Did {
  const hits = runs.filter(({ hit }) => hit).length;
  return { executed: runs.length - hits, hits, longestSeconds: Math.max(0, ...runs.map(({ seconds }) => seconds)) };
}

async function written(path: string): Promise<MixedRun[]> {
  const text = await Deno.readTextFile(path).catch(() => ""); // a process that ran no step has no log
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

async function check(dir: string, done: readonly Done[]) {
  await using tracker = new Tracker({ dbPath: ledgerIn(dir) });
  const [lost, servedAcross]: [string[], string[]] = [[], []];
  const languageOf = new Map(done.flatMap(({ language, runs }) => runs.map(({ id }) => [id, language] as const)));
  for (const { language, name, runs } of done) {
    for (const { id, hit, source } of runs) {
      const lack = await lackOf(tracker, id, !hit || language === "python");
      if (lack !== undefined) lost.push(`${id} of ${name}: ${lack}`);
      if (source && languageOf.get(source) !== undefined && languageOf.get(source) !== language) {
        servedAcross.push(`${id} of ${name}: ${source}`);
      }
    }
  }
  const notIndexed = await openLedger(ledgerIn(dir)).read(rowsNotIndexed);
  return { lost, servedAcross, notIndexed };
}

/** What a run lacks of what it should have. */
async function lackOf(tracker: Tracker, id: string, hasSnapshot: boolean): Promise<string | undefined> {
  const run = await tracker.getRun(id);
  if (run?.status !== "completed") return `it is ${run?.status ?? "not in the ledger"}`;
  const outputs = Object.values((await tracker.getArtifactsForRun(id)).outputs);
  if (outputs.length !== 1) return `it has ${outputs.length} outputs`;
  if (!await isWhole(outputs[0]!)) return "its output cannot be loaded";
  if (Object.keys((await tracker.getArtifactsForRun(id)).inputs).length !== 1) return "its input is missing";
  if (!hasSnapshot) return undefined; // our hits have none: they come back with what they were served
  const snapshot = await readSnapshot(tracker.runDir, id);
  if (snapshot?.run.status !== "completed" || snapshot.outputs.length !== 1) return "its snapshot is not whole";
  return undefined;
}

async function isWhole(artifact: Artifact): Promise<boolean> {
  return await exists(artifact.path) && await artifact.load().then(() => true, () => false);
}

/** Rows that a scan finds and an index does not. */
async function rowsNotIndexed(db: Db): Promise<number> {
  let missing = 0;
  for (const [table, column] of [["run", "id"], ["run", "signature"], ["artifact", "id"], ["artifact", "run_id"]] as const) {
    const values = await db.all<{ value: string; n: number }>(
      `SELECT "${column}" || '' AS value, count(*)::INTEGER AS n FROM "${table}" WHERE "${column}" IS NOT NULL GROUP BY 1`,
    );
    for (const { value, n } of values) {
      const [row] = await db.all<{ n: number }>(`SELECT count(*)::INTEGER AS n FROM "${table}" WHERE "${column}" = $1`, [value]);
      missing += Math.abs(n - row!.n);
    }
  }
  return missing;
}

async function doctors(dir: string): Promise<string[]> {
  const complaints: string[] = [];
  const ours = await callIn(dir, "db", "doctor");
  if (ours.code !== 0) complaints.push(`consist db doctor: ${ours.out}${ours.err}`);
  const theirs = await pythonCli(["db", "doctor", "--json", "--db-path", ledgerIn(dir)], { cwd: dir });
  const issues = theirs.code === 0 ? Object.entries(JSON.parse(theirs.out)).filter(([, found]) => Object.keys(found ?? {}).length > 0) : [];
  if (theirs.code !== 0 || issues.length > 0) complaints.push(`python db doctor: ${JSON.stringify(issues)}${theirs.err}`);
  const validated = await pythonCli(["validate", "--db-path", ledgerIn(dir), "--run-dir", join(dir, "runs")], { cwd: dir });
  if (validated.code !== 0 || /missing/i.test(validated.out)) complaints.push(`python validate: ${validated.out}${validated.err}`);
  return complaints;
}
