/** `codeIdentity: "repo_git"`: the whole repository counts: the commit, what was changed since, and files that git does not know yet. */
import { dirname, fromFileUrl, join, relative } from "@std/path";
import { JSON, TextDecoder } from "../../intrinsics.ts";
import { type CodeIdentity, type CodePart, unknownCode } from "../code_parts.ts";
import { sha256 } from "../digest.ts";
import { entryDigest } from "./file_digest.ts";
import { type AnyFunction, givenName } from "./functions.ts";
import { placeOf } from "./module_mode.ts";

const MODE = "repo_git";

/** The identity of the repository that the function's file is in. `exclude` are paths that do not count: the ledger and the runs, which every run changes. */
export async function repoIdentity(fn: AnyFunction, exclude: readonly string[]): Promise<CodeIdentity> {
  const name = givenName(fn) || "step";
  const place = await placeOf(fn);
  if ("why" in place) return unknownCode(MODE, name, place.why);
  if (!place.url.startsWith("file:")) return unknownCode(MODE, name, `its file is not on this machine (${place.url})`);
  try {
    return await repositoryState(name, dirname(fromFileUrl(place.url)), exclude);
  } catch (error) {
    if (error instanceof GitFailed) return unknownCode(MODE, name, error.message);
    if (error instanceof Deno.errors.NotFound) return unknownCode(MODE, name, "git or a file that it lists is not there");
    if (error instanceof Deno.errors.NotCapable) return unknownCode(MODE, name, "git cannot be run without --allow-run=git");
    throw error;
  }
}

async function repositoryState(name: string, folder: string, exclude: readonly string[]): Promise<CodeIdentity> {
  const root = (await gitText(folder, "rev-parse", "--show-toplevel")).trim();
  const commit = (await gitText(root, "rev-parse", "HEAD")).trim();
  const leftOut = exclude.map((path) => relative(root, path).replaceAll("\\", "/")).filter((path) => path !== "" && !path.startsWith(".."));
  const pathspec = ["--", ".", ...leftOut.map((path) => `:(exclude,literal)${path}`)];
  const changes = await git(root, "diff", ...IN_FULL, "HEAD", ...pathspec);
  if (/^Submodule .* contains untracked content$/m.test(new TextDecoder().decode(changes))) {
    return unknownCode(MODE, name, "a submodule has files that git does not know, and says nothing of their content");
  }
  const untracked = (await gitText(root, "ls-files", "--others", "--exclude-standard", "-z", ...pathspec)).split("\0").filter((path) =>
    path !== ""
  );
  const unseen = [...untracked, ...await passedOver(root, pathspec)];
  const files = await Promise.all(
    unseen.sort().map(async (path): Promise<CodePart> => ({ kind: "file", name: path, hash: await entryDigest(root, path) })),
  );
  const parts: CodePart[] = [{ kind: "module", name: "commit", hash: sha256(commit), text: commit }];
  if (changes.length > 0) {
    parts.push({
      kind: "file",
      name: "changes since the commit",
      hash: sha256(changes),
      text: new TextDecoder().decode(changes.subarray(0, 32_768)),
    });
  }
  parts.push(...files);
  return {
    mode: MODE,
    hash: sha256(JSON.stringify([name, parts.map((part) => [part.kind, part.name, part.hash])])),
    parts,
    opaque: [],
    outside: [],
  };
}

const IN_FULL = ["--binary", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=none", "--submodule=diff"];

/** Files of the working folder at which git does not look, since it was told so: `git update-index --assume-unchanged`, `--skip-worktree`. */
async function passedOver(root: string, pathspec: readonly string[]): Promise<string[]> {
  const marked = (await gitText(root, "ls-files", "-v", "-z", ...pathspec)).split("\0").filter((line) => /^[a-zS] /.test(line));
  const paths = marked.map((line) => line.slice(2));
  const there = await Promise.all(paths.map((path) => Deno.lstat(join(root, path)).then(() => true, () => false))); // else it is not checked out
  return paths.filter((_, index) => there[index]);
}

class GitFailed extends Error {}

async function gitText(folder: string, ...args: readonly string[]): Promise<string> {
  return new TextDecoder().decode(await git(folder, ...args));
}

async function git(folder: string, ...args: readonly string[]): Promise<Uint8Array> {
  const command = new Deno.Command("git", { args: [...args], cwd: folder, env: { LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" }, stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  if (success) return stdout;
  throw new GitFailed(`git says: ${new TextDecoder().decode(stderr).trim().split("\n")[0] ?? "nothing"}`);
}
