import assert from "node:assert/strict";
import { Saves } from "./saves.ts";

async function watching(body: (path: string, saves: Saves) => Promise<void>): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  try {
    const path = `${dir}/a notebook.ipynb`;
    await Deno.writeTextFile(path, "0");
    const saves = new Saves(path, "0");
    try {
      await body(path, saves);
    } finally {
      saves[Symbol.dispose]();
      await saves.over;
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("Saves tells a save that is written over, one that is renamed into place, and one after a removal", () =>
  watching(async (path, saves) => {
    const first = saves.next();
    await Deno.writeTextFile(path, "1");
    assert.equal(await first, "1");
    const second = saves.next();
    await Deno.writeTextFile(`${path}~`, "2");
    await Deno.rename(`${path}~`, path);
    assert.equal(await second, "2");
    const third = saves.next();
    await Deno.remove(path);
    await Deno.writeTextFile(path, "3");
    assert.equal(await third, "3");
  }));

Deno.test("Saves tells several writes at once as one, what was saved before it was asked, and nothing that we wrote or that changes nothing", () =>
  watching(async (path, saves) => {
    for (const text of ["1", "12", "123"]) await Deno.writeTextFile(path, text);
    assert.equal(await saves.next(), "123");
    const next = saves.next();
    saves.expect("ours");
    await Deno.writeTextFile(path, "ours");
    await Deno.writeTextFile(`${path}.other`, "x");
    await new Promise((resolve) => setTimeout(resolve, 400));
    await Deno.writeTextFile(path, "theirs");
    assert.equal(await next, "theirs");
  }));

Deno.test("Saves ends with nothing for whoever waits, and may be ended twice", () =>
  watching(async (_path, saves) => {
    const next = saves.next();
    saves[Symbol.dispose]();
    saves[Symbol.dispose]();
    assert.equal(await next, undefined);
    assert.equal(await saves.next(), undefined);
  }));
