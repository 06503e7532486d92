/** The thread of a `HashPool`: a path comes in, its hash goes out. */
import { hashPath } from "./hash_file.ts";

/** What a worker answers. */
export type HashAnswer = { readonly bytes: number; readonly hash: string } | undefined;

interface Port {
  onmessage: ((event: MessageEvent<string>) => void) | null;
  postMessage(answer: HashAnswer): void;
}

const port = self as unknown as Port;
port.onmessage = async ({ data: path }) => {
  // the asking thread reads a file again that failed here, and finds the reason itself
  port.postMessage(await hashPath(path).catch(() => undefined));
};
