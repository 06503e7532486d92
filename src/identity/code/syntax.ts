/** A function's text as a tree, and the tree as a text in which formatting, comments, quotes and parentheses leave no trace. */
import { type AnyNode, type Expression, type Options, parse, type Program } from "acorn";
import { JSON } from "../../intrinsics.ts";
import { sha256 } from "../digest.ts";
import { BoundedMemo } from "./bounded_memo.ts";

const LENIENT: Options = {
  ecmaVersion: "latest",
  sourceType: "script",
  allowImportExportEverywhere: true,
  allowAwaitOutsideFunction: true,
  allowSuperOutsideMethod: true,
  allowReturnOutsideFunction: true,
  checkPrivateFields: false,
};

/** Parses a text, or says with null that it cannot. */
export function parseText(source: string, sourceType: "script" | "module"): Program | null {
  try {
    return parse(source, { ...LENIENT, sourceType });
  } catch (error) {
    if (error instanceof SyntaxError) return null; // the caller tries another form, and reports what no form fits
    throw error;
  }
}

/** A function's tree. */
export interface FunctionTree {
  /** The whole expression, in its wrapping where one was needed. */
  readonly top: Expression;
  /** The function or class itself. */
  readonly node: AnyNode;
}

/** Parses what `Function.prototype.toString` gives: methods and accessors print without their object or class and are wrapped in one. */
export function parseFunction(source: string): FunctionTree | null {
  const plain = expressionOf(`(${source})`, "script");
  if (plain && isFunctionNode(plain)) return { top: plain, node: plain };
  const wrapped = expressionOf(`({${source}})`, "script") ?? expressionOf(`(class{${source}})`, "script") ??
    expressionOf(`(class{static ${source}})`, "script");
  const member = wrapped && memberOf(wrapped);
  if (member) return { top: wrapped, node: member };
  const strict = expressionOf(`(${source})`, "module");
  return strict && isFunctionNode(strict) ? { top: strict, node: strict } : null;
}

function expressionOf(text: string, sourceType: "script" | "module"): Expression | null {
  const [statement, ...more] = parseText(text, sourceType)?.body ?? [];
  return statement?.type === "ExpressionStatement" && more.length === 0 ? statement.expression : null;
}

const isFunctionNode = ({ type }: AnyNode) =>
  type === "FunctionExpression" || type === "ArrowFunctionExpression" || type === "ClassExpression";

function memberOf(wrapping: Expression): AnyNode | undefined {
  if (wrapping.type === "ObjectExpression") return (wrapping.properties[0] as { value?: AnyNode } | undefined)?.value;
  if (wrapping.type === "ClassExpression") return (wrapping.body.body[0] as { value?: AnyNode } | undefined)?.value;
  return undefined;
}

/** The nodes directly below a node. */
export function children(node: AnyNode): AnyNode[] {
  return Object.values(node).flat().filter((child): child is AnyNode => typeof (child as AnyNode | null)?.type === "string");
}

/** A tree as text, without positions, raw spelling and empty statements. */
export function treeText(node: unknown): string {
  if (Array.isArray(node)) return `[${node.filter((item) => item?.type !== "EmptyStatement").map(treeText).join()}]`;
  if (node === null || typeof node !== "object") return typeof node === "bigint" ? `${node}n` : JSON.stringify(node) ?? "absent";
  const fields = node as Readonly<Record<string, unknown>> & Partial<AnyNode>;
  if (fields.type === "Literal") return literalText(fields as unknown as AnyNode & { type: "Literal" });
  const keys = Object.keys(fields).filter((key) => key !== "start" && key !== "end" && (key !== "raw" || fields.type === undefined));
  return `{${keys.map((key) => `${key}:${treeText(fields[key])}`).join()}}`;
}

function literalText({ regex, bigint, value }: AnyNode & { type: "Literal" }): string {
  if (regex) return `regex:${JSON.stringify([regex.pattern, regex.flags])}`;
  if (bigint) return `${bigint}n`;
  return value === Infinity ? "Infinity" : JSON.stringify(value); // 1e999
}

const functionHashes = new BoundedMemo<string | null>(2_000);

/** The hash of a function's tree, or null where its text cannot be parsed. */
export function functionHash(source: string): string | null {
  return functionHashes.get(source, () => {
    const tree = parseFunction(source);
    return tree && sha256(treeText(tree.top));
  });
}
