/** What a copy of an output at a path of the user's holds: the output itself, or what stands beside it and has a name of that kind. */
import { JSON } from "../intrinsics.ts";
import { besideOf, digestFile, readFileMark } from "../artifacts/mod.ts";
import { OutputError } from "../errors.ts";
import type { Artifact } from "../types.ts";
import type { RunServices } from "./request.ts";

/** A file to copy. */
export interface CopiedFile {
  /** Its path. */
  readonly from: string;
  /** SHA-256 of its content. */
  readonly hash: string;
  /** Is it something that stands beside the output? */
  readonly isBeside: boolean;
}

type Copied = Pick<Artifact, "key" | "path" | "hash" | "driver" | "runId">;

/** The file that a copy of this name is made of. A picture that is gone or was changed is drawn again, unless `asItIs`. */
export async function copiedFile(
  { digests }: Pick<RunServices, "digests">,
  { key, path, hash, driver, runId }: Copied,
  to: string,
  { asItIs = false }: { readonly asItIs?: boolean } = {},
): Promise<CopiedFile> {
  const beside = besideOf(driver);
  const from = beside?.forName(path, to);
  if (beside === undefined || from === undefined || runId === undefined) return { from: path, hash, isBeside: false };
  if (!await beside.isWhole(from, hash)) {
    if (asItIs) return { from, hash: "", isBeside: true };
    await beside.write(path, { run: runId, key, content: hash });
  }
  return { from, hash: await digestFile(from, digests), isBeside: true };
}

/** The content of the output that this is a picture of, as it was handed out: while that is there the picture can be drawn again. */
export async function pictured(path: string): Promise<string | undefined> {
  const mark = await readFileMark(path);
  return mark?.isUnchanged ? mark.content : undefined;
}

/**
 * A copy with an artifact's content has the artifact's own kind.
 *
 * @throws {OutputError} `output_mismatch` where the name is that of a picture
 */
export function refusePictureName({ key, driver, path, runId }: Copied, target: string): void {
  if (besideOf(driver)?.forName(path, target) === undefined) return;
  throw new OutputError("output_mismatch", {
    problem: `Cannot put "${key}" at ${target}.`,
    why: "It is a chart, and a copy with its content is no picture.",
    fix: `Save it: await (await load(artifact)).save(${JSON.stringify(target)}). Or give it a name that ends in .vl.`,
    run: runId,
    path: target,
  });
}
