/** The options at the head of a cell, as lines: what can be told of them without a parser. */

/** The lines `//| …` with which a cell begins. */
export interface CellHead {
  /** What stands behind `//|`, as YAML. */
  readonly yaml: string;
  /** The keys of its top level, as far as a glance tells. */
  readonly keys: readonly string[];
}

const LINE = /^\s*\/\/\|(.*)$/;
const KEY = /^ ?(["']?)([A-Za-z][\w-]*)\1\s*(?::|$)/;

/** `step clean` or `step;`, where `step: clean` was meant: what reads the options says so, and the cell is not silently a plain one. */
const WITHOUT_COLON = /^ ?(["']?)(step)\1(?:\s+[^:]|[^\s\w:-])/;

/** The options of a cell; none where it does not begin with some. Empty lines before them do not count. */
export function headOf(code: string): CellHead | undefined {
  if (!/^\s*\/\/\|/.test(code)) return undefined;
  const lines: string[] = [];
  for (const line of code.trimStart().split(/\r?\n/)) {
    const found = LINE.exec(line);
    if (found === null) break;
    lines.push(found[1]!);
  }
  const keys = lines.map((line) => (KEY.exec(line) ?? WITHOUT_COLON.exec(line))?.[2]).filter((key) => key !== undefined);
  return { yaml: lines.map(plainLine).join("\n"), keys };
}

/** Is this the head of a step? */
export const isStepHead = (head: CellHead | undefined): boolean => head?.keys.includes("step") ?? false;

/** The space behind the bar is none of the text; `step` alone is short for `step: true`. */
function plainLine(line: string): string {
  const text = line.replace(/^ /, "").trimEnd();
  return /^step(?:\s+#.*)?$/.test(text) ? "step: true" : text;
}

/** The cell below its options. */
export function withoutHead(code: string): string {
  const lines = code.trimStart().split(/\r?\n/);
  const first = lines.findIndex((line) => !LINE.test(line));
  return first < 0 ? "" : lines.slice(first).join("\n").trim();
}
