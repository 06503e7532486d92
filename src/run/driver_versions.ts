/** Drivers with the versions of what is behind them: another version may read or write something else. */
import { type Driver, driverNamed, isChosenByValue } from "../artifacts/mod.ts";
import { OptionError } from "../errors.ts";
import type { Meta } from "../types.ts";

/** By driver and not by name: one may be replaced by another of the same name. */
const versions = new WeakMap<Driver, Promise<string>>();

/** A driver's name with the version of its format and of its library. */
export function versioned(name: string): Promise<string> {
  const driver = driverNamed(name);
  const known = versions.get(driver);
  if (known !== undefined) return known;
  const text = Promise.resolve(driver.libraryVersion()).then((library) => `${name}@${driver.formatVersion}${library ? `+${library}` : ""}`);
  versions.set(driver, text);
  return text;
}

/** What is kept with an output whose value chose a driver that is no part of the signature: one that somebody added, or that of charts. */
export async function writerOf(driver: string): Promise<{ writer?: string }> {
  return isChosenByValue(driver) ? { writer: await versioned(driver) } : {};
}

/** The first output that would be written by another version now, or by nobody. */
export async function changedWriter(
  outputs: readonly { readonly key: string; readonly driver: string; readonly meta: Meta }[],
): Promise<{ readonly key: string; readonly before: string; readonly after: string | undefined } | undefined> {
  for (const { key, driver, meta } of outputs) {
    if (typeof meta.writer !== "string") continue;
    const after = await versionedIfThere(driver);
    if (after !== meta.writer) return { key, before: meta.writer, after };
  }
  return undefined;
}

async function versionedIfThere(driver: string): Promise<string | undefined> {
  try {
    return await versioned(driver);
  } catch (error) {
    if (error instanceof OptionError) return undefined; // nobody registered it in this process
    throw error;
  }
}
