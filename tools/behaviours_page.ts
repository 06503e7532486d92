/** `deno task behaviours [--check]`: writes docs/behaviours.md from docs/behaviours.json, and fails where a test that it names does not exist. */

/** What the Python library's tests pin, in our words, and what became of it. */
interface Behaviour {
  /** What can be observed. */
  readonly says: string;
  /** The tests that hold it: `file: name`. */
  readonly tests?: readonly string[];
  /** Why we depart from it. */
  readonly departs?: string;
  /** The feature that it belongs to, which is not there yet. */
  readonly later?: string;
  /** The feature that is being made. */
  readonly open?: string;
}
/** Behaviours that belong together. */
export interface Area {
  /** Its heading. */
  readonly area: string;
  /** Its behaviours, in the order of the list. */
  readonly behaviours: readonly Behaviour[];
}

const ROOT = new URL("../", import.meta.url);
const SOURCE = new URL("docs/behaviours.json", ROOT);
const PAGE = new URL("docs/behaviours.md", ROOT);

const INTRODUCTION = `# Behaviours

What the tests of the Python library _Consist_ pin down, line by line, in our words: which test of ours holds it, or why we depart from it;
a line marked **Departs** says what Python does. Made by \`deno task behaviours\` from \`docs/behaviours.json\`; the program fails where a test
that is named here does not exist. What one ledger for both languages means stands in an area of its own. Left out is what only makes sense
in Python: pandas and numpy types, SQLModel and Pydantic, HDF5, Zarr, NetCDF, OpenMatrix, adapters for single models, ibis, LinkML,
OpenLineage, shells.`;

/** The page that belongs to the list; throws where a behaviour names a test that does not exist, or names nothing. */
export async function behavioursPage(areas: readonly Area[]): Promise<string> {
  const problems = (await Promise.all(areas.flatMap(({ behaviours }) => behaviours.map(problemsOf)))).flat();
  if (problems.length > 0) throw new Error(`docs/behaviours.json does not fit the tests:\n${problems.join("\n")}`);
  return `${[INTRODUCTION, summary(areas), ...areas.map(section)].join("\n\n")}\n`;
}

/** The list of behaviours. */
export async function readBehaviours(): Promise<Area[]> {
  return JSON.parse(await Deno.readTextFile(SOURCE));
}

function summary(areas: readonly Area[]): string {
  const all = areas.flatMap(({ behaviours }) => behaviours);
  const departing = all.filter(({ departs }) => departs !== undefined).length;
  const later = all.filter(({ later, open }) => later !== undefined || open !== undefined).length;
  const held = all.length - departing - later;
  return `${all.length} behaviours: ${held} hold, in ${departing} we depart, ${later} belong to features that are not there yet.`;
}

function section({ area, behaviours }: Area): string {
  return [`## ${area}`, "<!-- deno-fmt-ignore-start -->", behaviours.map(entry).join("\n"), "<!-- deno-fmt-ignore-end -->"].join("\n\n");
}

function entry({ says, tests = [], departs, later, open }: Behaviour): string {
  const reason = departs === undefined ? [] : [`**Departs**: ${departs}`];
  const feature = later ?? open;
  const missing = feature === undefined ? [] : [`**Not yet**: belongs to ${feature}.`];
  const held = tests.map((test) => {
    const { file, name } = parts(test);
    return `${code(shown(name))} in [${file}](../${file})`;
  });
  return [`- ${says}`, ...[...reason, ...missing, ...held].map((line) => `  - ${line}`)].join("\n");
}

/** A test's name as code, whatever stands in it. */
const code = (text: string): string => text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
/** A name that is made for many cases, with what differs in angle brackets. */
const shown = (name: string): string => name.replaceAll(/\$\{([^}]+)\}/g, (_, made: string) => `<${made.match(/\w+/g)!.at(-1)}>`);

async function problemsOf({ says, tests = [], departs, later, open }: Behaviour): Promise<string[]> {
  const states = [departs, later, open].filter((state) => state !== undefined);
  const unheld = tests.length === 0 && states.length === 0 ? [`"${says}" names no test and no reason.`] : [];
  const several = states.length > 1 ? [`"${says}" departs, comes later and is open at once.`] : [];
  const lost = await Promise.all(tests.map(async (test) => await exists(test) ? [] : [`"${says}": there is no test ${test}`]));
  return [...unheld, ...several, ...lost.flat()];
}

function parts(test: string): { readonly file: string; readonly name: string } {
  const at = test.indexOf(": ");
  return { file: test.slice(0, at), name: test.slice(at + 2) };
}

const texts = new Map<string, Promise<string>>();

/** Does the file hold a test, or a case of one, with this name? Names are texts in its source. */
async function exists(test: string): Promise<boolean> {
  const { file, name } = parts(test);
  if (!texts.has(file)) texts.set(file, Deno.readTextFile(new URL(file, ROOT)).catch(() => ""));
  const text = await texts.get(file)!;
  return ['"', "'", "`"].some((quote) => text.includes(quote + name.replaceAll(quote, `\\${quote}`) + quote));
}

if (import.meta.main) {
  const wanted = await behavioursPage(await readBehaviours());
  if (await Deno.readTextFile(PAGE).catch(() => "") === wanted) console.log("docs/behaviours.md is up to date.");
  else if (Deno.args.includes("--check")) {
    console.error("docs/behaviours.md is out of date: run `deno task behaviours`.");
    Deno.exit(1);
  } else await Deno.writeTextFile(PAGE, wanted);
}
