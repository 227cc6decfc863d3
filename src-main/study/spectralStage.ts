import { existsSync } from 'node:fs';
import { must } from '../base/assert.ts';
import { storedTensors, type TensorInfo } from '../contract/checkpoint.ts';
import type { StudyOptions } from '../contract/study.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { Decomposition } from '../kernels/Decomposition.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import type { Ingredient } from '../measures/evidence.ts';
import { isMadeFile } from '../tensors/madeFile.ts';
import { tensorSource, type TensorSource } from '../tensors/tensorSource.ts';
import { Bases, basisFlops, basisPlan, heldDirections, METHOD, type BasisPlan } from './Bases.ts';
import { decompositionFlops, distinctTensors } from './cost.ts';
import { PairGeometry } from './PairGeometry.ts';
import type { TensorItem } from './plan.ts';
import type { Pair, Run, SpectralOutcome } from './run.ts';
import { spectralNeeds } from './wanted.ts';

/** Errors that concern one tensor: its decompositions are left out with the reason, and the run goes on. */
const TENSOR_ERRORS = new Set(['not-finite', 'no-convergence', 'memory-budget', 'out-of-memory']);
const PASSING_ERRORS = new Set(['memory-budget', 'out-of-memory']);

function failure(error: unknown): SpectralOutcome {
  if (!(error instanceof PolarimeterError) || !TENSOR_ERRORS.has(error.code)) throw error;
  return { reason: error.message, passing: PASSING_ERRORS.has(error.code) };
}

/** Whether a tensor can be opened: those of a recipe may not be made yet. */
const isThere = (tensor: TensorInfo): boolean =>
  storedTensors(tensor).every(({ file }) => !isMadeFile(file) || existsSync(file));

/** Bytes of workspace for the decompositions of an item: one at a time, with the bases of every checkpoint held. */
export function spectralWorkspace(
  item: TensorItem,
  kernels: Kernels,
  { kSweep }: Pick<StudyOptions, 'kSweep'>,
): number {
  const { comparisons } = item;
  const [first] = comparisons;
  if (item.spectral.size === 0 || !first) return 0;
  const { rows, cols } = item;
  // Workspace follows from shapes: where a side is not made yet, the other one tells it; where neither is, nothing does.
  const there = distinctTensors(comparisons).filter(isThere);
  if (there.length === 0) return 0;
  const [tensor, minus] = [first.tensor, first.reference].map((side) =>
    tensorSource(must(there.find((each) => each === side) ?? there[0], side.name)),
  ) as [TensorSource, TensorSource];
  const plan = basisPlan(item, item.spectral, kSweep);
  const counts = [plan.head, plan.middle, plan.full].filter((each) => each !== null);
  const single = Math.max(
    ...counts.map((each) => kernels.svdBytes({ method: METHOD, tensor, ...each })),
    kernels.svdBytes({ method: METHOD, tensor, minus, top: 0, middle: 0, bottom: 0 }),
    item.spectral.has('masks') ? kernels.maskOverlapBytes({ reference: minus, k: item.k }) : 0,
  );
  const held = 8 * (heldDirections(plan) * (rows + cols) + 2 * Math.min(rows, cols));
  return single + distinctTensors(comparisons).length * held;
}

/** Decompositions of one item: each checkpoint's tensor once, then every pair. */
class SpectralStage implements Disposable {
  readonly #item: TensorItem;
  readonly #run: Run;
  readonly #plan: BasisPlan;
  readonly #bases = new Map<string, Bases>();
  readonly #frames = new Map<string, Decomposition>();

  constructor(item: TensorItem, needs: ReadonlySet<Ingredient>, run: Run) {
    this.#item = item;
    this.#run = run;
    this.#plan = basisPlan(item, needs, run.options.kSweep);
  }

  async #basis(hash: string, tensor: TensorInfo): Promise<Bases> {
    const known = this.#bases.get(hash);
    if (known) return known;
    this.#run.meter.stage(this.#item.tensor, 'decompose');
    const bases = await Bases.of(tensor, this.#plan, this.#run);
    this.#run.meter.worked(this.#item.tensor, {
      flops: basisFlops(this.#item, this.#plan),
      bytes: 2 * tensor.bytes,
    });
    this.#bases.set(hash, bases);
    return bases;
  }

  /** All directions of a reference. */
  async #frame(hash: string, tensor: TensorInfo): Promise<Decomposition | null> {
    const { full } = this.#plan;
    const known = this.#frames.get(hash);
    if (full === null || known) return known ?? null;
    const { kernels, meter, signal } = this.#run;
    const { rows, cols, tensor: name } = this.#item;
    meter.stage(name, 'decompose');
    const frame = await kernels.svd({ method: METHOD, tensor: tensorSource(tensor), ...full }, { signal });
    meter.worked(name, { flops: decompositionFlops(rows, cols, full.top), bytes: 2 * tensor.bytes });
    this.#frames.set(hash, frame);
    return frame;
  }

  async pair(pair: Pair): Promise<SpectralOutcome> {
    const a = await this.#basis(pair.referenceHash, pair.reference);
    const b = await this.#basis(pair.variantHash, pair.tensor);
    const needs = spectralNeeds(pair.missing);
    const frame = needs.has('svf') ? await this.#frame(pair.referenceHash, pair.reference) : null;
    const geometry = new PairGeometry(this.#item, this.#run, {
      reference: tensorSource(pair.reference),
      variant: tensorSource(pair.tensor),
      a,
      b,
      frame,
    });
    const evidence = await geometry.evidence(needs);
    return {
      evidence,
      residual: Math.max(a.residual, b.residual, frame?.residual ?? 0, geometry.residual),
      method: `svd_${METHOD} (cpu)`,
    };
  }

  [Symbol.dispose](): void {
    for (const bases of this.#bases.values()) bases[Symbol.dispose]();
    for (const frame of this.#frames.values()) frame[Symbol.dispose]();
  }
}

/** Spectra, angles, energies and masks of the pairs of an item. A pair that cannot be decomposed becomes a reason. */
export async function spectralStage(
  item: TensorItem,
  pairs: readonly Pair[],
  run: Run,
): Promise<Map<Pair, SpectralOutcome>> {
  const outcomes = new Map<Pair, SpectralOutcome>();
  if (pairs.length === 0) return outcomes;
  run.meter.stage(item.tensor, null);
  const reserved = await run.budget
    .reserve(spectralWorkspace(item, run.kernels, run.options), item.tensor)
    .catch(failure);
  if (!(Symbol.dispose in reserved)) return new Map(pairs.map((pair) => [pair, reserved]));
  using _memory = reserved;
  const needs = spectralNeeds(pairs.flatMap(({ missing }) => missing));
  using stage = new SpectralStage(item, needs, run);
  for (const pair of pairs) outcomes.set(pair, await stage.pair(pair).catch(failure));
  return outcomes;
}
