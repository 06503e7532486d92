/** Asking before something is removed. */
import { OptionError } from "../errors.ts";
import { flag } from "./flags.ts";
import type { Output } from "./output.ts";

/** How a change is made. */
export interface ChangeFlags {
  /** Say what would be done, and do nothing. */
  readonly dryRun?: boolean;
  /** Do it without asking. */
  readonly yes?: boolean;
}

/** `--dry-run`. */
export const DRY_RUN = { dryRun: flag("Say what would be done, and do nothing") } as const;
/** Both. */
export const CHANGE_FLAGS = { ...DRY_RUN, yes: flag("Do it without asking; needed where nobody can be asked") } as const;

/**
 * Does the user agree?
 *
 * @throws {OptionError} where nobody can be asked, and `--yes` was not given
 */
export function consents(output: Output, { yes = false }: ChangeFlags, question: string): boolean {
  if (yes) return true;
  const answer = output.json ? undefined : output.agrees(question);
  if (answer !== undefined) return answer;
  throw new OptionError("option_invalid", {
    problem: "Nobody can be asked whether this may be done.",
    why: `It removes something: ${question}`,
    fix: "Look at it with --dry-run, then give --yes.",
    path: "yes",
  });
}
