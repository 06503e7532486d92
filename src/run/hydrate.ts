/** What a hit brings along besides its artifacts: copies at the paths that the user named; and inputs that are gone. */
import { basename, join, resolve } from "@std/path";
import { belowOf, copyFile, pathOf } from "../artifacts/mod.ts";
import { listNames, OptionError } from "../errors.ts";
import type { Artifact } from "../types.ts";
import type { ActiveRun } from "./active_run.ts";
import { copiedFile } from "./copied_file.ts";
import { contentAt, findCopy, layoutOf, pathOrNone } from "./copies.ts";
import { writeKept } from "./ingested.ts";
import type { Hit } from "./look_up.ts";
import { asideNote, putCopies, type PutCopy } from "./put_copy.ts";
import type { RunServices, StepRequest } from "./request.ts";
import { CAPTURED_AS } from "./step_context.ts";

/** The path of a missing input's content: a copy in the run's own folder, or the file written anew from its rows; nothing where neither is on record. */
export async function restoreInput(run: ActiveRun, artifact: Artifact): Promise<string | undefined> {
  const copy = await findCopy(run.services, artifact, { twins: true });
  const target = join(run.outputDir("inputs"), basename(artifact.path));
  if (copy === undefined) return await writeKept(run.services.ledger, artifact, target) === undefined ? undefined : target;
  await copyFile(copy, target, { expect: artifact.hash });
  return target;
}

/** What was put where on a hit. */
export interface Hydrated {
  /** Output key → the path of its copy. */
  readonly copied: ReadonlyMap<string, string>;
  /** In words, for the card. */
  readonly notes: readonly string[];
}

/**
 * Copies a hit's outputs to where its `cacheHydration` asks: `outputs-requested` those that `outputPaths` names, `outputs-all` the others too,
 * into `outputDir`, or captured ones back into `captureDir`. The other modes copy nothing, and say where other content stands than the hit has.
 */
export async function hydrateHit(services: RunServices, request: StepRequest, hit: Pick<Hit, "outputs">): Promise<Hydrated> {
  const mode = request.cache.cacheHydration ?? "metadata";
  const wanted = mode === "outputs-all" || mode === "outputs-requested" ? [...hit.outputs.values()] : [];
  const copies = (await Promise.all(wanted.map(async (artifact) => {
    const to = destinationOf(services, request, artifact, mode === "outputs-all") ??
      (mode === "outputs-all" ? capturedAt(services, request, artifact) : undefined);
    if (to === undefined) return [];
    const { key } = artifact;
    const { from, hash } = await copiedFile(services, artifact, to);
    return [{ key, from, hash, to, anew: (path: string) => writeKept(services.ledger, artifact, path) }];
  }))).flat();
  const done = await putCopies(services, copies);
  const asides = copies.flatMap(({ key, to }) => asideNote(to, done.get(key)!));
  for (const note of asides) services.warn(`${request.name}: ${note}`);
  return {
    copied: new Map(copies.map(({ key, to }) => [key, to])),
    notes: [
      ...wanderings(services, hit),
      ...await staleCopies(services, request, hit, done),
      ...await staleCaptures(services, request, hit, done),
      ...asides,
    ],
  };
}

/** Outputs that are not in their own place. */
function wanderings({ roots }: Pick<RunServices, "roots">, { outputs }: Pick<Hit, "outputs">): string[] {
  return [...outputs.values()].flatMap(({ key, uri, path }) =>
    path === pathOrNone(uri, roots) ? [] : [`"${key}" is not in its own place any more, and is taken from ${path}`]
  );
}

/** Where an output's copy belongs: at its path in `outputPaths`, else below `outputDir` as it lies below its run's folder. */
export function destinationOf(
  services: Pick<RunServices, "roots">,
  { outputPaths, settings }: StepRequest,
  artifact: Pick<Artifact, "key" | "uri" | "path" | "runId">,
  withFolder = true,
): string | undefined {
  const named = Object.hasOwn(outputPaths, artifact.key) ? outputPaths[artifact.key] : undefined;
  if (named !== undefined) return pathOf(named, services.roots);
  if (!withFolder || settings.outputDir === undefined) return undefined;
  return resolve(pathOf(settings.outputDir, services.roots), layoutOf(artifact) ?? basename(artifact.path));
}

/** Where an output was captured: below `captureDir`, by the path that is noted with it. */
function capturedAt(
  { roots }: Pick<RunServices, "roots">,
  { settings }: StepRequest,
  { meta }: Pick<Artifact, "meta">,
): string | undefined {
  const name = meta[CAPTURED_AS];
  const below = typeof name === "string" ? belowOf(`./${name}`) : undefined;
  return settings.captureDir === undefined || below === undefined ? undefined : resolve(pathOf(settings.captureDir, roots), below);
}

/** Captured files that are not in `captureDir` now, or with other content. */
async function staleCaptures(
  services: RunServices,
  request: StepRequest,
  { outputs }: Pick<Hit, "outputs">,
  done: ReadonlyMap<string, PutCopy>,
): Promise<string[]> {
  const stale = await Promise.all(
    [...outputs.values()].filter(({ key }) => !done.has(key)).map(async (artifact) => {
      const path = capturedAt(services, request, artifact);
      return path === undefined || await contentAt(services, path) === artifact.hash ? [] : [artifact.key];
    }),
  );
  const keys = stale.flat();
  if (keys.length === 0) return [];
  return [
    `${listNames(keys)} ${
      keys.length === 1 ? "was" : "were"
    } not put back into ${request.settings.captureDir}, where other content stands or ` +
    'none: a hit does so with cacheHydration: "outputs-all"',
  ];
}

/** The paths of `outputPaths` at which another content stands than the hit has, or none. */
async function staleCopies(
  services: RunServices,
  { outputPaths }: StepRequest,
  { outputs }: Pick<Hit, "outputs">,
  done: ReadonlyMap<string, PutCopy>,
): Promise<string[]> {
  const stale = await Promise.all(
    Object.entries(outputPaths).map(async ([key, path]) => {
      const artifact = outputs.get(key);
      if (artifact === undefined || done.has(key)) return [];
      const to = pathOf(path, services.roots);
      if (await contentAt(services, to) === (await copiedFile(services, artifact, to, { asItIs: true })).hash) return [];
      return [
        `"${key}" was not copied to ${path}, where other content stands or none: ` +
        'a hit makes copies with cacheHydration: "outputs-requested"',
      ];
    }),
  );
  return stale.flat();
}

/** A mode that was asked for and says nothing without a path. As the default of a scenario it goes for the steps that name paths. */
export function checkHydration(options: {
  readonly outputPaths?: object | undefined;
  readonly outputDir?: string | undefined;
  readonly captureDir?: string | undefined;
  readonly capturePattern?: string | undefined;
  readonly cacheOptions?: { readonly cacheHydration?: string | undefined } | undefined;
}): void {
  if (options.capturePattern !== undefined && options.captureDir === undefined) {
    throw new OptionError("option_invalid", {
      problem: "The option capturePattern is given, and there is no captureDir.",
      why: "It says which files of captureDir become outputs.",
      fix: 'Give captureDir: "folder" too.',
      path: "captureDir",
    });
  }
  const mode = options.cacheOptions?.cacheHydration;
  const needed = mode === "outputs-requested" ? "outputPaths" : mode === "outputs-all" ? "outputDir" : undefined;
  if (needed === undefined || options[needed] !== undefined || (mode === "outputs-all" && options.captureDir !== undefined)) return;
  throw new OptionError("option_invalid", {
    problem: `The option cacheOptions.cacheHydration is "${mode}", and there is no ${needed}.`,
    why: needed === "outputPaths"
      ? "It copies the outputs that outputPaths names."
      : "It copies all outputs into outputDir, and captured ones back into captureDir.",
    fix: needed === "outputPaths" ? 'Give outputPaths: { key: "path" }.' : 'Give outputDir: "folder".',
    path: needed,
  });
}
