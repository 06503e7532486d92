import { step, testCases } from "./case_harness_test.ts";

testCases([
  [
    "counter only written",
    "same",
    step(
      "calls++; seen.push(1); last = 3; return 1",
      "let calls = 0, last = 0; const seen: number[] = []; export const z = () => [calls, last, seen]",
    ),
    step(
      "calls++; seen.push(1); last = 3; return 1",
      "let calls = 5, last = 9; const seen = [4]; export const z = () => [calls, last, seen]",
    ),
  ],
  ["counter written and read", "different", step("return calls++", "let calls = 0;"), step("return calls++", "let calls = 5;")],
  ["memo pattern ??=", "different", step("return (cache ??= 1)", "let cache: any;"), step("return (cache ??= 1)", "let cache: any = 2;")],
]);
