import assert from "node:assert/strict";
import { cliReference } from "./cli_reference.ts";

Deno.test("docs/cli.md is what the program says of itself: deno task cli-reference", async () => {
  const page = await Deno.readTextFile(new URL("../docs/cli.md", import.meta.url));
  assert.equal(page, await cliReference());
});
