/** Runs a container that goes on for long, or one that ends at once, and says when it is done. */
import { runContainer, Tracker, useTracker } from "consist";

const { dir, image, quick = false } = JSON.parse(Deno.args[0]!) as { dir: string; image: string; quick?: boolean };
await using tracker = new Tracker({ dbPath: `${dir}/child.duckdb` });
await useTracker(tracker, async () => {
  await runContainer({
    image,
    command: quick ? "echo 1 > /out/quick.txt" : 'trap "" TERM; touch /out/begun; sleep 600; sleep 600',
    volumes: { [`${dir}/out`]: "/out" },
    outputs: { made: `${dir}/out/quick.txt` },
  });
});
console.log("done");
