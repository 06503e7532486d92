/** Drivers with the versions of what is behind them: another version may read or write something else. */
import { driverNamed } from "../artifacts/mod.ts";

const versions = new Map<string, Promise<string>>();

/** A driver's name with the version of its format and of its library. */
export function versioned(name: string): Promise<string> {
  const known = versions.get(name);
  if (known !== undefined) return known;
  const driver = driverNamed(name);
  const text = Promise.resolve(driver.libraryVersion()).then((library) => `${name}@${driver.formatVersion}${library ? `+${library}` : ""}`);
  versions.set(name, text);
  return text;
}
