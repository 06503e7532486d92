/** The part of `jsr:@std/path` that this project uses, over `node:path`, for machines that reach no JSR. Same names, same results. */
export { basename, dirname, extname, isAbsolute, join, normalize, relative, resolve, sep as SEPARATOR } from "node:path";
export { fileURLToPath as fromFileUrl, pathToFileURL as toFileUrl } from "node:url";
