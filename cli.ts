/**
 * The command line: `deno run -A jsr:@consist/consist/cli runs`, or `deno install -gA -n consist jsr:@consist/consist/cli` once and then
 * `consist runs`. See `docs/cli.md` for each command.
 *
 * @module
 */
import { main } from "./src/cli/mod.ts";
import config from "./deno.json" with { type: "json" };

if (import.meta.main) Deno.exit(await main(Deno.args, config.version));
