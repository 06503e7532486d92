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

/** `List(Float64)` of `DataType(List(DataType(Float64)))`. */
function typeName(frame: DataFrame, column: string): string {
  let text = String(frame.getColumn(column).dtype).replace(/,\)/g, ")");
  for (let before = ""; before !== text;) [before, text] = [text, text.replace(/DataType\(((?:[^()]|\([^()]*\))*)\)/g, "$1")];
  return text;
}
