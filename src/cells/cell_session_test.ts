import assert from "node:assert/strict";
import { functionHash } from "../identity/code/syntax.ts";
import { CELL_CASES, type CellCase } from "./cell_cases_test.ts";
import { type CellPlan, CellSession, type PlainPlan, type StepPlan } from "./cell_session.ts";

/** A session in which step cells made some names. */
function sessionWith(made: readonly string[]): CellSession {
  const session = new CellSession();
  for (const name of made) {
    const plan = session.plan({ code: `//| step\nconst ${name} = [];`, count: 1 }) as StepPlan;
    session.done(plan, { outputs: { [name]: { isKept: true, isAtHand: true } }, changed: [] });
  }
  return session;
}

function planOf({ code, made = [], collections = [] }: CellCase): CellPlan {
  const plan = sessionWith(made).plan({ code, count: 7 });
  return plan.kind === "question" ? plan.answer(plan.names.filter((name) => collections.includes(name))) : plan;
}

for (const each of CELL_CASES) {
  Deno.test(`CellSession.plan(): ${each.name}`, () => {
    const plan = planOf(each);
    if (each.step !== undefined) {
      assert.equal(plan.kind, "step", JSON.stringify(plan));
      const { spec, kinds } = plan as StepPlan;
      assert.deepEqual(
        { name: spec.name, outputs: spec.outputs.map((name) => `${kinds.get(name)} ${name}`), inputs: spec.inputs },
        { inputs: [], ...each.step },
      );
      const text = `async ({${spec.inputs.join()}}) => {${spec.body}}`;
      assert.notEqual(functionHash(text), null, text);
    } else if (each.refused !== undefined) assert.match(plan.kind === "refused" ? plan.error.message : plan.kind, each.refused);
    else {
      assert.equal(plan.kind, "plain");
      const { note, late } = plan as PlainPlan;
      const text = (note ?? late)?.["text/plain"] as string | undefined;
      if (each.silent) assert.equal(text, undefined);
      else assert.match(text ?? "", each.plain!);
    }
  });
}

Deno.test("CellSession.plan() keeps every line and column of the cell in its function", () => {
  const code = `//| step: s
import { a,
  b } from "node:path"; // names
type T = {
  x: number;
};
const x: T = { x: 1 };   throw new Error("here");
/* last */ x.x /* value */ as number; // end`;
  const { spec, code: executed } = planOf({ name: "", code }) as StepPlan;
  const lines = spec.body.split("\n");
  for (const [line, word] of [[6, "throw"], [7, "x.x"]] as const) {
    assert.equal(lines[line]!.indexOf(word), code.split("\n")[line]!.indexOf(word), lines[line]);
  }
  assert.match(executed, /^import \{ a, b \} from "node:path"; await /);
  assert.match(spec.body, /return \{ outputs: \{ x \}, value: \$value \};\n$/);
});

Deno.test("CellSession binds a name before the first plain cell that uses it, and watches it from then on", () => {
  const session = sessionWith([]);
  const plan = session.plan({ code: "//| step\nconst a = 1;\nlet b = 2;", count: 1 }) as StepPlan;
  const outputs = { a: { isKept: true, isAtHand: false }, b: { isKept: true, isAtHand: false } };
  assert.equal(session.done(plan, { outputs, changed: [] }), undefined); // a hit: nothing is loaded
  const before = (code: string) => (session.plan({ code, count: 2 }) as { before?: string }).before;
  assert.equal(before("1 + 1"), undefined);
  assert.match(before("a + 1")!, /^const a = await [^;]*take\("a"\); await [^;]*watch\(\["a"\]/);
  assert.equal(before("a + 2"), undefined);
  assert.match(before("const f = () => b;")!, /^let b = /);
  const again = session.plan({ code: "//| step\nconst a = 1;\nlet b = 3;", count: 3 }) as StepPlan;
  const after = session.done(again, { outputs, changed: [] })!; // f may ask for b at any time
  assert.match(after, /^let b = .*take\("b"\)/);
  assert.doesNotMatch(after, /take\("a"\)/);
});

Deno.test("CellSession takes a name that a plain cell declares for a variable, and binds everything before code that cannot be read", () => {
  const session = sessionWith([]);
  const plan = session.plan({ code: "//| step\nconst a = 1, b = 2;", count: 1 }) as StepPlan;
  session.done(plan, { outputs: { a: { isKept: true, isAtHand: false }, b: { isKept: true, isAtHand: false } }, changed: [] });
  assert.equal((session.plan({ code: "const a = 5;", count: 2 }) as { before?: string }).before, undefined);
  assert.deepEqual((session.plan({ code: "//| step\nconst c = a + b;", count: 3 }) as StepPlan).spec.inputs, ["b"]);
  assert.match((session.plan({ code: "<div/>", count: 4 }) as { before?: string }).before!, /const b = /);
});

Deno.test("CellSession tries again what could not be bound", () => {
  const session = sessionWith([]);
  const plan = session.plan({ code: "//| step\nconst a = 1;", count: 1 }) as StepPlan;
  session.done(plan, { outputs: { a: { isKept: true, isAtHand: false } }, changed: [] });
  const before = () => (session.plan({ code: "a", count: 2 }) as { before?: string }).before;
  const first = before();
  session.failed();
  assert.equal(before(), first);
  assert.equal(before(), undefined);
});

Deno.test("CellSession knows the names that a step kept to itself, and drops what a cell does not make any more", () => {
  const session = sessionWith([]);
  const run = (code: string) => {
    const plan = session.plan({ code, id: "one", count: 1 }) as StepPlan;
    session.done(plan, {
      outputs: Object.fromEntries(plan.spec.outputs.map((name) => [name, { isKept: true, isAtHand: true }])),
      changed: [],
    });
  };
  run("//| step: s\n//| outputs: a\nconst a = 1, local = 2;");
  assert.match(String(session.hintFor("local")?.["text/plain"]), /step cell "s".*outputs: …, local/);
  assert.equal(session.hintFor("a"), undefined);
  run("//| step: s\n//| outputs: local\nconst a = 1, local = 2;");
  assert.equal(session.hintFor("local"), undefined);
  assert.deepEqual((session.plan({ code: "//| step\nconst c = a + local;", count: 3 }) as StepPlan).spec.inputs, ["local"]);
});

Deno.test("CellSession binds before the next cell what could not be bound when it was made, and forgets nothing of a cell that did not run", () => {
  const session = sessionWith([]);
  session.plan({ code: "const helper = () => a;", count: 1 });
  const plan = session.plan({ code: "//| step\nconst a = 1;", count: 2 }) as StepPlan;
  assert.match(session.done(plan, { outputs: { a: { isKept: true, isAtHand: false } }, changed: [] })!, /take\("a"\)/);
  session.failed();
  assert.match((session.plan({ code: "helper()", count: 3 }) as PlainPlan).before!, /take\("a"\)/); // helper may ask for it
  session.failed();
  assert.match((session.plan({ code: "const a = 3;", count: 3 }) as PlainPlan).before!, /take\("a"\)/);
  session.failed(); // so that a is still the step's
  const next = session.plan({ code: "//| step\nconst b = helper();", count: 4 }) as StepPlan;
  assert.match(next.before!, /take\("a"\)/);
  session.failed();
  assert.deepEqual((session.plan({ code: "//| step\nconst c = a;", count: 5 }) as StepPlan).spec.inputs, ["a"]);
});

Deno.test("CellSession binds what is declared with var, and nothing else, before a cell that uses the global object", () => {
  const session = sessionWith([]);
  const plan = session.plan({ code: "//| step\nvar a = 1; const b = 2;", count: 1 }) as StepPlan;
  session.done(plan, { outputs: { a: { isKept: true, isAtHand: false }, b: { isKept: true, isAtHand: false } }, changed: [] });
  assert.match((session.plan({ code: 'globalThis["a"]', count: 2 }) as PlainPlan).before!, /^var a = [^;]*; await [^;]*\["a"\]/);
  assert.equal((session.plan({ code: "globalThis[Symbol.for('x')]", count: 3 }) as PlainPlan).before, undefined);
});

Deno.test("CellSession.plan() keeps what the author wrote, for what is told of changes", () => {
  const code = "\n//| step: s\n//| outputs: x\nconst x: number = 1; // one\n\nx as number;\n";
  assert.equal((planOf({ name: "", code }) as StepPlan).spec.text, "const x: number = 1; // one\n\nx as number;");
  assert.equal((planOf({ name: "", code: "//| step: s\n//| outputs: []" }) as StepPlan).spec.text, "");
});
