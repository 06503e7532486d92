/** The text of a step cell as the body of a function, in the lines and columns of the cell; and its imports, which stand before it. */
import type { ImportDeclaration, ImportSpecifier } from "acorn";
import { JSON } from "../intrinsics.ts";
import type { CellCode } from "./read_cell.ts";

/** A cell as a function's body. */
export interface StepSource {
  /** Statements that import, in one line. */
  readonly imports: string;
  /** What stands between the braces of the function: it returns its outputs and the value of the last expression. */
  readonly body: string;
}

/** A place in the text, and what comes there instead of what stood there. */
interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Writes the body. */
export function stepSource(cell: CellCode, outputs: readonly string[]): StepSource {
  const value = freshName(cell, "value");
  const last = cell.statements.at(-1);
  const isShown = last?.type === "ExpressionStatement";
  const edits: Edit[] = [
    ...cell.imports.map(({ start, end }) => ({ from: start, to: end, text: blank(cell.text.slice(start, end)) })),
    ...cell.exports.map((from) => ({ from, to: from + "export".length, text: " ".repeat("export".length) })),
  ];
  if (isShown) {
    // the words before the expression stand at the end of the statement before it, so that its columns stay
    const begin = cell.statements.at(-2)?.end ?? 0;
    edits.push({ from: begin, to: begin, text: `${begin === 0 ? "" : ";"}const ${value} = (` });
    edits.push({ from: last.expression.end, to: last.expression.end, text: ")" });
  }
  const returned = `return { outputs: { ${outputs.join(", ")} }, value: ${isShown ? value : "undefined"} };`;
  return { imports: cell.imports.map(importText).join(" "), body: `${edited(cell.text, edits)}\n${returned}\n` };
}

function edited(text: string, edits: readonly Edit[]): string {
  let done = "", at = 0;
  for (const { from, to, text: instead } of edits.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    done += text.slice(at, from) + instead;
    at = to;
  }
  return done + text.slice(at);
}

/** Spaces instead of all but the ends of lines. */
const blank = (text: string): string => text.replaceAll(/[^\r\n]/g, " ");

function freshName({ declared, free }: CellCode, wanted: string): string {
  for (let name = `$${wanted}`;; name += "_") if (!declared.has(name) && !free.has(name)) return name;
}

/** An import in one line, without comments. */
function importText({ specifiers, source, attributes }: ImportDeclaration): string {
  const all = specifiers.flatMap((each) => each.type === "ImportNamespaceSpecifier" ? [`* as ${each.local.name}`] : []);
  const main = specifiers.flatMap((each) => each.type === "ImportDefaultSpecifier" ? [each.local.name] : []);
  const named = specifiers.flatMap((each) => each.type === "ImportSpecifier" ? [specifierText(each)] : []);
  const clause = [...main, ...all, ...(named.length > 0 ? [`{ ${named.join(", ")} }`] : [])].join(", ");
  const kinds = (attributes ?? []).map(({ key, value }) =>
    `${JSON.stringify(key.type === "Identifier" ? key.name : key.value)}: ${JSON.stringify(value.value)}`
  );
  const attached = kinds.length === 0 ? "" : ` with { ${kinds.join(", ")} }`;
  return `import ${clause === "" ? "" : `${clause} from `}${JSON.stringify(source.value)}${attached};`;
}

function specifierText({ imported, local }: ImportSpecifier): string {
  const from = imported.type === "Identifier" ? imported.name : JSON.stringify(imported.value);
  return from === local.name ? from : `${from} as ${local.name}`;
}
