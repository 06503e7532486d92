/** How a DataFrame shows itself in a notebook. */
import { renderTable } from "../notebook/mod.ts";
import type { DataFrame, MimeBundle } from "../types.ts";

/** A frame of more rows shows its first and last ones. */
const WHOLE = 20;
const ENDS = 10;

/** A frame as html and text. */
export function displayFrame(frame: DataFrame): MimeBundle {
  const columns = frame.columns.map((name) => ({ name, type: typeName(frame, name) }));
  const total = frame.height;
  if (total <= WHOLE) return renderTable({ columns, rows: frame.rows(), total });
  return renderTable({ columns, rows: frame.head(ENDS).rows(), tail: frame.tail(ENDS).rows(), total });
}

/** `Float64` of `DataType(Float64)`. */
function typeName(frame: DataFrame, column: string): string {
  const text = String(frame.getColumn(column).dtype);
  return /^DataType\((.*)\)$/s.exec(text)?.[1] ?? text;
}
