/** Which row of a table is meant, in words that nobody can count otherwise. */

/** `row 2 of 3 (index 1)`: counted from 1 as a reader counts, with its index as programs do. The header of a csv file is no row. */
export const rowWords = (index: number, count: number): string => `row ${index + 1} of ${count} (index ${index})`;
