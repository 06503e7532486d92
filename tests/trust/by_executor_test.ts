/** A part of the matrix with the steps themselves in worker processes: the same hits, misses and values. */
import { CASES } from "./cases/mod.ts";
import { testMatrix } from "./check.ts";

/** Every so many cases are tried: all of them take minutes. */
const EACH = 4;
/** What a worker refuses, since no module exports it or since it runs steps, and one that it executes without serving it. */
const NOT_THERE = [
  "a bound method as the step",
  "a default of a defined step that is run inside",
  "a factory of another module",
  "a bound step's argument",
  "an earlier run's artifact",
  "an earlier run's result",
  "a package that a package needs",
  "a Proxy as the step",
  "source mode does not look further, and says nothing wrong: a native function",
];

testMatrix(
  "worker process",
  CASES.filter(({ name, where }) => where.includes("worker process") && !NOT_THERE.includes(name)).filter((_, index) => index % EACH === 0),
  { title: "worker executor", disturbance: () => ({ TRUST_EXECUTOR: "worker" }) },
);
