/**
 * The engine's own view of functions, through `node:inspector`: what their closures hold, what they are bound to, which script they stand in.
 *
 * Two traps decide how this file looks. Touching the inspector while a kernel evaluates a cell panics the kernel, so every visit begins with a macrotask. And an
 * enabled debugger makes each `await` ten times slower, so it is enabled only while script urls and sources are read, in a session of its own.
 */
import { Session } from "node:inspector";
import { setImmediate } from "node:timers";
import { crypto, JSON } from "../../intrinsics.ts";
import { shakenBuiltins } from "./builtins.ts";
import { type AnyFunction, isFunction } from "./functions.ts";
import { originOf } from "./origins.ts";

/** A script that functions stand in. */
export interface Script {
  /** Its url; empty for a cell, an eval, and what only claims a url. */
  readonly url: string;
  /** Its running source, for users' files. */
  readonly source: string | null;
}

/** One scope around a function: a snapshot of the names that some function in it uses. */
export interface Scope {
  /** `Module`, `Closure (f)`, `Block`, `Script`, `Global`, … */
  readonly description: string;
  /** Name → value; a name in its dead zone throws when read. */
  readonly object: Readonly<Record<string, unknown>>;
}

/** What the engine says about a function. */
export interface Look {
  /** The script it stands in; null for native and bound functions. */
  readonly scriptId: string | null;
  /** Its scopes, innermost first. */
  readonly scopes: readonly Scope[];
  /** What a bound function is bound to. */
  readonly bound: { readonly target: AnyFunction; readonly self: unknown; readonly args: readonly unknown[] } | null;
}

interface RemoteObject {
  readonly objectId?: string;
  readonly value?: unknown;
  readonly unserializableValue?: string;
}
interface RemoteProperty {
  readonly name: string;
  readonly value?: RemoteObject;
}
interface Properties {
  readonly internalProperties?: readonly RemoteProperty[];
  readonly privateProperties?: readonly RemoteProperty[];
}
type Post = (method: string, params: object, done: (error: { message?: string } | null, result: unknown) => void) => void;

/** Scripts remembered at most: each run of a cell is a new script. One that was forgotten is read again. */
const MOST_SCRIPTS = 5_000;
const GROUP = "consist";

/** An open inspector session on the own thread. */
export class Inspector {
  readonly #session = new Session();
  /** Values cross between us and the session through this object. */
  readonly #slot: { value: unknown } = { value: undefined };
  readonly #scripts = new Map<string, Script>();
  #slotId = "";

  /** Connects. Needs `--allow-sys`. */
  async open(): Promise<this> {
    this.#session.connect();
    const key = `__consist_${crypto.randomUUID()}`;
    Object.defineProperty(globalThis, key, { value: this.#slot, configurable: true });
    const { result } = await post<{ result: RemoteObject }>(this.#session, "Runtime.evaluate", { expression: `globalThis["${key}"]` });
    Reflect.deleteProperty(globalThis, key);
    this.#slotId = result.objectId!;
    return this;
  }

  /** Scopes, script and binding of a function. Scopes are snapshots: look again to see newer values. */
  async look(fn: AnyFunction): Promise<Look> {
    const { internalProperties = [] } = await this.#properties(fn);
    const find = (name: string) => internalProperties.find((property) => property.name === `[[${name}]]`)?.value;
    const place = find("FunctionLocation")?.value as { scriptId?: string } | undefined;
    const scopes = find("Scopes");
    const look: Look = {
      scriptId: place?.scriptId ?? null,
      scopes: scopes ? Array.from(await this.#take(scopes) as ArrayLike<Scope>) : [], // has no prototype, so no iterator
      bound: await this.#bound(find("TargetFunction"), find("BoundThis"), find("BoundArgs")),
    };
    await this.#release();
    return look;
  }

  async #bound(target?: RemoteObject, self?: RemoteObject, args?: RemoteObject): Promise<Look["bound"]> {
    if (!target || !self || !args) return null;
    const inner = await this.#take(target);
    if (!isFunction(inner)) return null;
    return { target: inner, self: await this.#take(self), args: Array.from(await this.#take(args) as ArrayLike<unknown>) };
  }

  /** The private fields of an instance or class. */
  async privates(object: object): Promise<readonly (readonly [string, unknown])[]> {
    const { privateProperties = [] } = await this.#properties(object);
    const list: [string, unknown][] = [];
    for (const { name, value } of privateProperties) if (value) list.push([name, await this.#take(value)]);
    await this.#release();
    return list;
  }

  /** All objects that are alive, but Proxies and what has no prototype. It takes 50 ms and more, for a collection of garbage goes before it. */
  async allObjects(): Promise<readonly object[]> {
    const prototypeObjectId = await this.#give(Object.prototype);
    const { objects } = await post<{ objects: RemoteObject }>(this.#session, "Runtime.queryObjects", {
      prototypeObjectId,
      objectGroup: GROUP,
    });
    const found = Array.from(await this.#take(objects) as ArrayLike<object>);
    await this.#release();
    return found;
  }

  /** The script, if it is known already. */
  knownScript(scriptId: string): Script | undefined {
    return this.#scripts.get(scriptId);
  }

  /** Remembers a script without asking for its url: for the cell that was just run. */
  assumeCell(scriptId: string): Script {
    return this.#remember(scriptId, { url: "", source: null });
  }

  /** Reads the urls of all scripts that are not known yet, and the sources of users' files among them; gives these scripts, also those that are not kept. */
  async readScripts(): Promise<ReadonlyMap<string, Script>> {
    const session = new Session();
    session.connect();
    const fresh = new Map<string, string>(), read = new Map<string, Script>();
    session.on("Debugger.scriptParsed", ({ params }) => {
      if (!this.#scripts.has(params.scriptId)) fresh.set(params.scriptId, params.hasSourceURL ? "" : params.url);
    });
    try {
      // both at once: a `debugger` statement between them would stop us
      await Promise.all([post(session, "Debugger.enable"), post(session, "Debugger.setSkipAllPauses", { skip: true })]);
      for (const [scriptId, url] of fresh) {
        read.set(scriptId, this.#remember(scriptId, { url, source: isUserFile(url) ? await sourceText(session, scriptId) : null }));
      }
      await post(session, "Debugger.disable");
    } finally {
      session.disconnect();
    }
    return read;
  }

  /**
   * The urls of the scripts of which something has run, without their sources: what the engine counts for coverage in any case. Enabling the
   * debugger takes four times as long in a process that has just loaded its modules. A script may claim a url that is not its own.
   */
  async readUrls(): Promise<ReadonlyMap<string, string>> {
    const { result } = await post<{ result: readonly { scriptId: string; url: string }[] }>(
      this.#session,
      "Profiler.getBestEffortCoverage",
    );
    return new Map(result.map(({ scriptId, url }) => [scriptId, url]));
  }

  /** The urls of all modules that are loaded at this moment. */
  async loadedModules(): Promise<ReadonlySet<string>> {
    const session = new Session();
    session.connect();
    const urls = new Set<string>();
    session.on("Debugger.scriptParsed", ({ params }) => void urls.add(params.url));
    try {
      await Promise.all([post(session, "Debugger.enable"), post(session, "Debugger.setSkipAllPauses", { skip: true })]);
      await post(session, "Debugger.disable");
    } finally {
      session.disconnect();
    }
    return urls;
  }

  #remember(scriptId: string, script: Script): Script {
    this.#scripts.set(scriptId, script);
    if (this.#scripts.size > MOST_SCRIPTS) this.#forgetOldestCell(scriptId);
    return script;
  }

  #forgetOldestCell(except: string): void {
    for (const [id, { url }] of this.#scripts) if (url === "" && id !== except) return void this.#scripts.delete(id);
  }

  async #properties(value: unknown): Promise<Properties> {
    return await post<Properties>(this.#session, "Runtime.getProperties", { objectId: await this.#give(value), ownProperties: true });
  }

  /** The remote id of a value. */
  async #give(value: unknown): Promise<string | undefined> {
    this.#slot.value = value;
    const { result } = await post<{ result: RemoteObject }>(this.#session, "Runtime.callFunctionOn", {
      objectId: this.#slotId,
      functionDeclaration: "function(){return this.value}",
      objectGroup: GROUP,
    });
    return result.objectId;
  }

  /** The real value behind a remote one. */
  async #take(remote: RemoteObject): Promise<unknown> {
    if (remote.objectId === undefined) return remote.unserializableValue ? specialValue(remote.unserializableValue) : remote.value;
    await post(this.#session, "Runtime.callFunctionOn", {
      objectId: remote.objectId,
      functionDeclaration: "function(slot){slot.value=this}",
      arguments: [{ objectId: this.#slotId }],
    });
    return this.#slot.value;
  }

  async #release(): Promise<void> {
    this.#slot.value = undefined;
    await post(this.#session, "Runtime.releaseObjectGroup", { objectGroup: GROUP });
  }
}

/** `-0`, `NaN`, `Infinity`, `12n`. */
const specialValue = (text: string): unknown => text.endsWith("n") ? BigInt(text.slice(0, -1)) : Number(text);

/** Is it the url of a module of the user's? */
export const isUserFile = (url: string) => url !== "" && originOf(url).kind === "user";

async function sourceText(session: Session, scriptId: string): Promise<string> {
  return (await post<{ scriptSource: string }>(session, "Debugger.getScriptSource", { scriptId })).scriptSource;
}

function post<T>(session: Session, method: string, params: object = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const send = session.post.bind(session) as unknown as Post;
    send(
      method,
      params,
      (error, result) => error ? reject(new Error(`${method}: ${error.message ?? JSON.stringify(error)}`)) : resolve(result as T),
    );
  });
}

/** The inspector is not to be had: without `--allow-sys` nothing can be said about closures and scripts. */
export class InspectorRefused extends Error {}

let opened: Promise<Inspector> | undefined;
let turn: Promise<unknown> = Promise.resolve();

/**
 * Does a piece of work with the inspector: one at a time, and never while a cell is being evaluated. Inside the work only the inspector may be awaited.
 *
 * @throws {InspectorRefused} where the permission is missing. Nobody is asked for it: a step is no place for a question.
 */
export function withInspector<T>(work: (inspector: Inspector) => Promise<T>): Promise<T> {
  const mine = turn.then(async () => {
    if (Deno.permissions.querySync({ name: "sys" }).state !== "granted") {
      throw new InspectorRefused("closures can be read with --allow-sys only");
    }
    const [shaken] = shakenBuiltins(); // what it is asked and answers travels as JSON
    if (shaken !== undefined) throw new InspectorRefused(`${shaken.name}: ${shaken.why}`);
    await new Promise<void>((resolve) => setImmediate(resolve));
    return await work(await openInspector());
  });
  turn = mine.catch(() => {}); // the caller gets the error; the next one in the queue must not
  return mine;
}

async function openInspector(): Promise<Inspector> {
  opened ??= new Inspector().open();
  try {
    return await opened;
  } catch (error) {
    opened = undefined;
    throw new InspectorRefused(`the inspector cannot be opened (${error instanceof Error ? error.message : String(error)})`, {
      cause: error,
    });
  }
}
