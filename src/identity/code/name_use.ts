/** How a function uses the names that it does not declare itself. */

/** The uses of one free name. */
export interface NameUse {
  /** Its value can reach the result. */
  read: boolean;
  /** It is assigned to. */
  write: boolean;
  /** Things are added to it by a statement (`seen.push(x);`) whose result nobody looks at. */
  append: boolean;
  /** A member of it is assigned to or deleted. */
  mutate: boolean;
  /** A method of it that changes lists, maps and sets is called. */
  callsMutator: boolean;
  /** The members read, where all uses are `name.member`; null where the value is used as a whole. */
  members: Set<string> | null;
}

/** A name that nobody has used yet. */
export const unused = (): NameUse => ({ read: false, write: false, append: false, mutate: false, callsMutator: false, members: new Set() });

/** An `import("…")`. */
export interface ImportUse {
  /** What it names. */
  readonly specifier: string;
  /** Is something said of how to take it (`{ with: { type: "text" } }`)? Then it may be its content that counts, and not what it does. */
  readonly isContent: boolean;
}

/** What a function's text says. */
export interface FunctionText {
  /** The hash of its tree. */
  readonly hash: string;
  /** The text itself. */
  readonly source: string;
  /** Free names and their uses. */
  readonly free: ReadonlyMap<string, NameUse>;
  /** Literal `import("…")`. */
  readonly imports: readonly ImportUse[];
  /** What makes it opaque: eval, computed imports, … */
  readonly notes: readonly string[];
  /** Is it a class? */
  readonly isClass: boolean;
  /** A class with private static fields, which only the inspector can read. */
  readonly hasStaticPrivate: boolean;
  /** Does it mention private fields, so that instances have some? */
  readonly hasPrivate: boolean;
  /** Does it compare, count or write as the locale does? */
  readonly usesLocale: boolean;
  /** Is it an arrow function that uses the `this` of the place where it was made, which nobody can read? */
  readonly usesOuterThis: boolean;
  /** Its name as it calls itself. */
  readonly selfName: string | null;
  /** Does it ask something for its name, as one may ask a function? */
  readonly asksNames: boolean;
  /** Does it ask for the present time by `new Date()` or `Date()`? */
  readonly asksTime: boolean;
  /** Does it read or make dates in local time, or show numbers and dates as the locale does? */
  readonly usesZone: boolean;
}
