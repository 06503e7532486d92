/**
 * Files and their content: drivers that write and read values, digests, artifacts, portable addresses.
 *
 * @module
 */
export { type ArtifactFields, type ArtifactOptions, loadFrame, StoredArtifact } from "./artifact.ts";
export { digestFile, digestFiles, type FileDigest } from "./digest.ts";
export { DigestMemo, type DigestMemoOptions, type DigestStore, type FileStat, type StoredDigest } from "./digest_memo.ts";
export { type Driver, driverForPath, driverForValue, driverNamed, type DriverSpec, registerDriver } from "./driver.ts";
export { isFrame } from "./kinds.ts";
export { copyFile, publish, type Published } from "./publish.ts";
