/** `deno task trust [--check]`: writes the matrix of tests into docs/trust.md, or says whether it is up to date. */
import { CASES } from "../tests/trust/cases/mod.ts";
import { type Environment, EVERYWHERE, type TrustCase } from "../tests/trust/case.ts";
import { putSection } from "./page_section.ts";

/** The matrix's rows: what happens, and what has to come of it. */
const ROWS: readonly (readonly [row: string, what: string, must: string])[] = [
  ["a", "a helper in the same file or another cell changed", "miss"],
  ["b", "a helper in an imported module, or a module that one imports, changed", "miss"],
  ["c", "a captured or global constant, or a captured object's content, changed", "miss"],
  ["d", "comments, formatting, type annotations changed; unrelated code in the same file changed", "hit"],
  ["e", "the version of an imported package changed, or of the library that reads an input or writes an output", "miss"],
  ["e2", "output keys, driver, schema, input binding, capture pattern, config, command or image changed", "miss"],
  ["f", "an input's content changed with size and modification time preserved", "miss"],
  ["g", "an input touched, the same content; the project's folder moved", "hit"],
  ["h", "upstream executed again with identical bytes", "hit"],
  ["i", "an output removed, truncated, edited, replaced by bytes of the same size", "the right value, never the damaged one"],
  ["j", "two processes, the same step, the same moment", "one executes, the other waits and hits"],
  ["k", "killed at any moment; disk full; read-only folder", "the next start works, nothing half-written is served"],
  ["l", "code or config identity cannot be established", "executes and says why; a config that is no plain data is refused"],
  ["m", "clock moved backwards, another time zone, times in whole seconds", "still right"],
  ["n", "code changed, and the difference was accepted; the acceptance taken back", "a hit that says so; a miss"],
];

/** Tests of rows that are no tables of cases, and further tests of rows that are. */
const TEST_FILES: Readonly<Record<string, readonly string[]>> = {
  j: ["tests/one_execution_test.ts", "tests/trust/two_kernels_test.ts"],
  k: ["tests/survival_test.ts", "src/ledger/crash_test.ts"],
  n: ["tests/trust/accepted_test.ts", "tests/accept_test.ts"],
};
/** Tests whose names say their row: `trust b, kernel: …`. */
const NAMED_TESTS = "tests/trust/across_test.ts";

const root = new URL("../", import.meta.url);
const page = new URL("docs/trust.md", root);

/** The page as it has to be, from the page as it is. */
export async function trustPage(text: string): Promise<string> {
  return putSection(text, "matrix", await matrix());
}

async function matrix(): Promise<string> {
  const more = await testsIn(NAMED_TESTS);
  const rows = await Promise.all(ROWS.map(async ([row, what, must]) => {
    const cases = CASES.filter((trust) => trust.row === row);
    const files = await Promise.all((TEST_FILES[row] ?? []).map(testsIn));
    const further = [...files.flat(), ...more.filter(({ name }) => name.startsWith(`trust ${row},`))];
    return { row, what, must, cases, further };
  }));
  const table = [
    `| | case | must be | ${EVERYWHERE.map((environment) => `in ${environment}`).join(" | ")} | further tests |`,
    `|---|---|---|${EVERYWHERE.map(() => "---|").join("")}---|`,
    ...rows.map(({ row, what, must, cases, further }) =>
      `| **${row}** | ${what} | ${must} | ${EVERYWHERE.map((environment) => counted(cases, environment)).join(" | ")} | ${
        further.length || ""
      } |`
    ),
  ];
  const lists = rows.map(({ row, what, cases, further }) =>
    [
      `<details><summary>${row}: ${what}</summary>`,
      "",
      ...cases.map(line),
      ...further.map(({ name, file }) => `- ${name} (\`${file}\`)`),
      "",
      "</details>",
    ].join("\n")
  );
  const total = EVERYWHERE.reduce((sum, environment) => sum + CASES.filter(({ where }) => where.includes(environment)).length, 0);
  return [...table, "", `${CASES.length} cases, ${total} tests. A test is called \`trust a, kernel: an arrow function\`.`, "", ...lists]
    .join("\n");
}

const counted = (cases: readonly TrustCase[], environment: Environment): string =>
  String(cases.filter(({ where }) => where.includes(environment)).length || "");

function line({ name, where }: TrustCase): string {
  return where.length === EVERYWHERE.length ? `- ${name}` : `- ${name} (${where.join(", ")})`;
}

/** The names of the tests in a file; none where there is no such file. */
async function testsIn(file: string): Promise<{ readonly name: string; readonly file: string }[]> {
  const text = await Deno.readTextFile(new URL(file, root)).catch(() => "");
  const names = [...text.matchAll(/Deno\.test\((?:\{\s*name:\s*)?\s*(["`])((?:\\.|(?!\1).)+)\1/g)].map(([, , name]) => name!);
  return names.map((name) => ({ name: name.replaceAll(/\$\{(\w+)\}/g, "<$1>"), file }));
}

if (import.meta.main) {
  const text = await Deno.readTextFile(page);
  const wanted = await trustPage(text);
  if (text === wanted) console.log("docs/trust.md is up to date.");
  else if (Deno.args.includes("--check")) {
    console.error("docs/trust.md is out of date: run `deno task trust`.");
    Deno.exit(1);
  } else await Deno.writeTextFile(page, wanted);
}
