/** What our kernel costs beside Deno's own: until the first cell is done, and for each further cell. */
import { fromFileUrl } from "@std/path";
import { Channels } from "../src/kernels/channels.ts";
import { newConnection } from "../src/kernels/wire.ts";
import { type Measure, summary } from "./measure.ts";

const STARTS = 6;
const CELLS = 40;
const ROOT = new URL("..", import.meta.url);
const KERNELS = {
  bare: ["jupyter", "--kernel", "--conn"],
  ours: [
    "run",
    "-A",
    "--no-check",
    "--config",
    fromFileUrl(new URL("deno.json", ROOT)),
    fromFileUrl(new URL("cli.ts", ROOT)),
    "kernel",
    "start",
  ],
};

/** Starts both kernels in turn, and sends each the same cells. */
export async function kernelCost(): Promise<Measure[]> {
  const taken = { bare: { starts: [] as number[], cells: [] as number[] }, ours: { starts: [] as number[], cells: [] as number[] } };
  for (let round = 0; round < STARTS; round++) {
    for (const name of round % 2 === 0 ? ["bare", "ours"] as const : ["ours", "bare"] as const) {
      const { start, cells } = await once(KERNELS[name]);
      taken[name].starts.push(start);
      taken[name].cells.push(...cells);
    }
  }
  const [bareStart, start] = [
    summary("Deno's kernel, from spawn to the end of the first cell", taken.bare.starts),
    summary("our kernel, the same", taken.ours.starts),
  ];
  const [bareCell, cell] = [summary("a cell in Deno's kernel", taken.bare.cells), summary("a cell in ours", taken.ours.cells)];
  return [bareStart, { ...start, budget: Math.round(bareStart.median + 250) }, bareCell, {
    ...cell,
    budget: Math.round(bareCell.median + 5),
  }];
}

async function once(args: readonly string[]): Promise<{ start: number; cells: number[] }> {
  const [connection, file] = [newConnection(), await Deno.makeTempFile()];
  await Deno.writeTextFile(file, JSON.stringify(connection));
  const began = performance.now();
  const kernel = new Deno.Command(Deno.execPath(), { args: [...args, file], stdin: "null", stdout: "null", stderr: "null" }).spawn();
  const channels = new Channels(connection, { onPublished: () => {}, onDamage: (error) => console.error(error.message) });
  await channels.connected();
  const rest = { silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true };
  const execute = (code: string) => channels.request("shell", "execute_request", { code, ...rest });
  await execute("1");
  const start = performance.now() - began;
  const cells: number[] = [];
  for (let cell = 0; cell < CELLS; cell++) {
    const sent = performance.now();
    await execute(`1 + ${cell}`);
    cells.push(performance.now() - sent);
  }
  channels.request("control", "shutdown_request", { restart: false }).catch(() => {}); // it ends before it replies
  await kernel.status;
  await channels.close();
  await Deno.remove(file).catch(() => {}); // the kernel may have removed it
  return { start, cells };
}
