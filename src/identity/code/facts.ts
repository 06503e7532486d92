/** Facts about functions, remembered per function object: text, free names, and which of their values can never change. Contents are never remembered. */
import { types } from "node:util";
import { type AnyFunction, givenName, isFunction, isNative, sourceOf } from "./functions.ts";
import { functionText } from "./function_text.ts";
import { type Inspector, isUserFile, type Look, type Scope, type Script } from "./inspector.ts";
import type { FunctionText, NameUse } from "./name_use.ts";
import { type Origin, originOf } from "./origins.ts";
import { exportsChange, type ScriptNames, scriptNames } from "./script_names.ts";

/** A free name of a function, and where its value comes from. */
export interface Binding {
  /** The name. */
  readonly name: string;
  /** How the function uses it. */
  readonly use: NameUse;
  /** A value that stays, one to be read from the scopes anew, or a global (a cell's names are read anew as well). */
  readonly how: "const" | "live" | "global";
  /** The value that stays. */
  readonly value?: unknown;
  /** The specifier that it is imported from. */
  readonly specifier: string | undefined;
}

/** What is known of a function. */
export interface Facts {
  /** Whose it is; a bound function is what it is bound to. */
  readonly kind: Origin["kind"] | "bound";
  /** The package with its version, or the script's url. */
  readonly id: string;
  /** The folder of its package. */
  readonly folder?: string;
  /** The url of its script; empty for a cell. */
  readonly url: string;
  /** Its text, where it is looked into. */
  readonly text: FunctionText | null;
  /** Its free names with their values. */
  readonly bindings: readonly Binding[];
  /** Does some binding have to be read anew each time? */
  readonly isLive: boolean;
  /** Is there one besides that is only written to, and would have to be read anew to be told? */
  readonly writesLive: boolean;
  /** What it is bound to. */
  readonly bound: Look["bound"];
}

/** A name in its dead zone, or that nobody declared. */
export const UNSET: unique symbol = Symbol("not initialised yet");

/** Reads a name from a scope; in its dead zone it throws. */
export function readFrom(object: Readonly<Record<string, unknown>>, name: string): unknown {
  try {
    return object[name];
  } catch {
    return UNSET;
  }
}

/** The innermost scope that has a name. */
export const scopeOf = (name: string, scopes: readonly Scope[]): Scope | undefined =>
  scopes.find(({ object }) => Object.hasOwn(object, name));

const facts = new WeakMap<AnyFunction, Facts>();
const namesOf = new WeakMap<Script, ScriptNames>();
/** Does any local module assign to what it exports? Then no import is constant. */
let importsCanChange = false;

/** What is known of a function, if anything is. */
export const factsOf = (fn: AnyFunction): Facts | undefined => facts.get(fn);

/** Asks the engine about a function, and remembers what stays. */
export async function learnFacts(fn: AnyFunction, mayBeCell: boolean, inspector: Inspector): Promise<Look> {
  const look = await inspector.look(fn);
  if (facts.has(fn)) return look;
  facts.set(fn, factsFrom(fn, look, await scriptOf(look, mayBeCell, inspector)));
  return look;
}

/** Functions of which facts are known at a glance only. */
const glimpsed = new Set<AnyFunction>();

/** Urls of scripts by their numbers. */
export type ScriptUrls = ReadonlyMap<string, string>;

/**
 * The same for a function of whose script only the url is known: what its values are is read anew each time. Gives nothing where the script's
 * source would say more: of objects where they were imported from, of `import()` whether the url is the script's own.
 */
export async function glimpseFacts(
  fn: AnyFunction,
  inspector: Inspector,
  urls: () => Promise<ScriptUrls>,
): Promise<Look | undefined> {
  const look = await inspector.look(fn);
  if (facts.has(fn)) return look;
  const { scriptId, scopes } = look;
  if (scriptId === null || inspector.knownScript(scriptId) !== undefined) return await learnFacts(fn, false, inspector);
  const isRuntimes = isGlobal(fn);
  if (!isOfModule(scopes) && !isRuntimes) return undefined;
  const url = (await urls()).get(scriptId);
  if (url === undefined || !(isRuntimes ? originOf(url).kind === "runtime" : isUserFile(url))) return undefined;
  const seen = factsFrom(fn, look, { url, source: null });
  const hasObjects = seen.bindings.some(({ how, name }) => {
    const value = how === "live" ? readFrom(scopeOf(name, scopes)!.object, name) : undefined;
    return typeof value === "object" && value !== null;
  });
  if (hasObjects || (seen.text?.imports.length ?? 0) > 0) return undefined;
  facts.set(fn, seen);
  glimpsed.add(fn);
  return look;
}

/** Forgets what is known at a glance only, since the next look may tell more. Gives the functions of which that was known. */
export function forgetGlimpses(): readonly AnyFunction[] {
  const forgotten = [...glimpsed];
  for (const fn of forgotten) facts.delete(fn);
  glimpsed.clear();
  return forgotten;
}

/** Functions that were globals when this was loaded, by name, or what makes them when they are first asked for. */
const GLOBALS: ReadonlyMap<string, unknown> = new Map(
  Object.entries(Object.getOwnPropertyDescriptors(globalThis)).map(([name, { value, get }]) => [name, get ?? value] as const)
    .filter(([, maker]) => isFunction(maker)),
);

/**
 * Is it still the same global as when this was loaded? What is evaluated can claim any url: as a file of the user's it is looked into, but as
 * the runtime's it is not.
 */
function isGlobal(fn: AnyFunction): boolean {
  const name = givenName(fn);
  const original = GLOBALS.get(name);
  if (original === undefined || original === fn) return original !== undefined;
  return Object.getOwnPropertyDescriptor(globalThis, name)?.get === original && Reflect.get(globalThis, name) === fn;
}

/** What no session lists, though it has a text, is treated as a cell: followed, which is never wrong. */
const UNLISTED: Script = { url: "", source: null };

async function scriptOf({ scriptId, scopes }: Look, mayBeCell: boolean, inspector: Inspector): Promise<Script | undefined> {
  if (scriptId === null) return undefined;
  const known = inspector.knownScript(scriptId);
  if (known) return known;
  if (mayBeCell && !isOfModule(scopes)) return inspector.assumeCell(scriptId);
  return (await learnScripts(inspector)).get(scriptId) ?? UNLISTED;
}

/** Cells have no module: where there are some, what is none's is the user's, and enabling the debugger for the url of each is spared. */
const isOfModule = (scopes: readonly Scope[]): boolean => scopes.some(({ description }) => description === "Module");

/** Will the facts about this step have to wait for a look at all scripts? */
export async function asksForScripts(fn: AnyFunction, inspector: Inspector): Promise<boolean> {
  const { scriptId, scopes } = await inspector.look(fn);
  return scriptId !== null && inspector.knownScript(scriptId) === undefined && isOfModule(scopes);
}

let areSourcesRead = false;

/** Were the scripts ever read? Then most are known. */
export const wereScriptsRead = (): boolean => areSourcesRead;

/** Reads all scripts that are not known yet. */
export async function learnScripts(inspector: Inspector): Promise<ReadonlyMap<string, Script>> {
  const read = await inspector.readScripts();
  areSourcesRead = true;
  importsCanChange ||= [...read.values()].some(({ source }) => source !== null && exportsChange(source));
  return read;
}

const NOTHING = { text: null, bindings: [], isLive: false, writesLive: false, bound: null } as const;

function factsFrom(fn: AnyFunction, look: Look, script: Script | undefined): Facts {
  if (look.bound) return { ...NOTHING, kind: "bound", id: "", url: "", bound: look.bound };
  const url = script?.url ?? "";
  const origin: Origin = script && !isNative(fn) ? originOf(url) : { kind: "runtime", id: "native" };
  if (origin.kind === "runtime") return { ...NOTHING, ...origin, url };
  const isUsers = origin.kind === "user";
  const scopes = isUsers ? look.scopes.filter(({ description }) => description !== "Global") : scopesOfCalls(look.scopes);
  if (!isUsers && scopes.length === 0) return { ...NOTHING, ...origin, url };
  const text = functionText(sourceOf(fn));
  const bindings = bindingsOf(text, scopes, origin.kind, script);
  return {
    ...origin,
    url,
    text,
    bindings,
    isLive: bindings.some(({ how, use }) => how === "live" && (use.read || use.append)),
    writesLive: bindings.some(({ how, use }) => how === "live" && !use.read && !use.append),
    bound: null,
  };
}

/** A bundle's own scope has more names than a call has. */
const MOST_NAMES_OF_A_CALL = 40;

/** A package, and this library, is its version; only what a *call* into it captured is followed: `pipe(f, g)`, `schema.refine(f)`. */
function scopesOfCalls(scopes: readonly Scope[]): readonly Scope[] {
  const inner = scopes.filter(({ description }) => !/^(?:Global|Module|Script)/.test(description));
  const isModule = scopes.some(({ description }) => description === "Module");
  const calls = isModule ? inner : inner.slice(0, -1); // CommonJS: the outermost closure is the module
  return calls.filter(({ object }) => Object.keys(object).length <= MOST_NAMES_OF_A_CALL);
}

function bindingsOf(text: FunctionText, scopes: readonly Scope[], kind: Origin["kind"], script: Script | undefined): Binding[] {
  const { assigned, imported } = kind === "user" ? namesIn(script) : { assigned: "all", imported: new Map<string, string>() } as const;
  const bindings: Binding[] = [];
  for (const [name, use] of [...text.free].sort(([a], [b]) => a < b ? -1 : 1)) {
    const scope = scopeOf(name, scopes);
    const specifier = imported.get(name);
    if (!scope || scope.description === "Script") {
      if (kind === "user" && name !== "undefined") bindings.push({ name, use, how: "global", specifier });
      continue;
    }
    const value = readFrom(scope.object, name);
    const changes = value === UNSET || value === undefined || assigned === "all" || assigned.has(name) ||
      (specifier !== undefined && importsCanChange);
    bindings.push(changes ? { name, use, how: "live", specifier } : { name, use, how: "const", value, specifier });
  }
  return bindings;
}

function namesIn(script: Script | undefined): ScriptNames {
  if (!script) return scriptNames(null);
  let names = namesOf.get(script);
  if (!names) namesOf.set(script, names = scriptNames(script.source));
  return names;
}

/** Is it a class whose instances, or those of a class that it extends, have private fields? */
export function hasPrivateFields(maker: AnyFunction): boolean {
  for (
    let type: unknown = maker;
    typeof type === "function" && type !== Function.prototype && !types.isProxy(type);
    type = Object.getPrototypeOf(type)
  ) {
    if (facts.get(type as AnyFunction)?.text?.hasPrivate) return true;
  }
  return false;
}
