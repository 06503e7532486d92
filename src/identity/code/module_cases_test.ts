import { step, testCases, withLib } from "./case_harness_test.ts";

testCases([
  ["imported function", "different", withLib("export const f = (x: number) => x;"), withLib("export const f = (x: number) => x + 1;")],
  [
    "imported by an import",
    "different",
    withLib('import { k } from "./d.ts"; export const f = (x: number) => x * k', undefined, undefined, { "d.ts": "export const k = 2" }),
    withLib('import { k } from "./d.ts"; export const f = (x: number) => x * k', undefined, undefined, { "d.ts": "export const k = 3" }),
  ],
  [
    "re-export",
    "different",
    withLib('export * from "./d.ts"', undefined, undefined, { "d.ts": "export const f = (x: number) => x" }),
    withLib('export * from "./d.ts"', undefined, undefined, { "d.ts": "export const f = (x: number) => x * 3" }),
  ],
  [
    "default export",
    "different",
    withLib("export default (x: number) => x", undefined, 'import f from "./lib.ts"'),
    withLib("export default (x: number) => -x", undefined, 'import f from "./lib.ts"'),
  ],
  [
    "namespace: used member",
    "different",
    withLib("export const f = (x: number) => x", "return m.f(1)", 'import * as m from "./lib.ts"'),
    withLib("export const f = (x: number) => -x", "return m.f(1)", 'import * as m from "./lib.ts"'),
  ],
  [
    "namespace: unused member",
    "same",
    withLib("export const f = (x: number) => x; export const g = 1", "return m.f(1)", 'import * as m from "./lib.ts"'),
    withLib("export const f = (x: number) => x; export const g = 2", "return m.f(1)", 'import * as m from "./lib.ts"'),
  ],
  [
    "namespace: used as a value",
    "different",
    withLib(
      "export const f = (x: number) => x; export const g = 1",
      "return Object.keys(m).map((k) => (m as any)[k])",
      'import * as m from "./lib.ts"',
    ),
    withLib(
      "export const f = (x: number) => x; export const g = 2",
      "return Object.keys(m).map((k) => (m as any)[k])",
      'import * as m from "./lib.ts"',
    ),
  ],
  ["JSON import", "different", { "main.ts": step("return j.a", 'import j from "./j.json" with { type: "json" }'), "j.json": '{"a":1}' }, {
    "main.ts": step("return j.a", 'import j from "./j.json" with { type: "json" }'),
    "j.json": '{"a":2}',
  }],
  ["dynamic import, literal", "different", {
    "main.ts": step('return import("./d.ts")'),
    "d.ts": 'import { k } from "./e.ts"; export { k }',
    "e.ts": "export const k = 1",
  }, { "main.ts": step('return import("./d.ts")'), "d.ts": 'import { k } from "./e.ts"; export { k }', "e.ts": "export const k = 2" }],
  ["dynamic import, literal: again", "same", { "main.ts": step('return import("./d.ts")'), "d.ts": "export const k = 1" }, {
    "main.ts": step('return import("./d.ts")'),
    "d.ts": "export const k = 1",
  }],
  [
    "data: module",
    "different",
    step("return f()", 'import { f } from "data:text/javascript,export const f = () => 1"'),
    step("return f()", 'import { f } from "data:text/javascript,export const f = () => 2"'),
  ],
]);
