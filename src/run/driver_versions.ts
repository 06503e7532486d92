/** Drivers with the versions of what is behind them: another version may read or write something else. */
import { type Driver, driverNamed } from "../artifacts/mod.ts";

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
