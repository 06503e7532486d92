/** zod schemas and columns: what a schema describes, whether a DataFrame fits it, and how the ledger keeps it. */
export { checkFrame, type CheckFrameOptions } from "./check_frame.ts";
export { columnsOf, type SchemaColumn } from "./columns.ts";
export { type ProfileField, profileOf, profileOfFile, schemaId, type SchemaProfile } from "./profile.ts";
