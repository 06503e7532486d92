/** Parts of a page that programs write, between `<!-- name:begin -->` and `<!-- name:end -->`; the rest is left as it is. */

/** The page with another text in a section. */
export function putSection(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new RangeError(`The page has no section ${JSON.stringify(name)}: ${begin} … ${end}.`);
  // formatted by the program, so that the formatter has nothing to add
  const kept = `<!-- deno-fmt-ignore-start -->\n\n${text.trim()}\n\n<!-- deno-fmt-ignore-end -->`;
  return `${page.slice(0, from + begin.length)}\n\n${kept}\n\n${page.slice(to)}`;
}
