/** The version of the engine that reads and writes the files of relations. */
import { version } from "@duckdb/node-api";

/** `duckdb v1.5.5`. */
export const engineVersion = (): string => `duckdb ${version()}`;
