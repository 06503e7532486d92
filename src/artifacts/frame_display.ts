/** How a DataFrame shows itself in a notebook. */
import type { DataFrame, MimeBundle } from "../types.ts";

/** A frame of more rows shows its first and last ones. */
const WHOLE = 20;
const ENDS = 10;

/** A frame as html and text. */
export async function displayFrame(frame: DataFrame): Promise<MimeBundle> {
  const columns = frame.columns.map((name) => ({ name, type: typeName(frame, name) }));
  const total = frame.height;
  const rows = total <= WHOLE ? { rows: frame.rows() } : { rows: frame.head(ENDS).rows(), tail: frame.tail(ENDS).rows() };
  const { renderTable } = await import("../notebook/render/mod.ts");
  return renderTable({ columns, total, ...rows });
}

/** `List(Float64)` of `DataType(List(DataType(Float64)))`. */
function typeName(frame: DataFrame, column: string): string {
  let text = String(frame.getColumn(column).dtype).replace(/,\)/g, ")");
  for (let before = ""; before !== text;) [before, text] = [text, text.replace(/DataType\(((?:[^()]|\([^()]*\))*)\)/g, "$1")];
  return text;
}
