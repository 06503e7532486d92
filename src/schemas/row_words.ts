/** Which row of a table is meant, in words that nobody can count otherwise. */

/** `row 2 of 3 (index 1)`: counted from 1 as a reader counts, with its index as programs do. The header of a csv file is no row. */
export const rowWords = (index: number, count: number): string => `row ${index + 1} of ${count} (index ${index})`;

/** The same of rows whose number is not known: `row 2 (index 1)`. */
export const rowAt = (index: number): string => `row ${index + 1} (index ${index})`;

/** Two of them: `rows 1 and 3 (index 0 and 2)`. */
export const rowsAt = (one: number, other: number): string => `rows ${one + 1} and ${other + 1} (index ${one} and ${other})`;
