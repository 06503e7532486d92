/** What differs between two lists of lines, as a reader of patches knows it. */

/** Longer lists are compared only around their first difference. */
const MOST_LINES = 400;
/** So many lines are shown. */
const SHOWN = 24;
/** So many characters of a line. */
const WIDTH = 200;
/** Lines that stay the same are shown so near to one that does not. */
const CONTEXT = 2;

/** Lines of the first list with `-`, of the second with `+`, and what is around them with a space. */
export function textDiff(before: readonly string[], after: readonly string[]): string {
  const start = commonStart(before, after);
  const from = Math.max(0, start - CONTEXT);
  const marked = align(before.slice(from, from + MOST_LINES), after.slice(from, from + MOST_LINES));
  const near = marked.filter((_, index) => marked.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(([mark]) => mark !== " "));
  const shown = near.slice(0, SHOWN).map(([mark, line]) => `${mark} ${line.slice(0, WIDTH)}`);
  return [...shown, ...near.length > SHOWN ? [`… and ${near.length - SHOWN} lines more`] : []].join("\n");
}

function commonStart(before: readonly string[], after: readonly string[]): number {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at++;
  return at;
}

type Marked = readonly [mark: "-" | "+" | " ", line: string];

/** The longest common subsequence, and what is beside it. */
function align(before: readonly string[], after: readonly string[]): Marked[] {
  const common = commonLengths(before, after);
  const marked: Marked[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      marked.push([" ", before[i]!]);
      i++;
      j++;
    } else if (i < before.length && (j === after.length || common[i + 1]![j]! >= common[i]![j + 1]!)) marked.push(["-", before[i++]!]);
    else marked.push(["+", after[j++]!]);
  }
  return marked;
}

/** For each pair of places, how many lines the rest has in common. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i]![j] = before[i] === after[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  return lengths;
}
