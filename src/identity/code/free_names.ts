/**
 * The free names of a function, each with its use.
 *
 * A name that is only written to (`calls++;` as a statement, `last = x`) cannot influence the result; `return calls++` reads it. So the walk knows whether an
 * expression stands as a statement.
 */
import type { AnyNode, Class, Expression, Function as FunctionNode, Identifier, MemberExpression, Pattern } from "acorn";
import { declaredIn, hoistedVars, patternNames } from "./declared_names.ts";
import { type ImportUse, type NameUse, unused } from "./name_use.ts";
import { children } from "./syntax.ts";

/** Names declared around a place, innermost first. */
interface Declared {
  readonly names: ReadonlySet<string>;
  readonly outer: Declared | null;
}
type How = "read" | "write" | "append" | "mutate" | "callsMutator" | { readonly members: readonly string[] };
type Visitors = {
  readonly [T in AnyNode["type"]]?: (node: Extract<AnyNode, { type: T }>, declared: Declared | null, isStatement: boolean) => void;
};

const APPENDING = /^(push|unshift|add|set)$/;
const MUTATING = /^(push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin|add|set|delete|clear)$/;

/** Reads one function's tree. */
export class FreeNames {
  /** Free names and their uses. */
  readonly free = new Map<string, NameUse>();
  /** Literal `import("…")`. */
  readonly imports: ImportUse[] = [];
  /** What makes the function opaque. */
  readonly notes: string[] = [];
  /** A class with private static fields. */
  hasStaticPrivate = false;
  /** `new Date()` or `Date()`. */
  asksTime = false;
  /** Does it read or make dates in local time? */
  usesZone = false;
  /** Does it compare, count or write as the locale does? */
  usesLocale = false;
  /** Is it an arrow function that uses the `this` of the place where it was made? */
  usesOuterThis = false;
  readonly #top: AnyNode;

  /** Reads the tree of a function or class. */
  constructor(top: AnyNode) {
    this.#top = top;
    this.#visit(top, null);
  }

  #use(name: string, declared: Declared | null, how: How): void {
    for (let scope = declared; scope; scope = scope.outer) if (scope.names.has(name)) return;
    let use = this.free.get(name);
    if (!use) this.free.set(name, use = unused());
    if (typeof how === "object") {
      use.read = true;
      for (const member of how.members) use.members?.add(member);
    } else {
      use[how] = true;
      if (how === "read") use.members = null;
    }
  }

  /** Whoever has a `this` of his own declares it like a name. */
  #this(declared: Declared | null): void {
    for (let scope = declared; scope; scope = scope.outer) if (scope.names.has("this")) return;
    this.usesOuterThis = true;
  }

  #visit(node: AnyNode | null | undefined, declared: Declared | null, isStatement = false): void {
    if (!node) return;
    const visitor = this.#visitors[node.type] as ((node: AnyNode, declared: Declared | null, isStatement: boolean) => void) | undefined;
    if (visitor) visitor(node, declared, isStatement);
    else this.#all(children(node), declared);
  }

  #all(nodes: readonly (AnyNode | null | undefined)[], declared: Declared | null): void {
    for (const node of nodes) this.#visit(node, declared);
  }

  readonly #visitors: Visitors = {
    Identifier: (node, declared) => this.#use(node.name, declared, "read"),
    PrivateIdentifier: () => {},
    ThisExpression: (_node, declared) => this.#this(declared),
    BreakStatement: () => {},
    ContinueStatement: () => {},
    LabeledStatement: (node, declared) => this.#visit(node.body, declared),
    ExpressionStatement: (node, declared) => this.#visit(node.expression, declared, true),
    // what `void`, a sequence or a condition throws away is as good as a statement
    UnaryExpression: (node, declared) => {
      if (node.operator === "delete") this.#mutated(node.argument, declared);
      this.#visit(node.argument, declared, node.operator === "void");
    },
    SequenceExpression: (node, declared, isStatement) =>
      node.expressions.forEach((expression, index) =>
        this.#visit(expression, declared, isStatement || index < node.expressions.length - 1)
      ),
    LogicalExpression: (node, declared, isStatement) => {
      this.#visit(node.left, declared);
      this.#visit(node.right, declared, isStatement);
    },
    ConditionalExpression: (node, declared, isStatement) => {
      this.#visit(node.test, declared);
      this.#visit(node.consequent, declared, isStatement);
      this.#visit(node.alternate, declared, isStatement);
    },
    UpdateExpression: (node, declared, isStatement) => {
      if (node.argument.type !== "Identifier") this.#mutated(node.argument, declared);
      else this.#use(node.argument.name, declared, "write");
      if (node.argument.type !== "Identifier" || !isStatement) this.#visit(node.argument, declared);
    },
    AssignmentExpression: (node, declared, isStatement) => {
      this.#target(node.left, declared);
      const readsFirst = node.operator !== "=" && (!isStatement || /\?\?|\|\||&&/.test(node.operator));
      if (node.left.type === "Identifier" && readsFirst) this.#visit(node.left, declared);
      this.#visit(node.right, declared);
    },
    MemberExpression: (node, declared) => this.#member(node, declared),
    CallExpression: (node, declared, isStatement) => this.#call(node, declared, isStatement),
    NewExpression: (node, declared) => {
      if (isNamed(node.callee, "Function")) this.notes.push("new Function: code built at run time");
      if (isNamed(node.callee, "Date")) {
        if (node.arguments.length === 0) this.asksTime = true;
        else if (!isMomentOfItsOwn(node.arguments)) this.usesZone = true;
      }
      this.#locale(node.callee, node.arguments);
      this.#all([node.callee, ...node.arguments], declared);
    },
    ImportExpression: (node, declared) => {
      if (node.source.type === "Literal") this.imports.push({ specifier: String(node.source.value), isContent: node.options != null });
      else this.notes.push("import() of a computed name");
      this.#visit(node.source, declared);
    },
    MetaProperty: (node) => {
      if (node.meta.name === "import") this.notes.push("import.meta: the module's place");
    },
    Super: () => {
      if (!this.#isClass) this.notes.push("super: the method's home object");
    },
    Property: (node, declared) => this.#all([node.computed ? node.key : null, node.value], declared),
    MethodDefinition: (node, declared) => this.#classMember(node, declared),
    PropertyDefinition: (node, declared) => this.#classMember(node, declared),
    VariableDeclarator: (node, declared) => {
      this.#defaults(node.id, declared);
      const members = node.init?.type === "Identifier" ? plainMembers(node.id) : null;
      if (members) this.#use((node.init as Identifier).name, declared, { members });
      else this.#visit(node.init, declared);
    },
    CatchClause: (node, declared) => {
      const inner = { names: patternNames(node.param), outer: declared };
      if (node.param) this.#defaults(node.param, inner);
      this.#visit(node.body, inner);
    },
    BlockStatement: (node, declared) => this.#all(node.body, { names: declaredIn(node.body), outer: declared }),
    StaticBlock: (node, declared) => this.#all(node.body, { names: declaredIn(node.body), outer: declared }),
    SwitchStatement: (node, declared) => {
      this.#visit(node.discriminant, declared);
      const inner = { names: declaredIn(node.cases.flatMap(({ consequent }) => consequent)), outer: declared };
      this.#all(node.cases.flatMap(({ test, consequent }) => [test, ...consequent]), inner);
    },
    ForStatement: (node, declared) => {
      const inner = { names: declaredIn([node.init]), outer: declared };
      this.#visit(node.init, inner, true);
      this.#visit(node.test, inner);
      this.#visit(node.update, inner, true);
      this.#visit(node.body, inner);
    },
    ForInStatement: (node, declared) => this.#forEach(node, declared),
    ForOfStatement: (node, declared) => this.#forEach(node, declared),
    FunctionDeclaration: (node, declared) => this.#function(node as FunctionNode, declared),
    FunctionExpression: (node, declared) => this.#function(node, declared),
    ArrowFunctionExpression: (node, declared) => this.#function(node, declared),
    ClassDeclaration: (node, declared) => this.#class(node as Class, declared),
    ClassExpression: (node, declared) => this.#class(node, declared),
  };

  get #isClass(): boolean {
    return this.#top.type === "ClassExpression" || this.#top.type === "ClassDeclaration";
  }

  #forEach(node: Extract<AnyNode, { type: "ForInStatement" | "ForOfStatement" }>, declared: Declared | null): void {
    const inner = { names: declaredIn([node.left]), outer: declared };
    if (node.left.type === "VariableDeclaration") this.#visit(node.left, inner);
    else this.#target(node.left, inner);
    this.#all([node.right, node.body], inner);
  }

  #member(node: MemberExpression, declared: Declared | null): void {
    const key = memberKey(node);
    if (key !== null && (LOCAL_TIME.test(key) || (key === "parse" && isNamed(node.object, "Date")))) this.usesZone = true;
    if (node.object.type === "Identifier" && key !== null) return this.#use(node.object.name, declared, { members: [key] });
    this.#all([node.object, node.computed ? node.property : null], declared);
  }

  /** `a.localeCompare(b)`, `new Intl.Collator()`: without a locale that stands there it is the process's. */
  #locale(callee: AnyNode, given: readonly AnyNode[]): void {
    const key = callee.type === "MemberExpression" ? memberKey(callee) : null;
    if (key === null || !OF_LOCALE.test(key)) return;
    const locale = given[key === "localeCompare" ? 1 : 0];
    if (locale?.type !== "Literal" || typeof locale.value !== "string") this.usesLocale = true;
  }

  #call(node: Extract<AnyNode, { type: "CallExpression" }>, declared: Declared | null, isStatement: boolean): void {
    const { callee } = node;
    if (isNamed(callee, "eval")) this.notes.push("eval: code built at run time");
    if (isNamed(callee, "Date")) this.asksTime = true;
    this.#locale(callee, node.arguments);
    const method = callee.type === "MemberExpression" && !callee.computed && callee.property.type === "Identifier"
      ? callee.property.name
      : "";
    if (callee.type === "MemberExpression" && MUTATING.test(method)) this.#rootUse(callee.object, declared, "callsMutator");
    const appendsTo = isStatement && APPENDING.test(method) && callee.type === "MemberExpression" && callee.object.type === "Identifier"
      ? callee.object
      : null;
    if (appendsTo) this.#use(appendsTo.name, declared, "append");
    else this.#visit(callee, declared);
    this.#all(node.arguments, declared);
  }

  /** The left side of an assignment: names are written, members change their object, everything else is read. */
  #target(pattern: Pattern, declared: Declared | null): void {
    switch (pattern.type) {
      case "Identifier":
        return this.#use(pattern.name, declared, "write");
      case "ObjectPattern":
        for (const property of pattern.properties) {
          if (property.type === "RestElement") this.#target(property.argument, declared);
          else {
            if (property.computed) this.#visit(property.key, declared);
            this.#target(property.value, declared);
          }
        }
        return;
      case "ArrayPattern":
        for (const element of pattern.elements) if (element) this.#target(element, declared);
        return;
      case "AssignmentPattern":
        this.#target(pattern.left, declared);
        return this.#visit(pattern.right, declared);
      case "RestElement":
        return this.#target(pattern.argument, declared);
    }
    this.#mutated(pattern, declared);
    this.#visit(pattern, declared);
  }

  #mutated(node: AnyNode, declared: Declared | null): void {
    if (node.type === "MemberExpression") this.#rootUse(node.object, declared, "mutate");
  }

  /** Marks the name at the root of `a.b[c].d`. */
  #rootUse(node: AnyNode, declared: Declared | null, how: "mutate" | "callsMutator"): void {
    let root = node;
    while (root.type === "MemberExpression" || root.type === "ChainExpression") {
      root = root.type === "MemberExpression" ? root.object : root.expression;
    }
    if (root.type === "Identifier") this.#use(root.name, declared, how);
  }

  /** Defaults and computed keys inside a declaring pattern. */
  #defaults(pattern: Pattern, declared: Declared | null): void {
    if (pattern.type === "AssignmentPattern") {
      this.#defaults(pattern.left, declared);
      this.#visit(pattern.right, declared);
    } else if (pattern.type === "ArrayPattern") {
      for (const element of pattern.elements) if (element) this.#defaults(element, declared);
    } else if (pattern.type === "RestElement") this.#defaults(pattern.argument, declared);
    else if (pattern.type === "ObjectPattern") {
      for (const property of pattern.properties) {
        if (property.type === "RestElement") this.#defaults(property.argument, declared);
        else {
          if (property.computed) this.#visit(property.key, declared);
          this.#defaults(property.value, declared);
        }
      }
    }
  }

  #function(node: FunctionNode, declared: Declared | null): void {
    const names = new Set<string>(node.type === "ArrowFunctionExpression" ? [] : ["arguments", "this"]);
    if (node.id && node !== this.#top) names.add(node.id.name);
    for (const parameter of node.params) patternNames(parameter, names);
    const around = { names, outer: declared };
    for (const parameter of node.params) this.#defaults(parameter, around); // they do not see what the body declares by `var`
    const hoisted = new Set<string>();
    hoistedVars(node.body, hoisted);
    this.#visit(node.body, { names: hoisted, outer: around });
  }

  /** A class's parent is taken from its prototype chain, not by name: the name after `extends` is often kept in no scope. */
  #class(node: Class, declared: Declared | null): void {
    if (node !== this.#top) this.#visit(node.superClass, declared);
    const names = new Set(["this", ...(node.id && node !== this.#top ? [node.id.name] : [])]);
    this.#all(node.body.body, { names, outer: declared });
  }

  #classMember(node: Extract<AnyNode, { type: "MethodDefinition" | "PropertyDefinition" }>, declared: Declared | null): void {
    if (node.static && node.key.type === "PrivateIdentifier" && this.#isClass && declared?.outer === null) this.hasStaticPrivate = true;
    if (node.computed) this.#visit(node.key, declared);
    this.#visit(node.value, declared);
  }
}

/** Members of dates that show or take local time, and what formats in it. */
const LOCAL_TIME =
  /^(?:[gs]et(?:Year|FullYear|Month|Date|Day|Hours|Minutes)|getTimezoneOffset|to(?:Date|Time)String|toLocale(?:Date|Time)?String|DateTimeFormat)$/;

/** What else goes by the locale. */
const OF_LOCALE =
  /^(?:localeCompare|toLocale(?:Upper|Lower)Case|NumberFormat|Collator|PluralRules|RelativeTimeFormat|ListFormat|DisplayNames|Segmenter|DurationFormat)$/;

/** One number, or a text that is UTC or says its zone, means the same moment everywhere. */
function isMomentOfItsOwn(given: readonly AnyNode[]): boolean {
  const [only] = given;
  if (given.length !== 1 || only?.type !== "Literal") return false;
  return typeof only.value === "number" || /^\d{4}-\d\d-\d\d$|(?:Z|GMT|[+-]\d\d:?\d\d)$/.test(String(only.value));
}

const isNamed = (node: AnyNode, name: string) => node.type === "Identifier" && node.name === name;

function memberKey({ computed, property }: MemberExpression): string | null {
  if (!computed) return property.type === "Identifier" ? property.name : null;
  return (property as Expression).type === "Literal" ? String((property as { value?: unknown }).value) : null;
}

/** The members that `const { a, b: c } = object` takes; null where it takes others too. */
function plainMembers(pattern: Pattern): string[] | null {
  if (pattern.type !== "ObjectPattern") return null;
  const keys = pattern.properties.map((property) => {
    if (property.type === "RestElement" || property.computed) return null;
    return property.key.type === "Identifier" ? property.key.name : property.key.type === "Literal" ? String(property.key.value) : null;
  });
  return keys.every((key) => key !== null) ? keys : null;
}
