/** An artifact as text: where it is, what it holds, which run made it. */
import type { ArtifactCardView, ColumnView } from "../views.ts";
import { alignedRows, indented } from "./layout.ts";
import { moreLine, settingsLine, warningLines } from "./notices.ts";
import { clipMiddle, oneLine, short } from "./printable.ts";
import { byteSize, countOf, localTime, shortHash } from "./units.ts";

const STATE_TEXT = {
  present: undefined,
  missing: "The file is not where the ledger says; the next run that needs it makes it again.",
  damaged: "The file does not hold what the ledger says; it is never served, and the next run that needs it makes it again.",
} as const;
/** Columns that are listed. */
const TEXT_COLUMNS = 20;

/** What is wrong with its file. */
export function stateOf(view: ArtifactCardView): readonly string[] {
  const text = STATE_TEXT[view.state ?? "present"];
  return text === undefined ? [] : [text];
}

/** `parquet, 42.7 MB, 1,250,000 rows, 4 columns`. */
export function kindOf(view: ArtifactCardView): string {
  return [
    short(view.driver, 24),
    view.bytes === undefined ? "" : byteSize(view.bytes),
    view.preview?.total === undefined ? "" : countOf(view.preview.total, "row"),
    view.columns === undefined ? "" : countOf(view.columns.length, "column"),
  ].filter(Boolean).join(", ");
}

/** The step that made it, and where that belongs. */
export function madeBy(run: NonNullable<ArtifactCardView["run"]>): string {
  const place = [run.scenario === undefined ? "" : short(run.scenario, 60), run.year === undefined ? "" : String(run.year)];
  const where = place.filter(Boolean).join(" · ");
  return `${short(run.step, 60)}${where === "" ? "" : ` (${where})`}`;
}

/** An artifact as text; `table` is its preview. */
export function artifactText(view: ArtifactCardView, table: readonly string[] = []): string {
  const { run, preview } = view;
  const columns = preview === undefined ? columnsText(view.columns ?? []) : "";
  const rows = [
    ["path", clipMiddle(oneLine(view.path), 400)],
    ["made by", run === undefined ? "" : `${madeBy(run)}, ${short(run.id, 80)}, ${localTime(run.at)}`],
    ["meta", settingsLine(view.meta)],
    ["columns", columns],
  ].filter(([, text]) => text !== "");
  const head = `artifact ${short(view.key, 80)}  ${kindOf(view)}  ${short(shortHash(view.hash), 8)}`;
  return [head, ...indented([...warningLines(stateOf(view)), ...alignedRows(rows), ...table], 2)].join("\n");
}

function columnsText(columns: readonly ColumnView[]): string {
  const shown = columns.slice(0, TEXT_COLUMNS).map((column) => `${short(column.name, 40)} ${short(column.type ?? "", 24)}`.trim());
  return [...shown, ...moreLine(columns.length - TEXT_COLUMNS, "column")].join(", ");
}
