/** A row of the trust matrix as cases: a small project, edits of it, and what has to become of its step after each. */

/** The rows of the matrix that are tables of cases; j and k are about processes and have tests of their own. */
export type Row = "a" | "b" | "c" | "d" | "e" | "e2" | "f" | "g" | "h" | "i" | "l" | "m";

/** Where a case is run: programs of their own, cells of a real kernel, child processes that are told which module to import. */
export type Environment = "deno run" | "kernel" | "worker process";

/** A project: `main.ts`, or a cell for each of its parts. */
export interface Project {
  /** Declarations that the step may reach: a cell of their own. */
  readonly declare?: string;
  /** The body of the step's function. */
  readonly body?: string;
  /** The step as an expression, in place of `body`: `make(2)`. */
  readonly main?: string;
  /** Options of `run` as an expression, in the project's folder; the output is "n" unless they say otherwise. */
  readonly options?: string;
  /** A step that runs before this one as an expression `{ fn, ...options }`; its only output is this one's input `made`. */
  readonly upstream?: string;
  /** Code that the step does not reach: a cell of its own, the last one. */
  readonly also?: string;
  /** Other files; null removes one. */
  readonly files?: Readonly<Record<string, string | null>>;
}

/** Where a case's project lies, and what its runs made so far. */
export interface Place {
  /** The project's folder. */
  readonly dir: string;
  /** The paths of the newest outputs. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Moves the project's folder. */
  move(): Promise<void>;
}

/** One call of the step after an edit. `right` may be either; `executes` is a miss of a step that has no signature; `refused` is an error. */
export type Expected = "hit" | "miss" | "executes" | "right" | "refused";

/** An edit, and what has to come of the next call. */
export interface Stage extends Project {
  /** What the call has to be. */
  readonly expect: Expected;
  /** What it has to give; the code of the error where it is refused. */
  readonly result: unknown;
  /** Done in the project's folder before the call. */
  readonly act?: (at: Place) => unknown;
  /** What its explanation has to say. */
  readonly says?: RegExp;
  /** What the upstream step has to be. @default whatever it likes */
  readonly upstreamHit?: boolean;
}

/** One case. */
export interface TrustCase {
  /** Its row. */
  readonly row: Row;
  /** What happens. */
  readonly name: string;
  /** Where it makes sense. */
  readonly where: readonly Environment[];
  /** First the project as it is at the beginning, then its edits; what a stage does not name stays. */
  readonly stages: readonly Stage[];
}

/** Everywhere. */
export const EVERYWHERE: readonly Environment[] = ["deno run", "kernel", "worker process"];
/** Where a step is a module of a program. */
export const PROGRAMS: readonly Environment[] = ["deno run", "worker process"];

/** What a builder of cases may be told. */
export interface CaseOptions {
  /** Where it makes sense. @default everywhere */
  readonly where?: readonly Environment[];
  /** What the explanation of the miss has to say. */
  readonly says?: RegExp;
  /** Go back to the first version at the end, which has to hit and to give the first result. @default true */
  readonly back?: boolean;
}

/** An edit that must miss: first the one result, then the other, and the first again from the cache. */
export function misses(
  row: Row,
  name: string,
  first: Project,
  edit: Project & Pick<Stage, "act" | "upstreamHit">,
  results: readonly [before: unknown, after: unknown],
  { where = EVERYWHERE, says, back = true }: CaseOptions = {},
): TrustCase {
  const stages: Stage[] = [
    { ...first, expect: "miss", result: results[0] },
    { expect: "hit", result: results[0] },
    { ...edit, expect: "miss", result: results[1], ...(says === undefined ? {} : { says }) },
    { expect: "hit", result: results[1] },
  ];
  if (back) stages.push({ ...undo(first, edit), expect: "hit", result: results[0] });
  return { row, name, where, stages };
}

/** An edit that must not miss. */
export function hits(
  row: Row,
  name: string,
  first: Project,
  edit: Project & Pick<Stage, "act" | "upstreamHit">,
  result: unknown,
  { where = EVERYWHERE }: CaseOptions = {},
): TrustCase {
  return { row, name, where, stages: [{ ...first, expect: "miss", result }, { ...edit, expect: "hit", result }] };
}

/** A step that has no identity: it executes each time, gives the right result, and says why. */
export function executes(row: Row, name: string, project: Project, result: unknown, says: RegExp, where = EVERYWHERE): TrustCase {
  const stage = { expect: "executes", result, says } as const;
  return { row, name, where, stages: [{ ...project, ...stage }, stage] };
}

/** What brings the first version back. */
function undo(first: Project, edit: Project): Project {
  const parts = ["declare", "body", "main", "options", "upstream", "also"] as const;
  const changed = parts.filter((part) => edit[part] !== undefined).map((part) => [part, first[part] ?? ""] as const);
  const files = Object.keys(edit.files ?? {}).map((name) => [name, first.files?.[name] ?? null] as const);
  return { ...Object.fromEntries(changed), ...(files.length === 0 ? {} : { files: Object.fromEntries(files) }) };
}

/** The project after the stages up to and with this one. */
export function projectAt({ stages }: TrustCase, index: number): Project {
  return stages.slice(0, index + 1).reduce<Project>(
    (before, { declare, body, main, options, upstream, also, files }) => ({
      ...before,
      ...Object.fromEntries(
        Object.entries({ declare, body, main, options, upstream, also }).filter(([, text]) => text !== undefined),
      ),
      files: { ...before.files, ...files },
    }),
    {},
  );
}

/** The step of a project as an expression. */
export const mainOf = ({ main, body = "" }: Project): string =>
  main || `${/\bawait\b/.test(body) ? "async " : ""}(inputs: any, step: any) => {\n  ${body}\n}`;

/** A project as one module. */
export function moduleOf(project: Project): string {
  const { declare = "", options, upstream, also = "" } = project;
  return [
    declare,
    `export const main: any = ${mainOf(project)};`,
    `export const options: any = () => (${options || "{}"});`,
    `export const upstream: any = ${upstream ? `() => (${upstream})` : "undefined"};`,
    also,
  ].join("\n") + "\n";
}
