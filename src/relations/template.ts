/** The `sql` tag: text with relations, artifacts, DataFrames and parameters in it. */
import type { Artifact, DataFrame, Relation, UnknownRow } from "../types.ts";
import { artifactTable } from "./file_relation.ts";
import type { SqlParameter } from "./parameter.ts";
import { relationOf, sourceOf, type SqlRelation } from "./relation.ts";
import { type AmbientLedger, type Piece, type SqlSource, Statement } from "./statement.ts";

/** What can be interpolated into `sql`. */
// deno-lint-ignore no-explicit-any -- the rows of an interpolated relation do not matter here
export type SqlValue = SqlParameter | Relation<any> | Artifact | DataFrame;

/** SQL text with relations, artifacts, DataFrames and parameters interpolated. `Row` is what the caller says its rows are. */
export type SqlTag = <Row = UnknownRow>(text: TemplateStringsArray, ...values: SqlValue[]) => SqlRelation<Row>;

/** Makes the `sql` tag. `ambient` is asked for the ledger when a query names its tables. */
export function makeSql(ambient: AmbientLedger): SqlTag {
  return <Row = UnknownRow>(text: TemplateStringsArray, ...values: SqlValue[]) =>
    relationOf<Row>({
      ...templateSource(ambient, text, values.map(part)),
      words: () => wordsOf(text, values),
      parts: values.map(sourceOf).filter((source) => source !== undefined),
    });
}

/** What gives other rows each time: time, chance, and what is set elsewhere. */
const FICKLE =
  /\b(?:now|today|age|current_\w+|get_current_\w+|localtime\w*|transaction_timestamp|txid_current|random|setseed|\w*uuid\w*|sample|tablesample|shuffle|getenv|getvariable|nextval|currval)\b/i;

/** What decides a query's rows, besides the files and the ledger that it reads. */
function wordsOf(text: readonly string[], values: readonly unknown[]): readonly unknown[] | undefined {
  return text.some((words) => FICKLE.test(words)) ? undefined : [[...text], values];
}

/** One interpolated value, looked at when the template is written, so that a wrong one fails at its own line. */
type Part = (statement: Statement, before: string, after: string) => Piece | Promise<Piece>;

function part(value: SqlValue): Part {
  const source = sourceOf(value) ?? frameSource(value) ?? artifactTable(value);
  if (source !== undefined) return async (statement, before, after) => asTable(await source.write(statement), before, after);
  new Statement({ dry: true }).bind(value);
  if (Array.isArray(value)) return (statement, before) => list(statement, value, before);
  return (statement) => parameter(statement, value);
}

function frameSource(value: unknown): SqlSource | undefined {
  if (Object.prototype.toString.call(value) !== "[object DataFrame]") return undefined;
  return { write: (statement) => statement.frame(value as DataFrame) };
}

/** A query in parentheses, unless the author wrote some; the line break ends a comment at its end. */
function asTable({ text, outline, words }: Piece, before: string, after: string): Piece {
  if (/\(\s*$/.test(before) && /^\s*\)/.test(after)) return { text: `${text}\n`, outline: `${outline}\n`, words };
  return { text: `(${text}\n)`, outline: `(${outline}\n)`, words: words.startsWith("⟨") ? words : `(${words})` };
}

function parameter(statement: Statement, value: unknown): Piece {
  const place = statement.bind(value);
  return { text: place, outline: "null", words: place };
}

/** After `in` a list stands for its members; elsewhere it is a DuckDB list. */
function list(statement: Statement, values: readonly unknown[], before: string): Piece {
  const open = /\bin\s*\([^()]*$/i.test(before);
  if (!open && !/\bin\s*$/i.test(before)) return parameter(statement, values);
  const members = values.length === 0 ? "select null where false" : values.map((value) => statement.bind(value)).join(", ");
  return open ? { text: members, outline: "null", words: members } : { text: `(${members})`, outline: "(null)", words: `(${members})` };
}

function templateSource(ambient: AmbientLedger, strings: readonly string[], parts: readonly Part[]): SqlSource {
  const texts = strings.map((text, index) => (index === strings.length - 1 ? text.replace(/[\s;]+$/, "") : text));
  return {
    write: async (statement) => {
      statement.offers(ambient);
      const whole = { text: texts[0]!, outline: texts[0]!, words: texts[0]! };
      for (const [index, write] of parts.entries()) {
        const after = texts[index + 1]!;
        const piece = await write(statement, texts[index]!, after);
        whole.text += piece.text + after;
        whole.outline += piece.outline + after;
        whole.words += piece.words + after;
      }
      return whole;
    },
  };
}

/** A query as text with parameters (`$1` or `?`), as a query builder compiles it: for running, not for composing. */
export function textRelation<Row = UnknownRow>(
  ambient: AmbientLedger,
  text: string,
  parameters: readonly unknown[] = [],
): SqlRelation<Row> {
  const words = text.replace(/[\s;]+$/, "");
  return relationOf<Row>({
    words: () => wordsOf([words], parameters),
    write: (statement) => {
      statement.offers(ambient);
      for (const value of parameters) statement.bind(value);
      return { text: words, outline: words, words };
    },
  });
}
