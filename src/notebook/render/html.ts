/**
 * The one way to make markup: a template whose values cannot become markup. The tag is not called `html` because `deno fmt` lays
 * out templates of that name anew, and white space counts in what a notebook shows.
 */

/** Markup that `markup` made. There is no way to make one from a string. */
export class Html {
  readonly #text: string;

  /** Only `markup` holds the key. */
  constructor(key: symbol, text: string) {
    if (key !== KEY) throw new TypeError("Markup is made by the markup template only.");
    this.#text = text;
  }

  /** The markup as text. */
  toString(): string {
    return this.#text;
  }
}

const KEY = Symbol("html");

/** What a template takes: text is escaped, markup nests, lists are joined, nothing and truth values show nothing. */
export type HtmlValue = string | number | bigint | boolean | null | undefined | Html | readonly HtmlValue[];

/** Where a value stands: between tags, or inside a quoted attribute of this name. */
type Place = { readonly kind: "text" } | { readonly kind: "attribute"; readonly name: string };

const placesOf = new WeakMap<readonly string[], readonly Place[]>();

/**
 * Markup from a literal template. Values are escaped wherever they stand; a template that puts one where escaping does not
 * help (a tag's name, an unquoted attribute, a link) is refused with a `TypeError`.
 */
export function markup(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const places = placesIn(strings);
  let text = strings[0] ?? "";
  values.forEach((value, i) => {
    text += written(value, places[i]!) + (strings[i + 1] ?? "");
  });
  return new Html(KEY, text);
}

function placesIn(strings: TemplateStringsArray): readonly Place[] {
  const known = placesOf.get(strings);
  if (known) return known;
  if (!Object.isFrozen(strings) || !Array.isArray(strings.raw)) {
    throw new TypeError("markup is a template tag: it takes literal text only.");
  }
  const places = scan(strings);
  placesOf.set(strings, places);
  return places;
}

function written(value: HtmlValue, place: Place): string {
  if (value === null || value === undefined || typeof value === "boolean") return "";
  if (Array.isArray(value)) return value.map((item) => written(item, place)).join("");
  if (value instanceof Html) {
    if (place.kind === "attribute") throw new TypeError(`The attribute "${place.name}" takes text, not markup.`);
    return value.toString();
  }
  const text = String(value);
  if (place.kind === "attribute") checkAttribute(place.name, text);
  return escape(text);
}

/** Attributes in which an escaped value could still do something. */
function checkAttribute(name: string, text: string): void {
  if (name === "src" && !/^data:image\/(?:svg\+xml|png);base64,[\w+/=]*$/.test(text)) {
    throw new TypeError('The attribute "src" takes a data URI of a picture only.');
  }
  if (name === "style" && !/^(?!.*url\s*\()[\w\s:;.,#%()'+-]*$/is.test(text)) {
    throw new TypeError(`The attribute "style" takes plain declarations only, not ${JSON.stringify(text.slice(0, 80))}.`);
  }
}

const ENTITIES: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/** Escapes text for element content and quoted attributes; characters that no document may hold become U+FFFD. */
function escape(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]/g, "\ufffd").replace(
    /[&<>"'`]/g,
    (c) => ENTITIES[c]!,
  );
}

const FORBIDDEN_TAG = /<(?:script|style|iframe|object|embed|link|meta|base|form|textarea|title|!|\?)/i;
/** An attribute that is not in double quotes. */
const BARE_ATTRIBUTE = /<[^>"]*(?:"[^"]*"[^>"]*)*=\s*[^"\s]/;
const FORBIDDEN_ATTRIBUTE = /^(?:on.*|href|xlink:href|srcdoc|srcset|action|formaction|data|id|name)$/i;

/** Reads the literal parts once and says where each value stands. */
function scan(strings: readonly string[]): Place[] {
  const places: Place[] = [];
  let rest = "";
  for (const [i, part] of strings.entries()) {
    if (FORBIDDEN_TAG.test(part) || BARE_ATTRIBUTE.test(part)) {
      throw new TypeError(`A template holds a tag or an attribute that it must not hold: ${part.trim().slice(0, 80)}`);
    }
    rest += part;
    const open = openTag(rest);
    if (i === strings.length - 1) {
      if (open !== undefined) throw new TypeError(`A template ends inside a tag: ${open.slice(0, 80)}`);
    } else {
      places.push(open === undefined ? { kind: "text" } : { kind: "attribute", name: attributeAt(open) });
      rest += "x"; // stands for the value
    }
  }
  return places;
}

/** The text of the tag that is still open at the end, or nothing between tags. */
function openTag(markup: string): string | undefined {
  let start: number | undefined;
  let quoted = false;
  for (let i = 0; i < markup.length; i++) {
    const c = markup[i];
    if (start === undefined) {
      if (c === "<") start = i;
    } else if (c === '"') quoted = !quoted;
    else if (c === ">" && !quoted) start = undefined;
  }
  return start === undefined ? undefined : markup.slice(start);
}

/** Name of the quoted attribute that is still open at the end of a tag's text. */
function attributeAt(tag: string): string {
  const match = /\s([\w:-]+)="[^"]*$/.exec(tag);
  const closed = tag.slice(0, match?.index).split('"').length % 2 === 1;
  if (!match || !closed) throw new TypeError(`A value must stand between tags or in a double-quoted attribute: ${tag.slice(0, 80)}`);
  const name = match[1]!.toLowerCase();
  if (FORBIDDEN_ATTRIBUTE.test(name)) throw new TypeError(`A value must not stand in the attribute "${name}".`);
  return name;
}
