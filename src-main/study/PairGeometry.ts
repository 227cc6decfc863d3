import type { Decomposition } from '../kernels/Decomposition.ts';
import {
  sweepDimensions,
  type AngleEvidence,
  type Ingredient,
  type MaskEvidence,
  type SpectrumEvidence,
  type SvfEvidence,
} from '../measures/evidence.ts';
import { MASK_SEED } from '../measures/maskOverlap.ts';
import type { TensorSource } from '../tensors/tensorSource.ts';
import { METHOD, type Bases } from './Bases.ts';
import { decompositionFlops } from './cost.ts';
import type { TensorItem } from './plan.ts';
import type { Run, SpectralEvidence } from './run.ts';

interface Sides {
  readonly reference: TensorSource;
  readonly variant: TensorSource;
  readonly a: Bases;
  readonly b: Bases;
  /** All directions of the reference; null where they are not needed. */
  readonly frame: Decomposition | null;
}

/** What the decompositions of two tensors, and their difference, say of each other. */
export class PairGeometry {
  readonly #item: TensorItem;
  readonly #run: Run;
  readonly #sides: Sides;
  #residual = 0;

  constructor(item: TensorItem, run: Run, sides: Sides) {
    this.#item = item;
    this.#run = run;
    this.#sides = sides;
  }

  /** Residual of the decomposition of the difference; 0 before. */
  get residual(): number {
    return this.#residual;
  }

  /** Everything that is asked for; null for the rest, and for subspaces of matrices that are too small to have any. */
  async evidence(needs: ReadonlySet<Ingredient>): Promise<SpectralEvidence> {
    const { k, tensor } = this.#item;
    const spectra = needs.has('spectra') ? await this.#spectra() : null;
    this.#run.meter.stage(tensor, 'angles');
    const has = (need: Ingredient): boolean => k > 0 && needs.has(need);
    const angles = has('angles') ? await this.#angles('top', k) : null;
    return {
      spectra,
      angles,
      middle: has('middle') ? await this.#angles('middle', k) : null,
      tail: has('tail') ? await this.#tail() : null,
      sweep: has('sweep') ? await this.#sweep(angles) : null,
      energy: has('energy') ? await this.#energy() : null,
      masks: has('masks') ? await this.#masks() : null,
      svf: await this.#svf(),
    };
  }

  async #spectra(): Promise<SpectrumEvidence> {
    const { kernels, meter, signal } = this.#run;
    const { reference, variant, a, b } = this.#sides;
    const { rows, cols, tensor } = this.#item;
    meter.stage(tensor, 'decompose');
    const request = {
      method: METHOD,
      tensor: variant,
      minus: reference,
      top: 0,
      middle: 0,
      bottom: 0,
    } as const;
    using update = await kernels.svd(request, { signal });
    meter.worked(tensor, { flops: decompositionFlops(rows, cols, 0) });
    this.#residual = update.traceError;
    return { reference: a.head.sigma, variant: b.head.sigma, update: update.sigma };
  }

  async #angles(part: 'top' | 'middle' | 'bottom', k: number): Promise<AngleEvidence> {
    const { kernels, signal } = this.#run;
    const { a, b } = this.#sides;
    const subspaces =
      part === 'middle' ? { a: a.middle, b: b.middle, part, k } : { a: a.head, b: b.head, part, k };
    const left = await kernels.principalAngles({ ...subspaces, side: 'left' }, { signal });
    const right = await kernels.principalAngles({ ...subspaces, side: 'right' }, { signal });
    return { left, right };
  }

  /** Null where the smallest singular values are noise of the method: so are their vectors. */
  async #tail(): Promise<AngleEvidence | null> {
    const isNoise = ({ head }: Bases): boolean => (head.sigma.at(-1) ?? 0) <= head.sigmaFloor;
    if (isNoise(this.#sides.a) || isNoise(this.#sides.b)) return null;
    return await this.#angles('bottom', this.#item.k);
  }

  /** @param head angles of the k leading directions where they are known: k may be one of the sweep */
  async #sweep(head: AngleEvidence | null): Promise<ReadonlyMap<number, AngleEvidence>> {
    const { rows, cols, k: own } = this.#item;
    const swept = new Map<number, AngleEvidence>();
    for (const k of sweepDimensions(this.#run.options.kSweep, rows, cols)) {
      const known = k === own ? head : null;
      swept.set(k, known ?? (await this.#angles('top', k)));
    }
    return swept;
  }

  async #energy(): Promise<SpectralEvidence['energy']> {
    const { kernels, meter, signal } = this.#run;
    const { reference, variant, a } = this.#sides;
    const { rows, cols, k } = this.#item;
    const energy = await kernels.frameEnergy({ frame: a.head, k, reference, variant }, { signal });
    meter.worked(this.#item.tensor, { flops: 6 * rows * cols * k });
    return energy;
  }

  async #masks(): Promise<MaskEvidence> {
    const { kernels, meter, signal, options } = this.#run;
    const { reference, variant, a } = this.#sides;
    const { rows, cols } = this.#item;
    const k = Math.min(options.maskRank, this.#item.k);
    const request = { frame: a.head, k, reference, variant, share: options.maskShare, seed: MASK_SEED };
    const masks = await kernels.maskOverlap(request, { signal });
    meter.worked(this.#item.tensor, { flops: 2 * rows * cols * k });
    return { ...masks, share: options.maskShare, k, seed: MASK_SEED };
  }

  async #svf(): Promise<SvfEvidence | null> {
    const { kernels, meter, signal } = this.#run;
    const { reference, variant, frame } = this.#sides;
    if (frame === null) return null;
    const { rows, cols } = this.#item;
    const k = Math.min(rows, cols);
    const { diagonalValues, total } = await kernels.frameEnergy({ frame, k, reference, variant }, { signal });
    meter.worked(this.#item.tensor, { flops: 6 * rows * cols * k });
    return { diagonal: diagonalValues, sigma: frame.sigma, total, floor: frame.sigmaFloor };
  }
}
