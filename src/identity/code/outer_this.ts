/**
 * Arrow functions that use the `this` of the place where they were made. No debugger shows it. Where a class makes one for each of its objects, it is found by
 * looking at all objects: whose has one of its own that no other has, made that one.
 */
import { types } from "node:util";
import type { AnyNode, Class } from "acorn";
import { BoundedMemo } from "./bounded_memo.ts";
import { type AnyFunction, isFunction, sourceOf } from "./functions.ts";
import { children, parseFunction } from "./syntax.ts";

/** An arrow function that a class makes. */
interface Arrow {
  /** The name under which it puts it: `step`, or `#step` for a private one. */
  readonly key: string;
  /** Its text. */
  readonly text: string;
  /** The class's text. */
  readonly maker: string;
  /** Does it put nothing else there? */
  readonly isOnly: boolean;
}

interface Arrows {
  /** What it makes for its instances. */
  readonly instance: readonly Arrow[];
  /** What it makes for itself. */
  readonly static: readonly Arrow[];
}
type PrivateFields = readonly (readonly [string, unknown])[];

/** What an object has to do with an arrow function: nobody else can have put it there, its class puts such a one there, or nothing. */
export function ownArrow(object: object, fn: AnyFunction, privates: PrivateFields | undefined): "private" | "public" | undefined {
  const text = sourceOf(fn);
  for (const { key, isOnly } of arrowsFor(object).filter((arrow) => arrow.text === text)) {
    if (!isPrivate(key) && ownValue(object, key) === fn) return "public";
    if (isPrivate(key) && isOnly && privates?.some(([name, value]) => name === key && value === fn)) return "private";
  }
  return undefined;
}

/** The object that an arrow function was made for; null where nothing proves which it is. A function's `this` never changes. */
const makers = new WeakMap<AnyFunction, object | null>();

/** The object that an arrow function was made for, null if that cannot be told, undefined before {@linkcode findMakers} was asked. */
export const makerOf = (fn: AnyFunction): object | null | undefined => makers.get(fn);

/**
 * Finds out whom arrow functions were made for. Who made one is alive, since the function holds it. As long as each object of such a class has a function of its own
 * under the key, none was copied: `Object.assign(new Model(), other)` leaves two with the same one, `a.step = b.step` as well.
 */
export function findMakers(functions: ReadonlySet<AnyFunction>, objects: readonly object[]): void {
  const texts = new Set([...functions].map(sourceOf));
  const holders = new Map<unknown, Set<object>>(), doubtful = new Set<string>();
  for (const object of objects) {
    const arrows = types.isProxy(object) ? [] : arrowsAmong(object, texts).filter(({ key }) => !isPrivate(key));
    for (const arrow of arrows) {
      const value = ownValue(object, arrow.key);
      const isMade = isFunction(value) && arrows.some(({ key, text }) => key === arrow.key && text === sourceOf(value));
      if (isMade) holders.set(value, (holders.get(value) ?? new Set()).add(object));
      else doubtful.add(arrow.maker);
    }
  }
  for (const fn of functions) {
    const [holder, another] = holders.get(fn) ?? [];
    const isCertain = holder !== undefined && another === undefined && !arrowsFor(holder).some(({ maker }) => doubtful.has(maker));
    makers.set(fn, isCertain ? holder : null);
  }
}

const isPrivate = (key: string) => key.startsWith("#");

const ownValue = (object: object, key: string): unknown => Object.getOwnPropertyDescriptor(object, key)?.value;

/** The arrow functions that classes make for an object, or that it makes for itself as a class. */
function arrowsFor(object: object): readonly Arrow[] {
  if (isFunction(object)) return isClass(object) ? arrowsOf(sourceOf(object)).static : [];
  return classesOf(object).flatMap((maker) => arrowsOf(sourceOf(maker)).instance);
}

/** The same for any object of the program, where one of these texts is among them: a class's text is looked into only then. */
function arrowsAmong(object: object, texts: ReadonlySet<string>): readonly Arrow[] {
  const classes = isFunction(object) ? [object].filter(isClass) : isPrototype(object) ? [] : classesOf(object);
  const sources = classes.map(sourceOf);
  return sources.some((source) => [...texts].some((text) => source.includes(text))) ? arrowsFor(object) : [];
}

function classesOf(object: object): AnyFunction[] {
  const classes: AnyFunction[] = [];
  for (let prototype: unknown = Object.getPrototypeOf(object); prototype !== null && typeof prototype === "object";) {
    if (types.isProxy(prototype)) break;
    const maker = ownValue(prototype, "constructor");
    if (isFunction(maker) && isClass(maker)) classes.push(maker);
    prototype = Object.getPrototypeOf(prototype);
  }
  return classes;
}

/** A class's prototype cannot be replaced: asking that is quicker than reading the text of each function of a program. */
const isClass = (fn: AnyFunction): boolean =>
  !types.isProxy(fn) && Object.getOwnPropertyDescriptor(fn, "prototype")?.writable === false && /^class\b/.test(sourceOf(fn));

function isPrototype(object: object): boolean {
  const maker = ownValue(object, "constructor");
  return isFunction(maker) && !types.isProxy(maker) && ownValue(maker, "prototype") === object;
}

const known = new BoundedMemo<Arrows>(500);

const arrowsOf = (source: string): Arrows =>
  known.get(source, () => {
    const node = /^class\b/.test(source) ? parseFunction(source)?.node as Class | undefined : undefined;
    if (node === undefined) return { instance: [], static: [] };
    const written = [...assignedKeys(node.body)];
    const made = (isStatic: boolean) =>
      [...madeFor(node, isStatic)].filter(([, value]) => value?.type === "ArrowFunctionExpression").map(([key, value]) => ({
        key,
        maker: source,
        text: `(${source})`.slice(value!.start, value!.end),
        isOnly: !written.includes(key),
      }));
    return { instance: made(false), static: made(true) };
  });

function* madeFor({ body }: Class, isStatic: boolean): Generator<readonly [key: string, value: AnyNode | null | undefined]> {
  for (const member of body.body) {
    if (member.type === "StaticBlock") {
      if (isStatic) { for (const statement of member.body) yield* assigned(statement); }
    } else if (member.static !== isStatic || member.computed) continue;
    else if (member.type === "PropertyDefinition") {
      const key = nameOf(member.key);
      if (key !== undefined) yield [key, member.value];
    } else if (member.kind === "constructor") yield* assigned(member.value.body);
  }
}

const nameOf = (key: AnyNode): string | undefined =>
  key.type === "Identifier" ? key.name : key.type === "PrivateIdentifier" ? `#${key.name}` : undefined;

/** `this.step = () => …` in the constructor itself. */
function* assigned(node: AnyNode): Generator<readonly [key: string, value: AnyNode]> {
  if (/Function|^Class/.test(node.type)) return;
  if (node.type === "AssignmentExpression" && node.left.type === "MemberExpression" && node.left.object.type === "ThisExpression") {
    const key = node.left.computed ? undefined : nameOf(node.left.property);
    if (key !== undefined && !isPrivate(key)) yield [key, node.right];
  }
  for (const child of children(node)) yield* assigned(child);
}

/** The private names that a class's code assigns to, in whatever pattern: what stands there may be another object's. */
function* assignedKeys(node: AnyNode): Generator<string> {
  if (node.type === "AssignmentExpression" || node.type === "ForInStatement" || node.type === "ForOfStatement") {
    yield* privateNames(node.left);
  }
  for (const child of children(node)) yield* assignedKeys(child);
}

function* privateNames(node: AnyNode): Generator<string> {
  if (node.type === "PrivateIdentifier") yield `#${node.name}`;
  for (const child of children(node)) yield* privateNames(child);
}
