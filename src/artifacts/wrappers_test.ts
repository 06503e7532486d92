import assert from "node:assert/strict";
import { toFileUrl } from "@std/path";
import type { DataFrame, Equal, FileOutput, InputAs, LazyFrame } from "../types.ts";
import { StoredArtifact } from "./artifact.ts";
import { file, isFileOutput, isLazyInput, isValueInput, lazy, value } from "./wrappers.ts";

/** Compiles where the type is exactly the wanted one. */
function is<Wanted>(): <Found>(found: Found, ...no: Equal<Wanted, Found> extends true ? [] : [Wanted, Found]) => void {
  return () => {};
}

Deno.test("file() makes the path absolute at once and carries the type that its extension loads as", () => {
  const output = file("some/report.md");
  is<FileOutput<string>>()(output);
  is<FileOutput<DataFrame>>()(file("x.csv"));
  assert.equal(output.path, `${Deno.cwd()}/some/report.md`);
  assert.equal(file(toFileUrl("/a b/é.csv")).path, "/a b/é.csv");
  assert.equal(file("file:///a%20b/x.csv").path, "/a b/x.csv");
});

Deno.test("file() refuses what is no local path", () => {
  for (const path of ["", "a\0b", new URL("https://localhost/x.csv"), 5 as never, undefined as never]) {
    assert.throws(() => file(path), { code: "option_invalid" });
  }
});

Deno.test("lazy() carries its source, and the columns of an artifact's frame", () => {
  const artifact = new StoredArtifact<"k", DataFrame>({ id: "1", key: "k", path: "/x", uri: "/x", driver: "csv", hash: "" });
  is<InputAs<LazyFrame>>()(lazy("x.csv"));
  const input = lazy(artifact);
  is<InputAs<LazyFrame>>()(input);
  assert.ok(isLazyInput(input) && input.source === artifact);
  assert.throws(() => lazy("" as string), { code: "option_invalid" });
  assert.throws(() => lazy(null as never), { code: "option_invalid" });
});

Deno.test("value() hands over the very value", () => {
  const object = { a: 1 };
  const input = value(object);
  is<InputAs<{ a: number }>>()(input);
  assert.ok(isValueInput(input) && input.value === object);
});

Deno.test("wrappers are told from each other and from what looks like them", () => {
  const made = [file("x"), lazy("x"), value("x")];
  const predicates = [isFileOutput, isLazyInput, isValueInput];
  for (const [index, predicate] of predicates.entries()) {
    assert.deepEqual(made.map((each) => predicate(each)), made.map((_, other) => other === index));
    for (const other of [null, undefined, "x", { path: "x" }, { source: "x" }, { value: 1 }, Object.create(made[index]!)]) {
      assert.ok(!predicate(other));
    }
  }
  assert.ok(made.every(Object.isFrozen));
  assert.deepEqual(Object.keys(made[0]!), ["path"]);
});
