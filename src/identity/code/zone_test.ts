import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";
import { codeIdentity } from "../code.ts";
import type { AnyFunction } from "./functions.ts";

const hasZone = async (fn: AnyFunction) => (await codeIdentity(fn)).parts.some(({ name }) => name === "time zone and locale");
const day = new Date(0);

Deno.test("codeIdentity() counts the time zone where a step reads, makes, parses or shows local time, also in a helper", async () => {
  const helper = (date: Date) => date.getHours();
  const text = "2024-03-31T01:30:00";
  const steps = [
    () => day.getHours(),
    () => new Date(2024, 2, 31).getTime(),
    () => new Date(text).getTime(),
    () => new Date("2024-03-31T01:30:00").getTime(),
    () => Date.parse(text),
    () => day.toLocaleDateString(),
    () => (1234.5).toLocaleString(),
    () => new Intl.DateTimeFormat("en").format(day),
    () => helper(day),
  ];
  for (const fn of steps) assert.ok(await hasZone(fn), String(fn));
});

Deno.test("codeIdentity() does not count the time zone where only moments and UTC are used", async () => {
  const steps = [
    () => day.getTime() + day.getUTCHours(),
    () => new Date(0).toISOString(),
    () => new Date("2024-03-31"),
    () => new Date("2024-03-31T01:30:00Z"),
    () => new Date("2024-03-31T01:30:00+02:00"),
    () => JSON.parse("1"),
    () => Date.UTC(2024, 1),
  ];
  for (const fn of steps) assert.ok(!await hasZone(fn), String(fn));
});

Deno.test("codeIdentity() differs from zone to zone for a step in local time, and only for that", async () => {
  const program = `
    import { codeIdentity } from ${JSON.stringify(new URL("../code.ts", import.meta.url).href)};
    const hash = async (fn) => (await codeIdentity(fn)).hash;
    console.log(JSON.stringify([await hash(() => new Date(0).getHours()), await hash(() => new Date(0).getUTCHours())]));`;
  const hashes = await Promise.all(["UTC", "Pacific/Auckland"].map(async (TZ) => {
    const args = ["eval", "--config", fromFileUrl(new URL("../../../deno.json", import.meta.url)), program];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args, env: { TZ } }).output();
    return JSON.parse(new TextDecoder().decode(stdout)) as [local: string, utc: string];
  }));
  assert.notEqual(hashes[0]![0], hashes[1]![0]);
  assert.equal(hashes[0]![1], hashes[1]![1]);
});

Deno.test("codeIdentity() counts the locale where a step goes by it and does not say by which", async () => {
  const hasLocale = async (fn: AnyFunction) => (await codeIdentity(fn)).parts.some(({ name }) => name === "locale");
  const steps = [
    () => "a".localeCompare("b"),
    () => ["b", "a"].sort(new Intl.Collator().compare),
    () => new Intl.NumberFormat(undefined, { style: "percent" }).format(1),
    () => Intl.NumberFormat().format(1),
    () => "i".toLocaleUpperCase(),
  ];
  for (const fn of steps) assert.ok(await hasLocale(fn), String(fn));
  const without = [() => "a".localeCompare("b", "de"), () => new Intl.NumberFormat("en").format(1), () => "i".toLocaleUpperCase("tr")];
  for (const fn of without) assert.ok(!await hasLocale(fn), String(fn));
});
