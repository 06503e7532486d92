import assert from "node:assert/strict";
import { environmentParts } from "./command_step.ts";

Deno.test("environmentParts() counts given variables by their hashes, and the machine's language and time zone", () => {
  const machine = { LC_COLLATE: "C", LANG: "de_DE.UTF-8", TZ: "UTC", HOME: "/root", PATH: "/bin" };
  const parts = environmentParts({ SECRET: "swordfish", LANG: "C" }, machine);
  assert.deepEqual(Object.keys(parts).sort(), [
    "environment LANG",
    "environment LC_COLLATE of this machine",
    "environment SECRET",
    "environment TZ of this machine",
  ]);
  assert.doesNotMatch(JSON.stringify(parts), /swordfish|HOME|PATH/);
  assert.notDeepEqual(parts, environmentParts({ SECRET: "swordfish", LANG: "C" }, { ...machine, LC_COLLATE: "de_DE" }));
  assert.notDeepEqual(parts, environmentParts({ SECRET: "other", LANG: "C" }, machine));
  assert.ok("environment TZ of this machine" in environmentParts({}, {}));
});
