/** Runs the programs that it is given one after the other, each in an empty folder of its own; its last line says what they printed. */
const outcomes: { printed: string; failure?: string }[] = [];
const say = console.log;
for (const path of Deno.args) {
  const lines: string[] = [];
  const print = (...values: unknown[]): void => {
    lines.push(values.map((value) => typeof value === "string" ? value : Deno.inspect(value, { depth: 4 })).join(" "));
  };
  Object.assign(console, { log: print, warn: print, info: print });
  const folder = await Deno.realPath(await Deno.makeTempDir());
  Deno.chdir(folder);
  let failure: string | undefined;
  try {
    await import(`file://${path}`);
  } catch (error) {
    failure = error instanceof Error ? error.stack ?? error.message : String(error);
  }
  const printed = lines.join("\n").replaceAll(folder, ".").split("\n").map((line) => line.trimEnd()).join("\n");
  outcomes.push({ printed, ...(failure === undefined ? {} : { failure }) });
}
say(JSON.stringify(outcomes));
Deno.exit(0);
