/** Programs as files of modules, or as cells. */
import { Choices } from "./choices.ts";
import type { Declaration, Program, Variant } from "./program.ts";
import { Style } from "./style.ts";

const FILES = ["deep.ts", "lib.ts", "main.ts"];

/** The modules of a program. */
export function modulesOf(program: Program, variant: Variant, numbers: readonly number[]): Readonly<Record<string, string>> {
  const choices = new Choices(numbers);
  const namespaces = program.byNamespace ? new Map([[0, "deep"], [1, "lib"]]) : null;
  const style = new Style(choices, namespaces);
  return Object.fromEntries(FILES.map((file, module) => {
    const own = program.declarations.filter((declaration) => declaration.module === module);
    const texts = ordered(own, program, choices).map((declaration, index) =>
      `${style.unused(module * 10 + index)}${declaration.text(variant, style)}\n`
    );
    return [
      file,
      [...importsOf(program, module, namespaces), ...texts, `export { ${own.map(({ name }) => name).join(", ")} };\n`].join("\n"),
    ];
  }));
}

/** The declarations of a program as cells, by name; `main` is the last. */
export function cellsOf(program: Program, variant: Variant, numbers: readonly number[]): ReadonlyMap<string, string> {
  const style = new Style(new Choices(numbers), null);
  return new Map(program.declarations.map((declaration) => [declaration.name, declaration.text(variant, style)]));
}

/** Another order in which each still comes after those that it uses. */
function ordered(own: readonly Declaration[], { declarations }: Program, choices: Choices): readonly Declaration[] {
  const left = new Set(own);
  const order: Declaration[] = [];
  while (left.size > 0) {
    const ready = [...left].filter(({ uses }) => ![...uses].some((index) => left.has(declarations[index]!)));
    const next = choices.of(ready);
    left.delete(next);
    order.push(next);
  }
  return order;
}

function importsOf({ declarations }: Program, module: number, namespaces: ReadonlyMap<number, string> | null): string[] {
  const used = new Set(declarations.filter((declaration) => declaration.module === module).flatMap(({ uses }) => [...uses]));
  return [0, 1].filter((other) => other < module).flatMap((other) => {
    const names = [...used].map((index) => declarations[index]!).filter((declaration) => declaration.module === other).map(({ name }) =>
      name
    );
    if (names.length === 0) return [];
    const namespace = namespaces?.get(other);
    return [`import ${namespace === undefined ? `{ ${names.join(", ")} }` : `* as ${namespace}`} from "./${FILES[other]}";`];
  });
}
