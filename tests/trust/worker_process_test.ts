import { CASES } from "./cases/mod.ts";
import { testMatrix } from "./check.ts";

testMatrix("worker process", CASES);
