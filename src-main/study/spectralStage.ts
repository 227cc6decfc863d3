import type { TensorInfo } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { Decomposition } from '../kernels/Decomposition.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import { tensorSource } from '../tensors/tensorSource.ts';
import { decompositionFlops, distinctTensors } from './cost.ts';
import type { Comparison, TensorItem } from './plan.ts';
import type { Pair, Run, SpectralOutcome } from './run.ts';

const METHOD = 'gram_f64';

/** Errors that concern one tensor: its decompositions are left out with the reason, and the run goes on. */
const TENSOR_ERRORS = new Set(['not-finite', 'no-convergence', 'memory-budget', 'out-of-memory']);
const PASSING_ERRORS = new Set(['memory-budget', 'out-of-memory']);

function failure(error: unknown): SpectralOutcome {
  if (!(error instanceof PolarimeterError) || !TENSOR_ERRORS.has(error.code)) throw error;
  return { reason: error.message, passing: PASSING_ERRORS.has(error.code) };
}

/** Bytes of workspace for the decompositions of an item: one at a time, with the bases of every checkpoint held. */
export function spectralWorkspace(
  item: TensorItem,
  comparisons: readonly Comparison[],
  kernels: Kernels,
): number {
  const [first] = comparisons;
  if (item.notSpectral !== null || !first) return 0;
  const { rows, cols, k } = item;
  const [tensor, minus] = [tensorSource(first.tensor), tensorSource(first.reference)];
  const single = Math.max(
    kernels.svdBytes({ method: METHOD, tensor, top: k, bottom: 0 }),
    kernels.svdBytes({ method: METHOD, tensor, minus, top: 0, bottom: 0 }),
  );
  return single + distinctTensors(comparisons).length * 8 * (k * (rows + cols) + Math.min(rows, cols));
}

/** Decompositions of one item: each checkpoint's tensor once, then every pair. */
class SpectralStage implements Disposable {
  readonly #item: TensorItem;
  readonly #run: Run;
  readonly #bases = new Map<string, Decomposition>();

  constructor(item: TensorItem, run: Run) {
    this.#item = item;
    this.#run = run;
  }

  async #basis(hash: string, tensor: TensorInfo): Promise<Decomposition> {
    const known = this.#bases.get(hash);
    if (known) return known;
    const { kernels, meter, signal } = this.#run;
    const { rows, cols, k } = this.#item;
    meter.stage(this.#item.tensor, 'decompose');
    const basis = await kernels.svd(
      { method: METHOD, tensor: tensorSource(tensor), top: k, bottom: 0 },
      { signal },
    );
    meter.worked({ flops: decompositionFlops(rows, cols, k), bytes: 2 * tensor.bytes });
    this.#bases.set(hash, basis);
    return basis;
  }

  async pair({ reference, tensor, referenceHash, variantHash }: Pair): Promise<SpectralOutcome> {
    const { kernels, meter, signal } = this.#run;
    const { rows, cols, k } = this.#item;
    const a = await this.#basis(referenceHash, reference);
    const b = await this.#basis(variantHash, tensor);
    const [w, minus] = [tensorSource(tensor), tensorSource(reference)];
    using update = await kernels.svd({ method: METHOD, tensor: w, minus, top: 0, bottom: 0 }, { signal });
    meter.worked({ flops: decompositionFlops(rows, cols, 0), bytes: reference.bytes + tensor.bytes });
    return {
      spectra: { reference: a.sigma, variant: b.sigma, update: update.sigma },
      residual: Math.max(a.residual, b.residual, a.traceError, b.traceError, update.traceError),
      method: `svd_${METHOD} (cpu)`,
      ...(k === 0 ? { angles: null, energy: null } : await this.#geometry(a, b, { w, minus })),
    };
  }

  async #geometry(
    a: Decomposition,
    b: Decomposition,
    { w, minus }: Record<'w' | 'minus', ReturnType<typeof tensorSource>>,
  ): Promise<Pick<Extract<SpectralOutcome, { spectra: unknown }>, 'angles' | 'energy'>> {
    const { kernels, meter, signal } = this.#run;
    const { rows, cols, k, tensor } = this.#item;
    meter.stage(tensor, 'angles');
    const subspaces = { a, b, part: 'top', k } as const;
    const left = await kernels.principalAngles({ ...subspaces, side: 'left' }, { signal });
    const right = await kernels.principalAngles({ ...subspaces, side: 'right' }, { signal });
    const energy = await kernels.frameEnergy({ frame: a, k, reference: minus, variant: w }, { signal });
    meter.worked({ flops: 6 * rows * cols * k });
    return { angles: { left, right }, energy };
  }

  [Symbol.dispose](): void {
    for (const basis of this.#bases.values()) basis[Symbol.dispose]();
  }
}

/** Spectra, angles and energies of the pairs of an item. A pair that cannot be decomposed becomes a reason. */
export async function spectralStage(
  item: TensorItem,
  pairs: readonly Pair[],
  run: Run,
): Promise<Map<Pair, SpectralOutcome>> {
  const outcomes = new Map<Pair, SpectralOutcome>();
  if (pairs.length === 0) return outcomes;
  const reserved = await run.budget
    .reserve(spectralWorkspace(item, pairs, run.kernels), item.tensor)
    .catch(failure);
  if (!(Symbol.dispose in reserved)) return new Map(pairs.map((pair) => [pair, reserved]));
  using _memory = reserved;
  using stage = new SpectralStage(item, run);
  for (const pair of pairs) outcomes.set(pair, await stage.pair(pair).catch(failure));
  return outcomes;
}
