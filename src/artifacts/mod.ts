/**
 * Files and their content: drivers that write and read values, digests, artifacts, portable addresses.
 *
 * @module
 */
export { type ArtifactFields, type ArtifactOptions, digestBy, loadFrame, StoredArtifact } from "./artifact.ts";
export {
  type CapturedFile,
  capturedSince,
  type CaptureOptions,
  type FileState,
  type FolderSnapshot,
  isWritten,
  snapshotFile,
  snapshotFolder,
} from "./capture.ts";
export { headerOf } from "./drivers/csv_rows.ts";
export { digestFile, digestFiles, type FileDigest } from "./digest.ts";
export {
  digestFolder,
  digestGlob,
  type FolderOptions,
  type MemberDigest,
  type PathKind,
  pathKind,
  type TreeDigest,
} from "./digest_folder.ts";
export { DigestMemo, type DigestMemoOptions, type DigestStore, type FileStat, sameState, type StoredDigest } from "./digest_memo.ts";
export {
  besideOf,
  type Driver,
  driverForPath,
  driverForValue,
  driverNamed,
  driversByType,
  type DriverSpec,
  driversSoFar,
  type FilesBeside,
  isChosenByValue,
  isTableDriver,
  type MadeByRun,
  type OnHeld,
  registerDriver,
} from "./driver.ts";
export { withDisplay } from "./frames.ts";
export { type Glob, isGlob, readGlob } from "./glob.ts";
export { differenceWords, type FirstDifference, firstDifference } from "./first_difference.ts";
export { hashValue } from "./hash_value.ts";
export { describe as describeValue, isFrame } from "./kinds.ts";
export { lazyFrame } from "./lazy_frame.ts";
export { keptHash, readFileMark } from "./file_mark.ts";
export { copyFolder } from "./copy_folder.ts";
export { copyFile, isAside, publish, type Published, type PublishOptions } from "./publish.ts";
export { safeName } from "./safe_name.ts";
export { belowOf, fromUri, isMountUri, isWebAddress, pathOf, toUri, type UriRoots } from "./uris.ts";
export { frameOfRows, isExactTable, sampleFile, type TableColumn, type TableFile, tableFile } from "./table_file.ts";
export { file, isFileOutput, isLazyInput, isValueInput, lazy, type LazyInput, type LazyOf, value, type ValueInput } from "./wrappers.ts";
export { cloneFlaw, type Flaw } from "./storable.ts";
