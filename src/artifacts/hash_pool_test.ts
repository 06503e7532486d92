import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { digestFiles } from "./digest.ts";
import { DigestMemo } from "./digest_memo.ts";
import { HashPool } from "./hash_pool.ts";
import { tempFolder } from "./temp_folder.ts";

const MB = 1 << 20;

Deno.test("HashPool starts no worker for few bytes, one file or one core", () => {
  for (
    const [sizes, cores] of [[[], 8], [[MB, MB], 8], [[500 * MB], 8], [[500 * MB, 500 * MB], 1], [
      new Array(100_000).fill(1000),
      8,
    ]] as const
  ) {
    using pool = new HashPool(sizes, cores);
    assert.equal(pool.workers, 0);
  }
});

Deno.test("HashPool hashes on workers and on this thread alike", async () => {
  await using folder = await tempFolder();
  const contents = Array.from({ length: 9 }, (_, index) => new Uint8Array(8 * MB + index).fill(index));
  const paths = await Promise.all(contents.map((content, index) => folder.write(`it's ${index}\n%20.bin`, content)));
  using pool = new HashPool(contents.map(({ length }) => length), 3);
  assert.equal(pool.workers, 2);
  const found = await Promise.all(paths.map((path, index) => pool.hash(path, contents[index]!.length)));
  assert.deepEqual(found, contents.map((content) => ({ bytes: content.length, hash: createHash("sha256").update(content).digest("hex") })));
});

Deno.test("HashPool gives the reason of a file that no thread can read, and goes on", async () => {
  await using folder = await tempFolder();
  const path = await folder.write("x.bin", new Uint8Array(2 * MB));
  using pool = new HashPool([100 * MB, 100 * MB], 2);
  const failing = Array.from({ length: 4 }, () => assert.rejects(pool.hash(`${folder.path}/none`, 2 * MB), Deno.errors.NotFound));
  await Promise.all(failing);
  assert.equal((await pool.hash(path, 2 * MB)).bytes, 2 * MB);
});

Deno.test("digestFiles() of a large batch leaves no thread behind", async () => {
  await using folder = await tempFolder();
  const paths = await Promise.all(
    Array.from({ length: 5 }, (_, index) => folder.write(String(index), new Uint8Array(16 * MB).fill(index))),
  );
  const digests = await digestFiles(paths, new DigestMemo());
  assert.equal(new Set(digests.map(({ digest }) => digest)).size, 5);
  await assert.rejects(digestFiles([...paths, `${folder.path}/none`], new DigestMemo()), { code: "input_missing" });
});
