/** Arrow functions that use the `this` of the place where they were made. No debugger shows it: it is told where a class makes them for its own instances. */
import type { AnyNode, Class } from "acorn";
import { BoundedMemo } from "./bounded_memo.ts";
import { type AnyFunction, isFunction, sourceOf } from "./functions.ts";
import { children, parseFunction } from "./syntax.ts";

/** Is this one of the functions that the classes of an object give to each instance: `step = () => this.rate` as a field, or in the constructor? */
export function isOwnArrow(object: object, fn: AnyFunction): boolean {
  const text = sourceOf(fn);
  for (let prototype: unknown = Object.getPrototypeOf(object); prototype !== null && typeof prototype === "object";) {
    const maker: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
    const keys = isFunction(maker) ? arrowsOf(sourceOf(maker)).get(text) ?? [] : [];
    if (keys.some((key) => Object.getOwnPropertyDescriptor(object, key)?.value === fn)) return true;
    prototype = Object.getPrototypeOf(prototype);
  }
  return false;
}

const arrows = new BoundedMemo<ReadonlyMap<string, readonly string[]>>(500);

/** The arrow functions that a class makes for its instances: text → keys under which they are put. */
const arrowsOf = (source: string): ReadonlyMap<string, readonly string[]> =>
  arrows.get(source, () => {
    const node = /^class\b/.test(source) ? parseFunction(source)?.node : undefined;
    const found = new Map<string, string[]>();
    for (const [key, value] of node ? madeFor(node as Class) : []) {
      if (value?.type !== "ArrowFunctionExpression") continue;
      const text = `(${source})`.slice(value.start, value.end);
      found.set(text, [...found.get(text) ?? [], key]);
    }
    return found;
  });

function* madeFor({ body }: Class): Generator<readonly [key: string, value: AnyNode | null | undefined]> {
  for (const member of body.body) {
    if (member.type === "PropertyDefinition" && !member.static && !member.computed && member.key.type === "Identifier") {
      yield [member.key.name, member.value];
    } else if (member.type === "MethodDefinition" && member.kind === "constructor") yield* assigned(member.value.body);
  }
}

/** `this.step = () => …` in the constructor itself. */
function* assigned(node: AnyNode): Generator<readonly [key: string, value: AnyNode]> {
  if (/Function|^Class/.test(node.type)) return;
  if (node.type === "AssignmentExpression" && node.left.type === "MemberExpression" && node.left.object.type === "ThisExpression") {
    if (!node.left.computed && node.left.property.type === "Identifier") yield [node.left.property.name, node.right];
  }
  for (const child of children(node)) yield* assigned(child);
}
