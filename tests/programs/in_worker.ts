/** Makes a tracker in a Worker. Arguments: `{ dir }`. */
if (!("WorkerGlobalScope" in globalThis)) {
  const worker = new Worker(import.meta.url, { type: "module" });
  worker.postMessage(JSON.parse(Deno.args[0]!));
  worker.onmessage = ({ data }) => {
    console.log(JSON.stringify({ error: data }));
    worker.terminate();
  };
} else {
  addEventListener("message", async (event) => {
    const { data } = event as MessageEvent<{ dir: string }>;
    const { Tracker } = await import("consist");
    let said = "it worked";
    try {
      await new Tracker({ dbPath: `${data.dir}/provenance.duckdb` }).run({ name: "one", fn: () => 1, outputs: ["n"] });
    } catch (error) {
      const { name, code, message } = error as Error & { code: string };
      said = `${name} ${code}: ${message.split("\n")[0]}`;
    }
    (globalThis as unknown as { postMessage(data: string): void }).postMessage(said);
  });
}
