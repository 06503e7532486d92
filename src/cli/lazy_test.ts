import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";

interface Dependency {
  readonly isDynamic?: boolean;
  readonly code?: { readonly specifier: string };
}

interface Info {
  readonly redirects: { readonly [from: string]: string };
  readonly modules: readonly { readonly specifier: string; readonly dependencies?: readonly Dependency[] }[];
}

/** The modules that are loaded with a module, without those that it imports when they are needed. */
async function loadedWith(path: string): Promise<Set<string>> {
  const url = new URL(path, import.meta.url);
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", fromFileUrl(url)] }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as Info;
  const byName = new Map(modules.map((module) => [module.specifier, module.dependencies ?? []]));
  const loaded = new Set<string>([url.href]);
  for (const name of loaded) {
    for (const { isDynamic, code } of byName.get(name) ?? []) if (isDynamic !== true && code !== undefined) loaded.add(code.specifier);
  }
  return loaded;
}

Deno.test("a kernel starts without the ledger, and the help is printed without any floor below", async () => {
  const start = [...await loadedWith("main.ts"), ...await loadedWith("kernel_start.ts")];
  assert.ok(start.some((name) => name.endsWith("/src/kernels/mod.ts")));
  assert.deepEqual(start.filter((name) => /\/src\/(?:ledger|query|run|tracker|notebook)\/|duckdb|polars/.test(name)), []);
  assert.deepEqual([...await loadedWith("main.ts")].filter((name) => /\/src\/(?!cli|errors|types)/.test(name)), []);
});

Deno.test("runs are listed without the floors that execute steps", async () => {
  assert.deepEqual([...await loadedWith("runs.ts")].filter((name) => /\/src\/(?:tracker|scenario|run)\//.test(name)), []);
});
