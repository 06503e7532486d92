/** What a code identity is made of: named parts, and what could not be followed. */

/** What a part is. `changing` is a value that the step itself changes as well as reads. */
export type CodePartKind = "function" | "class" | "value" | "changing" | "package" | "global" | "module" | "file";

/** One thing that a step's code depends on. */
export interface CodePart {
  /** What it is. */
  readonly kind: CodePartKind;
  /** Its name in the code. */
  readonly name: string;
  /** The name of the file that it stands in, where it has one. */
  readonly where?: string;
  /** SHA-256 of what counts of it. */
  readonly hash: string;
  /** Its source, its printed value or its version, at most 32 KiB of it. */
  readonly text?: string;
}

/** Something with a reason: what could not be followed, or what lies outside. */
export interface CodeNote {
  /** What it is called. */
  readonly name: string;
  /** Why it is listed. */
  readonly why: string;
}

/** How much of a step's code counts. */
export type CodeIdentityMode = "dependencies" | "source" | "module" | "repo_git";

/** What a step's code depends on, as one hash and in parts. */
export interface CodeIdentity {
  /** How it was established. */
  readonly mode: string;
  /** SHA-256 of all that could be followed; null where there was nothing to hash. */
  readonly hash: string | null;
  /** What it is made of; the step's own function comes first. */
  readonly parts: readonly CodePart[];
  /** What cannot be followed: while there is any, the step has no known identity. */
  readonly opaque: readonly CodeNote[];
  /** What the result may depend on and no identity can see: time, randomness, environment, network, files, state inside packages. */
  readonly outside: readonly CodeNote[];
  /** Where it was asked for: names that the code only writes to, which cannot decide its result, each with a hash of what it holds. */
  readonly written?: readonly WrittenName[];
}

/** A name that code only writes to. */
export interface WrittenName {
  /** The name. */
  readonly name: string;
  /** SHA-256 of what it holds. */
  readonly hash: string;
}

/** The most that is kept of a part's text. */
export const LONGEST_PART_TEXT = 32 * 1024;

/** A text cut to what a part keeps. */
export function partText(text: string): string {
  return text.length <= LONGEST_PART_TEXT ? text : `${text.slice(0, LONGEST_PART_TEXT)}…`;
}

/** A code identity for which there is nothing to hash, with the reason. */
export function unknownCode(mode: string, name: string, why: string): CodeIdentity {
  return { mode, hash: null, parts: [], opaque: [{ name, why }], outside: [] };
}
