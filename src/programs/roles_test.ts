import assert from "node:assert/strict";
import fc from "fast-check";
import { withRoles } from "./roles.ts";

const ROLES = [
  { path: "/home/me/study", role: "project" },
  { path: "/home/me/study/runs/outputs/sort/sort_1", role: "run" },
  { path: "/data/in.csv", role: "input raw.csv" },
];

Deno.test("withRoles() puts what a path stands for in its place", () => {
  const cases: Record<string, string> = {
    "/data/in.csv": "<input raw.csv>",
    "--in=/data/in.csv": "--in=<input raw.csv>",
    "-i/data/in.csv": "-i<input raw.csv>",
    "/data/in.csv:/data/in.csv": "<input raw.csv>:<input raw.csv>",
    "/home/me/study/runs/outputs/sort/sort_1/a.txt": "<run>/a.txt",
    "/home/me/study/tools/x.py": "<project>/tools/x.py",
    "file:///data/in.csv": "file://<input raw.csv>",
  };
  for (const [text, wanted] of Object.entries(cases)) assert.equal(withRoles(text, ROLES), wanted, text);
});

Deno.test("withRoles() leaves longer names and other folders alone", () => {
  for (const text of ["/data/in.csv.bak", "/data/in.csv2", "/old/data/in.csv", "x/home/me/study", "/home/me/study2/a", "-n", ""]) {
    assert.equal(withRoles(text, ROLES), text);
  }
});

Deno.test("withRoles() lets no text pass for a role", () => {
  assert.equal(withRoles("<run>/a.txt", ROLES), "<<run>>/a.txt");
  assert.notEqual(withRoles("/x", [{ path: "/x", role: "a>" }]), withRoles("/x>", [{ path: "/x", role: "a" }]));
});

Deno.test("withRoles() gives different texts for different texts", () => {
  const piece = fc.constantFrom("/data/in.csv", "/home/me/study", "<run>", "<", ">", "input raw.csv", "/", "=", "a", ":");
  const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
  fc.assert(fc.property(text, text, (one, other) => {
    assert.equal(withRoles(one, ROLES) === withRoles(other, ROLES), one === other);
  }));
});
