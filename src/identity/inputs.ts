/** The inputs' part of a signature: content decides, by role; where the files lie and in which order they were given does not. */
import { JSON } from "../intrinsics.ts";
import { byCodePoint, sha256 } from "./digest.ts";

/** How a step receives an input. */
export type InputBindingKind = "data" | "path" | "lazy" | "relation" | "value" | "none" | "folder" | "glob";

/** One input as it counts. */
export interface InputPart {
  /** Its role: the key among the inputs. */
  readonly key: string;
  /** How the step receives it; counts with the code, as the step's call. */
  readonly binding: InputBindingKind;
  /** What reads it: driver, its format version and its library's version, `csv@1+polars 0.25.2`. */
  readonly driver: string;
  /** SHA-256 of its content. */
  readonly hash: string;
  /** What to call it in an explanation: a path, or `value`. It does not count. */
  readonly label: string;
}

/** The inputs' identity. */
export interface InputIdentity {
  /** SHA-256 over all parts. */
  readonly hash: string;
  /** The parts, sorted by key. */
  readonly parts: readonly InputPart[];
}

/** What Python hashes for a run without inputs. */
const NO_INPUTS = "empty_inputs";

/** Hashes inputs by role, driver and content. Each part is a JSON list, so no key or driver can look like a delimiter. */
export function inputIdentity(parts: readonly InputPart[]): InputIdentity {
  const texts = parts.map((part) => ({ part, text: JSON.stringify([part.key, part.driver, part.hash]) }));
  texts.sort((a, b) => byCodePoint(a.part.key, b.part.key) || byCodePoint(a.text, b.text));
  return { hash: sha256(texts.map(({ text }) => text).join("\n") || NO_INPUTS), parts: texts.map(({ part }) => part) };
}
