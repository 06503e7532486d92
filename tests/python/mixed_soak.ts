/** Processes of both languages on one ledger, and what is there afterwards of what they said was completed. It has no tests of its own. */
import assert from "node:assert/strict";
import { exists } from "@std/fs";
import { join } from "@std/path";
import { type Artifact, Tracker } from "consist";
import { type Db, openLedger, readSnapshot } from "../../src/ledger/mod.ts";
import { Child } from "../child.ts";
import { callIn } from "../cli/call.ts";
import type { MixedArgs, MixedRun } from "./mixed.ts";
import { folder, ledgerIn, pythonCli, pythonProgram } from "./python.ts";

const LANGUAGES = ["deno", "python"] as const;
type Language = typeof LANGUAGES[number];

/** What a mixed soak found. */
export interface MixedFigures {
  /** Of each language: executions, hits, the longest step as its caller saw it. */
  readonly done: Readonly<Record<Language, { readonly executed: number; readonly hits: number; readonly longestSeconds: number }>>;
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

/** Two processes of each language run steps on one ledger for so many seconds. */
export async function soakMixed(seconds: number, pause = 0.4): Promise<MixedFigures> {
  await using dir = await folder();
  await Deno.writeTextFile(join(dir.path, "source.txt"), "the same for all\n");
  await python0(dir.path);
  const logs = LANGUAGES.flatMap((language) => [0, 1].map((index) => ({ language, log: join(dir.path, `${language}-${index}.txt`) })));
  const until = Date.now() + seconds * 1_000;
  const told = await Promise.all(logs.map(({ language, log }) => work(language, { dir: dir.path, log, until, among: 60, pause })));
  const done = await Promise.all(logs.map(async ({ language, log }) => ({ language, runs: await written(log) })));
  const ofPython = told.filter((told) => told !== undefined);
  const sum = (of: (told: PythonTold) => number) => ofPython.reduce((total, told) => total + of(told), 0);
  return {
    done: Object.fromEntries(LANGUAGES.map((language) => [language, figuresOf(runsOf(done, language))])) as MixedFigures["done"],
    ...{ pythonWaits: sum(({ retries }) => retries), pythonWaitedSeconds: sum(({ slept }) => slept) },
    ...{ unopened: sum(({ unopened }) => unopened), unrecorded: sum(({ unrecorded }) => unrecorded) },
    ...await check(dir.path, done),
    complaints: [...ofPython.flatMap(({ warnings }) => warnings), ...await doctors(dir.path)],
  };
}

/** The ledger is Python's from the beginning in half of the soaks: whoever is first makes it. */
async function python0(dir: string): Promise<void> {
  if (Math.random() < 0.5) return;
  await work("python", { dir, log: join(dir, "first.txt"), until: 0, among: 1, pause: 0 });
}

async function work(language: Language, args: MixedArgs): Promise<PythonTold | undefined> {
  if (language === "python") {
    const { code, stdout, stderr } = await (await pythonProgram("mixed.py", args)).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
    assert.equal(code, 0, err);
    return JSON.parse(out.trimEnd().split("\n").at(-1)!);
  }
  const { code, err } = await new Child("../python/mixed.ts", args).ended();
  assert.deepEqual([code, err], [0, ""]);
  return undefined;
}

interface Done {
  readonly language: Language;
  readonly runs: readonly MixedRun[];
}
const runsOf = (done: readonly Done[], wanted: Language) => done.filter(({ language }) => language === wanted).flatMap(({ runs }) => runs);

function figuresOf(runs: readonly MixedRun[]) {
  const hits = runs.filter(({ hit }) => hit).length;
  return { executed: runs.length - hits, hits, longestSeconds: Math.max(0, ...runs.map(({ seconds }) => seconds)) };
}

async function written(path: string): Promise<MixedRun[]> {
  const text = await Deno.readTextFile(path).catch(() => ""); // a process that ran no step has no log
  return text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

async function check(dir: string, done: readonly Done[]) {
  await using tracker = new Tracker({ dbPath: ledgerIn(dir) });
  const [lost, servedAcross]: [string[], string[]] = [[], []];
  const languageOf = new Map(done.flatMap(({ language, runs }) => runs.map(({ id }) => [id, language] as const)));
  for (const { language, runs } of done) {
    for (const { id, hit, source } of runs) {
      const lack = await lackOf(tracker, id, !hit || language === "python");
      if (lack !== undefined) lost.push(`${id} of ${language}: ${lack}`);
      if (source && languageOf.get(source) !== undefined && languageOf.get(source) !== language) {
        servedAcross.push(`${id} of ${language}: ${source}`);
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
