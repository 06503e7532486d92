import assert from "node:assert/strict";
import { callIdentity } from "./call.ts";
import type { CodePart } from "./code_parts.ts";
import { hashConfig, type RunFields } from "./config.ts";
import { sha256 } from "./digest.ts";
import { explain } from "./explain.ts";
import { inputIdentity, type InputPart } from "./inputs.ts";
import { identityTexts, type StepIdentity, stepIdentity, storedIdentity } from "./signature.ts";
import { type MissCandidate, type Refusal, whyMiss } from "./why_miss.ts";

interface Version {
  config?: unknown;
  fields?: Partial<RunFields>;
  dependsOn?: Record<string, string>;
  code?: CodePart[];
  codeHash?: string | null;
  mode?: string;
  outputs?: string[];
  bindings?: Record<string, string>;
  inputs?: Partial<InputPart>[];
}

const codePart = (kind: CodePart["kind"], name: string, text: string, where?: string): CodePart => ({
  kind,
  name,
  hash: sha256(text),
  text,
  ...(where ? { where } : {}),
});
const STEP = codePart("function", "clean", "function clean(raw) {\n  return normalise(raw);\n}", "clean.ts");

function identity(version: Version = {}): StepIdentity {
  const parts = version.code ?? [STEP];
  const hash = version.codeHash === undefined ? sha256(JSON.stringify(parts)) : version.codeHash;
  return stepIdentity({
    code: {
      mode: version.mode ?? "dependencies",
      hash,
      parts,
      opaque: hash === null ? [{ name: "client", why: "a Proxy" }] : [],
      outside: [],
    },
    call: callIdentity({ outputs: (version.outputs ?? ["cleaned"]).map((key) => ({ key })), bindings: version.bindings }),
    config: hashConfig(version.config ?? { threshold: 0.5 }, { model: "clean", cacheEpoch: 1, ...version.fields }, version.dependsOn),
    inputs: inputIdentity(
      (version.inputs ?? [{}]).map((part) => ({
        key: "raw",
        binding: "data",
        driver: "csv@1+polars 0.25.2",
        hash: sha256("a"),
        label: "raw.csv",
        ...part,
      })),
    ),
  });
}

const RUN = { id: "clean_1a2b3c4d", startedAt: new Date(Date.UTC(2026, 10, 22, 9, 30)) };
const candidate = (version: Version = {}, run = RUN): MissCandidate<typeof RUN> => ({
  run,
  identity: storedIdentity(identityTexts(identity(version))),
});
const miss = (before: Version | null, now: Version, refusal?: Refusal) =>
  whyMiss({ step: "clean", now: identity(now), candidates: before ? [candidate(before)] : [], refusal });

const helper = (body: string) => codePart("function", "normalise", `function normalise(raw) {\n  const scale = 2;\n  ${body}\n}`, "lib.ts");
const cases: Record<string, [before: Version | null, now: Version, changed: string[], refusal?: Refusal]> = {
  first_run: [null, {}, []],
  cache_off: [{}, {}, [], { kind: "cache_off" }],
  overwrite: [{}, { config: { threshold: 0.7 } }, ["config"], { kind: "overwrite" }],
  identity_unknown: [{}, { codeHash: null, code: [STEP] }, []],
  outputs_missing: [{}, {}, [], { kind: "outputs_missing", run: RUN, key: "cleaned", path: "runs/clean/cleaned.parquet" }],
  outputs_damaged: [{}, {}, [], { kind: "outputs_damaged", run: RUN, key: "cleaned", path: "runs/<b>'\"/cleaned.parquet" }],
  "call_changed (writer)": [{}, {}, [], { kind: "writer_changed", run: RUN, key: "cleaned", before: "mine@1+1.0", after: "mine@1+2.0" }],
  "call_changed (writer gone)": [{}, {}, [], { kind: "writer_changed", run: RUN, key: "cleaned", before: "mine@1+1.0", after: undefined }],
  failed_before: [null, {}, [], { kind: "failed_before", run: RUN, error: "TypeError: raw is undefined" }],
  interrupted: [null, {}, [], { kind: "interrupted", run: RUN }],
  "inputs_changed (implicit)": [{}, {}, ["inputs"], {
    kind: "implicit_inputs_changed",
    run: RUN,
    inputs: [{ key: "k", label: "k.json", before: sha256("2"), after: sha256("3") }, {
      key: "gone",
      label: "gone.json",
      before: sha256("2"),
    }],
  }],
  step_renamed: [{ fields: { model: "cleaning" } }, {}, ["config"]],
  cache_version_changed: [{}, { fields: { cacheVersion: 2, cacheEpoch: 3 } }, ["config"]],
  call_changed: [{}, { outputs: ["cleaned", "rejected"], bindings: { raw: "lazy" }, inputs: [{ binding: "lazy" }] }, ["code"]],
  code_changed: [{ code: [STEP, helper("return raw.scale(scale);")] }, { code: [STEP, helper("return raw.scale(scale * 2);")] }, ["code"]],
  "code_changed (captured, package, file)": [
    {
      code: [STEP, codePart("value", "threshold", "0.5"), codePart("package", "lodash", "4.17.20"), {
        kind: "file",
        name: "a.txt",
        hash: "MISSING",
        text: "missing",
      }],
    },
    {
      code: [STEP, codePart("changing", "threshold", "0.7"), codePart("package", "lodash", "4.17.21"), {
        kind: "file",
        name: "a.txt",
        hash: sha256("a"),
      }, codePart("package", "zod", "4.6.7")],
    },
    ["code"],
  ],
  "code_changed (mode)": [{ mode: "source" }, {}, ["code"]],
  "code_changed (nowhere to be seen)": [{ codeHash: sha256("x") }, { codeHash: sha256("y") }, ["code"]],
  config_changed: [{ config: { threshold: 0.5, gone: 1, list: [1, { a: 2 }] } }, {
    config: { threshold: 0.7, "new key": true, list: [1, { a: 3 }], big: 2n ** 64n },
    fields: { year: 2030 },
    dependsOn: { "lookup.csv": sha256("l") },
  }, ["config"]],
  inputs_changed: [
    { inputs: [{}, { key: "old", label: "old.csv" }, { key: "same" }] },
    { inputs: [{ hash: sha256("b") }, { key: "zones", label: "in/zones.parquet" }, { key: "same", driver: "csv@1+polars 0.26.0" }] },
    ["inputs"],
  ],
  code_and_config_changed: [{}, { code: [codePart("function", "clean", "() => 1", "clean.ts")], config: {} }, ["code", "config"]],
  code_and_inputs_changed: [{}, { outputs: ["x"], inputs: [] }, ["code", "inputs"]],
  config_and_inputs_changed: [{}, { config: { threshold: 1 }, inputs: [] }, ["config", "inputs"]],
  everything_changed: [{}, { config: { threshold: 1 }, inputs: [], outputs: ["x"] }, ["code", "config", "inputs"]],
  hit_not_available: [{}, {}, []],
};

for (const [name, [before, now, changed, refusal]] of Object.entries(cases)) {
  Deno.test(`whyMiss() and explain() say: ${name}`, async (t) => {
    const found = miss(before, now, refusal);
    assert.equal(found.code, name.replace(/ .*/, ""));
    assert.deepEqual(found.changed, changed);
    await t.assertSnapshot(explain(found));
  });
}

Deno.test("whyMiss() names the changed key with both values", () => {
  const found = miss({}, { config: { threshold: 0.7 } });
  assert.deepEqual(found.changes, [{ part: "config", name: "config.threshold", before: 0.5, after: 0.7 }]);
  assert.match(explain(found), /threshold.*0\.5.*0\.7/s);
  assert.match(explain(miss({}, { inputs: [{ hash: sha256("b") }] })), /raw\.csv/);
});

Deno.test("whyMiss() compares with the candidate that differs least, the newest of equals", () => {
  const run = (id: string) => ({ ...RUN, id });
  const candidates = [
    candidate({ config: { threshold: 0.9, b: 1 }, inputs: [] }, run("newest_but_far")),
    candidate({ config: { threshold: 0.9, b: 1 } }, run("two_keys")),
    candidate({ config: { threshold: 0.6 } }, run("one_key")),
    candidate({ config: { threshold: 0.8 } }, run("one_key_older")),
  ];
  assert.equal(whyMiss({ step: "clean", now: identity(), candidates }).nearest?.id, "one_key");
});

Deno.test("whyMiss() tells numbers apart that a double cannot", () => {
  const found = miss({ config: { n: 2n ** 53n } }, { config: { n: 2n ** 53n + 1n } });
  assert.match(explain(found), /config\.n: 9007199254740992 → 9007199254740993/);
});

Deno.test("whyMiss() caps a long list of differences", () => {
  const config = (value: number) => Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k${i}`, value]));
  const lines = explain(miss({ config: config(1) }, { config: config(2) })).split("\n");
  assert.ok(lines.length < 30);
  assert.match(lines.at(-1)!, /180 more differences/);
});

Deno.test("whyMiss() names where a config has half of a surrogate pair, which the ledger keeps as another character", () => {
  const now = identity({ config: { kept: 1, name: ["a", "\ufffd"], "\ufffd": 2 } });
  const before = identity({ config: { kept: 1, name: ["a", "\ud800"], "\ufffd": 2 } });
  const read = identityTexts(before);
  const stored = { ...storedIdentity({ ...read, config: read.config.replace("\\ud800", "\\ufffd") }), configHash: before.config.hash };
  const { reason, changed, changes } = whyMiss({ step: "clean", now, candidates: [{ run: RUN, identity: stored }] });
  assert.deepEqual(changed, ["config"]);
  assert.match(reason, /^The config changed: config\.name\[1\]/);
  assert.deepEqual(changes.map(({ name }) => name), ["config.name[1]", 'config["\ufffd"]']);
});
