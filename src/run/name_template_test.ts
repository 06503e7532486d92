import assert from "node:assert/strict";
import fc from "fast-check";
import { OptionError } from "../errors.ts";
import { checkTemplate, fillTemplate } from "./name_template.ts";

function refused(work: () => unknown): OptionError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof OptionError, String(error));
    return error;
  }
  throw new Error("It was not refused.");
}

Deno.test("fillTemplate() fills parts in, and leaves doubled braces single", () => {
  assert.equal(fillTemplate("{fnName}__y{year}", { fnName: "forecast", year: 2030 }), "forecast__y2030");
  assert.equal(fillTemplate("{{{year}}}", { year: 0 }), "{0}");
  assert.equal(fillTemplate("case_{alpha}", { alpha: 0.1 }, ["alpha"]), "case_0.1");
  assert.equal(fillTemplate("{constructor}", { constructor: "own" }, ["constructor"]), "own");
});

Deno.test("fillTemplate() names the known parts, the nearest one, and what the call lacks", async (t) => {
  await t.assertSnapshot([
    refused(() => fillTemplate("{fnNam}_{year}", { fnName: "a", year: 1 })).message,
    refused(() => fillTemplate("{yaer}", {})).message,
    refused(() => fillTemplate("{year}", { year: undefined })).message,
    refused(() => fillTemplate("{fnName}", { fnName: "" })).message,
    refused(() => fillTemplate("a{", {})).message,
    refused(() => checkTemplate("{alhpa}", ["alpha"], "mapRuns.nameTemplate")).message,
    refused(() => fillTemplate("{constructor}", {}, ["constructor"])).message,
  ].join("\n\n"));
});

Deno.test("fillTemplate() leaves a text without braces as it is", () => {
  fc.assert(fc.property(fc.string().filter((text) => !/[{}]/.test(text)), (text) => assert.equal(fillTemplate(text, {}), text)));
});
