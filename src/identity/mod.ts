/** Identity: when is a step the same step? Code, call, config and inputs as hashes with named parts, and the reasons of a miss. */
export { canonicalJson, parseCanonicalJson } from "./canonical_json.ts";
export { memberPath, type Plain, plainConfig, type PlainObject, plainValue } from "./plain_config.ts";
export { type ConfigCode, configCode } from "./config_code.ts";
export { configKinds, givenConfig, keptConfig } from "./given_config.ts";
export { type ConfigIdentity, HASH_INPUTS, hashConfig, refuseReservedKeys, RUN_FIELDS, type RunFields } from "./config.ts";
export { type CodeIdentity, type CodeIdentityMode, type CodeNote, type CodePart, type CodePartKind } from "./code_parts.ts";
export { codeIdentity, type CodeIdentityOptions } from "./code.ts";
export { changedMeanwhile, type CodeChanges } from "./code/dependencies_mode.ts";
export { readOwedSources } from "./code/glance.ts";
export { functionModule } from "./code/module_mode.ts";
export { IDENTITY } from "./code/adapters.ts";
export { IDENTITY_VERSION, originOf } from "./code/origins.ts";
export { PACKAGE_STATE } from "./code/outside.ts";
export { freeNamesOf, type Uses, usesOf } from "./code/free_names_of.ts";
export { declaredIn, hoistedVars, patternNames } from "./code/declared_names.ts";
export { children } from "./code/syntax.ts";
export type { NameUse } from "./code/name_use.ts";
export { untracked } from "./code/untracked.ts";
export { type AnyFunction, showAs, STEP } from "./code/functions.ts";
export { type CallIdentity, callIdentity, type CallPart, type CallSpec, type OutputSpec } from "./call.ts";
export { type InputBindingKind, type InputIdentity, inputIdentity, type InputPart } from "./inputs.ts";
export {
  CODE_HASH_PREFIX,
  type IdentityTexts,
  identityTexts,
  signature,
  standingFor,
  type StepIdentity,
  stepIdentity,
  type StepParts,
  type StoredIdentity,
  storedIdentity,
  type UntrackedPolicy,
} from "./signature.ts";
export { type Aspect, type Comparable, type Difference, differences } from "./differences.ts";
export {
  type EarlierRun,
  type ImplicitChange,
  type MissCandidate,
  type MissCode,
  type MissQuestion,
  type MissReason,
  type Refusal,
  whyMiss,
} from "./why_miss.ts";
export { changeWords, explain, type ExplainableMiss } from "./explain.ts";
export { lineDiff } from "./line_diff.ts";
