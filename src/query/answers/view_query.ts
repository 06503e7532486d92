/** The query of a view: which files belong to it is asked each time it is read. */
import { type FramePiece, ownPiece, type Piece, type Statement } from "../../relations/mod.ts";
import type { SchemaColumn } from "../../schemas/mod.ts";
import type { Reading } from "../reading.ts";
import { withSources } from "./view_frame.ts";
import { checkFiles, membersOf, type ViewMember } from "./view_members.ts";
import { misfit } from "./view_misfit.ts";
import { bareText, viewText } from "./view_text.ts";

/** Which files a view is made of, and what it gives of them. */
export interface ViewSpec {
  /** The view. */
  readonly name: string;
  /** The files that were logged with this schema, or under the view's name. */
  readonly schemaId: string;
  /** Of every run ever recorded. */
  readonly history: boolean;
  /** Its columns. */
  readonly columns: readonly SchemaColumn[];
  /** What to do about files that are gone or were changed. */
  readonly damaged: "error" | "skip";
}

/** Writes the query of a view. */
export interface ViewQuery {
  /** All its rows. */
  write(statement: Statement): Promise<Piece>;
  /** The same for a DataFrame. */
  writeFrame(statement: Statement): Promise<FramePiece>;
}

/** The query of a view; what the ledger answered is kept in it. */
export function viewQuery(reading: Reading, { name, columns, damaged, ...wanted }: ViewSpec): ViewQuery {
  const kept = {};
  const present = async (statement: Statement): Promise<readonly ViewMember[]> => {
    const members = await membersOf(reading, { name, ...wanted }, kept);
    const present = statement.dry ? members : await checkFiles(reading, name, members, damaged);
    if (present.some(({ table }) => table !== undefined)) statement.needs(reading.ledger);
    statement.onFailure((cause) => misfit(name, columns, present, cause));
    return present;
  };
  const textOf = remembered(viewText);
  const bareOf = remembered(bareText);
  const piece = (text: string): Piece => ownPiece(text, `View ${name}`);
  return {
    write: async (statement) => piece(await textOf(statement, columns, await present(statement))),
    writeFrame: async (statement) => {
      const members = await present(statement);
      const bare = await bareOf(statement, columns, members);
      if (bare === undefined) return { ...piece(await textOf(statement, columns, members)), finish: (frame) => frame };
      return { ...piece(bare.text), finish: (frame) => withSources(frame, bare) };
    },
  };
}

/** What is composed of parquet files is the same for the same list of members, and for many files it takes longer than to look at them. */
function remembered<T>(
  compose: (statement: Statement, columns: readonly SchemaColumn[], members: readonly ViewMember[]) => Promise<T>,
): typeof compose {
  let last: { readonly members: readonly ViewMember[]; readonly composed: T } | undefined;
  return async (statement, columns, members) => {
    if (last?.members === members) return last.composed;
    const composed = await compose(statement, columns, members);
    last = members.every(({ format, table }) => format === "parquet" && table === undefined) ? { members, composed } : undefined;
    return composed;
  };
}
