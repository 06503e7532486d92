import assert from "node:assert/strict";
import fc from "fast-check";
import { digestFolder, digestGlob, pathKind } from "./digest_folder.ts";
import { DigestMemo } from "./digest_memo.ts";
import { tempFolder } from "./temp_folder.ts";

const memo = () => new DigestMemo();
const digest = async (dir: string) => (await digestFolder(dir, memo())).digest;

Deno.test("digestFolder() lists all files by sorted relative paths, hidden ones too", async () => {
  await using folder = await tempFolder();
  for (const name of ["b/x.csv", "a.csv", ".hidden", "b/.git/config", 'it\'s "odd"\n.csv']) await folder.write(name, name);
  const { files } = await digestFolder(folder.path, memo());
  assert.deepEqual(files.map(({ name }) => name), [".hidden", "a.csv", "b/.git/config", "b/x.csv", 'it\'s "odd"\n.csv']);
  assert.ok(files.every(({ path, name, bytes }) => path === `${folder.path}/${name}` && bytes === name.length));
});

Deno.test("digestFolder() of the same tree elsewhere is the same, and of any other tree another", async () => {
  const tree = fc.dictionary(fc.stringMatching(/^(d[ab]\/)?[a-c]{1,2}$/), fc.stringMatching(/^[xy]{0,2}$/), { minKeys: 1, maxKeys: 4 });
  await fc.assert(
    fc.asyncProperty(tree, tree, async (one, other) => {
      await using here = await tempFolder();
      await using there = await tempFolder();
      for (const [name, content] of Object.entries(one)) await here.write(name, content);
      for (const [name, content] of Object.entries(other).reverse()) await there.write(name, content);
      const same = JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
      assert.equal(await digest(here.path) === await digest(there.path), same);
    }),
    {
      numRuns: 40,
      examples: [[{ a: "x", b: "y" }, { b: "y", a: "x" }], [{ ab: "x" }, { a: "x" }], [{ a: "xy", b: "" }, { a: "x", b: "y" }]],
    },
  );
});

Deno.test("digestFolder() leaves out what is excluded and does not enter it", async () => {
  await using folder = await tempFolder();
  for (const name of ["a.csv", "a.log", "sub/b.log", ".git/objects/x", "sub/node_modules/y"]) await folder.write(name, "");
  const names = async (exclude: string[]) => (await digestFolder(folder.path, memo(), { exclude })).files.map(({ name }) => name);
  assert.deepEqual(await names([".git", "**/node_modules", "**/*.log"]), ["a.csv"]);
  assert.deepEqual(await names(["*.log"]), [".git/objects/x", "a.csv", "sub/b.log", "sub/node_modules/y"]);
  await assert.rejects(names(["**"]), { code: "input_missing" });
});

Deno.test("digestFolder() counts a link inside by its target and refuses one that leads out", async () => {
  await using folder = await tempFolder();
  await using outside = await tempFolder();
  await folder.write("dir/real.csv", "content");
  await Deno.symlink("real.csv", `${folder.path}/dir/alias.csv`);
  await Deno.symlink("..", `${folder.path}/dir/loop`);
  const { files } = await digestFolder(folder.path, memo());
  assert.deepEqual(files.map(({ name }) => name), ["dir/alias.csv", "dir/real.csv"]);
  assert.equal(files[0]!.digest, files[1]!.digest);
  const leading = `${folder.path}/dir/out.csv`;
  await Deno.symlink(await outside.write("secret", "x"), leading);
  await assert.rejects(digestFolder(folder.path, memo()), { code: "input_unreadable", path: leading, why: /outside the folder/ });
  await Deno.remove(leading);
  await Deno.symlink("nowhere", leading);
  await assert.rejects(digestFolder(folder.path, memo()), { code: "input_missing", path: leading });
});

Deno.test("digestFolder() counts where a link to a folder inside leads, wherever the whole folder is", async () => {
  await using folder = await tempFolder();
  for (const year of ["2020", "2030"]) await folder.write(`data/${year}/x.csv`, year);
  const [root, link] = [`${folder.path}/data`, `${folder.path}/data/current`];
  const without = await digest(root);
  await Deno.symlink("2020", link);
  const { digest: before, files, links } = await digestFolder(root, memo());
  assert.deepEqual([files.map(({ name }) => name), links], [["2020/x.csv", "2030/x.csv"], ["current"]]);
  await Deno.remove(link);
  await Deno.symlink("2030", link);
  assert.equal(new Set([without, before, await digest(root)]).size, 3);
  await Deno.remove(link);
  await Deno.symlink(`${root}/2020`, link);
  assert.equal(await digest(root), before, "written in another way it leads to the same place");
  await Deno.remove(link);
  await Deno.symlink("./2020", link);
  await Deno.rename(root, `${folder.path}/moved`);
  assert.equal(await digest(`${folder.path}/moved`), before);
});

Deno.test("digestFolder() counts folders without files; what is excluded in them does not count", async () => {
  await using folder = await tempFolder();
  await folder.write("x.csv", "");
  const digests = [await digest(folder.path)];
  for (const name of ["2020", "2020/deep", "2030"]) {
    await Deno.mkdir(`${folder.path}/${name}`);
    digests.push(await digest(folder.path));
  }
  assert.equal(new Set(digests).size, digests.length);
  await folder.write("2030/x.log", "");
  assert.equal((await digestFolder(folder.path, memo(), { exclude: ["**/*.log"] })).digest, digests.at(-1));
  await folder.write("2030/x.csv", "");
  assert.ok(!digests.includes(await digest(folder.path)));
});

Deno.test("digestFolder() refuses a folder that is empty, missing or a file", async () => {
  await using folder = await tempFolder();
  await assert.rejects(digestFolder(folder.path, memo()), { code: "input_missing", why: /holds no files/ });
  await Deno.mkdir(`${folder.path}/only/folders`, { recursive: true });
  await assert.rejects(digestFolder(folder.path, memo()), { code: "input_missing" });
  await assert.rejects(digestFolder(`${folder.path}/none`, memo()), { code: "input_missing" });
  await assert.rejects(digestFolder(await folder.write("x", ""), memo()), { code: "input_missing" });
});

Deno.test("digestGlob() lists what matches, sorted, with absolute paths", async () => {
  await using folder = await tempFolder();
  for (const name of ["2030/a.csv", "2020/b.csv", "2020/.c.csv", "2020/b.txt", "x.csv", "2020/deep/d.csv"]) await folder.write(name, name);
  const names = async (pattern: string) => (await digestGlob(`${folder.path}/${pattern}`, memo())).files.map(({ name }) => name);
  assert.deepEqual(await names("*/*.csv"), ["2020/.c.csv", "2020/b.csv", "2030/a.csv"]);
  assert.deepEqual(await names("20[23]0/?.csv"), ["2020/b.csv", "2030/a.csv"]);
  assert.deepEqual(await names("**/*.csv"), ["2020/.c.csv", "2020/b.csv", "2020/deep/d.csv", "2030/a.csv", "x.csv"]);
  assert.deepEqual(await names("{2020,2030}/{a,b}.{csv,txt}"), ["2020/b.csv", "2020/b.txt", "2030/a.csv"]);
  const { files } = await digestGlob(`${folder.path}/2020/*.txt`, memo());
  assert.deepEqual(files.map(({ path, name }) => [path, name]), [[`${folder.path}/2020/b.txt`, "b.txt"]]);
});

Deno.test("digestGlob() changes with any file that matches, and with no other", async () => {
  await using folder = await tempFolder();
  await folder.write("a.csv", "1");
  await folder.write("b.txt", "1");
  const now = async () => (await digestGlob(`${folder.path}/*.csv`, memo())).digest;
  const first = await now();
  await folder.write("b.txt", "2");
  assert.equal(await now(), first);
  await folder.write("a.csv", "2");
  assert.notEqual(await now(), first);
  await folder.write("a.csv", "1");
  await folder.write("c.csv", "");
  assert.notEqual(await now(), first);
});

Deno.test("digestGlob() refuses a pattern that matches nothing, in a folder or in none", async () => {
  await using folder = await tempFolder();
  await folder.write("a.csv", "");
  for (const pattern of [`${folder.path}/*.txt`, `${folder.path}/none/*.csv`, `${folder.path}/a.csv/*`]) {
    await assert.rejects(digestGlob(pattern, memo()), { code: "input_missing", path: pattern, why: "No file matches the pattern." });
  }
});

Deno.test("pathKind() tells files, folders and nothing", async () => {
  await using folder = await tempFolder();
  assert.equal(await pathKind(await folder.write("data[1]*.csv", "")), "file");
  assert.equal(await pathKind(folder.path), "folder");
  assert.equal(await pathKind(`${folder.path}/none`), "missing");
});

Deno.test("digestGlob() counts links to folders that its pattern leads through, and does not follow them", async () => {
  await using folder = await tempFolder();
  for (const name of ["data/a/x.csv", "far/x.csv", "data/top.csv"]) await folder.write(name, name);
  const found = (pattern: string) => digestGlob(`${folder.path}/data/${pattern}`, memo());
  const [before, top] = [await found("*/x.csv"), await found("*.csv")];
  assert.deepEqual(before.links, []);
  await Deno.symlink("../far", `${folder.path}/data/b`);
  const after = await found("*/x.csv");
  assert.deepEqual([after.files.map(({ name }) => name), after.links], [["a/x.csv"], ["b"]]);
  assert.notEqual(after.digest, before.digest);
  assert.equal((await found("*.csv")).digest, top.digest, "no folder is on its way");
  await Deno.symlink("nowhere", `${folder.path}/data/c`);
  assert.equal((await found("*/x.csv")).digest, after.digest);
});

Deno.test("digestGlob() takes a folder for itself whose name looks like a pattern", async () => {
  await using folder = await tempFolder();
  for (const name of ["d[1]/{a,b}/x.csv", "d1/{a,b}/x.csv", "d1/a/x.csv", "plain/x.csv"]) await folder.write(name, name);
  const names = async (pattern: string) => (await digestGlob(`${folder.path}/${pattern}`, memo())).files.map(({ path }) => path);
  assert.deepEqual(await names("d[1]/{a,b}/*.csv"), [`${folder.path}/d[1]/{a,b}/x.csv`]);
  assert.deepEqual(await names("d[12]/a/*.csv"), [`${folder.path}/d1/a/x.csv`]);
  const [inside, plain] = [
    await digestGlob(`${folder.path}/d[1]/{a,b}/*.csv`, memo()),
    await digestGlob(`${folder.path}/plain/*.csv`, memo()),
  ];
  assert.deepEqual(inside.files.map(({ name }) => name), plain.files.map(({ name }) => name));
});
