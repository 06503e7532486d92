/** A zod module for columns that were seen, to be edited and kept beside the notebook. */
import { OptionError } from "../../errors.ts";
import { JSON } from "../../intrinsics.ts";
import { type DuckType, parseType } from "../duck_type.ts";

/** A column of an exported schema. */
export interface ExportedColumn {
  /** Its name. */
  readonly name: string;
  /** DuckDB's type. */
  readonly type: string;
  /** May it be null? */
  readonly nullable: boolean;
  /** The values that it allows, where they are listed. */
  readonly values?: readonly unknown[] | undefined;
  /** Does it tell rows apart? */
  readonly primaryKey?: boolean | undefined;
  /** The column of another schema that it points at. */
  readonly references?: {
    /** The schema. */
    readonly table: string;
    /** The column there. */
    readonly column: string;
  } | undefined;
}

/** Where the package comes from in an exported module. */
const ZOD = "npm:zod@4";
/** Columns that every view adds by itself. */
const OF_VIEWS = /^consist_(?:run_id|artifact_id|scenario_id|year|iteration)$/i;

/**
 * The text of a module that exports a schema: the same columns give the same text.
 *
 * @throws {OptionError} `option_invalid` where the class name is no name for an export
 */
export function zodModule(className: string, columns: readonly ExportedColumn[], origin: string): string {
  checkName(className);
  const kept = columns.filter(({ name }) => !OF_VIEWS.test(name));
  const left = columns.length - kept.length;
  return [
    `// ${oneLine(origin)}`,
    "// Edit it as you like: it is yours. Give it to a tracker, and it has a view:",
    `// new Tracker({ schemas: { ${className} } }).views.${className}`,
    ...(left === 0 ? [] : [`// Left out: ${left} ${left === 1 ? "column" : "columns"} that every view adds by itself.`]),
    `import { z } from "${ZOD}";`,
    "",
    `export const ${className} = z.object({`,
    ...kept.map((column) => `  ${keyText(column.name)}: ${columnText(column)},${note(column)}`),
    "});",
    "",
    `export type ${className} = z.infer<typeof ${className}>;`,
    "",
  ].join("\n");
}

/** Words that are no names in a module, and the one that the module has itself. */
const TAKEN =
  /^(?:z|arguments|await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|eval|export|extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|new|null|package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield|any|bigint|boolean|never|number|object|string|symbol|undefined|unknown)$/;

function checkName(className: unknown): asserts className is string {
  if (typeof className === "string" && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(className) && !TAKEN.test(className)) return;
  throw new OptionError("option_invalid", {
    problem: `Cannot export a schema as ${JSON.stringify(className)}.`,
    why:
      "The name is that of a constant and a type of the module: letters, digits, _ and $, not beginning with a digit, and no word of the language.",
    fix: 'Give a className such as "Person".',
    path: "className",
  });
}

/** A column's name as a key: in brackets where it would mean something else. */
function keyText(name: string): string {
  if (name === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name);
}

/** A text as a literal in which nothing ends a line. */
function literal(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ud800-\udfff\ufeff]/g, (unit, at: number, whole: string) => {
    const isPaired = /[\ud800-\udfff]/.test(unit) && /[\ud800-\udbff][\udc00-\udfff]/.test(whole.slice(Math.max(0, at - 1), at + 2));
    return isPaired ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

const oneLine = (text: string): string => text.replace(/[\s\u0085\u2028\u2029]+/g, " ");

function columnText({ type, nullable, values, primaryKey, references }: ExportedColumn): string {
  const base = values === undefined || values === null ? typeText(parseType(type)) : valuesText(values);
  const meta = [
    ...(primaryKey ? ["primaryKey: true"] : []),
    ...(references === undefined ? [] : [`references: ${referenceText(references)}`]),
  ];
  return `${base}${nullable ? ".nullable()" : ""}${meta.length === 0 ? "" : `.meta({ ${meta.join(", ")} })`}`;
}

function referenceText({ table, column }: NonNullable<ExportedColumn["references"]>): string {
  return table.includes(".") ? `{ table: ${literal(table)}, column: ${literal(column)} }` : literal(`${table}.${column}`);
}

/** A list of values: texts as an enum, others as literals. */
function valuesText(values: readonly unknown[]): string {
  const solid = values.filter((value) => value !== null);
  const list = solid.map((value) => typeof value === "string" ? literal(value) : JSON.stringify(value)).join(", ");
  if (solid.length === 0) return "z.unknown()";
  return solid.every((value) => typeof value === "string") ? `z.enum([${list}])` : `z.literal([${list}])`;
}

const PLAIN: readonly (readonly [type: RegExp, zod: string])[] = [
  [/^(?:U?TINYINT|U?SMALLINT|U?INTEGER|BIGINT|UBIGINT)$/, "z.int()"],
  [/^(?:U?HUGEINT|BIGNUM)$/, "z.bigint()"],
  [/^(?:FLOAT|DOUBLE|DECIMAL.*)$/, "z.number()"],
  [/^BOOLEAN$/, "z.boolean()"],
  [/^(?:DATE|TIMESTAMP.*|DATETIME)$/, "z.date()"],
  [/^(?:VARCHAR.*|UUID|TIME.*|INTERVAL|BIT)$/, "z.string()"],
];

function typeText(type: DuckType): string {
  switch (type.kind) {
    case "plain":
      return PLAIN.find(([pattern]) => pattern.test(type.name))?.[1] ?? "z.unknown()";
    case "list":
      return `z.array(${typeText(type.member)}${maybeNull(type.member)})`;
    case "struct":
      return `z.object({ ${
        type.members.map(([name, member]) => `${keyText(name)}: ${typeText(member)}${maybeNull(member)}`).join(", ")
      } })`;
    case "map":
      return `z.map(${typeText(type.key)}, ${typeText(type.value)}${maybeNull(type.value)})`;
    case "enum":
      return valuesText(type.values);
    case "union":
      return "z.unknown()";
  }
}

/** What is inside of a value was not looked at: it may be null. */
function maybeNull(type: DuckType): string {
  return typeText(type) === "z.unknown()" ? "" : ".nullable()";
}

/** What the schema's type does not say. */
function note({ type }: ExportedColumn): string {
  const upper = type.toUpperCase();
  if (/^DECIMAL/.test(upper)) return ` // ${oneLine(upper)}`;
  if (upper === "DATE") return " // a day";
  if (upper === "BLOB") return " // bytes";
  return "";
}
