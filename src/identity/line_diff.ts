/** The difference of two short texts, line by line, for explanations. */

/** Lines shown at most; what is cut is counted. */
const MOST_LINES = 40;
const CONTEXT = 2;
/** Above this many pairs of lines the middle is shown as removed and added at once. */
const MOST_PAIRS = 1_000_000;

type Mark = " " | "-" | "+";
type Line = readonly [mark: Mark, text: string];

/** Lines that went (`- `), came (`+ `) and stand around (`  `); `…` where equal lines are left out. Empty where the texts are equal. */
export function lineDiff(before: string, after: string): string[] {
  if (before === after) return [];
  const shown = withContext(compare(before.split("\n"), after.split("\n")));
  return shown.length <= MOST_LINES ? shown : [...shown.slice(0, MOST_LINES), `… ${shown.length - MOST_LINES} more lines`];
}

function compare(a: readonly string[], b: readonly string[]): Line[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const same = (lines: readonly string[]) => lines.map((text): Line => [" ", text]);
  return [
    ...same(a.slice(0, start)),
    ...compareMiddle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...same(a.slice(a.length - end)),
  ];
}

/** The longest common subsequence, by the usual table. */
function compareMiddle(a: readonly string[], b: readonly string[]): Line[] {
  const removed = (text: string): Line => ["-", text], added = (text: string): Line => ["+", text];
  if (a.length * b.length > MOST_PAIRS) return [...a.map(removed), ...b.map(added)];
  const longest = commonLengths(a, b);
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) lines.push([" ", a[i]!]), i++, j++;
    else if (longest[i + 1]![j]! >= longest[i]![j + 1]!) lines.push(removed(a[i++]!));
    else lines.push(added(b[j++]!));
  }
  return [...lines, ...a.slice(i).map(removed), ...b.slice(j).map(added)];
}

/** `lengths[i][j]`: how many lines `a` from i and `b` from j have in common, in order. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint32Array[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i]![j] = a[i] === b[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  return lengths;
}

function withContext(lines: readonly Line[]): string[] {
  const isNear = (index: number) => lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(([mark]) => mark !== " ");
  const shown: string[] = [];
  lines.forEach(([mark, text], index) => {
    if (isNear(index)) shown.push(`${mark} ${text}`);
    else if (shown.at(-1) !== "…") shown.push("…");
  });
  return shown;
}
