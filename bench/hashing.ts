/** The digest of a large file beside openssl. */
import { join } from "@std/path";
import { digestFile, DigestMemo } from "../src/artifacts/mod.ts";
import { interleave, type Measure } from "./measure.ts";

const MEGABYTES = 500;

/** Measures reading and hashing one file. */
export async function hashing(): Promise<Measure[]> {
  const dir = await Deno.makeTempDir({ prefix: "consist-bench-" });
  const path = join(dir, "big.bin");
  const block = crypto.getRandomValues(new Uint8Array(65_536));
  {
    using file = await Deno.open(path, { write: true, create: true });
    for (let written = 0; written < MEGABYTES * 1e6; written += block.length) await file.write(block);
  }
  const openssl = async () => void await new Deno.Command("openssl", { args: ["dgst", "-sha256", path] }).output();
  const ours = async () => void await digestFile(path, new DigestMemo());
  const [mine, theirs] = await interleave([`digest of a file of ${MEGABYTES} MB`, `openssl dgst -sha256 of it`], 5, [ours, openssl]);
  await Deno.remove(dir, { recursive: true });
  return [theirs, { ...mine, ratio: { to: "openssl", value: mine.median / theirs.median, budget: 1.25 } }];
}
