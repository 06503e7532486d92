/** All cases of the matrix. */
import type { TrustCase } from "../case.ts";
import { HELPERS } from "./a_helpers.ts";
import { MODULES } from "./b_modules.ts";
import { VALUES } from "./c_values.ts";
import { NEUTRAL } from "./d_neutral.ts";
import { CALLS } from "./e2_call.ts";
import { PROGRAM_STEPS } from "./e2_programs.ts";
import { VERSIONS } from "./e_versions.ts";
import { INPUTS } from "./f_inputs.ts";
import { PLACES } from "./g_places.ts";
import { UPSTREAM } from "./h_upstream.ts";
import { OUTPUTS } from "./i_outputs.ts";
import { UNKNOWN } from "./l_unknown.ts";
import { TIME } from "./m_time.ts";

/** Every case of rows a to i, l and m. */
export const CASES: readonly TrustCase[] = [
  ...HELPERS,
  ...MODULES,
  ...VALUES,
  ...NEUTRAL,
  ...VERSIONS,
  ...CALLS,
  ...PROGRAM_STEPS,
  ...INPUTS,
  ...PLACES,
  ...UPSTREAM,
  ...OUTPUTS,
  ...UNKNOWN,
  ...TIME,
];
