/** House rules for `deno lint`: a floor imports from the floors below it only, and through their `mod.ts`. */

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

/** Where a path stands: its place in `FLOORS`, `ground` for what all may import, or nothing outside `src`. */
function floorOf(path: string): string | undefined {
  const match = /(?:^|\/)src\/([^/]+?)(?:\.ts$|\/)/.exec(path);
  return match?.[1];
}

/** What is wrong with importing `specifier` in `file`, if something is. */
export function floorViolation(file: string, specifier: string): string | undefined {
  const from = floorOf(file.replaceAll("\\", "/"));
  if (from === undefined) return undefined;
  if (specifier === "consist" || specifier.startsWith("consist/")) {
    return isTest(file) ? undefined : `src/${from} cannot import the package by its own name`;
  }
  if (!specifier.startsWith(".")) return undefined;
  const target = new URL(specifier, `file:///${file.replace(/^.*\/src\//, "src/")}`).pathname;
  if (!target.startsWith("/src/")) return isTest(file) ? undefined : `src/${from} cannot import from above src: ${specifier}`;
  const to = floorOf(target)!;
  if (to === from) return undefined;
  if (GROUND.includes(to)) return undefined;
  const [here, there] = [FLOORS.indexOf(from as typeof FLOORS[number]), FLOORS.indexOf(to as typeof FLOORS[number])];
  if (GROUND.includes(from)) return `src/${from}.ts imports from no floor: ${specifier}`;
  if (here < 0) return `src/${from} is no known floor`;
  if (there < 0) return `src/${to} is no known floor`;
  if (there < here) return `src/${from} is below src/${to} and cannot import from it`;
  if (!isTest(file) && !new RegExp(`^/src/${to}(?:/mod)?\\.ts$`).test(target)) return `src/${to} is imported through its mod.ts only`;
  return undefined;
}

const isTest = (file: string) => /_test\.ts$/.test(file);

type Node = Deno.lint.Node;

function check(context: Deno.lint.RuleContext, node: Node, source: Node | null | undefined): void {
  if (source?.type !== "Literal" || typeof source.value !== "string") return;
  const message = floorViolation(context.filename, source.value);
  if (message) context.report({ node, message });
}

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "floors": {
      create(context) {
        return {
          ImportDeclaration: (node) => check(context, node, node.source),
          ExportNamedDeclaration: (node) => check(context, node, node.source),
          ExportAllDeclaration: (node) => check(context, node, node.source),
          ImportExpression: (node) => check(context, node, node.source),
          TSImportType: (node) => check(context, node, (node.argument as { literal?: Node }).literal ?? (node.argument as Node)),
        };
      },
    },
  },
};
export default plugin;
