/** While a query runs that its step was given as an input: it counts by its rows, and not by what it asks. */
import { AsyncLocalStorage } from "node:async_hooks";

/** A scope says when it is over: a dynamic import leaves its context to what the runtime calls next. */
const scopes = new AsyncLocalStorage<{ isOver: boolean }>();

/** Does a query run here that the step was given? */
export function readsGivenQuery(): boolean {
  return scopes.getStore()?.isOver === false;
}

/** Runs such a query. */
export async function asGivenQuery<T>(work: () => Promise<T>): Promise<T> {
  const scope = { isOver: false };
  try {
    return await scopes.run(scope, work);
  } finally {
    scope.isOver = true;
  }
}
