/** Colour on a terminal: words whose meaning has a colour, in text that is finished. Nothing else adds any. */

const [RED, GREEN, YELLOW, BLUE, FAINT] = ["31", "32", "33", "34", "2"];

/** What is coloured, and how: each rule colours its match, or the group called `it`. */
const RULES: readonly (readonly [pattern: RegExp, colour: string])[] = [
  [/^ *(?<it>✓ hit|hit|equal|ok|completed)(?= {2}|$)/dgm, GREEN],
  [/^ *(?<it>● executed|executed)(?= {2}|$)/dgm, BLUE],
  [/^ *(?<it>✗ failed|failed|different|missing|changed|partial|wrong)(?= {2}|$)/dgm, RED],
  [/^ *(?<it>… running|running|interrupted|not repeatable)(?= {2}|$)/dgm, YELLOW],
  [/^ *(?<it>warning:)/dgm, YELLOW],
  [/^(?<it>Why:|Fix:|In:)/dgm, FAINT],
  [/^ +(?<it>- .*)$/dgm, RED],
  [/^ +(?<it>\+ .*)$/dgm, GREEN],
];

/** The text with colours of a terminal. */
export function coloured(text: string): string {
  const spans = RULES.flatMap(([pattern, colour]) =>
    [...text.matchAll(pattern)].map(({ indices }) => ({ from: indices!.groups!.it![0], to: indices!.groups!.it![1], colour }))
  ).sort((a, b) => a.from - b.from);
  let [done, at] = ["", 0];
  for (const { from, to, colour } of spans) {
    if (from < at) continue;
    done += `${text.slice(at, from)}\x1b[${colour}m${text.slice(from, to)}\x1b[0m`;
    at = to;
  }
  return done + text.slice(at);
}
