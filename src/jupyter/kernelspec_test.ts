import assert from "node:assert/strict";
import { installedKernel, installKernel, kernelsFolder, uninstallKernel } from "./kernelspec.ts";

const inFolder = async (body: (prefix: string) => Promise<void>) => {
  const prefix = await Deno.makeTempDir();
  try {
    await body(prefix);
  } finally {
    await Deno.remove(prefix, { recursive: true });
  }
};

Deno.test("installKernel() writes a kernelspec that starts this library, twice as well as once; uninstallKernel() removes it", () =>
  inFolder(async (prefix) => {
    const place = { kind: "prefix", prefix } as const;
    assert.equal(await installedKernel(place), undefined);
    await installKernel(place);
    assert.equal(await installKernel(place), `${prefix}/share/jupyter/kernels/deno-consist`);
    const { spec, faults } = (await installedKernel(place))!;
    assert.deepEqual(faults, []);
    assert.equal(spec!.interrupt_mode, "message");
    assert.deepEqual(spec!.argv.slice(-3), ["kernel", "start", "{connection_file}"]);
    assert.notEqual(await uninstallKernel(place), undefined);
    assert.equal(await uninstallKernel(place), undefined);
  }));

Deno.test("installedKernel() says what is wrong with a kernelspec that is damaged, or whose program is gone", () =>
  inFolder(async (prefix) => {
    const place = { kind: "prefix", prefix } as const;
    const file = `${await installKernel(place)}/kernel.json`;
    await Deno.writeTextFile(file, "{");
    assert.match((await installedKernel(place))!.faults[0]!, /no kernelspec/);
    await Deno.writeTextFile(file, JSON.stringify({ argv: ["/gone/deno", "run", "{connection_file}"] }));
    assert.deepEqual((await installedKernel(place))!.faults, ["/gone/deno is not there any more"]);
  }));

Deno.test("kernelsFolder() asks Python for the environment, and says what to do where it does not answer", async () => {
  await assert.rejects(kernelsFolder({ kind: "sys-prefix", python: "no-such-python" }), /place for the kernel was not found[^]*--prefix/);
  assert.match(await kernelsFolder({ kind: "sys-prefix" }), /share.jupyter.kernels$/);
});

Deno.test("installKernel() says why where the folder cannot be written", () =>
  inFolder(async (prefix) => {
    await Deno.writeTextFile(`${prefix}/share`, "a file in the way");
    await assert.rejects(installKernel({ kind: "prefix", prefix }), /could not be installed in[^]*cannot be written/);
  }));
