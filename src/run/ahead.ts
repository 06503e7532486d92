/**
 * A row of a sweep is looked up while the one before executes: what was found out holds when its turn comes, if the row before was seen to
 * depend on the same, and to have changed none of it. Else the row begins anew, as if nothing had been looked up.
 */
import { driversSoFar } from "../artifacts/mod.ts";
import type { StepIdentity } from "../identity/mod.ts";
import { isCodeAfter } from "./calls.ts";
import { ownDefaults } from "./define_step.ts";
import { configOf } from "./identify.ts";
import { newRunId } from "./ids.ts";
import { programOf } from "./program.ts";
import { runFolder } from "./run_folders.ts";
import type { ResolvedInput, RunServices, StepRequest } from "./request.ts";

/** Is the function all that there is of a step? A definition may have functions of its own that make options, and a program is asked elsewhere. */
export function isSimple(fn: unknown): boolean {
  return ownDefaults(fn) === undefined && programOf(fn) === undefined;
}

/** A look-up that is ahead of its turn. */
export class Ahead {
  readonly #turn: Promise<StepRequest | undefined>;
  readonly #around = surroundings();
  #holds = false;
  #id: string | undefined;
  #folder: string | undefined;

  /** `turn` resolves when it is the row's turn: with the row before, if that one executed and nothing that it depends on is another one by now. */
  constructor(turn: Promise<StepRequest | undefined>) {
    this.#turn = turn;
    turn.catch(() => {}); // a look-up that fails before does not wait for it
  }

  /** Was it the row's turn, and did what was found out before still hold? */
  get holds(): boolean {
    return this.#holds;
  }

  /** Makes the folder of the run that the row will be: on a disk that is being written to that takes as long as all else. */
  makeFolder(services: RunServices, request: StepRequest): void {
    const id = newRunId(request.name);
    const folder = runFolder(services, request, id);
    try {
      Deno.mkdirSync(folder, { recursive: true });
      [this.#id, this.#folder] = [id, folder];
    } catch {
      // Whoever needs a folder is told why there can be none.
    }
  }

  /** The id of the run whose folder was made, for whoever executes it. */
  takeId(): string | undefined {
    this.#folder = undefined;
    return this.#id;
  }

  /** Removes a folder that nobody needs. */
  leave(): void {
    const folder = this.#folder;
    this.#folder = undefined;
    if (folder === undefined) return;
    try {
      Deno.removeSync(folder);
    } catch (error) {
      if (!(error instanceof Error)) throw error; // an empty folder may stay
    }
  }

  /** Waits for the row's turn. Throws where what was found out may not hold any more. */
  async turn(services: RunServices, request: StepRequest, identity: StepIdentity): Promise<void> {
    const before = await this.#turn;
    if (before === undefined || surroundings() !== this.#around || !isAsBefore(before, services, request, identity)) throw new NotAhead();
    this.#holds = true;
    [request.calledAt, request.clockedAt] = [services.now(), performance.now()];
  }
}

/** What was found out too soon may not hold any more. */
class NotAhead extends Error {}

/** What a step depends on that nobody tells: where it stands, and who writes. */
function surroundings(): string {
  return `${driversSoFar()} ${Deno.cwd()}`;
}

/** Was all of this established for the row before, a moment ago? */
function isAsBefore(before: StepRequest, services: RunServices, request: StepRequest, { code, config }: StepIdentity): boolean {
  return isCodeAfter(before, code.hash) && before.captured.size + request.captured.size === 0 &&
    areSame(before.inputs, request.inputs) && areSame(before.dependencies, request.dependencies) &&
    configOf(services, request).hash === config.hash;
}

/** A value in memory is looked at by nobody while it is the step's own copy that counts. */
function areSame(before: readonly ResolvedInput[], now: readonly ResolvedInput[]): boolean {
  return before.length === now.length && now.every(({ key, kind, hash, path, files }, index) => {
    const other = before[index]!;
    return kind !== "value" && other.key === key && other.kind === kind && other.hash === hash && other.path === path &&
      other.files?.join("\n") === files?.join("\n");
  });
}
