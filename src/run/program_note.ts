/** What a run says of the program that it ran. */

/** What is kept of a program with its run: `run.meta.program`. */
export interface ProgramNote {
  /** What ran. */
  readonly name: string;
  /** Its exit code. */
  readonly exit_code: number;
  /** The signal that ended it. */
  readonly signal?: string;
  /** The address of the file with its standard output. */
  readonly stdout: string;
  /** The address of the file with its standard error. */
  readonly stderr: string;
  /** The last lines that it printed, on either stream. */
  readonly printed: string;
}

/** The last lines that a run's program printed, for its card. */
export function printedBy(meta: { readonly [key: string]: unknown }): string | undefined {
  const { printed } = (meta.program ?? {}) as Partial<ProgramNote>;
  return typeof printed === "string" && printed !== "" ? printed : undefined;
}
