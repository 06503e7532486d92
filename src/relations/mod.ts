/** SQL as a value: queries that compose, show themselves, load as DataFrames, chart, and run where their tables are. */
export { type CompleteChart, completeChart, DrawnChart, plotOf, RowsChart, viewChart } from "./chart.ts";
export { type AnyVegaLiteSpec, chart, type ChartSource, type VegaLiteSpec, type WithoutProperty } from "./draw.ts";
export { refuse as queryRefused } from "./failure.ts";
export { arrowAsParquet, FileRelation, relation, type RelationInput } from "./file_relation.ts";
export { type ObservedColumn, observedColumns } from "./observed.ts";
export { containsQuery, type FilesRead, hearQueries } from "./heard.ts";
export { asExecuted, rowsAsExecuted } from "./as_executed.ts";
export { type Execution, noteHit, polarsForRuns } from "./hits.ts";
export { missingFile } from "./nearby_file.ts";
export type { SqlParameter } from "./parameter.ts";
export { type ChartFormat, chartFormat } from "./chart_format.ts";
export { engineVersion } from "./engine_version.ts";
export { quoteName, quoteText } from "./quote.ts";
export { type ColumnType, type Head, isRelation, relationOf, sourceOf, SqlRelation } from "./relation.ts";
export { listenToQueries, queriesAreListenedTo } from "./scratch.ts";
export { formatOfDriver, literalPath, type ScanOptions, scanText, type TableFormat } from "./scan.ts";
export {
  type AmbientLedger,
  type FramePiece,
  type LedgerReader,
  ownPiece,
  type Piece,
  type SqlSource,
  type Statement,
} from "./statement.ts";
export { makeSql, type SqlTag, type SqlValue, textRelation } from "./template.ts";
export { askRows, rowsOf } from "./value.ts";
