/** zod schemas and columns: what a schema describes, whether a DataFrame fits it, and how the ledger keeps it. */
export { rowAt, rowsAt, rowWords } from "./row_words.ts";
export { type ColumnKeys, type ColumnMeta, type ColumnReference, keysOf } from "./column_meta.ts";
export { columnsOf, type SchemaColumn } from "./columns.ts";
export { type ProfileField, profileOf, profileOfFile, SAMPLE_ROWS, schemaId, type SchemaProfile } from "./profile.ts";
