import assert from "node:assert/strict";
import fc from "fast-check";
import { fromUri, toUri } from "./uris.ts";

const roots = { runDir: "/work/runs", mounts: { data: "/data", deep: "/data/2030", runs2: "/work/runs/shared" } };

Deno.test("toUri() takes the longest mount, then the run folder, then the absolute path", () => {
  const cases = [
    ["/data/2030/x.csv", "deep://x.csv"],
    ["/data/x/y.csv", "data://x/y.csv"],
    ["/data", "/data"],
    ["/database/x", "/database/x"],
    ["/work/runs/a/../b.csv", "./b.csv"],
    ["/work/runs/shared/x", "runs2://x"],
    ["/work/runs/..odd/x", "./..odd/x"],
    ['/elsewhere/it\'s "odd"\n.csv', '/elsewhere/it\'s "odd"\n.csv'],
  ];
  for (const [path, uri] of cases) assert.equal(toUri(path!, roots), uri);
});

Deno.test("fromUri() undoes toUri() for any path", () => {
  const name = fc.string({ unit: "grapheme", minLength: 1 }).filter((each) => !/[/\0]/.test(each) && each !== "." && each !== "..");
  const base = fc.constantFrom("/data", "/data/2030", "/work/runs", "/elsewhere", "/work");
  fc.assert(fc.property(base, fc.array(name, { minLength: 1, maxLength: 4 }), (root, names) => {
    const path = `${root}/${names.join("/")}`;
    assert.equal(fromUri(toUri(path, roots), roots), path);
  }));
});

Deno.test("fromUri() reads the other library's forms", () => {
  assert.equal(fromUri("file:///a/b c%20.csv", roots), "/a/b c%20.csv");
  assert.equal(fromUri("workspace://a/b", roots), "/work/runs/a/b");
  assert.equal(fromUri("workspace://a", { ...roots, mounts: { workspace: "/w" } }), "/w/a");
});

for (
  const uri of [
    "data://../secret",
    "data://a/../../secret",
    "data:///etc/passwd",
    "data://",
    "./../x",
    "./a/../../x",
    "./",
    ".//etc/passwd",
    "./a\0b",
    "../x",
    "x.csv",
    "",
    "data://.",
    "__proto__://x",
    "constructor://x",
  ]
) {
  Deno.test(`fromUri() refuses ${JSON.stringify(uri)}`, () => {
    assert.throws(() => fromUri(uri, roots), { code: "artifact_missing", path: uri });
  });
}

Deno.test("fromUri() names the nearest mount for one that is not configured", () => {
  assert.throws(() => fromUri("dta://x", roots), { fix: 'Did you mean "data"?' });
  assert.throws(() => fromUri("s3://bucket/x", roots), { why: /No mount "s3" is configured/ });
});

Deno.test("toUri() refuses a mount whose name no address can carry", () => {
  for (const name of ["", "a b", "c", "file", "x://", "../x"]) {
    assert.throws(() => toUri("/m/x", { runDir: "/r", mounts: { [name]: "/m" } }), { code: "option_invalid" });
  }
});
