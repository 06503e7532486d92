/** Second stage: what the step is, as far as its result depends on it. */
import { driversByType } from "../artifacts/mod.ts";
import {
  type AnyFunction,
  callIdentity,
  type CallSpec,
  type CodeIdentity,
  codeIdentity,
  type CodeIdentityOptions,
  type ConfigCode,
  configCode,
  type ConfigIdentity,
  configKinds,
  hashConfig,
  inputIdentity,
  type InputPart,
  type PlainObject,
  refuseReservedKeys,
  type StepIdentity,
  stepIdentity,
} from "../identity/mod.ts";
import { ledgerFiles } from "../ledger/mod.ts";
import { inKernel } from "../notebook/mod.ts";
import { engineVersion } from "../relations/mod.ts";
import { profileOf, schemaId } from "../schemas/mod.ts";
import { collectCaptured } from "./coupler_handle.ts";
import { versioned } from "./driver_versions.ts";
import { type ProgramIdentity, programIdentity, programOf, withProgram } from "./program.ts";
import type { ResolvedInput, RunServices, StepRequest } from "./request.ts";

/** The identity of a request: code, call, config and inputs. */
export async function identify(services: RunServices, request: StepRequest): Promise<StepIdentity> {
  const config = configOf(services, request);
  const program = programIdentity(services, request);
  const inConfig = configCode(request.config, { ...codeOptions(services, request), extraDeps: [] });
  const [code, call, parts] = await Promise.all([
    codeOf(services, request, () => services.ledger.underWay()).then(async (code) =>
      withOpaque(withProgram(code, await program), (await inConfig).opaque)
    ),
    callOf(request, program, inConfig),
    Promise.all(request.inputs.map(inputPart)),
  ]);
  return stepIdentity({ code, call, config, inputs: inputIdentity(parts) }, request.cache.untracked ?? "execute");
}

/**
 * What the step's function depends on, at this moment. The couplers that it captured are noted on the way. `meanwhile` is awaited where the
 * thread is kept busy for long.
 */
export function codeOf(
  services: RunServices,
  request: StepRequest,
  meanwhile?: CodeIdentityOptions["meanwhile"],
): Promise<CodeIdentity> {
  const options = { ...codeOptions(services, request), meanwhile };
  return collectCaptured(request.captured, () => codeIdentity(ownFunction(request.body, options), options));
}

/** Of a program the user's own function, where only that counts; "dependencies" follows what is around it as well. */
function ownFunction(body: StepRequest["body"], { mode }: CodeIdentityOptions): AnyFunction {
  return mode === "dependencies" ? body : programOf(body)?.chooser ?? body;
}

function withOpaque(code: CodeIdentity, opaque: CodeIdentity["opaque"]): CodeIdentity {
  return opaque.length === 0 ? code : { ...code, opaque: [...code.opaque, ...opaque] };
}

/** How the code of a request is identified. */
export function codeOptions(services: RunServices, { cache }: Pick<StepRequest, "cache">): CodeIdentityOptions {
  return {
    mode: cache.codeIdentity ?? "dependencies",
    extraDeps: cache.codeIdentityExtraDeps,
    baseDir: Deno.cwd(),
    exclude: [...ledgerFiles(services.ledger.path), services.runDir],
    mayGlance: !inKernel(), // where cells come and go nothing may be read behind their backs
  };
}

/** The config's part of the identity, with the run fields and what the step depends on. */
export function configOf(services: RunServices, { model, settings, cache, config, dependencies }: StepRequest): ConfigIdentity {
  if (typeof config === "object" && config !== null) refuseReservedKeys(config as PlainObject);
  const fields = {
    model,
    year: settings.year,
    iteration: settings.iteration,
    cacheEpoch: cache.cacheEpoch ?? services.cacheEpoch,
    cacheVersion: cache.cacheVersion,
  };
  const digests = dependencies.map((dependency) => [dependency.key.slice("dependsOn.".length), dependency.hash]);
  return hashConfig(config ?? {}, fields, Object.fromEntries(digests));
}

/** Everything about the call that decides the result besides code, config and inputs. */
async function callOf(
  request: StepRequest,
  program: Promise<ProgramIdentity | undefined>,
  inConfig: Promise<ConfigCode>,
): Promise<ReturnType<typeof callIdentity>> {
  const outputs = await Promise.all(request.outputs.map(async (output) => {
    return {
      key: output.key,
      driver: output.driver === undefined ? await writersByType() : await versioned(output.driver),
      schema: output.schema === undefined ? output.schemaId : schemaId(profileOf(output.schema)),
    };
  }));
  const kinds = configKinds(request.config);
  const spec: CallSpec = {
    outputs,
    bindings: Object.fromEntries(request.inputs.map((input) => [input.key, input.binding])),
    ...captureOf(request),
    also: {
      form: request.mode,
      ...(await program)?.parts,
      ...(await inConfig).parts,
      ...(kinds.length === 0 ? {} : { "config kinds": kinds }),
    },
  };
  return callIdentity(spec);
}

function captureOf({ settings }: StepRequest): Pick<CallSpec, "capture"> {
  if (settings.captureDir === undefined) return {};
  return { capture: { folder: settings.captureDir, pattern: settings.capturePattern ?? "*" } };
}

async function inputPart(input: ResolvedInput): Promise<InputPart> {
  const binding = input.files !== undefined ? "folder" : input.binding === "loaded" ? "data" : input.binding;
  return { key: input.key, binding, driver: await readerOf(input), hash: input.hash, label: input.label };
}

/** What reads an input, with versions: the driver where it arrives as data, the engine behind a relation; a path is read by nobody. */
async function readerOf({ kind, binding, driver, files }: ResolvedInput): Promise<string> {
  if (kind === "value") return driver;
  if (binding === "relation") return `${driver} by ${engineVersion()}`;
  const isRead = binding === "lazy" || (binding === "loaded" && files === undefined);
  return isRead && driver !== "files" ? await versioned(driver) : driver;
}

/** What may write a value where no driver is named; a driver that somebody added is looked at once a value chose it. */
export async function writersByType(): Promise<string> {
  const writers = await Promise.all(driversByType().map(({ name }) => versioned(name)));
  return `by type, ${[...writers, engineVersion()].join(", ")}`;
}
