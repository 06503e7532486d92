/** Patterns of paths: `*`, `?`, `[a-z]`, `[!a-z]`, `{a,b}` and `**` for any number of folders. Names with a leading dot match like all others. */

/** One way to spell a pattern, without braces. */
interface Alternative {
  /** For each segment a test, or `**`. */
  readonly segments: readonly (RegExp | "**")[];
}

/** A pattern that was read. */
export interface Glob {
  /** Does a relative path with slashes match? */
  matches(path: string): boolean;
  /** Can a folder (its relative path with slashes) hold something that matches? */
  reaches(folder: string): boolean;
}

/** Does a path mean a pattern, as far as its characters tell? A file of just that name comes first, which the caller knows. */
export function isGlob(path: string): boolean {
  return /[*?]|\[[^\]/]+\]|\{[^}]*,[^}]*\}/.test(path);
}

/** Reads a pattern of relative paths with slashes. */
export function readGlob(pattern: string): Glob {
  const alternatives = expandBraces(pattern).map((each): Alternative => ({
    segments: each.split("/").filter((segment) => segment !== "" && segment !== ".").map((segment) =>
      segment === "**" ? "**" : segmentTest(segment)
    ),
  }));
  return {
    matches: (path) => alternatives.some(({ segments }) => matchFrom(segments, 0, path.split("/"), 0, false)),
    reaches: (folder) => folder === "" || alternatives.some(({ segments }) => matchFrom(segments, 0, folder.split("/"), 0, true)),
  };
}

/**
 * The folder above all that a pattern can match, and the rest of it. Both have slashes. A folder of just that name comes first, as a file does:
 * `data [old]/*.csv`; `isFolder` tells. A name with `*` or `?` is always a pattern.
 */
export function splitGlob(pattern: string, isFolder: (path: string) => boolean = () => false): { base: string; rest: string } {
  const segments = pattern.split("/");
  const isPattern = (segment: string, index: number) =>
    (isGlob(segment) || segment.includes("{")) && (/[*?]/.test(segment) || !isFolder(segments.slice(0, index + 1).join("/")));
  const first = segments.findIndex(isPattern);
  const at = first < 0 ? segments.length - 1 : first;
  return { base: segments.slice(0, at).join("/") || (pattern.startsWith("/") ? "/" : "."), rest: segments.slice(at).join("/") };
}

/** With `prefix`, a path that ends before the pattern does is a match: more may follow below it. */
function matchFrom(tests: Alternative["segments"], test: number, names: readonly string[], name: number, prefix: boolean): boolean {
  if (name === names.length) return prefix ? test < tests.length : tests.slice(test).every((each) => each === "**");
  const current = tests[test];
  if (current === undefined) return false;
  if (current !== "**") return current.test(names[name]!) && matchFrom(tests, test + 1, names, name + 1, prefix);
  return matchFrom(tests, test + 1, names, name, prefix) || matchFrom(tests, test, names, name + 1, prefix);
}

/** `{a,b{c,d}}x` → `ax`, `bcx`, `bdx`. A brace without a comma or an end is an ordinary character. */
function expandBraces(pattern: string): string[] {
  for (let open = pattern.indexOf("{"); open >= 0; open = pattern.indexOf("{", open + 1)) {
    const group = groupAt(pattern, open);
    if (!group) continue;
    const [before, after] = [pattern.slice(0, open), pattern.slice(group.end + 1)];
    return group.parts.flatMap((part) => expandBraces(before + part + after));
  }
  return [pattern];
}

function groupAt(pattern: string, open: number): { parts: string[]; end: number } | undefined {
  const parts: string[] = [];
  let [depth, start] = [0, open + 1];
  for (let index = open; index < pattern.length; index++) {
    const character = pattern[index];
    if (character === "{") depth++;
    else if (character === "," && depth === 1) {
      parts.push(pattern.slice(start, index));
      start = index + 1;
    } else if (character === "}" && --depth === 0) {
      parts.push(pattern.slice(start, index));
      return parts.length > 1 ? { parts, end: index } : undefined;
    }
  }
  return undefined;
}

function segmentTest(segment: string): RegExp {
  let source = "";
  for (let index = 0; index < segment.length; index++) {
    const character = segment[index]!;
    const set = character === "[" ? /^\[([!^]?)(\]?[^\]]*)\]/.exec(segment.slice(index)) : null;
    if (set && set[2] !== "") {
      source += `[${set[1] === "" ? "" : "^"}${set[2]!.replace(/[\\\][^]/g, "\\$&")}]`;
      index += set[0].length - 1;
    } else if (character === "*") source += ".*";
    else if (character === "?") source += ".";
    else source += character.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  }
  return new RegExp(`^${source}$`, "su");
}
