/**
 * The soak task for outputs: "Run All" of a notebook with 300 outputs, again and again, in our kernel and in Deno's. In ours none may be lost, or
 * stand under another cell.
 *
 *     deno task soak:outputs [--rounds 100]
 */
import { parseArgs } from "node:util";
import { COMMANDS, type Figures, runRounds } from "../tests/outputs/rounds.ts";

const { values } = parseArgs({ args: Deno.args, options: { rounds: { type: "string", default: "100" } } });
const found: Record<string, Figures> = {};
for (const [name, command] of Object.entries(COMMANDS)) {
  const figures = await runRounds(command, Number(values.rounds));
  found[name] = { ...figures, seconds: Math.round(figures.seconds * 10) / 10 };
}
console.table(found);
const { lost, misplaced, repeated, disordered } = found["Deno (Consist)"]!;
if (lost + misplaced + repeated + disordered > 0) Deno.exit(1);
