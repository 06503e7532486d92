import assert from "node:assert/strict";
import { OpenedLog } from "./opened_log.ts";

Deno.test("OpenedLog: a list that is long is begun anew where Deno goes on, and removed at the end", async () => {
  const log = new OpenedLog();
  const path = log.path!;
  assert.deepEqual(log.env, { DENO_AUDIT_PERMISSIONS: path });
  await Deno.writeTextFile(path, "x".repeat(5_000));
  await log.shorten(1_000_000);
  assert.equal((await Deno.stat(path)).size, 5_000);
  await log.shorten(1_000);
  assert.equal((await Deno.stat(path)).size, 0);
  await Deno.remove(path);
  await log.shorten(0); // somebody has cleared it away
  await log.remove();
});

Deno.test("OpenedLog: the list that the user has made is his", async () => {
  const path = await Deno.makeTempFile();
  Deno.env.set("DENO_AUDIT_PERMISSIONS", path);
  try {
    const log = new OpenedLog();
    await Deno.writeTextFile(path, "x".repeat(5_000));
    await log.shorten(0);
    await log.remove();
    assert.equal((await Deno.stat(path)).size, 5_000);
    assert.equal(log.isOwn, false);
  } finally {
    Deno.env.delete("DENO_AUDIT_PERMISSIONS");
    await Deno.remove(path);
  }
});
