/**
 * Programs of up to three modules that are made from choices. A program is a list of declarations, each of which uses earlier ones, and a step
 * `main`. Its literals, operators, branches and references are **sites**: a site has alternatives, and an edit takes another one.
 */
import type { Choices } from "./choices.ts";
import type { Style } from "./style.ts";

/** A place that an edit can change. */
export interface Site {
  /** The declaration that it stands in. */
  readonly owner: number;
  /** What can stand there. */
  readonly alternatives: readonly string[];
}

/** Which alternative stands at each site; the first where nothing is said. */
export type Variant = ReadonlyMap<number, number>;

/** Gives a text in a variant and a style. */
type Text = (variant: Variant, style: Style) => string;

/** A declaration. */
export interface Declaration {
  /** The name that it declares. */
  readonly name: string;
  /** Its module: 0 is imported by 1, both by 2, which is `main.ts`. */
  readonly module: number;
  /** The declarations that it uses, by index. */
  readonly uses: ReadonlySet<number>;
  /** Its text, without `export`. */
  readonly text: Text;
}

/** A program. */
export interface Program {
  /** Earlier ones are used by later ones; the last is `main`. */
  readonly declarations: readonly Declaration[];
  /** Its sites. */
  readonly sites: readonly Site[];
  /** Does each module import the others as namespaces? */
  readonly byNamespace: boolean;
}

const MODULES = 3;
/** The types that declarations are given, where a style gives any. */
export const NUMBER = "number";

/** Makes a program of so many modules, whose names all begin with `prefix`. */
export function makeProgram(choices: Choices, modules = MODULES, prefix = ""): Program {
  return new Maker(choices, modules, prefix).make();
}

/** How an earlier declaration can be used inside an expression. */
type Use = (argument: string) => string;

class Maker {
  readonly #sites: Site[] = [];
  readonly #declarations: Declaration[] = [];
  readonly #usesOf: Use[] = [];
  #uses = new Set<number>();
  #module = 0;

  constructor(readonly choices: Choices, readonly modules: number, readonly prefix: string) {}

  make(): Program {
    const byNamespace = this.choices.oneIn(3);
    for (let module = 3 - this.modules; module < MODULES; module++) {
      this.#module = module;
      const count = 1 + this.choices.below(4);
      for (let index = 0; index < count; index++) this.#declare(`${this.prefix}v${this.#declarations.length}`);
    }
    const main = `${this.prefix}main`;
    this.#add(main, this.#functionText(main, ["x"], true), (argument) => `${main}(${argument})`);
    return { declarations: this.#declarations, sites: this.#sites, byNamespace };
  }

  #add(name: string, text: Text, use: Use): void {
    this.#declarations.push({ name, module: this.#module, uses: this.#uses, text });
    this.#usesOf.push(use);
    this.#uses = new Set();
  }

  // ── declarations ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  #declare(name: string): void {
    const kinds = [
      () => this.#add(name, this.#functionText(name, ["x"]), (argument) => `${name}(${argument})`),
      () => this.#constant(name),
      () => this.#object(name),
      () => this.#class(name),
      () => this.#factory(name),
      () => this.#collection(name),
      () => this.#assigned(name),
      () => this.#bound(name),
      () => this.#derived(name),
      () => this.#unusual(name),
      () => this.#unusual(name),
    ];
    this.choices.of(kinds)();
  }

  /** What few programs do, each with two expressions. */
  #unusual(name: string): void {
    const y = (s: Style) => `(y${s.type(NUMBER)})`;
    const call: Use = (argument) => `${name}(${argument})`;
    const kinds:
      readonly (readonly [names: readonly [string, string], write: (one: string, two: string, style: Style) => string, use: Use])[] = [
        [
          ["1", "1"],
          (one, two, s) => `const ${name}: number[] = [${one}];${s.gap()}${name}.push(${two});`,
          () => `${name}.reduce((p, q) => p - q)`,
        ],
        [
          ["1", "1"],
          (one, two, s) => `const ${name}: any = { a: 1, b: ${one} };${s.gap()}${name}.a = ${two};`,
          () => `(${name}.a + ${name}.b)`,
        ],
        [
          ["1", "y"],
          (one, two, s) => `class ${name} { m(_y: number): number { return ${one}; } }${s.gap()}${name}.prototype.m = ${y(s)} => ${two};`,
          (argument) => `new ${name}().m(${argument})`,
        ],
        [
          ["y", "1"],
          (one, two, s) => `const ${name} = Object.assign(${y(s)} => ${one}, { k: ${two} });`,
          (argument) => `(${name}(${argument}) + ${name}.k)`,
        ],
        [
          ["1", "1"],
          (one, two) => `const { p: ${name}P, q: [${name}Q] } = { p: ${one}, q: [${two}] };\nconst ${name} = () => ${name}P + ${name}Q!;`,
          () => `${name}()`,
        ],
        [
          ["y", "y"],
          (one, two, s) => `function* ${name}(y${s.type(NUMBER)}) {${s.gap()}yield ${one};${s.gap()}yield* [${two}];${s.gap()}}`,
          (argument) => `[...${name}(${argument})].reduce((p, q) => p + q)`,
        ],
        [["y", "y"], (one, two) => `const ${name} = (y: number, n = 2): number => n === 0 ? ${one} : ${name}(${two}, n - 1);`, call],
        [
          ["1", "1"],
          (one, two, s) => `class ${name} { static a = ${one};${s.gap()}static b: number;${s.gap()}static { ${name}.b = ${two}; } }`,
          () => `(${name}.a + ${name}.b)`,
        ],
        [
          ["1", "1"],
          (one, two) => `const ${name}: any = { [Symbol.for("a")]: ${one}, ["k" + ${two}]: 1 };`,
          () => `(${name}[Symbol.for("a")] + Object.keys(${name})[0]!.length + Number(Object.keys(${name})[0]!.slice(1)))`,
        ],
        [
          ["y", "1"],
          (one, two, s) =>
            `let ${name}: (y: number) => number;\n{${s.gap()}const inner = ${two};${s.gap()}${name} = ${
              y(s)
            } => ${one} + inner;${s.gap()}}`,
          call,
        ],
        [
          ["y", "1"],
          (one, two) =>
            `const ${name} = new (class { constructor(private a: number) {} m(y: number) { return this.a + ${one}; } })(${two});`,
          (argument) => `${name}.m(${argument})`,
        ],
        [["y", "1"], (one, two, s) => `let ${name}Calls = ${two};\nconst ${name} = ${y(s)} => { ${name}Calls++; return ${one}; };`, call],
        [["1", "y"], (one, two) => `const ${name}Default = ${one};\nconst ${name} = (y: number, k = ${name}Default) => ${two} + k;`, call],
        [
          ["1", "1"],
          (one, two) => `const ${name} = Object.freeze([BigInt(Math.trunc(${one}) || 0), new Date(Math.trunc(${two}) || 0)] as const);`,
          () => `(Number(${name}[0]) + ${name}[1].getTime())`,
        ],
        [
          ["y", "1"],
          (one, two) => `const ${name} = ((inner: (y: number) => number) => (y: number) => inner(y) + ${two})((y: number) => ${one});`,
          call,
        ],
        [
          ["y", "y"],
          (one, two) =>
            `const ${name}Fns: any = { one: (y: number) => ${one}, two(y: number) { return this.one(y) + ${two}; } };\nconst ${name} = ${name}Fns.two.bind(${name}Fns);`,
          call,
        ],
      ];
    const [[first, second], write, use] = this.choices.of(kinds);
    const [one, two] = [this.#expression([first]), this.#expression([second])];
    this.#add(name, (v, s) => write(one(v, s), two(v, s), s), use);
  }

  #constant(name: string): void {
    const value = this.#expression(["1"]);
    this.#add(name, (v, s) => `const ${name}${s.type(NUMBER)} = ${value(v, s)}${s.end()}`, () => name);
  }

  #assigned(name: string): void {
    const [first, then] = [this.#expression(["1"]), this.#expression(["1"])];
    this.#add(name, (v, s) => `let ${name}${s.type(NUMBER)} = ${first(v, s)};\n${name} = ${then(v, s)}${s.end()}`, () => name);
  }

  #object(name: string): void {
    const [a, m, g] = [this.#expression(["1"]), this.#expression(["y"]), this.#expression(["1"])];
    const text: Text = (v, s) =>
      `const ${name} = {${s.gap()}a: ${a(v, s)},${s.gap()}m(y${s.type(NUMBER)}) { return ${m(v, s)}; },${s.gap()}get g() { return ${
        g(v, s)
      }; }${s.comma()} }${s.end()}`;
    this.#add(name, text, (argument) => `(${name}.m(${argument}) + ${name}.a - ${name}.g)`);
  }

  #class(name: string): void {
    const [f, p, t, m] = [this.#expression(["1"]), this.#expression(["1"]), this.#expression(["1"]), this.#expression(["y", "this.f"])];
    const text: Text = (v, s) =>
      `class ${name} {${s.gap()}${s.modifier()}f${s.type(NUMBER)} = ${f(v, s)};${s.gap()}#p = ${p(v, s)};${s.gap()}static t = ${
        t(v, s)
      };${s.gap()}m(y${s.type(NUMBER)}) { return ${m(v, s)} + this.#p; }${s.gap()}}`;
    this.#add(name, text, (argument) => `(new ${name}().m(${argument}) + ${name}.t)`);
  }

  #factory(name: string): void {
    const [inner, given] = [this.#expression(["y", "k"]), this.#expression(["1"])];
    const text: Text = (v, s) =>
      `const ${name} = ((k${s.type(NUMBER)}) => (y${s.type(NUMBER)})${s.type(NUMBER)} => ${inner(v, s)})(${given(v, s)})${s.end()}`;
    this.#add(name, text, (argument) => `${name}(${argument})`);
  }

  #collection(name: string): void {
    const value = (...names: readonly string[]) => this.#expression(names.length === 0 ? ["1"] : names);
    const pair = (write: (one: string, two: string, style: Style) => string): Text => {
      const [one, two] = [value(), value()];
      return (v, s) => write(one(v, s), two(v, s), s);
    };
    const lambdas = (): Text => {
      const [first, second] = [value("y"), value("y")];
      return (v, s) => `[(y${s.type(NUMBER)}) => ${first(v, s)}, (y${s.type(NUMBER)}) => ${second(v, s)}]`;
    };
    const kinds: readonly (readonly [made: () => Text, use: Use])[] = [
      [() => pair((one, two, s) => `[${one}, ${two}${s.comma()}]`), () => `(${name}[0]! + ${name}[1]!)`],
      [() => pair((one, two) => `new Map([["a", ${one}], ["b", ${two}]])`), () => `(${name}.get("a")! - ${name}.get("b")!)`],
      [() => pair((one, two) => `new Set([${one}, ${two}])`), () => `[...${name}].reduce((p, q) => p + q)`],
      [() => pair((one, two) => `new Float64Array([${one}, ${two}])`), () => `(${name}[0]! + ${name}[1]!)`],
      [lambdas, (argument) => `(${name}[0]!(${argument}) + ${name}[1]!(2))`],
      [
        () => pair((one, two) => `{ deep: { list: [${one}, { k: ${two} }] as any } }`),
        () => `(${name}.deep.list[0] + ${name}.deep.list[1].k)`,
      ],
    ];
    const [made, use] = this.choices.of(kinds);
    const text = made();
    this.#add(name, (v, s) => `const ${name} = ${text(v, s)}${s.end()}`, use);
  }

  #bound(name: string): void {
    const [body, given] = [this.#expression(["k", "y"]), this.#expression(["1"])];
    const text: Text = (v, s) =>
      `const ${name} = ((k${s.type(NUMBER)}, y${s.type(NUMBER)}) => ${body(v, s)}).bind(null, ${given(v, s)})${s.end()}`;
    this.#add(name, text, (argument) => `${name}(${argument})`);
  }

  #derived(name: string): void {
    const [base, own] = [this.#expression(["1"]), this.#expression(["y"])];
    const text: Text = (v, s) =>
      `class ${name}Base { k() { return ${base(v, s)}; } }\nclass ${name} extends ${name}Base { m(y${s.type(NUMBER)}) { return this.k() + ${
        own(v, s)
      }; } }`;
    this.#add(name, text, (argument) => `new ${name}().m(${argument})`);
  }

  // ── functions ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  #functionText(name: string, parameters: readonly string[], isMain = false): Text {
    const body = this.#body(parameters);
    const isArrow = isMain || this.choices.oneIn(2);
    const shown = (s: Style) => parameters.map((parameter) => `${parameter}${s.type(NUMBER)}`).join(", ");
    if (isArrow) return (v, s) => `const ${name} = (${shown(s)})${s.type(NUMBER)} => {${s.gap()}${body(v, s)}${s.gap()}}${s.end()}`;
    return (v, s) => `function ${name}(${shown(s)})${s.type(NUMBER)} {${s.gap()}${body(v, s)}${s.gap()}}`;
  }

  #body(names: readonly string[]): Text {
    const value = (...more: readonly string[]) => this.#expression([...names, ...more]);
    const limit = () => this.#site(["3", "2", "4"]);
    const test = () => this.#site(["<", ">=", "==="]);
    const plain = (): Text => {
      const a = value();
      return (v, s) => `return ${s.paren(a(v, s))};`;
    };
    const bodies: readonly (() => Text)[] = [
      plain,
      plain,
      () => {
        const [a, b, c, n, compared] = [value(), value(), value(), limit(), test()];
        return (v, s) => `if (${a(v, s)} ${compared(v)} ${n(v)}) return ${b(v, s)};${s.gap()}return ${c(v, s)};`;
      },
      () => {
        const [a, c, n] = [value(), value("i"), limit()];
        return (v, s) => `let sum = ${a(v, s)};${s.gap()}for (let i = 0; i < ${n(v)}; i++) sum += ${c(v, s)};${s.gap()}return sum;`;
      },
      () => {
        const [a, b, n] = [value(), value(), limit()];
        return (v, s) => `switch (${a(v, s)}) {${s.gap()}case ${n(v)}: return 5;${s.gap()}default: return ${b(v, s)};${s.gap()}}`;
      },
      () => {
        const [a, b, n, compared] = [value(), value(), limit(), test()];
        return (v, s) => `const { q = ${a(v, s)} } = {} as { q?: number };${s.gap()}return q ${compared(v)} ${n(v)} ? q : ${b(v, s)};`;
      },
      () => {
        const [a, b, n, compared] = [value(), value(), limit(), test()];
        return (v, s) =>
          `try {${s.gap()}if (${a(v, s)} ${compared(v)} ${n(v)}) throw new Error("e");${s.gap()}return ${
            b(v, s)
          };${s.gap()}} catch { return 9; }`;
      },
    ];
    return this.choices.of(bodies)();
  }

  // ── expressions ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  #site(alternatives: readonly string[]): (variant: Variant) => string {
    const index = this.#sites.length;
    this.#sites.push({ owner: this.#declarations.length, alternatives });
    return (variant) => alternatives[variant.get(index) ?? 0]!;
  }

  #expression(names: readonly string[], depth = 2): Text {
    const use = () => this.#use(names, depth);
    const simple = [() => this.#literal(), () => this.#name(names), use, use, use];
    const kinds: readonly (() => Text)[] = depth === 0 ? simple : [...simple, ...this.#nested(names, depth - 1)];
    return this.choices.of(kinds)();
  }

  #literal(): Text {
    const first = this.choices.below(9);
    const site = this.#site([0, 1, 2].map((more) => String(first + more)));
    return (v) => site(v);
  }

  #name(names: readonly string[]): Text {
    const site = this.#site(this.choices.shuffled(names));
    return (v) => site(v);
  }

  /** One of the earlier declarations, where there is any. */
  #use(names: readonly string[], depth: number): Text {
    if (this.#usesOf.length === 0) return this.#literal();
    const index = this.#usesOf.length - 1 - this.choices.below(Math.min(3, this.#usesOf.length)); // the newest, so that most are reached
    this.#uses.add(index);
    const [use, module] = [this.#usesOf[index]!, this.#module];
    const { name, module: home } = this.#declarations[index]!;
    const argument = depth === 0 ? this.#name(names) : this.#expression(names, depth - 1);
    return (v, s) => s.reach(use(argument(v, s)), name, home, module);
  }

  #nested(names: readonly string[], depth: number): readonly (() => Text)[] {
    return [
      () => {
        const [left, right, operator] = [this.#expression(names, depth), this.#expression(names, depth), this.#site(["+", "-", "*"])];
        return (v, s) => `(${left(v, s)} ${operator(v)} ${right(v, s)})`;
      },
      () => {
        const [test, yes, no] = [this.#expression(names, depth), this.#expression(names, depth), this.#expression(names, depth)];
        const order = this.#site(["as written", "swapped"]);
        return (v, s) =>
          order(v) === "swapped" ? `(${test(v, s)} > 2 ? ${no(v, s)} : ${yes(v, s)})` : `(${test(v, s)} > 2 ? ${yes(v, s)} : ${no(v, s)})`;
      },
      () => {
        const [one, two, which] = [this.#expression(names, depth), this.#expression(names, depth), this.#site(["max", "min"])];
        return (v, s) => `Math.${which(v)}(${one(v, s)}, ${two(v, s)}${s.comma()})`;
      },
      () => {
        const [one, inner] = [this.#expression(names, depth), this.#expression([...names, "w"], depth)];
        return (v, s) => `[${one(v, s)}, 1].map((w${s.type(NUMBER)}) => ${inner(v, s)}).reduce((p, q) => p + q)`;
      },
      () => {
        const [one, text] = [this.#expression(names, depth), this.#site(["a", "bc", "def"])];
        return (v, s) => `(${s.quoted(text(v))} + ${one(v, s)}).length`;
      },
    ];
  }
}

/** The declarations that the step reaches. */
export function reached({ declarations }: Program): ReadonlySet<number> {
  const found = new Set<number>();
  const follow = (index: number): void => {
    if (found.has(index)) return;
    found.add(index);
    declarations[index]!.uses.forEach(follow);
  };
  follow(declarations.length - 1);
  return found;
}
