/**
 * `deno task bench:peers [speed] [motivation] [trust] [--write]`: this library beside Python Consist, joblib and diskcache, in the same run. Needs
 * `python3` with `venv`, `git` and, the first time, PyPI. With `--write` the tables are kept in docs/benchmarks.md, and the marks in docs/trust.md.
 */
import { putSection } from "../../tools/page_section.ts";
import { preparePeers } from "./contenders.ts";
import { motivationTable, speedTable } from "./speed.ts";
import { trustTable } from "./trust.ts";

const PARTS: {
  readonly [name: string]: {
    readonly page: string;
    readonly section: string;
    readonly table: () => Promise<string>;
    readonly note: string;
  };
} = {
  speed: {
    page: "benchmarks.md",
    section: "peers-speed",
    table: speedTable,
    note:
      "Medians; in brackets as a multiple of ours. “content” looks at the file's content as we do, “path” never looks at it and is stale when it changes.",
  },
  motivation: {
    page: "benchmarks.md",
    section: "peers-motivation",
    table: motivationTable,
    note:
      "The three cases of the Python guide, one minute as 10 ms: median wall time of five processes (Python Consist: of one), in brackets as a multiple of the ideal, in which each step is called as often as it has to be and takes what it says. In Deno a timer is late itself: the steps alone take longer. Our first case is one `mapRuns`, a row at a time; the others are loops.",
  },
  trust: {
    page: "trust.md",
    section: "peers",
    table: trustTable,
    note:
      "ok: as it should be; **S**: a stale result shown as current; **W**: a wrong value; **E**: an error; **R**: works again needlessly; **both**: both processes execute.",
  },
};

const wanted = Deno.args.filter((arg) => !arg.startsWith("--"));
const unknown = wanted.find((name) => !(name in PARTS));
if (unknown !== undefined) {
  console.error(`There is no part "${unknown}". There are: ${Object.keys(PARTS).join(", ")}.`);
  Deno.exit(2);
}
await preparePeers();
const { hardwareConcurrency: cores } = navigator;
const machine = `Deno ${Deno.version.deno}, ${Deno.build.os} ${Deno.build.arch}, ${cores} cores, ${
  new Date().toISOString().slice(0, 10)
}; consist 0.3.3, joblib 1.6.0, diskcache 5.6.3`;
for (const [name, { page, section, table, note }] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const text = `${machine}. ${note}\n\n${await table()}`;
  console.log(`${text}\n`);
  if (!Deno.args.includes("--write")) continue;
  const path = new URL(`../../docs/${page}`, import.meta.url);
  await Deno.writeTextFile(path, putSection(await Deno.readTextFile(path), section, text));
}
