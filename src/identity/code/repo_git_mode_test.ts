import assert from "node:assert/strict";
import { join, toFileUrl } from "@std/path";
import { codeIdentity } from "../code.ts";

/** A repository with a committed main.ts; its function is loaded anew at each look, as by a new process. */
class Repository implements AsyncDisposable {
  constructor(readonly dir: string) {}
  static async make(options: { commit?: boolean } = {}) {
    const repository = new Repository(await Deno.realPath(await Deno.makeTempDir()));
    await repository.git("init", "--quiet");
    await repository.write("main.ts", "export const main = () => 1;\n");
    if (options.commit ?? true) await repository.commit();
    return repository;
  }
  async git(...args: string[]) {
    const env = { GIT_AUTHOR_NAME: "a", GIT_AUTHOR_EMAIL: "a@example.org", GIT_COMMITTER_NAME: "a", GIT_COMMITTER_EMAIL: "a@example.org" };
    const { success, stderr } = await new Deno.Command("git", { args, cwd: this.dir, env }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  }
  async commit() {
    await this.git("add", "-A");
    await this.git("commit", "--quiet", "-m", "state");
  }
  write(name: string, text: string) {
    return Deno.writeTextFile(join(this.dir, name), text);
  }
  async identity(exclude: string[] = []) {
    const { main } = await import(`${toFileUrl(join(this.dir, "main.ts"))}?${crypto.randomUUID()}`);
    return await codeIdentity(main, { mode: "repo_git", exclude: exclude.map((path) => join(this.dir, path)) });
  }
  async [Symbol.asyncDispose]() {
    await Deno.remove(this.dir, { recursive: true });
  }
}

Deno.test('codeIdentity("repo_git") counts the commit, changes since, and files that git does not know', async () => {
  await using repository = await Repository.make();
  const clean = await repository.identity();
  assert.equal((await repository.identity()).hash, clean.hash);
  await repository.write("main.ts", "export const main = () => 2;\n");
  const changed = await repository.identity();
  await repository.write('it\'s "new"\n.ts', "1");
  const untracked = await repository.identity();
  await repository.write('it\'s "new"\n.ts', "2");
  const edited = await repository.identity();
  await repository.commit();
  const committed = await repository.identity();
  assert.equal(new Set([clean, changed, untracked, edited, committed].map(({ hash }) => hash)).size, 5);
  assert.deepEqual(edited.parts.map(({ name }) => name), ["commit", "changes since the commit", 'it\'s "new"\n.ts']);
  assert.match(changed.parts[1]!.text!, /\+export const main = \(\) => 2/);
});

Deno.test('codeIdentity("repo_git") leaves out the ledger and the runs, and what git ignores', async () => {
  await using repository = await Repository.make();
  await repository.write(".gitignore", "ignored\n");
  await repository.commit();
  const clean = await repository.identity(["runs", "provenance.duckdb"]);
  await Deno.mkdir(join(repository.dir, "runs"));
  for (const name of ["ignored", "runs/a.json", "provenance.duckdb"]) await repository.write(name, "x");
  assert.equal((await repository.identity(["runs", "provenance.duckdb", "/somewhere/else"])).hash, clean.hash);
  assert.notEqual((await repository.identity()).hash, clean.hash);
});

Deno.test('codeIdentity("repo_git") has no hash without a repository, without a commit and in a cell', async () => {
  await using empty = await Repository.make({ commit: false });
  assert.equal((await empty.identity()).hash, null);
  assert.match((await empty.identity()).opaque[0]!.why, /git says/);
  await Deno.remove(join(empty.dir, ".git"), { recursive: true });
  assert.match((await empty.identity()).opaque[0]!.why, /not a git repository/);
  const cell = await codeIdentity((0, eval)("() => 1"), { mode: "repo_git" });
  assert.equal(cell.hash, null);
  assert.match(cell.opaque[0]!.why, /cell/);
});

Deno.test('codeIdentity("repo_git") counts files at which git was told not to look', async () => {
  for (const mark of ["--assume-unchanged", "--skip-worktree"]) {
    await using repository = await Repository.make();
    await repository.git("update-index", mark, "main.ts");
    const before = await repository.identity();
    await repository.write("main.ts", "export const main = () => 2;\n");
    assert.notEqual((await repository.identity()).hash, before.hash, mark);
    await Deno.remove(join(repository.dir, "main.ts"));
    await repository.write("other.ts", "export const main = () => 1;\n");
    const { main } = await import(`${toFileUrl(join(repository.dir, "other.ts"))}`);
    assert.notEqual((await codeIdentity(main, { mode: "repo_git" })).hash, null, "what is not checked out is no reason to execute");
  }
});

Deno.test('codeIdentity("repo_git") counts what is changed in a submodule, and has no hash where git cannot tell', async () => {
  await using library = await Repository.make();
  await using repository = await Repository.make();
  await repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library.dir, "library");
  await repository.commit();
  const hashes = [(await repository.identity()).hash];
  for (const value of [2, 3]) {
    await repository.write("library/main.ts", `export const main = () => ${value};\n`);
    hashes.push((await repository.identity()).hash);
  }
  assert.equal(new Set(hashes).size, 3);
  assert.ok(hashes.every((hash) => hash !== null));
  await repository.write("library/new.ts", "");
  const unknown = await repository.identity();
  assert.equal(unknown.hash, null);
  assert.match(unknown.opaque[0]!.why, /submodule/);
});
