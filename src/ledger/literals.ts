/**
 * Values as text of SQL, so that all rows of a run travel in one piece: planning eight statements with parameters costs twice as much. Here
 * alone values become text; each is what the same value would be as a parameter.
 */
import type { ColumnType } from "./schema.ts";
import type { SqlScalar } from "./values.ts";

const INT32 = 2n ** 31n;
const INT64 = 2n ** 63n;

/** A value of a column as SQL; `undefined` where it has to be a parameter, since it is not plainly of the column's type. */
export function literal(value: SqlScalar, type: ColumnType): string | undefined {
  if (value === null) return "NULL";
  switch (type) {
    case "VARCHAR":
    case "JSON":
      return typeof value === "string" ? textLiteral(value) : undefined;
    case "INTEGER":
      return wholeLiteral(value, INT32);
    case "BIGINT":
      return wholeLiteral(value, INT64);
    case "DOUBLE":
      // Digits without an exponent would be a decimal number, which knows no -0 and rounds in its own way.
      return typeof value === "number" ? `'${Object.is(value, -0) ? "-0" : value}'::DOUBLE` : undefined;
    case "BOOLEAN":
      return typeof value === "boolean" ? String(value) : undefined;
    case "TIMESTAMP WITH TIME ZONE":
      return value instanceof Date && !Number.isNaN(value.getTime()) ? `make_timestamptz(${BigInt(value.getTime()) * 1000n})` : undefined;
  }
}

/** Text in single quotes. In SQL only the quote itself is special between them; a NUL would end the whole text, so that a mark stands for it. */
export function textLiteral(text: string): string {
  if (!text.includes("\0")) return `'${text.replaceAll("'", "''")}'`;
  const mark = unusedIn(text);
  return `replace('${text.replaceAll("\0", mark).replaceAll("'", "''")}', '${mark}', chr(0))`;
}

/** A single character that a text has not: a longer mark might also be found across its own border. */
function unusedIn(text: string): string {
  for (let code = 1;; code++) {
    const character = String.fromCharCode(code);
    if (character !== "'" && !text.includes(character)) return character;
  }
}

function wholeLiteral(value: SqlScalar, limit: bigint): string | undefined {
  if (typeof value !== "bigint" && !Number.isSafeInteger(value)) return undefined;
  const whole = BigInt(value as bigint | number);
  return whole >= -limit && whole < limit ? String(whole) : undefined;
}
