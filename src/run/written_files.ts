/** Which files a step writes that is a program, as far as its call tells. */
import { basename, dirname, relative } from "@std/path";
import { pathOf, readGlob } from "../artifacts/mod.ts";
import { isBelow } from "./copy_options.ts";
import type { RunServices, StepRequest } from "./request.ts";

/** The files and folders of the user's to which a step writes. */
export function writtenBy({ outputPaths, settings }: StepRequest, { roots }: Pick<RunServices, "roots">): string[] {
  const { outputDir, captureDir } = settings;
  return [...Object.values(outputPaths), outputDir, captureDir].flatMap((path) => path === undefined ? [] : [pathOf(path, roots)]);
}

/** Does the step write the file at a path? `undefined` where nothing tells. `cwd` is where its program runs. */
export type TellWritten = (path: string, cwd: string) => boolean | undefined;

/**
 * What lies at `outputPaths` and in the folders of outputs is written by the step. A folder that holds the working directory has other files
 * too: there `capturePattern` tells them apart.
 */
export function tellWritten({ outputPaths, settings }: StepRequest, { roots }: Pick<RunServices, "roots">): TellWritten {
  const [outputDir, captureDir] = [settings.outputDir, settings.captureDir].map((dir) =>
    dir === undefined ? undefined : pathOf(dir, roots)
  );
  const named = Object.values(outputPaths).map((path) => pathOf(path, roots));
  const pattern = settings.capturePattern;
  return (path, cwd) => {
    const holdsMore = (folder: string): boolean => isBelow(folder, cwd) || isBelow(folder, Deno.cwd());
    if (named.some((own) => isBelow(own, path))) return true;
    if (outputDir !== undefined && isBelow(outputDir, path) && !holdsMore(outputDir)) return true;
    if (captureDir === undefined || !isBelow(captureDir, path)) return false;
    if (!holdsMore(captureDir)) return true;
    if (pattern !== undefined) return isCaptured(path, captureDir, pattern);
    return dirname(path) === captureDir ? undefined : false;
  };
}

/** A pattern without a slash is of the folder's own files. */
function isCaptured(path: string, folder: string, pattern: string): boolean {
  const glob = readGlob(pattern);
  if (pattern.includes("/")) return glob.matches(relative(folder, path).replaceAll("\\", "/"));
  return dirname(path) === folder && glob.matches(basename(path));
}
