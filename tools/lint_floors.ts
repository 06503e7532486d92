/** House rules for `deno lint`: a floor imports from the floors below it only, through their `mod.ts`, and what loads late by `import()`. */

/** The floors, highest first. A file's floor is its first folder under `src`, or the file itself. */
const FLOORS = [
  "cli",
  "jupyter",
  "kernels",
  "cells",
  "tracker",
  "scenario",
  "run",
  "query",
  "cells/cell_session.ts",
  "cells/mod.ts",
  "cells/runtime.ts",
  "executors",
  "programs",
  "identity",
  "artifacts",
  "schemas",
  "relations",
  "ledger",
  "notebook",
] as const;
const GROUND = ["errors", "intrinsics", "types"];

/**
 * What loads when it is first used: floors as a whole, parts of them, each a folder with a `mod.ts` of its own, and single files. From what
 * loads with `import "consist"` they are imported by `import()`, or for their types.
 */
export const LATE: readonly string[] = [
  "cli",
  "jupyter",
  "kernels",
  "cells/cell_session.ts",
  "cells/mod.ts",
  "cells/runtime.ts",
  "executors",
  "programs",
  "run/care",
  "run/elsewhere",
  "query/answers",
  "artifacts/web",
  "schemas/tables",
  "relations/charts",
  "ledger/maintenance",
  "notebook/render",
];

/** Where a path stands: its place in `FLOORS`, `ground` for what all may import, or nothing outside `src`. */
function floorOf(path: string): string | undefined {
  const match = /(?:^|\/)src\/([^/]+?)(?:\.ts$|\/)/.exec(path);
  return match?.[1];
}

/** What of `LATE` a path below `src` belongs to. */
function lateOf(path: string): string | undefined {
  const below = /(?:^|\/)src\/(.+)$/.exec(path)?.[1] ?? "";
  return LATE.find((late) => below === late || below.startsWith(`${late}/`));
}

/** How something is imported: by `import()` or for its types alone nothing is loaded yet. */
export type How = "at once" | "later" | "types";

/** What is wrong with importing `specifier` in `file`, if something is. */
export function floorViolation(file: string, specifier: string, how: How = "at once"): string | undefined {
  const path = file.replaceAll("\\", "/");
  const from = floorOf(path);
  if (from === undefined) return /(?:^|\/)mod\.ts$/.test(path) && how === "at once" ? lateViolation(path, specifier.slice(1)) : undefined;
  if (specifier === "consist" || specifier.startsWith("consist/")) {
    return isTest(file) ? undefined : `src/${from} cannot import the package by its own name`;
  }
  if (!specifier.startsWith(".")) return undefined;
  const target = new URL(specifier, `file:///${file.replace(/^.*\/src\//, "src/")}`).pathname;
  if (!target.startsWith("/src/")) return isTest(file) ? undefined : `src/${from} cannot import from above src: ${specifier}`;
  const to = floorOf(target)!;
  const late = lateOf(target);
  const part = late?.endsWith(".ts") ? undefined : late;
  if (!isTest(file) && part !== undefined && part !== lateOf(path) && target !== `/src/${part}/mod.ts`) {
    return `src/${part} is imported through its mod.ts only`;
  }
  const tooEarly = how === "at once" && !isTest(file) ? lateViolation(path, target) : undefined;
  if (tooEarly !== undefined) return tooEarly;
  if (to === from) return undefined;
  if (GROUND.includes(to)) return undefined;
  const [here, there] = [FLOORS.indexOf(from as typeof FLOORS[number]), FLOORS.indexOf(to as typeof FLOORS[number])];
  if (GROUND.includes(from)) return `src/${from}.ts imports from no floor: ${specifier}`;
  if (here < 0) return `src/${from} is no known floor`;
  if (there < 0) return `src/${to} is no known floor`;
  if (there < here) return `src/${from} is below src/${to} and cannot import from it`;
  if (!isTest(file) && !new RegExp(`^/src/${part ?? to}(?:/mod)?\\.ts$`).test(target)) {
    return `src/${to} is imported through its mod.ts only`;
  }
  return undefined;
}

/** What is late is loaded at once by what is late itself. */
function lateViolation(file: string, target: string): string | undefined {
  const late = lateOf(target);
  return late === undefined || lateOf(file) !== undefined
    ? undefined
    : `src/${late} loads when it is first used: import() it, or import its types`;
}

const isTest = (file: string) => /_test\.ts$/.test(file);

type Node = Deno.lint.Node;

function check(context: Deno.lint.RuleContext, node: Node, source: Node | null | undefined, how: How): void {
  if (source?.type !== "Literal" || typeof source.value !== "string") return;
  const message = floorViolation(context.filename, source.value, how);
  if (message) context.report({ node, message });
}

/** An import of names that are types, all of them, loads nothing. */
function howOf(kind: string | undefined, names: readonly Node[] = []): How {
  const kinds = names as readonly { readonly importKind?: string; readonly exportKind?: string }[];
  const areTypes = kinds.length > 0 && kinds.every(({ importKind, exportKind }) => importKind === "type" || exportKind === "type");
  return kind === "type" || areTypes ? "types" : "at once";
}

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "floors": {
      create(context) {
        return {
          ImportDeclaration: (node) => check(context, node, node.source, howOf(node.importKind, node.specifiers)),
          ExportNamedDeclaration: (node) => check(context, node, node.source, howOf(node.exportKind, node.specifiers)),
          ExportAllDeclaration: (node) => check(context, node, node.source, howOf(node.exportKind)),
          ImportExpression: (node) => check(context, node, node.source, "later"),
          TSImportType: (node) => check(context, node, (node.argument as { literal?: Node }).literal ?? (node.argument as Node), "types"),
        };
      },
    },
  },
};
export default plugin;
