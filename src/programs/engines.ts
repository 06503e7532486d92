/** The command lines of container engines: plain data in, words out. */

/** A container engine. */
export type EngineName = "podman" | "docker" | "apptainer";

/** The engines, in the order in which they are looked for. */
export const ENGINES: readonly EngineName[] = ["podman", "docker", "apptainer"];

/** A file or folder of this machine in the container. */
export interface Mount {
  /** Absolute path on this machine. */
  readonly source: string;
  /** Absolute path in the container. */
  readonly target: string;
  /** May the container write to it? */
  readonly writable: boolean;
}

/** A container to run. */
export interface ContainerCall {
  /** The image's name, id or file. */
  readonly image: string;
  /** A list for the image's entry point, or a text for its shell. */
  readonly command: string | readonly string[];
  /** What it sees of this machine. */
  readonly mounts: readonly Mount[];
  /** Its variables. */
  readonly environment: { readonly [name: string]: string };
  /** The folder that it runs in. */
  readonly workingDir?: string | undefined;
  /** What the engine calls it while it runs. */
  readonly name: string;
  /** By what a container that was left behind is found. */
  readonly labels: { readonly [name: string]: string };
}

/** A command line with variables for the engine itself. */
export interface EngineLine {
  /** The words after the engine's own name. */
  readonly args: string[];
  /** Variables for the engine. */
  readonly env: Record<string, string>;
}

/** Variables that the engine itself goes by: they are told on the command line, the others only by their names, so that no list of processes shows them. */
const ENGINES_OWN =
  /^(?:PATH|HOME|USER|PWD|SHELL|TMPDIR|TERM|LANG|TZ|LC_.*|LD_.*|XDG_.*|DOCKER_.*|CONTAINER.*|BUILDAH_.*|PODMAN.*|REGISTRY.*|STORAGE_.*|GO.*|DBUS_.*|.*_proxy)$/i;

/** Runs a container to its end, and removes it. */
export function runLine(engine: EngineName, call: ContainerCall): EngineLine {
  return engine === "apptainer" ? apptainerLine(call) : dockerLine(call);
}

/** Podman and docker take the same words. */
function dockerLine(call: ContainerCall): EngineLine {
  const { command, image, name, workingDir } = call;
  const variables = Object.entries(call.environment);
  const isShell = typeof command === "string";
  const args = [
    "run",
    "--rm",
    ...["--name", name],
    "--pull=never",
    ...Object.entries(call.labels).flatMap(([label, value]) => ["--label", `${label}=${value}`]),
    ...call.mounts.flatMap((mount) => ["--mount", mountText(mount, "target", "readonly")]),
    ...variables.flatMap(([variable, value]) => ["--env", ENGINES_OWN.test(variable) ? `${variable}=${value}` : variable]),
    ...(workingDir === undefined ? [] : ["--workdir", workingDir]),
    ...(isShell ? ["--entrypoint", "/bin/sh"] : []),
    image,
    ...(isShell ? ["-c", command] : command),
  ];
  return { args, env: Object.fromEntries(variables.filter(([variable]) => !ENGINES_OWN.test(variable))) };
}

/** Nothing of this machine but the mounts; variables reach the container by their prefix. */
function apptainerLine({ command, image, workingDir, mounts, environment }: ContainerCall): EngineLine {
  const isShell = typeof command === "string";
  const args = [
    isShell ? "exec" : "run",
    "--containall",
    "--cleanenv",
    ...mounts.flatMap((mount) => ["--mount", mountText(mount, "destination", "ro")]),
    ...(workingDir === undefined ? [] : ["--pwd", workingDir]),
    apptainerImage(image),
    ...(isShell ? ["/bin/sh", "-c", command] : command),
  ];
  return { args, env: Object.fromEntries(Object.entries(environment).map(([name, value]) => [`APPTAINERENV_${name}`, value])) };
}

/** A name without a scheme is one of a registry, unless it is a path. */
function apptainerImage(image: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//.test(image) || isImageFile(image) ? image : `docker://${image}`;
}

/** Is this the path of an image, and no name in a registry? */
export const isImageFile = (image: string): boolean => /^\.{0,2}[/\\]|^[A-Za-z]:[/\\]|\.(?:sif|img|sqsh)$/.test(image);

/** Comma-separated fields, quoted where a path has a comma or a quote. */
function mountText({ source, target, writable }: Mount, word: "target" | "destination", readOnly: string): string {
  const fields = ["type=bind", `source=${source}`, `${word}=${target}`, ...(writable ? [] : [readOnly])];
  return fields.map((field) => /[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field).join(",");
}

/** Tells the id of an image that is on this machine. */
export function inspectLine(image: string): string[] {
  return ["image", "inspect", "--format", "{{.Id}} {{json .RepoDigests}}", image];
}

/** Fetches an image anew. */
export function pullLine(image: string): string[] {
  return ["pull", image];
}

/** Ends and removes a container, and says nothing where there is none. */
export function removeLine(engine: EngineName, names: readonly string[]): string[] | undefined {
  if (engine === "apptainer") return undefined; // its containers are processes of ours
  return engine === "podman" ? ["rm", "--force", "--time", "0", "--ignore", ...names] : ["rm", "--force", ...names];
}

/** Lists the containers with a label, one id a line. */
export function listLine(label: string): string[] {
  return ["ps", "--all", "--quiet", "--no-trunc", "--filter", `label=${label}`];
}

/** Tells the value of a label, one line for each container. */
export function labelLine(label: string, ids: readonly string[]): string[] {
  return ["container", "inspect", "--format", `{{.Id}} {{index .Config.Labels "${label}"}}`, ...ids];
}
