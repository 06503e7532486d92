import { pair, step, testCases } from "./case_harness_test.ts";

testCases([
  ...pair(
    "name of a function in a list",
    (x) => `const ${x} = () => 1; const all: any = [${x}]; const names = (fs: any[]) => fs.map((f) => f.name);`,
    "return names(all)",
    "clean",
    "tidy",
  ),
  ...pair(
    "name of a class without one of its own",
    (x) => `const made: any = { ["${x}"]: class {} }; const [Made]: any = Object.values(made);`,
    "return new Made().constructor.name",
    "A",
    "B",
  ),
  [
    "a function in a list, which nobody asks for its name",
    "same",
    step("return all[0]()", "const clean = () => 1; const all = [clean];"),
    step("return all[0]()", "const tidy = () => 1; const all = [tidy];"),
  ],
  ...pair("arrow helper", (x) => `const h = (v: number) => v + ${x};`, "return h(1)"),
  ...pair("helper of a helper", (x) => `function h(v: number) { return g(v) } function g(v: number) { return v * ${x} }`, "return h(1)"),
  ...pair(
    "mutually recursive helpers",
    (x) =>
      `function even(n: number): boolean { return n == 0 || odd(n - 1) } function odd(n: number): boolean { return n != ${x} && even(n - 1) }`,
    "return even(4)",
  ),
  ...pair(
    "named function expression, recursion",
    (x) => `const fact = function self(n: number): number { return n < ${x} ? 1 : n * self(n - 1) };`,
    "return fact(4)",
  ),
  ...pair(
    "async and generators",
    (x) => `async function h() { return ${x} } async function* g() { yield await h() }`,
    "return [g, async () => { for await (const q of g()) return q }]",
  ),
  ...pair("default parameter", (x) => `const K = ${x}; const h = (v = K) => v;`, "return h()"),
  ...pair("default in a destructuring", (x) => `const K = ${x};`, "const { a = K, ...rest } = input; return [a, rest]"),
  ...pair(
    "getter, method, computed key inside",
    (x) => `const K = ${x};`,
    "const o = { [K]: 1, get g() { return K }, m() { return K } }; return o",
  ),
  [
    "shadowed name: outer one unused",
    "same",
    step("return ((K: number) => { { const q = K; return q } })(3)", "const K = 1; export const z = () => K"),
    step("return ((K: number) => { { const q = K; return q } })(3)", "const K = 2; export const z = () => K"),
  ],
  [
    "shadowed in an inner block only",
    "different",
    step("{ const K = 5; void K } return K", "const K = 1;"),
    step("{ const K = 5; void K } return K", "const K = 2;"),
  ],
  [
    "var hoisted from a block",
    "same",
    step("if (input) { var K = 5 } return K", "const K = 1; export const z = () => K"),
    step("if (input) { var K = 5 } return K", "const K = 2; export const z = () => K"),
  ],
  [
    "label and property named like a global",
    "same",
    step("K: for (;;) { break K } return input.K", "const K = 1; export const z = () => K"),
    step("K: for (;;) { break K } return input.K", "const K = 2; export const z = () => K"),
  ],
]);
