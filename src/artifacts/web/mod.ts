/** Files of the web: fetched, and kept. Loaded with the first address. */
export { type RemoteFile, remoteFile, type RemoteOptions } from "./remote.ts";
