import { step, testCases, withLib } from "./case_harness_test.ts";

testCases([
  [
    "comments, spaces, types, semicolons",
    "same",
    step("return h(1);", "const h = (x: number) => x+1;"),
    step("// c\n  return   h( 1 )", "const h = (x: number): number => x + 1 // c"),
  ],
  ["plain .js: comments, quotes, parentheses", "same", {
    "main.ts": 'export { main } from "./l.js"',
    "l.js": "export function main(){ return ('a'+1) ; }",
  }, { "main.ts": 'export { main } from "./l.js"', "l.js": 'export function main(){ /* c */\n return "a" + 1 }' }],
  ["body changed", "different", step("return 1"), step("return 2")],
  ["regular expression flags", "different", step("return /a/g"), step("return /a/i")],
  ["a number that is infinite", "different", step("return 1e999"), step("return null")],
  ["a default that has the name of a var in the body", "different", {
    "main.ts": 'export { main } from "./l.js"',
    "l.js": "const k = 1; export function main(a = k) { var k = 3; return a }",
  }, { "main.ts": 'export { main } from "./l.js"', "l.js": "const k = 2; export function main(a = k) { var k = 3; return a }" }],
  ["bigint literal", "different", step("return 1n"), step("return 2n")],
  ["template literal", "different", step("return `a${1}b`"), step("return `a${1}c`")],
  [
    "unrelated export",
    "same",
    step("return h(1)", "const h = (x: number) => x;"),
    step("return h(1)", "const h = (x: number) => x; export const other = 3; let q = 1; q++;"),
  ],
  [
    "unused member of a local import",
    "same",
    withLib("export const f = (x: number) => x;"),
    withLib("export const f = (x: number) => x; export const g = 1;"),
  ],
  ["folder moved", "same", withLib("export const f = (x: number) => x;"), withLib("export const f = (x: number) => x;")],
]);
