/** Where another process finds a step's function: the module in which it stands, and the name under which that exports it. */
import { ExecutorError } from "../../errors.ts";
import { type AnyFunction, functionModule } from "../../identity/mod.ts";

/** A function by its address. */
export interface Importable {
  /** The module's url. */
  readonly module: string;
  /** The exported name. */
  readonly name: string;
}

/** A module that is loaded answers at once; one that is still being evaluated not before it is, which may be never. */
const LOADED_WITHIN_MS = 2_000;

const known = new WeakMap<object, Promise<Importable>>();

/**
 * The address of a function.
 *
 * @throws {ExecutorError} `not_importable`, where it has none.
 */
export function importableOf(fn: AnyFunction, step: string): Promise<Importable> {
  const found = known.get(fn) ?? find(fn, step);
  known.set(fn, found);
  found.catch(() => known.delete(fn)); // it may be exported later, as in a module that is still being loaded
  return found;
}

async function find(fn: AnyFunction, step: string): Promise<Importable> {
  const module = await functionModule(fn);
  if (module === "") throw refused(step, "It stands in a notebook's cell, in evaluated text or in no file of yours.", MOVE);
  if (module === Deno.mainModule) {
    throw refused(step, "It stands in the program's main module, and to import that would run the program again.", MOVE);
  }
  const names = await exportsOf(module, step);
  const name = Object.entries(names).find(([, value]) => value === fn)?.[0];
  if (name !== undefined) return { module, name };
  throw refused(
    step,
    `The module ${module} does not export it.`,
    "Write export in front of it. A function that another one returned is exported by nobody: export a function that does the same.",
  );
}

const MOVE = 'Move it into a module of its own (export it there, and import it here), or use executor: "in_process".';

async function exportsOf(module: string, step: string): Promise<object> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), LOADED_WITHIN_MS);
  try {
    const names = await Promise.race([import(module) as Promise<object>, late.promise]);
    if (names !== undefined) return names;
  } catch (cause) {
    throw refused(step, `Its module ${module} cannot be imported: ${cause instanceof Error ? cause.message : String(cause)}`, MOVE, cause);
  } finally {
    clearTimeout(timer);
  }
  throw refused(step, `Its module ${module} is still being loaded: it runs the step itself, or is imported by what does.`, MOVE);
}

function refused(step: string, why: string, fix: string, cause?: unknown): ExecutorError {
  return new ExecutorError("not_importable", {
    problem: `The function of step "${step}" cannot be called in another process.`,
    why,
    fix,
    step,
    ...(cause === undefined ? {} : { cause }),
  });
}
