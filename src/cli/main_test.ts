import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";

const CLI = fromFileUrl(new URL("../../cli.ts", import.meta.url));
const decoder = new TextDecoder();

async function consist(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const command = new Deno.Command(Deno.execPath(), { args: ["run", "-A", "--no-check", CLI, ...args], env: { NO_COLOR: "" } });
  const { code, stdout, stderr } = await command.output();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

Deno.test("without a command the help is printed, and the call was wrong", async () => {
  const { code, out, err } = await consist();
  assert.equal(code, 2);
  assert.match(out, /^USAGE\n {2}consist runs /);
  assert.equal(err, "");
});

Deno.test("help is asked for in three ways, of everything, of a group and of a command", async () => {
  for (const args of [["--help"], ["-h"], ["help"]]) assert.match((await consist(...args)).out, /\nCOMMANDS\n {2}runs /, args[0]!);
  assert.match((await consist("help", "kernel")).out, /\nCOMMANDS\n {2}install /);
  const { code, out } = await consist("runs", "--help");
  assert.equal(code, 0);
  assert.match(out, /EXAMPLES\n {2}consist runs\n/);
});

Deno.test("a wrong command, option or value is code 2, and the nearest right name is told", async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["rns"], /There is no command "rns"\.[^]*Did you mean "runs"\?/],
    [["kernel", "instal"], /There is no command "kernel instal"\.[^]*Did you mean "install"\?/],
    [["runs", "--hisotry"], /no option --hisotry[^]*Did you mean --history\?/],
    [["runs", "--step"], /--step has no value/],
    [["verify", "--limit", "0"], /The value of --limit is "0"\. A whole number from 1 on was wanted\./],
    [["runs", "extra"], /argument too many: "extra"/],
    [["kernel", "start"], /FILE is missing/],
    [["kernel", "install", "--user", "--prefix", "x"], /Only one of --user, --sys-prefix and --prefix/],
  ];
  for (const [args, expected] of cases) {
    const { code, out, err } = await consist(...args);
    assert.equal(code, 2, args.join(" "));
    assert.equal(out, "", args.join(" "));
    assert.match(err, expected);
  }
});

Deno.test("with --json an error is JSON on stderr, with its code and the exit code", async () => {
  const { code, out, err } = await consist("runs", "--json", "--nothing");
  assert.equal(code, 2);
  assert.equal(out, "");
  const { error, exitCode } = JSON.parse(err);
  assert.deepEqual([error.code, error.name, exitCode], ["unknown_option", "OptionError", 2]);
  assert.match(error.why, /There is no option --nothing/);
});

Deno.test("--version prints the version of the library", async () => {
  const { version } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  assert.equal((await consist("--version")).out.trim(), version);
});

Deno.test("a name that would act on the terminal is printed harmlessly", async () => {
  const { err } = await consist("\x1b[2J\u202eevil");
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(err, /[\x1b\u202e]/);
});
