import assert from "node:assert/strict";
import fc from "fast-check";
import { functionHash } from "../identity/code/syntax.ts";
import { CellSession, type StepPlan } from "./cell_session.ts";

/** Statements as tokens: between any two of them there may be space, ends of lines and comments. `:` and what follows it is a type. */
const STATEMENTS: readonly (readonly string[])[] = [
  ["const ", "rows", ": number[]", "=", "input", ".", "filter", "(", "(", "row", ": number", ")=>", "row", ">", "limit", ")", ";"],
  ["let ", "sum", "=", "0", ";"],
  ["for ", "(", "const ", "row", " of ", "rows", ")", "{", "sum", "+=", "row", "*", "2", ";", "}"],
  ["const ", "text", ": string", "=", "`${sum}` ", "+", "'x'", ";"],
  ["const ", "{", "a", ",", "b", "}", "=", "await ", "load", "(", "rows", ")", ";"],
];
const TYPES = ["type T = { a: number };", "interface I { readonly b: string }", "declare const nobody: number;"];

const gap = fc.constantFrom("", " ", "\n", "\t", " /* note */ ", " // note\n", "\n\n");
const statement = (tokens: readonly string[]) =>
  fc.tuple(fc.array(gap, { minLength: tokens.length, maxLength: tokens.length }), fc.boolean()).map(([gaps, isTyped]) =>
    tokens.filter((token) => isTyped || !token.startsWith(":")).map((token, at) => token + gaps[at]).join("")
  );
const cell = fc.tuple(fc.tuple(...STATEMENTS.map(statement)), fc.array(fc.constantFrom(...TYPES), { maxLength: 2 }), gap).map((
  [all, types, end],
) => `//| step: s\n${types.join("\n")}\n${all.join("\n")}\n({ sum, text })${end}`);

function functionOf(code: string): string | null {
  const plan = new CellSession().plan({ code, count: 1 });
  const step = (plan.kind === "question" ? plan.answer([]) : plan) as StepPlan;
  assert.equal(step.kind, "step", `${code}\n${JSON.stringify(plan)}`);
  return functionHash(`async () => {${step.spec.body}}`);
}

Deno.test("formatting, comments and types of a cell leave no trace in its function", () => {
  const plain = functionOf(
    `//| step: s\n${STATEMENTS.map((tokens) => tokens.filter((token) => !token.startsWith(":")).join("")).join("\n")}\n({ sum, text })`,
  );
  assert.notEqual(plain, null);
  fc.assert(fc.property(cell, (code) => assert.equal(functionOf(code), plain, code)), { numRuns: 300 });
});

Deno.test("any other number in a cell makes another function", () => {
  const withNumbers = (a: number, b: number) => functionOf(`//| step: s\nconst x = ${a}; // note\nx + ${b}`);
  fc.assert(fc.property(fc.nat(), fc.nat(), fc.nat(), (a, b, c) => assert.equal(withNumbers(a, b) === withNumbers(a, c), b === c)));
});
