/** Names with parts to fill in: `{fnName}__y{year}`. */
import { listNames, nearestName, OptionError } from "../errors.ts";
import { JSON } from "../intrinsics.ts";

/** What the parts of a step's name can be. */
export const NAME_PARTS: readonly string[] = ["fnName", "scenario", "year", "iteration", "phase", "stage"];

/** The values for a template; what is `undefined` or `null` is not there. */
export type NameValues = { readonly [part: string]: unknown };

const PIECES = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;

/** Throws where a template names a part that is none of `known`, or has a lone brace. `option` is how the user spelt it. */
export function checkTemplate(template: string, known: readonly string[] = NAME_PARTS, option = "nameTemplate"): void {
  for (const [piece, part] of template.matchAll(PIECES)) {
    if (piece === "{" || piece === "}") throw loneBrace(template, option);
    if (part !== undefined && !known.includes(part)) throw unknownPart(template, part, known, option);
  }
}

/** Fills a template in. */
export function fillTemplate(template: string, values: NameValues, known: readonly string[] = NAME_PARTS, option = "nameTemplate"): string {
  checkTemplate(template, known, option);
  return template.replaceAll(PIECES, (piece: string, part: string | undefined) => {
    if (part === undefined) return piece.slice(1);
    const value = Object.hasOwn(values, part) ? values[part] : undefined;
    if (value === undefined || value === null || value === "") throw missingPart(template, part, option);
    return String(value);
  });
}

function loneBrace(template: string, option: string): OptionError {
  return new OptionError("option_invalid", {
    problem: `The option ${option} is ${JSON.stringify(template)}, in which a brace stands alone.`,
    why: "Braces stand around a part that is filled in.",
    fix: "Write {{ or }} for a brace of the name.",
    path: option,
  });
}

function unknownPart(template: string, part: string, known: readonly string[], option: string): OptionError {
  const near = nearestName(part, known);
  return new OptionError("option_invalid", {
    problem: `The option ${option} is ${JSON.stringify(template)}, and there is no part {${part}}.`,
    why: `Its parts are ${listNames(known)}.`,
    fix: near === undefined ? "Use one of them." : `Did you mean {${near}}?`,
    path: option,
  });
}

function missingPart(template: string, part: string, option: string): OptionError {
  return new OptionError("name_missing", {
    problem: `The option ${option} is ${JSON.stringify(template)}, and this call has no ${part}.`,
    why: part === "fnName" ? "The function has no name of its own." : `{${part}} is filled in from the call.`,
    fix: part === "fnName"
      ? "Use a named function, or give the step a name."
      : part === "scenario"
      ? "Run it in a scenario, or give the step a name."
      : `Give ${part}, or give the step a name.`,
    path: option,
  });
}
