/**
 * One synchronous walk from a function to all that its text can reach, as one text to hash. It runs over remembered facts: where one is missing, it notes what to
 * ask the engine for, and the walk starts again. With all facts at hand it needs no inspector and no await, so it sees one consistent moment.
 */
import { types } from "node:util";
import { JSON } from "../../intrinsics.ts";
import type { CodeIdentity, WrittenName } from "../code_parts.ts";
import { unwrapped } from "../../notebook/mod.ts";
import { sha256 } from "../digest.ts";
import { ownAccount } from "./adapters.ts";
import { isOwnName, readBinding, readGlobal } from "./bound_value.ts";
import { type Binding, type Facts, factsOf, hasPrivateFields, UNSET } from "./facts.ts";
import { type Answers, Wanted } from "./answers.ts";
import { type AnyFunction, givenName, isFunction, shownAs, sourceOf, STEP } from "./functions.ts";
import { classText, ownPropertiesText } from "./class_text.ts";
import { type ChangedBuiltins, changedBuiltins, changedText, shakenBuiltins } from "./builtins.ts";
import { isConsoleMethod, isStore, namespaceName, packageExports } from "./known_objects.ts";
import { moduleGraph } from "./module_graph.ts";
import { isPlainCollection, isPlainObject } from "./plain_objects.ts";
import { exportsText, type NamespaceReader, runtimeNamespaceText } from "./namespaces.ts";
import { fileName } from "./origins.ts";
import { makerOf, ownArrow } from "./outer_this.ts";
import { Report } from "./report.ts";
import { FunctionNames, namesText } from "./function_names.ts";
import { isUntracked } from "./untracked.ts";
import { settingsOf } from "./added_members.ts";
import type { ImportUse } from "./name_use.ts";
import { isRuntimes, runtimeFunctionText } from "./runtime_functions.ts";
import { objectText, type ValueReader } from "./values.ts";
import { localeText, zoneText } from "./zone_text.ts";

/** The language's own symbols. */
const WELL_KNOWN: ReadonlySet<unknown> = new Set(
  Object.values(Object.getOwnPropertyDescriptors(Symbol)).map(({ value }) => value as unknown).filter((value) => typeof value === "symbol"),
);

/** Walks once. */
export class Walk implements ValueReader, NamespaceReader {
  /** Digests that are already known. */
  readonly digests: Map<object, string>;
  /** Where findings go. */
  readonly report = new Report();
  readonly #answers: Answers;
  readonly #wanted = new Wanted();
  readonly #seen = new Map<unknown, number>();
  readonly #openNamespaces = new Set<object>();
  /** Lists, maps and sets that are only appended to. */
  readonly #appended: [name: string, object][] = [];
  /** Names of functions that their texts do not tell. */
  readonly #names = new FunctionNames();
  /** The objects that contain what is being read, outermost first. */
  readonly #around: object[] = [];
  /** Names that are only written to, where they are asked for. */
  readonly #written: WrittenName[] | undefined;

  /** Prepares a walk over what is known so far. */
  constructor(answers: Answers, notesWritten = false) {
    this.#answers = answers;
    this.digests = answers.digests;
    if (notesWritten) this.#written = [];
  }

  /** The identity of a function, or what is missing to say it. */
  run(root: AnyFunction): CodeIdentity | Wanted {
    const name = types.isProxy(root) ? "step" : givenName(root) || "step";
    const changed = changedBuiltins();
    const shaken = shakenBuiltins(changed);
    if (shaken.length > 0) return { mode: "dependencies", hash: null, parts: [], opaque: shaken, outside: [] };
    const stream = this.#streamOf(root, name, changed);
    if (!this.#wanted.isNothing) return this.#wanted;
    return {
      mode: "dependencies",
      hash: stream === null ? null : sha256(stream),
      ...this.report.findings,
      ...(this.#written === undefined ? {} : { written: this.#written }),
    };
  }

  #streamOf(root: AnyFunction, name: string, changed: ChangedBuiltins): string | null {
    try {
      if (!types.isProxy(root)) return this.fn(root, name) + this.#readElsewhere() + changedText(this, changed) + this.#names.text(root);
      this.report.opaque(name, "a Proxy");
    } catch (error) {
      if (!(error instanceof RangeError)) throw error; // the stack's end
      this.report.opaque(name, "a captured value is nested too deeply");
    }
    return null;
  }

  /** What is appended to one name shows under another name of the same object. */
  #readElsewhere(): string {
    return this.#appended.filter(([, object]) => this.#seen.has(object)).map(([name, object]) => ` ${name} is ${this.#seen.get(object)}`)
      .join("");
  }

  // ── values ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Any value as text. */
  value(value: unknown, name: string, binding?: Binding): string {
    switch (typeof value) {
      case "string":
        return JSON.stringify(value);
      case "number":
        return Object.is(value, -0) ? "-0" : String(value);
      case "bigint":
        return `${value}n`;
      case "symbol":
        return value === UNSET ? "unset" : this.#symbol(value);
      case "undefined":
      case "boolean":
        return String(value);
      case "function":
        return this.fn(value as AnyFunction, name);
    }
    return value === null ? "null" : this.#object(value as object, name, binding);
  }

  /** Symbols of one description are several: each has its place in the walk. */
  #symbol(value: symbol): string {
    if (WELL_KNOWN.has(value)) return value.description!;
    const key = Symbol.keyFor(value);
    if (key !== undefined) return `Symbol.for(${JSON.stringify(key)})`;
    const index = this.#seen.get(value);
    if (index !== undefined) return `#${this.#seen.size - index}`;
    this.#seen.set(value, this.#seen.size);
    return `symbol(${JSON.stringify(value.description ?? "")})`;
  }

  /** Where an object was met before; nothing where it was not. */
  place(object: object): string {
    const index = this.#seen.get(object);
    if (index === undefined) this.#seen.set(object, this.#seen.size);
    return index === undefined ? "" : `#${this.#seen.size - index}`;
  }

  #object(value: object, name: string, binding?: Binding): string {
    const index = this.#seen.get(value);
    if (index !== undefined) return `#${this.#seen.size - index}`;
    if (isUntracked(value)) return "left out";
    const namespace = namespaceName(value);
    if (namespace !== undefined) return runtimeNamespaceText(this, value, namespace, binding?.use);
    if (types.isModuleNamespaceObject(value) || binding?.specifier?.startsWith("node:")) {
      return exportsText(this, value, name, binding, this.#openNamespaces);
    }
    const origin = binding && packageExports(value);
    if (origin !== undefined) return this.report.package(origin);
    this.#seen.set(value, this.#seen.size);
    this.#around.push(value);
    const text = objectText(this, value, name);
    this.#around.pop();
    return text;
  }

  /** The private fields of an instance. */
  privateFields(object: object, maker: AnyFunction, name: string): string {
    return hasPrivateFields(maker) ? this.#privates(object, name) : "";
  }

  #privates(object: object, name: string): string {
    const fields = this.#answers.privates.get(object);
    if (!fields) this.#wanted.objects.add(object);
    return ` #{${(fields ?? []).map(([key, value]) => `${key}:${this.value(value, `${name}.${key}`)}`).join()}}`;
  }

  // ── functions ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Facts about a function; where some are missing they are noted down, and the walk's result does not count. */
  facts(fn: AnyFunction): Facts | undefined {
    const facts = factsOf(fn);
    if (facts && (!this.#isLive(facts) || this.#answers.looks.has(fn))) return facts;
    this.#wanted.functions.add(fn);
    return undefined;
  }

  #isLive({ isLive, writesLive }: Facts): boolean {
    return isLive || (writesLive && this.#written !== undefined);
  }

  /** A function as text. */
  fn(asked: AnyFunction, name: string): string {
    const given = unwrapped(asked); // a step that prints is the same while another one's output is recorded
    if (types.isProxy(given)) return this.report.opaque(name, "a Proxy");
    if (isUntracked(given)) return "left out";
    const account = this.#account(given, name);
    const inner: unknown = Object.getOwnPropertyDescriptor(given, STEP)?.value;
    if (isFunction(inner) && inner !== given) return `step(${this.fn(inner, name)},${account ?? "no account"})`;
    if (account !== undefined) return account;
    const index = this.#seen.get(given);
    if (index !== undefined) return `#${this.#seen.size - index}`;
    const facts = this.facts(given);
    return facts ? this.#knownFunction(given, facts, name) : "?";
  }

  #account(fn: AnyFunction, name: string): string | undefined {
    const account = ownAccount(fn);
    if (!account) return undefined;
    switch (account.kind) {
      case "value":
        return `account(${this.value(account.value, name)})`;
      case "bytes":
        return `account(${sha256(account.bytes)})`;
      default:
        return this.report.opaque(name, account.kind === "unreadable" ? account.why : "its own account cannot be read");
    }
  }

  #knownFunction(fn: AnyFunction, facts: Facts, name: string): string {
    if (facts.kind === "runtime") return runtimeFunctionText(this, fn, facts, name);
    this.#seen.set(fn, this.#seen.size);
    switch (facts.kind) {
      case "bound":
        return this.#boundFunction(fn, facts, name);
      case "library":
        return this.report.within(true, () => `${this.report.package(facts)}.${fn.name}${this.#bindings(fn, facts)}`);
      case "package":
        return this.report.within(
          true,
          () => `${this.report.package(facts)}.${fn.name}:${sha256(sourceOf(fn))}${settingsOf(fn)}${this.#bindings(fn, facts)}`,
        );
      case "user":
        return this.report.within(false, () => this.#userFunction(fn, facts, name));
    }
  }

  #boundFunction(fn: AnyFunction, { bound }: Facts, name: string): string {
    const { target, self, args } = bound!;
    if (isConsoleMethod(fn) && [target, ...args].every((part) => isRuntimes(this, part))) {
      return `runtime(${JSON.stringify(["console", fn.name])})`;
    }
    const bounds = [this.value(self, `${name} this`), ...args.map((arg, index) => this.value(arg, `${name} argument ${index}`))].join();
    this.report.part("function", name, sha256(bounds), `bound(${bounds})`);
    return `bound(${this.fn(target, name)},${bounds})`;
  }

  #userFunction(fn: AnyFunction, facts: Facts, name: string): string {
    const text = facts.text!;
    this.#names.meet(fn, text);
    const { name: shown, text: source } = shownAs(fn) ?? { name: givenName(fn) || name, text: text.source };
    this.report.part(text.isClass ? "class" : "function", shown, text.hash, source, fileName(facts.url));
    let out = `${text.isClass ? "class" : "fn"}(${text.hash})`;
    for (const note of text.notes) out += this.report.opaque(shown, note);
    if (text.usesOuterThis) out += this.#outerThis(fn, shown);
    for (const use of text.imports) out += this.#dynamicImport(use, facts.url, shown);
    if (text.asksTime && readGlobal("Date") === Date) this.report.outside("new Date()", "time");
    if (text.usesZone) out += zoneText(this.report);
    else if (text.usesLocale) out += localeText(this.report);
    out += this.#bindings(fn, facts);
    this.#around.push(fn);
    if (text.hasStaticPrivate) out += this.#privates(fn, shown);
    out += classText(this, fn, text, shown) + ownPropertiesText(this, fn, text, shown);
    this.#around.pop();
    return out;
  }

  /** Nothing where an arrow function is its object's own: that object is being read. */
  #outerThis(fn: AnyFunction, name: string): string {
    for (const object of this.#around) {
      const place = ownArrow(object, fn, this.#answers.privates.get(object));
      if (place === undefined) continue;
      const maker = place === "private" ? object : makerOf(fn);
      if (maker === undefined) this.#wanted.arrows.add(fn);
      return maker === undefined || maker === object ? "" : this.report.opaque(name, COPIED_THIS);
    }
    return this.report.opaque(name, OUTER_THIS);
  }

  #dynamicImport({ specifier, isContent }: ImportUse, from: string, name: string): string {
    const graph = moduleGraph(specifier, from, this.#answers.loaded, isContent);
    this.#wanted.loaded ||= graph.asksLoaded;
    for (const why of graph.opaque) this.report.opaque(`${name}: import(${JSON.stringify(specifier)})`, why);
    this.report.part("module", specifier, graph.hash);
    return ` import(${JSON.stringify(specifier)})=${graph.hash}`;
  }

  // ── names ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  #bindings(fn: AnyFunction, facts: Facts): string {
    const { bindings, text } = facts;
    const scopes = this.#isLive(facts) ? this.#answers.looks.get(fn)?.scopes ?? [] : [];
    let out = "";
    for (const binding of bindings) {
      const { name, use, how } = binding;
      const isWritten = !use.read && !use.append; // only written: it cannot influence the result
      if (isWritten && this.#written === undefined) continue;
      if (how === "global" && isStore(name)) {
        this.report.outside(name, "stored elsewhere");
        continue;
      }
      const value = readBinding(binding, scopes);
      if (name === text!.selfName && isOwnName(value)) continue;
      if (!isWritten && !use.read && isPlainCollection(value)) this.#appended.push([name, value as object]);
      if (isWritten || (!use.read && isPlainCollection(value))) this.#noteWritten(name, value); // or only appended to
      else out += ` ${name}=${this.#boundValue(value, binding)}`;
    }
    return out;
  }

  /** What is only written to has no part in the text: another walk reads it. */
  #noteWritten(name: string, value: unknown): void {
    if (this.#written === undefined || this.report.isInPackage) return;
    const walk = new Walk(this.#answers);
    this.#written.push({ name, hash: sha256(walk.value(value, name)) });
    this.#wanted.add(walk.#wanted);
  }

  #boundValue(value: unknown, binding: Binding): string {
    const { name, use } = binding;
    if (value === Date && use.members?.has("now")) this.report.outside("Date.now", "time");
    const text = this.value(value, name, binding);
    if (isFunction(value)) return text + namesText(value, use);
    if (/^(?:global|exports|runtime|pkg)\b|^left out$/.test(text)) return text;
    const isChanged = use.write || use.mutate || (use.callsMutator && (isPlainCollection(value) || isPlainObject(value)));
    this.report.part(isChanged ? "changing" : "value", name, sha256(text), text);
    return text;
  }
}

const OUTER_THIS = "this of an arrow function: the object that it was made for cannot be read";
const COPIED_THIS = "this of an arrow function that was copied: it may be the other object's";
