/** Step cells: what the options at a cell's head make of it. Pure analysis; what executes a step cell inside the kernel is `runtime.ts`. */
export { headOf, isStepHead } from "./cell_head.ts";
export {
  type CellPlan,
  CellSession,
  type GivenCell,
  type PlainPlan,
  type Question,
  type RefusedPlan,
  type StepPlan,
} from "./cell_session.ts";
export { collectionsCode, endCode, loadExpression, outcomeExpression, STEP_MESSAGE, type StepOutcome } from "./step_message.ts";
