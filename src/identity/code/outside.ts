/** What a step's result may depend on and no identity can see. It is named, so that a reader of a card knows. */

/** Why something lies outside. */
export type OutsideReason =
  | "time"
  | "randomness"
  | "environment"
  | "network"
  | "files"
  | "files, when it is collected"
  | "other programs"
  | "input from a person"
  | "stored elsewhere"
  | "state inside the package";

/** Members of the runtime's namespaces, by their path. */
const MEMBERS: ReadonlyMap<string, OutsideReason> = new Map(
  Object.entries({
    time: ["Date.now", "performance.now", "performance.timeOrigin", "Temporal.Now"],
    randomness: ["Math.random", "crypto.randomUUID", "crypto.getRandomValues"],
    environment: [
      "Deno.env",
      "Deno.args",
      "Deno.hostname",
      "Deno.pid",
      "Deno.cwd",
      "Deno.mainModule",
      "process.env",
      "process.argv",
      "process.cwd",
      "process.pid",
    ],
    "other programs": ["Deno.Command", "Deno.run", "Deno.dlopen"],
    network: ["Deno.connect", "Deno.connectTls", "Deno.listen", "Deno.listenTls", "Deno.serve", "Deno.resolveDns", "Deno.createHttpClient"],
    "stored elsewhere": ["Deno.openKv"],
    "input from a person": ["Deno.stdin", "process.stdin"],
  }).flatMap(([why, paths]) => paths.map((path) => [path, why as OutsideReason])),
);

/** Namespaces whose members cannot be told where they are used as a whole. */
const WHOLE: Readonly<Record<string, OutsideReason>> = {
  Deno: "environment",
  process: "environment",
  Math: "randomness",
  crypto: "randomness",
  performance: "time",
  Temporal: "time",
};

/** The runtime's functions, by the script that they stand in and their name. */
const FUNCTIONS: readonly (readonly [script: RegExp, name: RegExp, why: OutsideReason])[] = [
  [/deno_fs\/|deno_node\/(?:internal\/)?fs/, /^(?!cwd$)/, "files"],
  [/deno_(?:net|fetch|websocket|http)\/|deno_node\/(?:http|https|http2|net|tls|dns|dgram)\b|\/internal\/dns/, /./, "network"],
  [/^/, /^(?:fetch|EventSource|WebSocket)$/, "network"],
  [/deno_process\/|deno_node\/child_process/, /./, "other programs"],
  [/deno_os\/|deno_node\/(?:os|process)\b|deno_fs\//, /./, "environment"],
  [/crypto/, /random|generateKey/i, "randomness"],
  [/performance/, /^now$/, "time"],
  [/^/, /^(?:prompt|confirm|alert)$/, "input from a person"],
  [/deno_kv\/|deno_webstorage\/|deno_cache\//, /./, "stored elsewhere"],
];

/** Why a member of a namespace lies outside, if it does. */
export const outsideMember = (path: string): OutsideReason | undefined => MEMBERS.get(path);

/** Why a namespace that is used as a whole may lie outside. */
export const outsideNamespace = (name: string): OutsideReason | undefined => Object.hasOwn(WHOLE, name) ? WHOLE[name] : undefined;

/** Why a function of the runtime lies outside, if it does. */
export function outsideFunction(url: string, name: string): OutsideReason | undefined {
  return FUNCTIONS.find(([script, names]) => script.test(url) && names.test(name))?.[2];
}

/** Why a function of the runtime brings in code that cannot be followed, if it does. */
export function unseenCode(fn: unknown, url: string, name: string): string | undefined {
  if (fn === eval) return "eval: code built at run time";
  if (name === "require" && url.startsWith("node:")) return "require: the module that it will load";
  return fn === globalThis.Worker || (name === "NodeWorker" && url.includes("worker_threads"))
    ? "a Worker: the code that it runs"
    : undefined;
}

let nativeReasons: Map<unknown, readonly [name: string, why: OutsideReason]> | undefined;

/** The native functions that lie outside, recognised by identity: `const now = Date.now`. */
export function outsideNative(fn: unknown): readonly [name: string, why: OutsideReason] | undefined {
  nativeReasons ??= new Map(["Date.now", "Math.random"].map((path) => {
    const [namespace, member] = path.split(".") as [string, string];
    return [Reflect.get(Reflect.get(globalThis, namespace) as object, member), [path, MEMBERS.get(path)!]];
  }));
  return nativeReasons.get(fn);
}

/** What is said of every package that a step uses. */
export const PACKAGE_STATE = "state inside the package";
