/**
 * The command line: `deno run -A jsr:@consist/consist/cli runs`.
 *
 * @module
 */
import { main } from "./src/cli/mod.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));
