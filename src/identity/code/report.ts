/** What a walk found besides its hash: named parts, what is opaque, what lies outside. */
import { JSON } from "../../intrinsics.ts";
import { type CodeNote, type CodePart, type CodePartKind, partText } from "../code_parts.ts";
import { sha256 } from "../digest.ts";
import { type Origin, packageNeeds, splitPackageId } from "./origins.ts";
import type { OutsideReason } from "./outside.ts";

/** Collects the findings of one walk; each is listed once. */
export class Report {
  readonly #parts = new Map<string, CodePart>();
  readonly #opaque = new Map<string, CodeNote>();
  readonly #outside = new Map<string, CodeNote>();
  #isInPackage = false;

  /** Is the walk inside a package's closures? What is found there counts, but is no part of its own. */
  get isInPackage(): boolean {
    return this.#isInPackage;
  }

  /** The findings so far. */
  get findings(): { parts: CodePart[]; opaque: CodeNote[]; outside: CodeNote[] } {
    return { parts: [...this.#parts.values()], opaque: [...this.#opaque.values()], outside: [...this.#outside.values()] };
  }

  /** Adds a part. */
  part(kind: CodePartKind, name: string, hash: string, text?: string, where?: string): void {
    if (this.#isInPackage && (kind === "value" || kind === "changing")) return;
    const key = `${kind} ${name} ${hash}`;
    if (this.#parts.has(key)) return;
    this.#parts.set(key, {
      kind,
      name,
      hash,
      ...(where === undefined ? {} : { where }),
      ...(text === undefined ? {} : { text: partText(text) }),
    });
  }

  /** Adds what cannot be followed, and gives its text. */
  opaque(name: string, why: string): string {
    this.#opaque.set(`${name} ${why}`, { name, why });
    return `opaque(${JSON.stringify(why)})`;
  }

  /** Adds what lies outside. */
  outside(name: string, why: OutsideReason): void {
    this.#outside.set(`${name} ${why}`, { name, why });
  }

  /** Adds a package and those that it needs, and gives their text. */
  package(origin: Pick<Origin, "id" | "folder">): string {
    const { id } = origin;
    const needs = packageNeeds(origin);
    for (const each of [id, ...needs]) {
      const [name, version] = splitPackageId(each);
      this.part("package", name, sha256(each), version);
    }
    const [name] = splitPackageId(id);
    if (name !== "consist") this.outside(name, "state inside the package");
    return `pkg(${JSON.stringify(needs.length === 0 ? id : [id, ...needs])})`;
  }

  /** Does some work inside or outside a package's closures. */
  within(isPackage: boolean, work: () => string): string {
    const outer = this.#isInPackage;
    this.#isInPackage = isPackage;
    const text = work();
    this.#isInPackage = outer;
    return text;
  }
}
