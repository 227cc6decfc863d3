import type { Checkpoint } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { MadeTensor } from '../contract/recipe.ts';
import { quoteName } from '../checkpoint/quoteName.ts';
import type { MemoryBudget } from '../kernels/MemoryBudget.ts';
import { makeTensor } from './makeTensor.ts';
import { modelFingerprint } from './modelFingerprint.ts';
import { readMade, type Measured } from './madeTensorFile.ts';
import type { RecipeKernels } from './RecipeKernels.ts';
import { originOf, type Pin, type RecipeOrigin, type TensorPlan } from './TensorPlan.ts';

export interface MakeOptions {
  /** Workspace of all matrices that are made side by side. */
  readonly budget: MemoryBudget;
  readonly signal?: AbortSignal | undefined;
  /** Called when a tensor of the recipe itself is there, made now or before. */
  readonly onTensor?: ((made: MadeTensor, progress: { done: number; total: number }) => void) | undefined;
}

async function checkPins(pins: readonly Pin[], kernels: RecipeKernels, signal?: AbortSignal): Promise<void> {
  for (const { input, path, fingerprint, tensors } of pins) {
    const now = await modelFingerprint({ tensors: [...tensors] }, kernels, { signal });
    if (now === fingerprint) continue;
    const what = `input ${quoteName(input)} has the content ${now}, it was pinned to ${fingerprint}`;
    throw new PolarimeterError('recipe-input-changed', what, path);
  }
}

/** Every plan once, those that go into others first. */
function inOrder(plans: readonly TensorPlan[]): TensorPlan[] {
  const ordered = new Map<string, TensorPlan>();
  const visit = (plan: TensorPlan): void => {
    if (ordered.has(plan.path)) return;
    plan.before.forEach(visit);
    ordered.set(plan.path, plan);
  };
  plans.forEach(visit);
  return [...ordered.values()];
}

type Finished = (path: string, measured: Measured) => void;

/** Makes what is missing, so many side by side; each waits for what goes into it. The first error stops the others. */
async function makeMissing(
  plans: readonly TensorPlan[],
  kernels: RecipeKernels,
  { budget, signal: asked }: MakeOptions,
  onFinished: Finished,
): Promise<void> {
  const abort = new AbortController();
  const signal = asked ? AbortSignal.any([abort.signal, asked]) : abort.signal;
  const ends = new Map<string, Promise<void>>();
  const waiting = [...plans];
  let failure: { readonly error: unknown } | null = null;
  const make = async (plan: TensorPlan): Promise<void> => {
    await Promise.all(plan.before.flatMap(({ path }) => ends.get(path) ?? []));
    onFinished(plan.path, readMade(plan) ?? (await makeTensor(plan, kernels, { budget, signal })));
  };
  const worker = async (): Promise<void> => {
    for (let plan = waiting.shift(); plan && !signal.aborted; plan = waiting.shift()) {
      const end = make(plan);
      ends.set(plan.path, end);
      try {
        await end;
      } catch (error) {
        failure ??= { error };
        abort.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, kernels.capabilities().threads) }, worker));
  if (asked?.aborted) throw new PolarimeterError('cancelled', 'the operation was cancelled');
  const failed = failure as { readonly error: unknown } | null;
  if (failed) throw failed.error;
}

const unmeasured = { bytes: 0, moved: null, rounding: null, productError: null };

/** What became of the tensors of a recipe, in words of the contract; each is told once, as soon as it is there. */
class MadeList {
  readonly made: MadeTensor[] = [];
  readonly #total: number;
  readonly #onTensor: MakeOptions['onTensor'];

  constructor({ plans, taken }: RecipeOrigin, onTensor: MakeOptions['onTensor']) {
    this.#total = plans.length + taken.length;
    this.#onTensor = onTensor;
    for (const { name, edits } of taken)
      this.#add({ tensor: name, edits: [...edits], taken: true, ...unmeasured });
  }

  add({ name, edits, bytes }: TensorPlan, measured: Measured): void {
    this.#add({ tensor: name, edits: [...edits], taken: false, bytes, ...measured });
  }

  #add(tensor: MadeTensor): void {
    this.made.push(tensor);
    this.#onTensor?.(tensor, { done: this.made.length, total: this.#total });
  }
}

/**
 * Computes the tensors of a recipe that are not in the work folder, those of its inputs first. What is there is left as it is. Of any other
 * checkpoint there is nothing to do. What was made is told in the order of the model. Cancelled, or killed, it leaves whole files only.
 * Fails with `recipe-input-changed`, `memory-budget`, `file-changed`, `disk-full`, `write-failed`, `not-finite`, `cancelled`.
 */
export async function makeTensors(
  { tensors }: Pick<Checkpoint, 'tensors'>,
  kernels: RecipeKernels,
  options: MakeOptions,
): Promise<MadeTensor[]> {
  const origin = originOf(tensors);
  if (!origin) return [];
  const { plans, before, pins } = origin;
  await makeMissing(
    inOrder([...before, ...plans.flatMap((plan) => plan.before)]),
    kernels,
    options,
    () => undefined,
  );
  await checkPins(pins, kernels, options.signal);
  const list = new MadeList(origin, options.onTensor);
  const byPath = Map.groupBy(plans, ({ path }) => path);
  await makeMissing(
    [...byPath.values()].flatMap(([plan]) => plan ?? []),
    kernels,
    options,
    (path, measured) => {
      for (const plan of byPath.get(path) ?? []) list.add(plan, measured);
    },
  );
  const places = new Map(tensors.map(({ name }, place) => [name, place]));
  return list.made.toSorted((a, b) => (places.get(a.tensor) ?? 0) - (places.get(b.tensor) ?? 0));
}
