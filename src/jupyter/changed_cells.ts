/** What a save changed in a notebook's code, cell by cell. */
import type { CodeCell, Notebook } from "./notebook_file.ts";

/** Numbers of code cells, from 1. */
export interface ChangedCells {
  /** Those with other code than before, in the notebook as it is now. */
  readonly changed: readonly number[];
  /** New ones, in the notebook as it is now. */
  readonly added: readonly number[];
  /** How many are gone. */
  readonly removed: number;
  /** Are those that stayed in another order? */
  readonly isMoved: boolean;
  /** The first code cell from which on the notebook is another one; none where its code is the same. */
  readonly first?: number;
}

/** Compares two states of a notebook; cells are told apart by their ids. */
export function changedCells(before: Notebook, after: Notebook): ChangedCells {
  const [old, now] = [codeCells(before), codeCells(after)];
  const sources = new Map(old.map((cell) => [cell.id, cell.source]));
  const ids = new Set(now.map(({ id }) => id));
  const stayed = now.filter(({ id }) => sources.has(id)).map(({ id }) => id);
  const numbers = (wanted: (cell: CodeCell) => boolean) => now.flatMap((cell, index) => wanted(cell) ? [index + 1] : []);
  const first = Array.from({ length: Math.max(old.length, now.length) }, (_, index) => index)
    .find((index) => old[index]?.id !== now[index]?.id || old[index]?.source !== now[index]?.source);
  return {
    changed: numbers(({ id, source }) => sources.has(id) && sources.get(id) !== source),
    added: numbers(({ id }) => !sources.has(id)),
    removed: old.filter(({ id }) => !ids.has(id)).length,
    isMoved: old.filter(({ id }) => ids.has(id)).map(({ id }) => id).join() !== stayed.join(),
    ...(first === undefined ? {} : { first: first + 1 }),
  };
}

/** In words: `cells 2, 5 changed, cell 6 is new`. */
export function changeText({ changed, added, removed, isMoved, first }: ChangedCells): string {
  if (first === undefined) return "no code changed";
  const cells = (numbers: readonly number[]) => `${numbers.length === 1 ? "cell" : "cells"} ${numbers.join(", ")}`;
  const parts = [
    changed.length === 0 ? "" : `${cells(changed)} changed`,
    added.length === 0 ? "" : `${cells(added)} new`,
    removed === 0 ? "" : `${removed} removed`,
    isMoved ? "order changed" : "",
  ];
  return parts.filter(Boolean).join("; ");
}

function codeCells({ cells }: Notebook): CodeCell[] {
  return cells.filter((cell) => cell.cell_type === "code");
}
