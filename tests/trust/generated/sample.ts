/** Programs with edits, as fast-check makes them; and what a step does. */
import fc from "fast-check";
import { Choices } from "./choices.ts";
import { makeProgram, type Program, reached, type Variant } from "./program.ts";

/** A base and its edits: what each changes, and how it is written. */
export interface Sample {
  readonly program: Program;
  readonly versions: readonly Version[];
}
/** One version of a program. */
export interface Version {
  /** Is it only written in another way, or does it change what the step cannot reach? */
  readonly isNeutral: boolean;
  readonly variant: Variant;
  readonly style: readonly number[];
}

const numbers = (length: number) => fc.array(fc.nat(9999), { minLength: length, maxLength: length });
let prefixes = 0;

/** Programs with so many edits each: of three modules, or as cells, whose names no other program has. */
export const samples = (form: "modules" | "cells", edits: number): fc.Arbitrary<Sample> =>
  fc.tuple(
    numbers(90),
    numbers(40),
    fc.array(fc.tuple(fc.nat(9999), fc.nat(9999), numbers(40)), { minLength: edits, maxLength: edits }),
  ).map(([choices, style, edits]) => {
    const program = form === "modules" ? makeProgram(new Choices(choices)) : makeProgram(new Choices(choices), 1, `s${prefixes++}_`);
    return sampleOf(program, style, edits);
  });

function sampleOf(program: Program, style: readonly number[], edits: readonly (readonly [number, number, readonly number[]])[]): Sample {
  const base: Version = { isNeutral: true, variant: new Map(), style };
  return {
    program,
    versions: [base, ...edits.map(([site, alternative, style], index) => editOf(program, index, site, alternative, style))],
  };
}

/** Every other edit is another way of writing; the others change one site, which stands where the step reaches, or where it does not. */
function editOf(program: Program, index: number, which: number, alternative: number, style: readonly number[]): Version {
  if (index % 2 === 0 || program.sites.length === 0) return { isNeutral: true, variant: new Map(), style };
  const met = reached(program);
  const sites = program.sites.map((_, site) => site).filter((site) => met.has(program.sites[site]!.owner) || which % 4 === 0);
  const site = sites[which % sites.length]!;
  const { owner, alternatives } = program.sites[site]!;
  const variant = new Map([[site, alternatives.length === 1 ? 0 : 1 + alternative % (alternatives.length - 1)]]);
  return { isNeutral: alternatives.length === 1 || !met.has(owner), variant, style };
}

const INPUTS = [...Array(15).keys()].map((x) => x - 4).concat([0.5, 33, -100, 1000]);

/** What a step does, as far as some calls show it. */
export const behaviour = (main: (x: number) => number): string => JSON.stringify(INPUTS.map((x) => attempt(() => main(x))));

function attempt(work: () => unknown): string {
  try {
    return String(work());
  } catch (error) {
    return `throws ${error instanceof Error ? error.message : String(error)}`;
  }
}
