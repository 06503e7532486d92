/** What the types give a user, as cases that the compiler decides: `deno check` is the test. Nothing here runs. */
import pl from "polars";
import { z } from "zod";
import {
  type Artifact,
  artifactKeys,
  type Artifacts,
  type Chart,
  chart,
  command,
  container,
  type DataFrame,
  defineStep,
  type Executor,
  file,
  findRun,
  findRuns,
  grid,
  input,
  type Inputs,
  lazy,
  type LazyFrame,
  load,
  loadDf,
  logArtifacts,
  logDataframe,
  mapRuns,
  type Miss,
  pivotFacets,
  ref,
  refs,
  type Relation,
  relation,
  type Run,
  run,
  runContainer,
  runQuery,
  type RunResult,
  type RunSettings,
  type Scalar,
  type Scenario,
  scenario,
  sql,
  type Step,
  Tracker,
  type UnknownRow,
  useTracker,
  type VegaLiteSpec,
  type Verification,
  verifyRun,
  which,
  wouldHit,
  type WouldHitOptions,
} from "consist";
import { assertReproducible, type NotebookReport, testNotebook, withTracker } from "consist/testing";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
/** `is<Wanted>()(value)` compiles where the type of the value is exactly `Wanted`. */
declare function is<Wanted>(): <Found>(
  value: Found,
  ...no: Equal<Wanted, Found> extends true ? [] : [wanted: Wanted, found: Found]
) => void;
declare const path: string;
declare const year: number;
declare const maybe: number | undefined;
declare const keys: string[];
declare const frame: DataFrame;
declare const artifact: Artifact<"table", DataFrame>;
declare const unknownArtifact: Artifact;
declare const counted: RunResult<{ readonly n: number; readonly table: DataFrame }>;
declare const sc: Scenario;
declare const known: Scenario<{ population: DataFrame; skims: Uint8Array }>;

export const inputs = {
  "the extension of a literal path decides what a step receives": () =>
    run({
      fn: (i) => {
        is<DataFrame>()(i.csv);
        is<DataFrame>()(i.parquet);
        is<DataFrame>()(i.upper);
        is<DataFrame>()(i.dotted);
        is<string>()(i.txt);
        is<unknown>()(i.json);
        is<Uint8Array>()(i.bytes);
        is<readonly string[]>()(i.glob);
        is<unknown>()(i.folder);
      },
      inputs: {
        csv: "raw.csv",
        parquet: "data/raw.parquet",
        upper: "RAW.CSV",
        dotted: "../v1.2/raw.2030.csv",
        txt: "note.txt",
        json: "config.json",
        bytes: "model.bin",
        glob: "data/*.csv",
        folder: "data.d/outputs",
      },
    }),
  "a path built from a literal keeps its extension": () =>
    run({ name: "x", fn: ({ raw }) => is<DataFrame>()(raw), inputs: { raw: `data/${year}.csv` } }),
  "what cannot be known is unknown, never any": () =>
    run({
      fn: ({ a, b, c }) => {
        is<unknown>()(a);
        is<unknown>()(b);
        is<unknown>()(c);
      },
      inputs: { a: path, b: new URL("file:///raw.csv"), c: unknownArtifact },
    }),
  "nor is it any where the mapping itself is not known": (unknowns: Inputs) =>
    run({ fn: (i) => is<{ readonly [key: string]: unknown }>()(i), inputs: unknowns }),
  "an annotation is trusted where the type is unknown": () =>
    run({ fn: ({ raw }: { raw: DataFrame }) => raw.height, inputs: { raw: path }, outputs: ["n"] }),
  "and refused where it contradicts what is known": () =>
    // @ts-expect-error raw is a DataFrame
    run({ fn: ({ raw }: { raw: string }) => raw.length, inputs: { raw: "raw.csv" }, outputs: ["n"] }),
  "a misspelt input key is an error at its use": () =>
    // @ts-expect-error rwa
    run({ fn: ({ rwa }) => rwa, inputs: { raw: "raw.csv" }, outputs: ["x"] }),
  "an annotated parameter that no input gives is an error": () =>
    // @ts-expect-error `other` is missing
    run({ fn: ({ raw, other }: { raw: DataFrame; other: number }) => raw.height + other, inputs: { raw: "raw.csv" }, outputs: ["n"] }),
  "inputs that the function does not take only count for identity": () =>
    run({ fn: ({ raw }: { raw: DataFrame }) => raw.height, inputs: { raw: "raw.csv", extra: "config.yaml" }, outputs: ["n"] }),
  "bindings": () => {
    run({ fn: ({ raw }) => is<string>()(raw), inputs: { raw: "raw.csv" }, executionOptions: { inputBinding: "paths" } });
    run({ fn: ({ raw }) => is<DataFrame>()(raw), inputs: { raw: "raw.csv" }, executionOptions: { inputBinding: "loaded" } });
    run({ fn: ({ raw }) => is<DataFrame>()(raw), inputs: { raw: "raw.csv" }, executionOptions: { loadInputs: true } });
    // @ts-expect-error nothing arrives
    run({ fn: ({ raw }) => raw, inputs: { raw: "raw.csv" }, executionOptions: { loadInputs: false } });
    // @ts-expect-error nothing arrives
    run({ fn: ({ raw }) => raw, inputs: { raw: "raw.csv" }, executionOptions: { inputBinding: "none" } });
    // @ts-expect-error one or the other
    run({ fn: () => 1, executionOptions: { inputBinding: "paths", loadInputs: true } });
  },
  "a file that a step reads by itself": async () => {
    is<DataFrame>()(await input("raw.csv"));
    is<string>()(await input("note.txt"));
    is<readonly string[]>()(await input("data/*.csv"));
    is<unknown>()(await input("k.json"));
    is<unknown>()(await input(path));
    is<unknown>()(await input(new URL("file:///raw.csv")));
    // @ts-expect-error a path is wanted
    input(1);
  },
  "larger than memory": () =>
    run({
      fn: (i) => {
        is<LazyFrame>()(i.scan);
        is<Relation<UnknownRow>>()(i.rel);
        is<Relation<{ id: number }>>()(i.typed);
      },
      inputs: { scan: lazy("big.parquet"), rel: relation("big.parquet"), typed: relation<{ id: number }>("big.parquet") },
    }),
  "what says its path is an input": () =>
    run({
      fn: (i) => {
        is<DataFrame>()(i.csv);
        is<string>()(i.txt);
        is<unknown>()(i.entry);
      },
      inputs: { csv: file("raw.csv"), txt: { path: "note.txt" }, entry: { path } },
    }),
  "load takes an artifact or a path": async () => {
    is<DataFrame>()(await load(artifact));
    is<string>()(await load("note.txt"));
    is<unknown>()(await load({ path }));
    is<DataFrame>()(await loadDf(path));
    // @ts-expect-error an artifact or a path
    load(1);
  },
  "a list of keys needs a coupler": () =>
    // @ts-expect-error outside a scenario there is none
    run({ fn: () => 1, inputs: ["population"], outputs: ["n"] }),
};

export const outputs = {
  "one declared output is the returned value, or an object with that key": async () => {
    const one = await run({ fn: () => frame, outputs: ["cleaned"] });
    is<RunResult<{ readonly cleaned: DataFrame }>>()(one);
    is<Artifact<"cleaned", DataFrame>>()(one.outputs.cleaned);
    is<DataFrame>()(await one.load("cleaned"));
    is<DataFrame>()(await load(one.outputs.cleaned));
    is<number>()(await (await run({ fn: async () => await Promise.resolve({ n: 1 }), outputs: ["n"] })).load("n"));
    is<{ mean: number }>()(await (await run({ fn: () => ({ mean: 1 }), outputs: ["summary"] })).load("summary"));
    is<number[]>()(await (await run({ fn: () => [1, 2], outputs: ["list"] })).load("list"));
  },
  "several outputs by key, a file by its extension, a lazy frame as a frame": async () => {
    const many = await run({
      fn: (_, step) => ({
        note: "x",
        report: file(step.outputPath("report", ".md")),
        table: file("t.parquet"),
        plain: file(path),
        scan: frame.lazy(),
      }),
      outputs: ["note", "report", "table", "plain", "scan", "logged"],
    });
    is<string>()(await many.load("note"));
    is<string>()(await many.load("report"));
    is<DataFrame>()(await many.load("table"));
    is<unknown>()(await many.load("plain"));
    is<DataFrame>()(await many.load("scan"));
    is<unknown>()(await many.load("logged")); // not returned: logged by hand
  },
  "a record of outputs": async () => {
    const result = await run({ fn: () => ({ a: 1, b: frame }), outputs: { a: {}, b: { driver: "csv" } } });
    is<number>()(await result.load("a"));
    is<Artifact<"b", DataFrame>>()(result.outputs.b);
    // @ts-expect-error a misspelt option of an output
    run({ fn: () => 1, outputs: { a: { drivr: "csv" } } });
  },
  "a wrong key is an error": async () => {
    const result = await run({ fn: () => frame, outputs: ["cleaned"] });
    // @ts-expect-error cleanned
    void result.outputs.cleanned;
    // @ts-expect-error cleanned
    void result.load("cleanned");
    // @ts-expect-error cleanned
    void run({ fn: () => frame, outputs: ["cleaned"], outputPaths: { cleanned: "x.parquet" } });
  },
  "nothing declared: any key, unknown values": async () => {
    const open = await run({ fn: () => {}, captureDir: "outputs" });
    is<RunResult>()(open);
    is<unknown>()(await open.load("anything"));
  },
  "keys in a variable: any key, the values' common type": async () => {
    const many = await run({ fn: () => ({} as Record<string, DataFrame>), outputs: keys });
    is<DataFrame>()(await many.load("2030_persons"));
  },
  "an output that may be missing may be undefined": async () => {
    const result = await run({ fn: () => 1, outputs: ["n"], outputPolicy: { outputMissing: "warn" } });
    is<Artifact<"n", number> | undefined>()(result.outputs.n);
  },
};

export const options = {
  "a misspelt option is an error, at every depth": () => {
    // @ts-expect-error cacheOption
    run({ fn: () => 1, cacheOption: {} });
    // @ts-expect-error cachMode
    run({ fn: () => 1, cacheOptions: { cachMode: "reuse" } });
    // @ts-expect-error "reusee"
    run({ fn: () => 1, cacheOptions: { cacheMode: "reusee" } });
    // @ts-expect-error outputMising
    run({ fn: () => 1, outputPolicy: { outputMising: "error" } });
    // @ts-expect-error inputBindings
    run({ fn: () => 1, executionOptions: { inputBindings: "paths" } });
    // @ts-expect-error dbpath
    new Tracker({ dbpath: "x.duckdb" });
    // @ts-expect-error fn is missing
    run({ name: "x", outputs: ["n"] });
  },
  "wouldHit takes the options of any step": async () => {
    const { hit, run: served, miss } = await wouldHit({
      fn: ({ raw }: { raw: DataFrame }) => raw,
      inputs: { raw: "raw.csv" },
      outputs: ["x"],
    });
    is<boolean>()(hit);
    is<Run | undefined>()(served);
    is<Miss | undefined>()(miss);
    const kept: WouldHitOptions = { fn: () => 1 };
    wouldHit(kept);
    // @ts-expect-error outptus
    wouldHit({ fn: () => 1, outptus: ["n"] });
    // @ts-expect-error cachMode
    wouldHit({ fn: () => 1, cacheOptions: { cachMode: "reuse" } });
    // @ts-expect-error fn is missing
    wouldHit({ name: "x" });
  },
  "options kept in a constant, and settings passed through": async () => {
    const kept = { fn: ({ raw }: { raw: DataFrame }) => raw, inputs: { raw: "raw.csv" }, config: { t: 1 }, outputs: ["cleaned"] } as const;
    is<RunResult<{ readonly cleaned: DataFrame }>>()(await run({ ...kept, config: { t: 2 } }));
    const step = (settings: RunSettings = {}) => run({ name: "make", fn: () => 1, outputs: ["n"], ...settings });
    is<number>()(await (await step({ cacheOptions: { cacheMode: "overwrite" } })).load("n"));
  },
  "config is typed in the step": () => {
    run({ fn: (_, { config }) => is<{ threshold: number; mode: string }>()(config), config: { threshold: 0.5, mode: "car" } });
    // @ts-expect-error treshold
    run({ fn: (_, { config }) => config.treshold, config: { threshold: 0.5 }, outputs: ["x"] });
    // @ts-expect-error the function wants a number
    run({ fn: (_: unknown, { config }: { config: { t: number } }) => config.t, config: { t: "0.5" }, outputs: ["x"] });
    // @ts-expect-error the function wants a config
    run({ fn: (_: unknown, { config }: { config: { t: number } }) => config.t, outputs: ["x"] });
    // @ts-expect-error betta
    run({ fn: () => 1, config: { alpha: 1, beta: 2 }, facetFrom: ["alpha", "betta"] });
    // @ts-expect-error a function is no plain data
    run({ fn: () => 1, config: { model: { hook: () => 1 } } });
    class Money {
      toJSON(): number {
        return 1;
      }
      total(): number {
        return 2;
      }
    }
    const kinds = {
      at: new Date(0),
      home: new URL("http://a"),
      ids: new Set([1]),
      rates: new Map([["car", { cost: 1 }]]),
      price: new Money(),
    };
    run({ fn: (_, { config }) => is<typeof kinds>()(config), config: kinds });
    // @ts-expect-error the keys of a Map are strings
    run({ fn: () => 1, config: { rates: new Map([[1, "car"]]) } });
    // @ts-expect-error a function inside a Set cannot be hashed
    run({ fn: () => 1, config: { hooks: new Set([() => 1]) } });
    const byAlpha = (_: unknown, { config }: { config: { alpha: number } }) => config.alpha;
    // @ts-expect-error the rows lack the parameter that the step reads
    mapRuns({ rows: [{ alhpa: 1 }], fn: byAlpha, outputs: ["y"] });
    // @ts-expect-error the parameter of the rows is text
    mapRuns({ rows: grid({ alpha: ["1", "2"] }), fn: byAlpha, outputs: ["y"] });
    // @ts-expect-error an option of cacheOptions
    run({ fn: () => 1, cacheMode: "off", outputs: ["y"] });
    // @ts-expect-error no such mode
    run({ fn: () => 1, cacheOptions: { cacheMode: "of" }, outputs: ["y"] });
    // @ts-expect-error outputs are a list
    run({ fn: () => 1, outputs: "y" });
    // @ts-expect-error the config of the definition has no such key
    defineStep({ outputs: ["y"], config: { alpha: 1 } }, (_, { config }) => config.alhpa);
    // @ts-expect-error a DataFrame has no such member
    defineStep({ outputs: ["y"], inputs: { raw: "raw.csv" } }, ({ raw }) => raw.heigth);
  },
  "a config parsed by zod, or typed by an interface": () => {
    const Config = z.object({ threshold: z.number().default(0.5), mode: z.enum(["car", "bus"]).optional() });
    interface Settings {
      alpha: number;
      nested: { list: number[] };
    }
    const settings: Settings = { alpha: 1, nested: { list: [1] } };
    run({
      fn: (_, { config }) => {
        is<number>()(config.threshold);
        is<"car" | "bus" | undefined>()(config.mode);
      },
      config: Config.parse({}),
    });
    run({ fn: (_, { config }) => is<Settings>()(config), config: settings });
  },
  "an option may be given as undefined": () => {
    run({ fn: () => 1, year: maybe, outputs: ["n"] });
    findRuns({ model: "simulate", year: maybe });
  },
  "the step context": () => {
    const helper = async ({ raw }: { raw: DataFrame }, step: Step<{ t: number }>) => {
      is<number | undefined>()(step.year);
      await step.logMeta({ rows: raw.height });
      return step.config.t;
    };
    run({ fn: helper, inputs: { raw: "raw.csv" }, config: { t: 1 }, executionOptions: { runtimeArgs: { debug: true } }, outputs: ["x"] });
    run({
      fn: async (_, step) => {
        is<boolean>()(step.runtime.debug);
        is<DataFrame>()(await step.load("raw"));
        is<`${string}.csv`>()(step.outputPath("copied", ".csv"));
        is<`${string}.csv`>()(step.outputPath("copied", "csv"));
        is<Artifact<"copied", DataFrame>>()(await step.logOutput(step.outputPath("copied", ".csv"), { key: "copied" }));
      },
      inputs: { raw: "raw.csv" },
      executionOptions: { runtimeArgs: { debug: true } },
    });
    run({ fn: (_: unknown, { year }: { year?: number }) => year ?? 0, year, outputs: ["x"] });
  },
};

export const links = {
  "ref carries the value's type": () => {
    is<Artifact<"n", number>>()(ref(counted, "n"));
    run({ fn: (i) => is<{ readonly n: number; readonly t: DataFrame }>()(i), inputs: { n: ref(counted, "n"), t: counted.outputs.table } });
    run({ fn: ({ n }: { n: number }) => n + 1, inputs: { n: ref(counted, "n") }, outputs: ["m"] });
    // @ts-expect-error the output is a number
    run({ fn: ({ n }: { n: string }) => n, inputs: { n: ref(counted, "n") }, outputs: ["m"] });
    // @ts-expect-error m
    ref(counted, "m");
  },
  "a result with one output is an input, with several a choice is needed": async () => {
    const one = await run({ fn: () => frame, outputs: ["cleaned"] });
    run({ fn: ({ table }) => is<DataFrame>()(table), inputs: { table: one } });
    // @ts-expect-error several outputs
    run({ fn: () => 1, inputs: { table: counted } });
  },
  "refs, whole and in part": () => {
    run({ fn: (i) => is<{ readonly n: number; readonly table: DataFrame }>()(i), inputs: refs(counted) });
    run({ fn: ({ n, extra }) => is<number>()(n + extra.height), inputs: { ...refs(counted), extra: "raw.csv" } });
    is<{ readonly table: Artifact<"table", DataFrame> }>()(refs(counted, ["table"]));
    // @ts-expect-error tabel
    refs(counted, ["tabel"]);
  },
  "a typed key registry": () => {
    const Keys = artifactKeys({ RAW: "raw", CLEANED: "cleaned" });
    is<"raw">()(Keys.RAW);
    run({ fn: ({ raw }) => is<DataFrame>()(raw), inputs: { [Keys.RAW]: "raw.csv" } });
    // @ts-expect-error claened
    Keys.validate(["raw", "claened"]);
  },
};

export const scenarios = {
  "the body's value comes back": async () => {
    is<number>()(await scenario("a", async (s) => (await s.run({ fn: () => 41, outputs: ["n"] })).load("n")));
    is<string>()(await scenario("a", { enabled: false }, () => "x"));
    is<Scenario>()(await scenario("a", { model: "demand" }));
    is<number>()(await useTracker(new Tracker(), () => 1));
  },
  "a tracker's access mode is one of three words": () => {
    is<"standard" | "analysis" | "read_only">()(new Tracker({ accessMode: "read_only" }).accessMode);
    // @ts-expect-error there is no such mode
    new Tracker({ accessMode: "readonly" });
  },
  "a list of keys: the annotation says what they are, else they are unknown": async () => {
    is<number>()(await (await sc.run({ fn: ({ n }: { n: number }) => n + 1, inputs: ["n"], outputs: ["m"] })).load("m"));
    sc.run({ fn: ({ n }) => is<unknown>()(n), inputs: ["n"] });
    sc.run({ fn: ({ n }) => is<string>()(n), inputs: ["n"], executionOptions: { inputBinding: "paths" } });
    // @ts-expect-error m is not among the inputs
    sc.run({ fn: ({ m }: { m: number }) => m, inputs: ["n"], outputs: ["x"] });
    // @ts-expect-error m is not among the inputs
    sc.run({ fn: ({ m }) => m, inputs: ["n"], outputs: ["x"] });
  },
  "a scenario that knows its keys": async () => {
    known.run({ fn: ({ population }) => is<DataFrame>()(population), inputs: ["population"] });
    known.run({ fn: ({ people }) => is<DataFrame>()(people), inputs: { people: "population" } });
    is<Artifact<"skims", Uint8Array>>()(known.coupler.require("skims"));
    is<number>()(
      await scenario("typed", async (s: Scenario<{ population: DataFrame }>) => (await loadDf(s.coupler.require("population"))).height),
    );
    is<Scenario<{ population: DataFrame }>>()(await scenario<{ population: DataFrame }>("typed"));
    await scenario<{ population: DataFrame }>(
      "typed",
      (s) => void is<Artifact<"population", DataFrame>>()(s.coupler.require("population")),
    );
    // @ts-expect-error populaton
    known.run({ fn: () => 1, inputs: ["populaton"], outputs: ["skims"] });
    // @ts-expect-error skimms
    known.run({ fn: () => 1, outputs: ["skimms"] });
    // @ts-expect-error populaton
    known.coupler.require("populaton");
    // @ts-expect-error a frame is wanted
    known.coupler.set("population", counted.outputs.n);
  },
  "views of the coupler, collected and required keys": () => {
    is<Artifact<"beam/plans", unknown>>()(sc.coupler.require("beam/plans"));
    is<Artifact<"plans", unknown>>()(sc.coupler.view("beam").require("plans"));
    const scoped = (known as unknown as Scenario<{ "beam/plans": DataFrame }>).coupler.view("beam");
    is<Artifact<"plans", DataFrame>>()(scoped.require("plans"));
    sc.collectByKeys(counted.outputs, ["n", "table"], { prefix: "2030_" });
    // @ts-expect-error tabel
    sc.collectByKeys(counted.outputs, ["n", "tabel"]);
    sc.requireOutputs(["a", "b"], { warnUndefined: true });
    // @ts-expect-error warnUndefind
    sc.requireOutputs(["a"], { warnUndefind: true });
    // @ts-expect-error populaton
    known.requireOutputs(["population", "populaton"]);
  },
  "trace: declared outputs by key, the body's value, no inputs argument": async () => {
    const traced = await sc.trace({ name: "log", outputs: ["people"], config: { t: 1 }, inputs: { raw: "raw.csv" } }, async (step) => {
      is<{ t: number }>()(step.config);
      is<DataFrame>()(await step.load("raw"));
      return (await logDataframe(frame, { key: "people" })).key;
    });
    is<"people">()(traced.value);
    is<Artifact<"people", unknown>>()(traced.outputs.people);
    // @ts-expect-error the option is `inputs`
    sc.trace({ name: "log", input: ["raw"] }, () => {});
  },
  "mapRuns: the row is the config, unless configFrom makes one": async () => {
    const rows = [{ alpha: 0.1, mode: "car" }, { alpha: 0.9, mode: "bus" }];
    const sweep = await sc.mapRuns({
      rows,
      fn: (_, { config }) => {
        is<{ alpha: number; mode: string }>()(config);
        return config.alpha;
      },
      outputs: ["loss"],
      facetFrom: ["alpha"],
    });
    for (const { row, result } of sweep.successes) {
      is<{ alpha: number; mode: string }>()(row);
      is<number>()(await result.load("loss"));
    }
    for (const { row } of (await sweep.retry()).failures) is<{ alpha: number; mode: string }>()(row);
    sc.mapRuns({ rows, configFrom: (row) => ({ a: row.alpha }), fn: (_, { config }) => is<{ a: number }>()(config) });
    sc.mapRuns({ rows, fn: ({ persons }: { persons: DataFrame }) => persons.height, inputs: ["persons"], outputs: ["n"] });
    // @ts-expect-error alhpa
    sc.mapRuns({ rows, fn: (_, { config }) => config.alhpa, outputs: ["n"] });
    // @ts-expect-error alhpa
    sc.mapRuns({ rows, fn: () => 1, facetFrom: ["alhpa"] });
  },
  "mapRuns: inputs, bindings and policies as in run": async () => {
    const rows = grid({ alpha: [1, 2], mode: ["car", "bus"] });
    is<{ readonly alpha: 1 | 2; readonly mode: "car" | "bus" }[]>()(rows);
    const sweep = await mapRuns({
      rows,
      inputs: { raw: "raw.csv" },
      fn: ({ raw }, { config, runtime }) => {
        is<DataFrame>()(raw);
        is<boolean>()(runtime.debug);
        return { n: raw.height * config.alpha };
      },
      outputs: ["n"],
      outputPolicy: { outputMissing: "warn" },
      executionOptions: { runtimeArgs: { debug: true } },
    });
    is<Artifact<"n", number> | undefined>()(sweep.successes[0]!.result.outputs.n);
    mapRuns({ rows, fn: ({ raw }) => is<string>()(raw), inputs: { raw: "raw.csv" }, executionOptions: { inputBinding: "paths" } });
    new Tracker().mapRuns({ rows, fn: (_, { config }) => is<"car" | "bus">()(config.mode), cacheOptions: { cacheMode: "overwrite" } });
    // @ts-expect-error a list of keys needs a coupler
    mapRuns({ rows, fn: () => 1, inputs: ["persons"] });
    // @ts-expect-error cachMode
    mapRuns({ rows, fn: () => 1, cacheOptions: { cachMode: "reuse" } });
    // @ts-expect-error every row would write there
    mapRuns({ rows, fn: () => 1, outputDir: "out" });
    const executor: Executor = { name: "own", execute: (task) => task.here(), close: () => Promise.resolve() };
    mapRuns({ rows, fn: () => 1, executor });
    run({ fn: () => 1, outputs: ["n"], executionOptions: { executor: "worker" } });
    // @ts-expect-error "workers"
    mapRuns({ rows, fn: () => 1, executor: "workers" });
    // @ts-expect-error execute is missing
    run({ fn: () => 1, outputs: ["n"], executionOptions: { executor: { name: "own", close: () => Promise.resolve() } } });
    // @ts-expect-error rows are objects
    mapRuns({ rows: [1, 2], fn: () => 1 });
  },
};

export const definedSteps = {
  "outputs and config come from the definition, the call site wins": async () => {
    const forecast = defineStep(
      { outputs: ["persons"], config: (call) => ({ horizon: (call.year ?? 2020) - 2020 }) },
      (_: unknown, { config }: { config: { horizon: number } }) => ({ persons: 100 + config.horizon }),
    );
    is<{ persons: number }>()(forecast({}, { config: { horizon: 5 } })); // still a plain function
    is<RunResult<{ readonly persons: number }>>()(await run({ fn: forecast, year: 2030 }));
    is<number>()(await (await run({ fn: forecast, config: { horizon: 9 } })).load("persons"));
    is<RunResult<{ readonly p: { persons: number } }>>()(await run({ fn: forecast, outputs: ["p"] }));
    // @ts-expect-error horizonn
    run({ fn: forecast, config: { horizonn: 9 } });
    run({ fn: forecast, facetFrom: ["horizon"] });
    // @ts-expect-error horizonn
    run({ fn: forecast, facetFrom: ["horizonn"] });
  },
  "the definition types an unannotated function": async () => {
    const clean = defineStep(
      { inputs: { raw: "raw.csv" }, config: { threshold: 0.5 }, outputs: ["cleaned"] },
      ({ raw }, { config }) => {
        is<number>()(config.threshold);
        return raw.filter(pl.col("value").gt(config.threshold));
      },
    );
    is<RunResult<{ readonly cleaned: DataFrame }>>()(await run({ fn: clean }));
    is<RunResult<{ readonly cleaned: DataFrame }>>()(await run({ fn: clean, inputs: { raw: "other.csv" } }));
    // @ts-expect-error raw is a DataFrame
    run({ fn: clean, inputs: { raw: "note.txt" } });
  },
  "bindings, run-time values and keys of a coupler come from the definition": async () => {
    const next = defineStep({ inputs: ["n"], outputs: ["m"] }, ({ n }: { n: number }) => n + 1);
    is<number>()(await sc.run({ fn: next }).load("m"));
    const named = defineStep(
      { inputs: { raw: "raw.csv" }, executionOptions: { inputBinding: "paths" }, outputs: ["t"] },
      ({ raw }) => raw.toUpperCase(),
    );
    is<string>()(await run({ fn: named }).load("t"));
    const told = defineStep(
      { executionOptions: { runtimeArgs: { debug: true } }, outputs: ["t"] },
      (_, { runtime }) => is<boolean>()(runtime.debug),
    );
    run({ fn: told });
    run({ fn: told, executionOptions: { runtimeArgs: { debug: false } } });
    // @ts-expect-error debug is missing
    run({ fn: told, executionOptions: { runtimeArgs: { verbose: false } } });
    const model = defineStep({ outputs: ["y"] }, (_: unknown, { config }: { config: { alpha: number } }) => config.alpha);
    const sweep = await sc.mapRuns({ rows: [{ alpha: 1 }], fn: model });
    is<number>()(await sweep.successes[0]!.result.load("y"));
  },
  "a definition that contradicts its function is an error": () => {
    // @ts-expect-error the function wants a number
    defineStep({ config: { horizon: "far" } }, (_: unknown, { config }: { config: { horizon: number } }) => config.horizon);
    // @ts-expect-error nameTemplat
    defineStep({ nameTemplat: "x" }, () => 1);
  },
  "a definition without inputs leaves them to the call": async () => {
    const count = defineStep({ outputs: ["n"] }, ({ table }: { table: DataFrame }) => table.height);
    is<number>()(await (await run({ fn: count, inputs: { table: artifact } })).load("n"));
    is<number>()(await (await sc.run({ fn: count, inputs: ["table"] })).load("n"));
    // @ts-expect-error table is missing
    run({ fn: count });
  },
  "any default may be computed from the call": async () => {
    const forecast = defineStep(
      {
        inputs: (call) => ({ raw: `raw.${call.year}.csv` }),
        outputs: () => ["persons"],
        nameTemplate: (call) => `${call.fnName}-${call.scenario}`,
        tags: (call) => [String(call.phase)],
        dependsOn: () => ["a.txt"],
        cacheOptions: () => ({ cacheMode: "reuse" }),
        outputPolicy: () => ({ outputMissing: "warn" }),
      },
      ({ raw }: { raw: DataFrame }) => raw.height,
    );
    is<RunResult<{ readonly persons?: number }>>()(await run({ fn: forecast, year: 2030 })); // it may be missing
    is<RunResult<{ readonly persons?: number }>>()(await run({ fn: forecast, outputPolicy: { outputMissing: "ignore" } }));
    // @ts-expect-error yaer
    defineStep({ tags: (call) => [String(call.yaer)] }, () => 1);
    // @ts-expect-error a list of strings
    defineStep({ tags: () => 1 }, () => 1);
  },
};

export const parsedConfigs = {
  "a schema types the config of the step, and what may be given": async () => {
    const Config = z.object({
      threshold: z.number().default(0.5),
      mode: z.enum(["car", "bus"]).optional(),
      at: z.coerce.number().default(1),
    });
    const made = await run({
      fn: (_, { config }) => {
        is<number>()(config.threshold);
        is<"car" | "bus" | undefined>()(config.mode);
        is<number>()(config.at);
        return config.threshold;
      },
      configSchema: Config,
      config: { mode: "car", at: "7" },
      outputs: ["t"],
    });
    is<number>()(await made.load("t"));
    run({ fn: (_, { config }) => is<number>()(config.threshold), configSchema: Config });
    run({ name: "x", fn: () => 1, configSchema: Config, facetFrom: ["threshold"] });
    // @ts-expect-error treshold
    run({ name: "x", fn: () => 1, configSchema: Config, facetFrom: ["treshold"] });
    run({ name: "x", fn: (_: unknown, { config }: { config: { threshold: number } }) => config.threshold, configSchema: Config });
    sc.run({ fn: (_, { config }) => is<number>()(config.threshold), configSchema: Config, config: {} });
    sc.trace({ name: "log", configSchema: Config }, (step) => is<number>()(step.config.threshold));
    // @ts-expect-error the mode is a word
    run({ fn: () => 1, configSchema: Config, config: { mode: "train" } });
    // @ts-expect-error treshold
    run({ fn: (_, { config }) => config.treshold, configSchema: Config, outputs: ["x"] });
    // @ts-expect-error no schema
    run({ fn: () => 1, configSchema: { threshold: 1 } });
  },
  "a definition with a schema": async () => {
    const Config = z.object({ threshold: z.number().default(0.5), mode: z.enum(["car", "bus"]) });
    const step = defineStep({ configSchema: Config, outputs: ["t"] }, (_, { config }) => {
      is<{ threshold: number; mode: "car" | "bus" }>()(config);
      return config.threshold;
    });
    is<RunResult<{ readonly t: number }>>()(await run({ fn: step, config: { mode: "car" } }));
    // @ts-expect-error the mode is a word
    run({ fn: step, config: { mode: "train" } });
    const withDefault = defineStep({ configSchema: Config, config: { mode: "bus" }, outputs: ["t"] }, (_, { config }) => config.threshold);
    is<number>()(await run({ fn: withDefault }).load());
    // @ts-expect-error the function wants a text
    defineStep({ configSchema: Config }, (_: unknown, { config }: { config: { threshold: string } }) => config.threshold);
  },
};

export const reading = {
  "runs": async () => {
    is<Run>()(await findRun({ model: "simulate", year: 2030 }));
    is<Run[]>()(await findRuns({ model: "simulate" }));
    is<Map<number, Run>>()(await findRuns({ model: "simulate", indexBy: "year" }));
    is<Map<string, Run>>()(await findRuns({ indexBy: "stage" }));
    // @ts-expect-error parentID
    findRuns({ parentID: "baseline" });
    // @ts-expect-error "yaer"
    findRuns({ indexBy: "yaer" });
    is<Artifacts>()((await new Tracker().getArtifactsForRun("id")).outputs);
  },
  "pivoted facets: a column per key, by its value column, under its label": async () => {
    const plain = pivotFacets({ namespace: "simulate", keys: ["alpha", "mode"] });
    is<{ run_id: string; alpha: Scalar; mode: Scalar }[]>()(await plain.rows());
    plain.plot({ x: "alpha", y: "mode", color: "run_id" });
    // @ts-expect-error aplha
    plain.plot({ x: "aplha", y: "mode" });
    chart(plain, { mark: "bar", encoding: { x: { field: "alpha" } } } satisfies VegaLiteSpec);
    // @ts-expect-error no such mark
    const bra = { mark: "bra", encoding: {} } satisfies VegaLiteSpec;
    chart(plain, bra); // drawing it says so too
    const figure = await run({ name: "draw", fn: () => chart(plain, { mark: "bar" }), outputs: ["figure"] });
    is<Chart>()(await figure.load());
    const makers: Run[] = await which("figure.png");
    is<Run | undefined>()(makers[0]);
    const labelled = pivotFacets({
      keys: ["alpha", "mode"],
      valueColumns: { alpha: "value_num", mode: "value_str" },
      labelPrefix: "p_",
      labelMap: { mode: "travel_mode" },
      runIdLabel: "id",
    });
    is<{ id: string; p_alpha: number | null; travel_mode: string | null }[]>()(await labelled.rows());
    // @ts-expect-error beta is not a key
    pivotFacets({ keys: ["alpha"], valueColumns: { beta: "value_num" } });
    // @ts-expect-error "value_nmu"
    pivotFacets({ keys: ["alpha"], valueColumns: { alpha: "value_nmu" } });
  },
  "views: the columns of the schema, nullable, and where each row comes from": async () => {
    const Person = z.object({ person_id: z.int(), age: z.int(), nick: z.string().nullable() });
    const tracker = new Tracker({ schemas: { Person } });
    const [row] = await tracker.views.Person.rows();
    is<number | null>()(row!.age);
    is<string | null>()(row!.nick);
    is<number | null>()(row!.consist_year);
    is<string>()(row!.consist_run_id);
    // @ts-expect-error agee
    void row!.agee;
    // @ts-expect-error Persons
    void tracker.views.Persons;
    is<number>()(await useTracker(tracker, () => tracker.views.Person.count()));
  },
  "queries: rows have the type the caller gives them": async () => {
    is<UnknownRow[]>()(await runQuery(sql`select 1`));
    is<{ mode: string; n: number }[]>()(
      await runQuery(sql<{ mode: string; n: number }>`select mode, n from ${pivotFacets({ keys: ["mode"] })} where alpha > ${0.5}`),
    );
    is<{ n: number }[]>()(await runQuery<{ n: number }>("select count(*)::int as n from run where model_name = $1", ["simulate"]));
    is<UnknownRow[]>()(await runQuery({ sql: "select 1", parameters: [] }));
    // @ts-expect-error a function cannot be interpolated
    sql`select ${() => 1}`;
    // @ts-expect-error nor can a mapping
    sql`select ${{ a: 1 }}`;
  },
  "files logged together": async () => {
    const logged = await logArtifacts({ persons: "p.csv", note: "n.txt" }, { metadataByKey: { note: { role: "x" } } });
    is<Artifact<"persons", DataFrame>>()(logged.persons);
    is<string>()(await load(logged.note));
    // @ts-expect-error notes
    logArtifacts({ persons: "p.csv", note: "n.txt" }, { metadataByKey: { notes: {} } });
  },
};
export const testing = {
  "a step is executed again": async () => {
    const verified = await verifyRun(counted);
    is<Verification>()(verified);
    is<"equal" | "different" | "not_repeatable">()(verified.verdict);
    is<Run | undefined>()(verified.repeated);
    is<string | undefined>()(verified.reason);
    verifyRun("id");
    verifyRun(verified.original, { fn: () => 1, outputs: ["n"] });
    // @ts-expect-error a run, its id or its result
    verifyRun(1);
    // @ts-expect-error outptus
    verifyRun("id", { fn: () => 1, outptus: ["n"] });
    is<void>()(await assertReproducible({ fn: () => 1, outputs: ["n"] }));
    // @ts-expect-error fn is missing
    assertReproducible({ outputs: ["n"] });
  },
  "a notebook, and a temporary tracker": async () => {
    is<NotebookReport>()(await testNotebook("quickstart.ipynb", { secondRunHits: true }));
    is<number>()(await withTracker(async (tracker) => (await tracker.findRuns({})).length));
    // @ts-expect-error secondRunHit
    testNotebook("quickstart.ipynb", { secondRunHit: true });
  },
};
export const programs = {
  "a program gets paths": async () => {
    const paths = { inputBinding: "paths" } as const;
    const fn = command({ argv: ({ raw }, step) => ["sort", "-o", step.outputPath("sorted", ".txt"), raw ?? ""], env: { LANG: "C" } });
    const sorted = await run({ name: "sort", fn, inputs: { raw: "raw.csv" }, outputs: ["sorted"], executionOptions: paths });
    is<Artifact<"sorted", unknown>["key"]>()(sorted.outputs.sorted.key);
    // @ts-expect-error a program cannot take a DataFrame
    run({ name: "sort", fn, inputs: { raw: "raw.csv" }, outputs: ["sorted"] });
    // @ts-expect-error argv is missing
    command({ env: {} });
    // @ts-expect-error a number
    command({ argv: ["head", "-n", 5] });
    // @ts-expect-error environment
    command({ argv: ["head"], environment: {} });
  },
  "a container's outputs": async () => {
    const result = await runContainer({
      image: "model:v2",
      command: ["run"],
      outputs: { flows: "out/flows.parquet", note: "out/note.txt" },
    });
    is<Artifact<"flows", DataFrame>>()(result.outputs.flows);
    is<string>()(await result.load("note"));
    runContainer({
      image: "m",
      command: "run",
      outputs: {},
      inputs: ["a.csv", artifact],
      volumes: { data: "/data" },
      backend: "docker",
      year,
    });
    runContainer({ image: "m", command: (inputs, step) => [inputs.raw ?? "", step.runDir], outputs: {}, inputs: { raw: "a.csv" } });
    // @ts-expect-error flow
    result.outputs.flow;
    // @ts-expect-error image is missing
    runContainer({ command: ["run"], outputs: {} });
    // @ts-expect-error no such engine
    container({ image: "m", command: [], backend: "lxc" });
    // @ts-expect-error outputs belong to run
    container({ image: "m", command: [], outputs: {} });
  },
};
