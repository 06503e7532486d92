/** The layout of text/plain: aligned columns, indented blocks, trees. */
import { displayWidth } from "./printable.ts";

/** Pads to a number of terminal columns. */
export function pad(text: string, width: number, side: "left" | "right" = "left"): string {
  const fill = " ".repeat(Math.max(0, width - displayWidth(text)));
  return side === "left" ? text + fill : fill + text;
}

/** Rows of cells as aligned lines; `right` names the columns whose text stands at the right. Empty columns take no room. */
export function alignedRows(rows: readonly (readonly string[])[], right: ReadonlySet<number> = new Set()): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, displayWidth(cell)));
  return rows.map((row) =>
    row.map((cell, i) => [cell, i] as const)
      .filter(([, i]) => widths[i]! > 0)
      .map(([cell, i]) => pad(cell, widths[i]!, right.has(i) ? "right" : "left"))
      .join("  ").trimEnd()
  );
}

/** A block whose lines all begin with this much space. */
export function indented(lines: readonly string[], by: number): string[] {
  return lines.map((line) => (line === "" ? "" : " ".repeat(by) + line));
}

/** Lines behind a label: the label on the first line, the others below its text. */
export function labelled(label: string, lines: readonly string[], width: number): string[] {
  return lines.map((line, i) => `${pad(i === 0 ? label : "", width)}  ${line}`.trimEnd());
}
