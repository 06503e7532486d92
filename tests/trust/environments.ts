/** The three environments: each runs the stages of all its cases, a round at a time. */
import type { Environment, TrustCase } from "./case.ts";
import { KernelSession } from "./kernel_session.ts";
import { addressOf, reportsOf, type Running, Workshop } from "./workshop.ts";

/** What may be different from round to round, besides the time zone. */
export type Disturbance = (round: number) => Readonly<Record<string, string>>;

/** Each round has another time zone. */
const ZONES = ["UTC", "Pacific/Auckland"];

/** Runs all cases of an environment. The workshop is left for a look at it. */
export async function runAll(
  environment: Environment,
  cases: readonly TrustCase[],
  disturbance: Disturbance = () => ({}),
): Promise<Workshop> {
  const workshop = await Workshop.open(environment, cases);
  if (environment === "kernel") {
    await inKernels(workshop);
    return workshop;
  }
  const round = environment === "deno run" ? inProgram : inWorkers;
  for (let number = 0;; number++) {
    const open = workshop.cases.filter((running) => running.next !== undefined);
    if (open.length === 0) return workshop;
    const due: Running[] = [];
    for (const running of open) if (await running.prepare()) due.push(running);
    const reports = await round(workshop, due, { TZ: ZONES[number % ZONES.length]!, ...disturbance(number) });
    for (const running of due) running.reports.push(reports.get(running.name)!);
  }
}

/** One program that imports every step. */
export async function inProgram(
  workshop: Workshop,
  due: readonly Running[],
  env: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
) {
  const program = [
    `import { begin, end, perform } from "trust/perform.ts";`,
    ...due.map(({ name, dir }) => `import * as ${name} from ${JSON.stringify(addressOf(dir, "main.ts"))};`),
    `await begin(${JSON.stringify(workshop.root)});`,
    ...due.map(({ name, dir }) =>
      `console.log(JSON.stringify(["${name}", await perform("${name}", ${
        JSON.stringify(dir)
      }, ${name}.main, ${name}.options, ${name}.upstream)]));`
    ),
    "await end();",
  ];
  await Deno.writeTextFile(`${workshop.root}/program.ts`, program.join("\n"));
  return await reportsOf(workshop, ["run", "-A", ...flags, "program.ts"], env);
}

/** Two worker processes at the same time, each with its half of the cases and a ledger of its own; or one with the ledger of all. */
export async function inWorkers(workshop: Workshop, due: readonly Running[], env: Readonly<Record<string, string>>, processes = 2) {
  const worker = new URL("./worker.ts", import.meta.url).href;
  const config = ["--config", `${workshop.root}/deno.json`];
  const reports = await Promise.all(Array.from({ length: processes }, (_, which) => {
    const own = due.filter((running) => workshop.cases.indexOf(running) % processes === which);
    const tasks = own.map(({ name, dir }) => ({ name, dir }));
    return reportsOf(workshop, ["run", "-A", ...config, worker, `${workshop.root}${which || ""}`, JSON.stringify(tasks)], env);
  }));
  return new Map(reports.flatMap((some) => [...some]));
}

/** Kernels: a new one wherever a stage changes what a cell imports; at last another one in which nothing has changed. */
async function inKernels(workshop: Workshop): Promise<void> {
  while (workshop.cases.some((running) => running.next !== undefined)) {
    await using session = await KernelSession.start(workshop.root);
    for (const running of workshop.cases) await session.runStages(running);
  }
}
