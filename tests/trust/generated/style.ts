/** How a program is written down, as far as that cannot matter: types, comments, spaces, quotes, parentheses. */
import type { Choices } from "./choices.ts";

/** Writes. */
export class Style {
  readonly #choices: Choices;

  /** `reach` says how a name of another module is reached. */
  constructor(choices: Choices, readonly namespaces: ReadonlyMap<number, string> | null) {
    this.#choices = choices;
  }

  /** A type, or none. */
  type(name: string): string {
    return this.#choices.of([`: ${name}`, "", `: ${name} | never`, `/* a type */: ${name}`]);
  }

  /** Between statements and members. */
  gap(): string {
    return this.#choices.of([" ", "\n", "\n\n  ", " /* a note */ ", "\n// a line of notes: const x = 1; */\n", "\r\n"]);
  }

  /** At the end of a statement. */
  end(): string {
    return this.#choices.of([";", ";\n", "; // the end", ";;"]).replace(";;", ";");
  }

  /** After the last of a list. */
  comma(): string {
    return this.#choices.of(["", ","]);
  }

  /** Before a field. */
  modifier(): string {
    return this.#choices.of(["", "readonly ", "public "]);
  }

  /** Around an expression. */
  paren(text: string): string {
    return this.#choices.of([text, `(${text})`, `((${text}))`, `(${text} as number)`, `${text} satisfies unknown`]);
  }

  /** A text. */
  quoted(text: string): string {
    return this.#choices.of([`"${text}"`, `'${text}'`]);
  }

  /** A use of a name, where it may stand in another module. */
  reach(use: string, name: string, home: number, here: number): string {
    const namespace = home === here ? undefined : this.namespaces?.get(home);
    return namespace === undefined ? use : use.replace(new RegExp(`(?<!\\w)(?<!(?<!\\.\\.)\\.)${name}\\b`, "g"), `${namespace}.${name}`);
  }

  /** Something that nobody uses, beside the declarations. */
  unused(number: number): string {
    return this.#choices.of([
      "",
      `interface Row${number} { readonly id: number }\n`,
      `type T${number} = string | number;\n`,
      `export const unused${number} = ${this.#choices.below(100)};\n`,
      `export function unusedFn${number}() { return ${this.#choices.below(100)}; }\n`,
      `class Unused${number} { k = ${this.#choices.below(100)} }\n`,
      `/** Notes. */\n`,
    ]);
  }
}
