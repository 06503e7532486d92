/** The reference of the command line, made from the program: docs/cli.md. */
import { type Application, type CommandContext, generateHelpTextForAllCommands } from "@stricli/core";
import { fromFileUrl } from "@std/path";
import { z } from "zod";
import { application } from "../src/cli/application.ts";
import { COMMANDS } from "../src/cli/commands.ts";
import type { Command } from "../src/cli/command.ts";
import { SHAPES } from "../src/cli/json_shapes.ts";

const PAGE = new URL("../docs/cli.md", import.meta.url);

const INTRO = `# The command line

<!-- Made by deno task cli-reference from the program itself. -->

\`\`\`sh
deno run -A jsr:@consist/consist/cli runs
\`\`\`

or, once, \`deno install -gA -n consist jsr:@consist/consist/cli\`, and then \`consist runs\`. In a clone it is \`deno task consist runs\`,
in a project beside a clone \`deno run -A ../consist/cli.ts runs\`.

A command works on the ledger of the folder: \`provenance.duckdb\` in the notebook's folder, else in the working directory; \`--db FILE\` names another one,
\`--run-dir FOLDER\` the folder of its runs, where that is not \`runs\` beside it. Commands that only read open the file so that nothing can be written.
Notebooks and programs may have it meanwhile: each waits for the other.

A run is named by its id, by the beginning of it, or by letters behind its step's name. An artifact is named by its id, as \`RUN:KEY\`, by a file with its
content, by a key (the newest is meant), or by a run with one output.

## Exit codes

| code | meaning                                                                                                            |
| ---- | ------------------------------------------------------------------------------------------------------------------ |
| 0    | all is well                                                                                                        |
| 1    | the work failed, nothing was found, or something is not as it should be: a file is missing, runs differ, a fault   |
| 2    | it was called wrongly: an unknown command or option, a bad value, a removal that nobody agreed to                  |
| 130  | it was interrupted while notebooks ran                                                                             |

## Output

A terminal gets colour, unless \`--no-color\` is given or \`NO_COLOR\` is set; nothing else does. Characters of names and values that would act on a
terminal are made visible. Long work says on stderr how far it is.

With \`--json\` a command prints JSON on stdout, of the shape that its entry names (see [Shapes](#shapes)), and an error is JSON on stderr, of the shape
[\`Error\`](#shapes). Fields may be added to shapes; none changes its meaning.
`;

/** The whole page. */
export async function cliReference(): Promise<string> {
  const program = application({ version: "", failed: () => "", words: [] }) as unknown as Application<CommandContext>;
  const help = new Map(generateHelpTextForAllCommands(program));
  const parts = [
    INTRO,
    "## Commands\n",
    overview(),
    ...COMMANDS.map((command) => entry(command, help.get(`consist ${command.words.join(" ")}`)!)),
    shapes(),
  ];
  return await formatted(parts.join("\n"));
}

/** As `deno fmt` leaves it. */
async function formatted(text: string): Promise<string> {
  const config = fromFileUrl(new URL("../deno.json", import.meta.url));
  const command = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "--config", config, "-"],
    stdin: "piped",
    stdout: "piped",
  });
  const child = command.spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  return new TextDecoder().decode((await child.output()).stdout);
}

function overview(): string {
  const rows = COMMANDS.map(({ words, brief }) => [`[\`${words.join(" ")}\`](#consist-${words.join("-")})`, brief.replaceAll("|", "\\|")]);
  return table(["command", "what it does"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line), ""].join("\n");
}

function entry({ words, json }: Command, help: string): string {
  const shape = json === undefined ? "" : `\n\`--json\` prints [\`${json}\`](#shapes).\n`;
  return `### consist ${words.join(" ")}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n${shape}`;
}

function shapes(): string {
  const named = new Map<string, string>();
  const texts = Object.entries(SHAPES).map(([name, schema]) => {
    const json = z.toJSONSchema(schema) as Json;
    delete json.$schema;
    const text = `type ${name} = ${typeText(json, named, "")};`;
    named.set(JSON.stringify(json), name);
    return text;
  });
  return `## Shapes\n\nTimes are text as ISO 8601 has it. What is not known is left out, or null where the shape says so.\n\n\`\`\`text\n${
    texts.join("\n\n")
  }\n\`\`\`\n`;
}

/** The part of JSON Schema that the shapes use. */
interface Json {
  $schema?: string;
  readonly type?: string | readonly string[];
  readonly properties?: { readonly [name: string]: Json };
  readonly required?: readonly string[];
  readonly additionalProperties?: Json | boolean;
  readonly items?: Json;
  readonly anyOf?: readonly Json[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

function typeText(json: Json, named: ReadonlyMap<string, string>, indent: string): string {
  const name = named.get(JSON.stringify(json));
  if (name !== undefined) return name;
  if (json.const !== undefined) return JSON.stringify(json.const);
  if (json.enum !== undefined) return json.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (json.anyOf !== undefined) return json.anyOf.map((one) => typeText(one, named, indent)).join(" | ");
  if (json.type === "array") return arrayOf(typeText(json.items ?? {}, named, indent));
  if (json.type === "object") return objectText(json, named, indent);
  return typeof json.type === "object" ? json.type.join(" | ") : json.type ?? "unknown";
}

const arrayOf = (item: string): string => / \| /.test(item) && !item.startsWith("{") ? `(${item})[]` : `${item}[]`;

function objectText({ properties, required = [], additionalProperties }: Json, named: ReadonlyMap<string, string>, indent: string): string {
  if (properties === undefined) {
    const value = typeof additionalProperties === "object" ? typeText(additionalProperties, named, indent) : "unknown";
    return `{ [name: string]: ${value} }`;
  }
  const inner = `${indent}  `;
  const lines = Object.entries(properties).map(([name, of]) =>
    `${inner}${name}${required.includes(name) ? "" : "?"}: ${typeText(of, named, inner)};`
  );
  return `{\n${lines.join("\n")}\n${indent}}`;
}

if (import.meta.main) await Deno.writeTextFile(PAGE, await cliReference());
