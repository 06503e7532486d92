/** What a process has once, whatever tracker or copy of the library asks. */

/** What stands under a key for a path; made where nobody asked before. */
export function ofProcess<V>(key: symbol, path: string, make: () => V): V {
  const holder = globalThis as { [key: symbol]: Map<string, V> | undefined };
  const all = holder[key] ??= new Map<string, V>();
  const known = all.get(path) ?? make();
  all.set(path, known);
  return known;
}
