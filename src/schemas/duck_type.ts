/** DuckDB's types as text: read into a tree, and written in the ledger's lower case. */

/** A type with what is inside of it. */
export type DuckType =
  | {
    /** A type with nothing inside, in upper case: `BIGINT`, `TIMESTAMP WITH TIME ZONE`, `DECIMAL(18,3)`. */
    readonly kind: "plain";
    /** Its name. */
    readonly name: string;
  }
  | {
    /** A list or an array. */
    readonly kind: "list";
    /** What it holds. */
    readonly member: DuckType;
  }
  | {
    /** A struct, or a union, of which one member is there. */
    readonly kind: "struct" | "union";
    /** The members. */
    readonly members: readonly (readonly [name: string, type: DuckType])[];
  }
  | {
    /** A map. */
    readonly kind: "map";
    /** The type of its keys. */
    readonly key: DuckType;
    /** The type of its values. */
    readonly value: DuckType;
  }
  | {
    /** A text among listed ones. */
    readonly kind: "enum";
    /** The texts. */
    readonly values: readonly string[];
  };

/** Reads the text of a type; what nobody knows is a plain type of that name. */
export function parseType(text: string): DuckType {
  const reader = new TypeReader(text);
  const type = reader.type();
  return reader.isAtEnd ? type : { kind: "plain", name: text.toUpperCase() };
}

/** The text in the ledger's spelling: types in lower case, the names of members as they are. */
export function typeText(type: DuckType): string {
  switch (type.kind) {
    case "plain":
      return type.name.toLowerCase();
    case "list":
      return `${typeText(type.member)}[]`;
    case "map":
      return `map(${typeText(type.key)}, ${typeText(type.value)})`;
    case "enum":
      return `enum(${type.values.map((value) => `'${value.replaceAll("'", "''")}'`).join(", ")})`;
    default:
      return `${type.kind}(${type.members.map(([name, member]) => `"${name.replaceAll('"', '""')}" ${typeText(member)}`).join(", ")})`;
  }
}

/** Reads a type from left to right. */
class TypeReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    this.#space();
    return this.#at >= this.#text.length;
  }

  type(): DuckType {
    let type = this.#base();
    for (let array = this.#take(/\s*\[\d*\]/y); array !== undefined; array = this.#take(/\s*\[\d*\]/y)) {
      type = { kind: "list", member: type };
    }
    return type;
  }

  #base(): DuckType {
    this.#space();
    const word = (this.#take(/(?:struct|union|map|enum)(?=\s*\()/iy) ?? "").toLowerCase();
    if (word === "struct" || word === "union") return { kind: word, members: this.#list(() => [this.#name(), this.type()] as const) };
    if (word === "enum") return { kind: "enum", values: this.#list(() => this.#quoted("'")) };
    if (word === "map") {
      const [key, value] = this.#list(() => this.type());
      return { kind: "map", key: key ?? NOTHING, value: value ?? NOTHING };
    }
    const name = this.#take(/[a-z_]\w*(?: [a-z]\w*)*(?:\s*\([\d\s,]*\))?/iy);
    return name === undefined ? NOTHING : { kind: "plain", name: name.toUpperCase() };
  }

  /** What stands in parentheses, separated by commas. */
  #list<T>(member: () => T): T[] {
    const members: T[] = [];
    this.#take(/\s*\(/y);
    while (this.#take(/\s*\)/y) === undefined && !this.isAtEnd) {
      members.push(member());
      if (this.#take(/\s*,/y) === undefined && !/^\s*\)/.test(this.#text.slice(this.#at))) break;
    }
    return members;
  }

  #name(): string {
    this.#space();
    return this.#text[this.#at] === '"' ? this.#quoted('"') : this.#take(/[^\s,()]+/y) ?? "";
  }

  #quoted(quote: string): string {
    this.#space();
    const found = this.#take(quote === "'" ? /'(?:[^']|'')*'/y : /"(?:[^"]|"")*"/y) ?? "";
    return found.slice(1, -1).replaceAll(quote + quote, quote);
  }

  #space(): void {
    this.#take(/\s+/y);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined || found === "") return undefined;
    this.#at += found.length;
    return found;
  }
}

const NOTHING: DuckType = { kind: "plain", name: "" };
