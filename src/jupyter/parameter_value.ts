/** The value of `--set name=value`: a scalar of YAML, or JSON. */

/** A number of YAML's core schema that JSON does not have. */
const NUMBERS: readonly (readonly [RegExp, (text: string) => number])[] = [
  [/^0x[0-9a-fA-F]+$/, Number],
  [/^0o[0-7]+$/, Number],
  [/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/, Number],
  [/^[+]?\.(?:inf|Inf|INF)$/, () => Infinity],
  [/^-\.(?:inf|Inf|INF)$/, () => -Infinity],
  [/^\.(?:nan|NaN|NAN)$/, () => NaN],
];

/**
 * The value that a word of the command line stands for: `2030`, `true`, `null`, `[1, 2]`, `{"a": 1}`, `"2030"` for a text that looks like a
 * number, and any other text as it is.
 *
 * @throws {RangeError} where it begins as a list, an object or a quoted text and is none, and for whole numbers that would be rounded
 */
export function parameterValue(word: string): unknown {
  const text = word.trim();
  if (/^(?:|~|null|Null|NULL)$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  if (/^'.*'$/s.test(text)) return text.slice(1, -1).replaceAll("''", "'");
  if (/^["[{]/.test(text)) return json(text);
  const number = NUMBERS.find(([pattern]) => pattern.test(text))?.[1](text);
  if (number === undefined) return word;
  if (/^[-+]?\d+$/.test(text) && !Number.isSafeInteger(number)) {
    throw new RangeError(`It has more digits than a number of JavaScript can hold; put it in quotes to pass it as text.`);
  }
  return number;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RangeError(`It begins like JSON and is none (${(cause as Error).message}); a text that begins so is put in quotes.`, {
      cause,
    });
  }
}
