import { type IdentityCase, pair, step, testCases } from "./case_harness_test.ts";

testCases([
  ...pair(
    "a method in the place of another one of the class",
    (x) =>
      `class A { a() { return 1 } b() { return 2 } } Object.defineProperty(A.prototype, "a", Object.getOwnPropertyDescriptor(A.prototype, "${x}")!);`,
    "return new A().a()",
    "a",
    "b",
  ),
  ...pair(
    "a getter in the place of another one of the class",
    (x) =>
      `class A { static get a() { return 1 } static get b() { return 2 } } Object.defineProperty(A, "a", Object.getOwnPropertyDescriptor(A, "${x}")!);`,
    "return A.a",
    "a",
    "b",
  ),
  ...pair(
    "what is appended to, and read under another name",
    (x) => `const a = new Map<number, number>(), b = ${x};`,
    "a.set(1, 1); return b.size",
    "a",
    "new Map<number, number>()",
  ),
  ...pair(
    "arrow function as a field of a captured object",
    (x) => `class A { k = ${x}; m = () => this.k; constructor() { this.n = () => this.k } declare n: () => number } const a = new A();`,
    "return [a.m(), a.n()]",
  ),
  ...pair("static arrow function", (x) => `class A { static k = ${x}; static f = () => this.k; }`, "return A.f()"),
  ...pair(
    "static arrow function of a static block, and one of a parent",
    (x) =>
      `class P { declare static f: any; static k = ${x}; static { this.f = () => this.k } } class A extends P { static #g = () => this.f(); static h = () => this.#g() }`,
    "return A.h()",
  ),
  ...pair(
    "private arrow function",
    (x) => `class A { k = ${x}; #m = () => this.k; go() { return this.#m() } } const a = new A();`,
    "return a.go()",
  ),
  ...pair(
    "arrow function of one of several objects, of a class that another one extends",
    (x) =>
      `class A { constructor(public k: number) {} m = () => this.k } class B extends A { override m = () => -this.k } const a = new A(${x}), all = [new A(5), new B(6)];`,
    "return a.m()",
  ),
  ...([
    ["assigned to another object", "const v = Object.assign(new A(1), b);", "v.m()"],
    ["of an object that was cloned", "const v = Object.assign(Object.create(Object.getPrototypeOf(b)), b);", "v.m()"],
    ["given to another object", "const v = new A(1); v.m = b.m; b.m = () => 0;", "v.m()"],
    ["put into a private field", "const v = new A(1); v.take(b);", "v.go()"],
    ["of another class", "class D {} const v = new D() as any; v.m = b.m;", "v.m()"],
    ["static, given to the same class made once more", "const v = made(); Object.assign(v, C);", "v.f()"],
  ] as const).map(([name, copy, call]): IdentityCase => {
    const head =
      `class A { constructor(public k: number) {} m = () => this.k; #p = () => this.k; take(o: A) { [this.#p] = [o.#p] } go() { return this.#p() } } const b = new A(3);
      const made = (): any => class { static k = 1; static f = () => this.k }; const C = made(); ${copy}`;
    return [`arrow function ${name}`, "same", step(`return ${call}`, head), step(`return ${call}`, head), "this of an arrow function"];
  }),
  [
    "arrow function that has the this of another object",
    "same",
    step("return f()", "class A { k = 1; m() { return () => this.k } } const f = new A().m();"),
    step("return f()", "class A { k = 1; m() { return () => this.k } } const f = new A().m();"),
    "this of an arrow function",
  ],
  [
    "arrow function that another object of its class was given",
    "same",
    step("return b.up()", "class A { up: any; m(o: A) { o.up = () => this } } const a = new A(), b = new A(); a.m(b);"),
    step("return b.up()", "class A { up: any; m(o: A) { o.up = () => this } } const a = new A(), b = new A(); a.m(b);"),
    "this of an arrow function",
  ],
  [
    "arrow functions inside of functions and classes with a this of their own",
    "same",
    step(
      "return [f(), new A().m()]",
      "function f(this: any) { return () => this } class A { k = () => this; m() { return [1].map(() => this) } }",
    ),
    step(
      "return [f(), new A().m()]",
      "function f(this: any) { return () => this } class A { k = () => this; m() { return [1].map(() => this) } }",
    ),
  ],
  ...pair("prototype set later", (x) => `class A {} Object.setPrototypeOf(A.prototype, { m: () => ${x} });`, "return (new A() as any).m()"),
  ...pair(
    "old-style inheritance",
    (x) =>
      `function P() {} P.prototype.m = () => ${x}; function A() {} A.prototype = Object.create(P.prototype); A.prototype.constructor = A;`,
    "return new (A as any)().m()",
  ),
  ...pair(
    "util.inherits",
    (x) => `import { inherits } from "node:util"; class P { m() { return ${x} } } class A {} inherits(A, P);`,
    "return (new A() as any).m()",
  ),
  ...pair("function whose prototype was set", (x) => `const f = Object.setPrototypeOf(() => 0, { m: () => ${x} });`, "return f.m()"),
  ...["function* f() {}", "async function* f() {}", "async function f() {}", "function f() {}"].map((f): IdentityCase => [
    `nothing was set on: ${f}`,
    "same",
    step("return f()", f),
    step("return f()", f),
  ]),
  ...pair("class method", (x) => `class A { m() { return ${x} } }`, "return new A().m()"),
  ...pair("superclass", (x) => `class B { m() { return ${x} } } class A extends B {}`, "return new A().m()"),
  ...pair("static member", (x) => `class A { static s = ${x} }`, "return A.s"),
  ...pair("static member set later", (x) => `class A { static s = 0; static #t = 0 } A.s = ${x};`, "return A.s"),
  ...pair("field initialiser's capture", (x) => `const K = ${x}; class A { v = K; m() { return this.v } }`, "return new A()"),
  ...pair("instance field", (x) => `class A { constructor(public v: number) {} } const a = new A(${x});`, "return a.v"),
  ...pair(
    "instance private field",
    (x) => `class A { #v; constructor(v: number) { this.#v = v } m() { return this.#v } } const a = new A(${x});`,
    "return a.m()",
  ),
  ...pair("prototype patched later", (x) => `class A {} (A.prototype as any).m = () => ${x};`, "return (new A() as any).m()"),
  ...pair("method replaced later", (x) => `class A { m() { return 0 } } A.prototype.m = () => ${x};`, "return new A().m()"),
  ...pair("static method replaced later", (x) => `class A { static m() { return 0 } } A.m = () => ${x};`, "return A.m()"),
  ...pair(
    "getter replaced later",
    (x) => `class A { get m() { return 0 } } Object.defineProperty(A.prototype, "m", { get: () => ${x} });`,
    "return new A().m",
  ),
  ...pair(
    "hidden value put on a prototype later",
    (x) => `class A { declare m: number } Object.defineProperty(A.prototype, "m", { value: ${x} });`,
    "return new A().m",
  ),
  ...pair(
    "method wrapped later by a function that captures it",
    (x) => `class A { m() { return 1 } } const before = A.prototype.m; A.prototype.m = function () { return before.call(this) * ${x} };`,
    "return new A().m()",
  ),
  ...pair(
    "hidden function on a function",
    (x) => `const f = () => 0; Object.defineProperty(f, "m", { value: () => ${x} });`,
    "return (f as any).m()",
  ),
  [
    "class with methods of all kinds: loaded again",
    "same",
    step(
      "return new A().a",
      "class A { static s() {} static async t() {} *g() {} async *h() {} get a() { return 1 } set a(v) {} ['c']() {} #p() {} }",
    ),
    step(
      "return new A().a",
      "class A { static s() {} static async t() {} *g() {} async *h() {} get a() { return 1 } set a(v) {} ['c']() {} #p() {} }",
    ),
  ],
  ...pair("old-style prototype", (x) => `function A(this: any) {} A.prototype.m = () => ${x}; const a = new (A as any)();`, "return a.m()"),
  ...pair("Object.create", (x) => `const o = Object.create({ m: () => ${x} });`, "return o.m()"),
  ...pair(
    "static private field set later",
    (x) => `class A { static #t = 0; static set(v: number) { A.#t = v } static get() { return A.#t } } A.set(${x});`,
    "return A.get()",
  ),
  ...pair("Temporal value", (x) => `const K = Temporal.PlainDate.from("2026-01-0${x}");`, "return K"),
  ...pair(
    "push of a subclass is no mere append",
    (x) => `class P extends Array<number> { override push(v: number) { return super.push(v + ${x}) } } const K = new P();`,
    "K.push(1); return 1",
  ),
  ...pair(
    "class over a runtime class",
    (x) => `import { EventEmitter } from "node:events"; class Q extends EventEmitter { k = ${x} } const q = new Q();`,
    "return q",
  ),
  ...pair(
    "computed method name",
    (x) => `const K = "m${x}"; class A { [K]() {} static [K + "s"]() {} }`,
    "return Object.getOwnPropertyNames(A.prototype)",
  ),
  ...pair(
    "mixin superclass",
    (x) => `const mix = (B: any) => class extends B { m() { return ${x} } }; class A extends mix(Object) {}`,
    "return new (A as any)().m()",
  ),
  ...pair("class that names itself", (x) => `class A { static make() { return new A() } v = ${x} }`, "return A.make()"),
  ...pair(
    "class expression, static block",
    (x) => `const K = ${x}; const A = class { static { void K } get v() { return K } };`,
    "return A",
  ),
  ...pair("subclass of a built-in", (x) => `class L extends Array<number> { k = ${x} } const l = L.from([1]) as L;`, "return l"),
]);
