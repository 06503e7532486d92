import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { join } from "@std/path";
import { type Claim, Claims, type Holder } from "./claim.ts";
import { isDead, lockState, markOfProcess, Presence, removeIfFree } from "./presence.ts";

async function tempDir(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
const isClaim = (found: Claim | Holder | undefined): found is Claim => found !== undefined && "release" in found;
const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name);

Deno.test("take() gives a claim to one at a time, and leaves no file when it is given back", async () => {
  await using dir = await tempDir();
  // Two objects on one folder stand for two processes: they share nothing but the files.
  const [one, other] = [new Claims(dir.path), new Claims(dir.path)];
  const first = one.take("abc");
  assert.ok(isClaim(first));
  const second = other.take("abc");
  assert.ok(second !== undefined && !isClaim(second));
  assert.equal(second.pid, Deno.pid);
  const free = other.take("another");
  assert.ok(isClaim(free), "another signature is free");
  free.release();
  first.release();
  await second.over();
  const third = other.take("abc");
  assert.ok(isClaim(third));
  third.release();
  assert.equal(names(dir.path).filter((name) => name.startsWith("abc")).length, 0);
});

Deno.test("take() takes over what a dead process left, and only one of those that wait does", async () => {
  await using dir = await tempDir();
  await Deno.writeTextFile(join(dir.path, "process-dead.lock"), JSON.stringify({ pid: 1 }));
  await Deno.link(join(dir.path, "process-dead.lock"), join(dir.path, "abc.claim"));
  const found = [new Claims(dir.path), new Claims(dir.path), new Claims(dir.path)].map((claims) => claims.take("abc"));
  assert.deepEqual(found.map(isClaim), [true, false, false]);
  (found[0] as Claim).release();
});

Deno.test("sweep() removes what the dead left and nothing of the living", async () => {
  await using dir = await tempDir();
  const claims = new Claims(dir.path);
  const claim = claims.take("living");
  await Deno.writeTextFile(join(dir.path, "process-dead.lock"), "");
  await Deno.link(join(dir.path, "process-dead.lock"), join(dir.path, "dead.claim"));
  await Deno.writeTextFile(join(dir.path, "something else"), "");
  claims.sweep();
  assert.deepEqual(names(dir.path).filter((name) => !name.startsWith("process-")).sort(), ["living.claim", "something else"]);
  assert.equal(names(dir.path).length, 3);
  (claim as Claim).release();
});

Deno.test("isDead() is sure only where a lock or the system says so", async () => {
  await using dir = await tempDir();
  const [now, began] = [Date.now(), new Date()];
  const dead = (mark: Parameters<typeof isDead>[1], at = began) => isDead([dir.path], mark, at, now);
  const living = Presence.begin(dir.path);
  assert.equal(dead(living.mark), false, "its lock is held");
  await Deno.writeTextFile(join(dir.path, "process-free.lock"), "");
  assert.equal(dead({ ...markOfProcess(), id: "free" }), true, "its lock is free");
  assert.equal(dead({ id: "free", pid: 1, host: "another machine" }), false, "its lock may not be seen here");
  assert.equal(dead({ id: "free", pid: 1, host: "another machine" }, new Date(now - 2 * 24 * 3600 * 1000)), true, "it is long ago");
  assert.equal(dead({ pid: Deno.pid, host: Deno.hostname() }), false, "there is such a process");
  assert.equal(dead({ pid: 2 ** 30, host: Deno.hostname() }), true, "there is no such process");
  assert.equal(dead({ pid: 2 ** 30, host: "another machine" }), false, "nobody knows");
  assert.equal(dead({ id: "gone", pid: 2 ** 30 }), false, "nobody knows");
  living.end();
});

Deno.test("removeIfFree() keeps what is locked, and says what it found", async () => {
  await using dir = await tempDir();
  const living = Presence.begin(dir.path);
  assert.equal(removeIfFree(living.path), "held");
  assert.equal(lockState(living.path), "held");
  living.end();
  assert.equal(lockState(living.path), "gone");
  assert.equal(lockState(join(dir.path, "a\nb/../../c")), "gone");
  await Deno.mkdir(join(dir.path, "folder"));
  assert.notEqual(lockState(join(dir.path, "folder")), "held");
});

Deno.test("take() and holder() count a claim that was given back as none, also where its context is left to code that comes later", async () => {
  await using dir = await tempDir();
  const [one, other] = [new Claims(dir.path), new Claims(dir.path)];
  const first = one.take("b");
  assert.ok(isClaim(first));
  const later = await first.computing(() => Promise.resolve(AsyncLocalStorage.snapshot()));
  assert.equal(later(() => one.take("b")), undefined); // a run of the same signature inside itself
  first.release();
  const again = later(() => one.take("b"));
  assert.ok(isClaim(again));
  again.release();
  const foreign = other.take("a");
  assert.ok(isClaim(foreign));
  const found = later(() => one.take("a"));
  assert.ok(found !== undefined && !isClaim(found), "it waits for the other one");
  foreign.release();
  await found.over();
});
