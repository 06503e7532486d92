/** What a walk over a function's code asks the engine, and what it was told. */
import type { AnyFunction } from "./functions.ts";
import type { Look } from "./inspector.ts";
import type { Loaded } from "./module_graph.ts";

/** What the engine was asked within one call of `codeIdentity`. */
export class Answers {
  /** Functions looked at anew, for values that can change. */
  readonly looks = new Map<AnyFunction, Look>();
  /** Private fields. */
  readonly privates = new Map<object, readonly (readonly [string, unknown])[]>();
  /** Digests of frames and bytes. */
  readonly digests = new Map<object, string>();
  /** The modules that are loaded. */
  loaded: Loaded | undefined;
}

/** What a walk has to ask the engine for. */
export class Wanted {
  /** Functions without facts, or with values that can change. */
  readonly functions: Set<AnyFunction> = new Set();
  /** Objects with private fields. */
  readonly objects: Set<object> = new Set();
  /** Arrow functions: for which object was each made? */
  readonly arrows: Set<AnyFunction> = new Set();
  /** Which modules are loaded? */
  loaded = false;

  /** Is everything known? */
  get isNothing(): boolean {
    return this.functions.size === 0 && this.objects.size === 0 && this.arrows.size === 0 && !this.loaded;
  }

  /** Asks for what another walk wants as well. */
  add({ functions, objects, arrows, loaded }: Wanted): void {
    for (const fn of functions) this.functions.add(fn);
    for (const object of objects) this.objects.add(object);
    for (const arrow of arrows) this.arrows.add(arrow);
    this.loaded ||= loaded;
  }
}
