/** Do values have objects in common? Out of the cache each output comes as a copy of its own, and so it has to be where it was just made. */
import { types } from "node:util";

/** So many objects are looked at; beyond it is assumed that some are shared. */
const MOST_OBJECTS = 200_000;

/**
 * The names of values that share an object with another one of them, or with one of the others.
 *
 * @param values values by name
 * @param others values that may hold some of the same objects
 */
export function sharingNames(values: ReadonlyMap<string, unknown>, others: readonly unknown[]): Set<string> {
  const owners = new Map<object, string | undefined>(), sharing = new Set<string>();
  let left = MOST_OBJECTS;
  const visit = (root: unknown, name: string | undefined): void => {
    const open = [root];
    while (open.length > 0) {
      const value = open.pop();
      if (typeof value !== "object" || value === null || types.isProxy(value)) continue;
      if (owners.has(value)) {
        const owner = owners.get(value);
        if (owner === name) continue;
        for (const each of [owner, name]) if (each !== undefined) sharing.add(each);
        continue;
      }
      owners.set(value, name);
      if (--left < 0) return;
      pushMembers(value, open);
    }
  };
  for (const other of others) visit(other, undefined);
  for (const [name, value] of values) visit(value, name);
  return left < 0 ? new Set(values.keys()) : sharing;
}

function pushMembers(value: object, into: unknown[]): void {
  if (ArrayBuffer.isView(value)) return void into.push(value.buffer);
  if (types.isMap(value)) { for (const entry of Map.prototype.entries.call(value)) into.push(...entry); }
  else if (types.isSet(value)) into.push(...Set.prototype.values.call(value));
  if (Array.isArray(value)) { for (const item of value) if (typeof item === "object") into.push(item); }
  else {
    for (const descriptor of Object.values(Object.getOwnPropertyDescriptors(value))) into.push(descriptor.value); // getters are not called
  }
}
