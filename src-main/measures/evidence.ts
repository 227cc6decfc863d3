/** What the native core has found out about one tensor of a reference and a variant; measures read it and nothing else. */
import type { PairElements } from '../kernels/elementPassResult.ts';
import type { FrameEnergy } from '../kernels/Kernels.ts';

/** Counts and sums over the elements, and what they are counted against. */
export interface ElementEvidence extends Omit<PairElements, 'rowChanged' | 'colChanged'> {
  /** Weights of the reference by biased bfloat16 exponent: 256 counts, 0 is zero and subnormal, 255 NaN and infinity. */
  readonly exponents: readonly number[];
}

/** Singular values, descending, of W, W' and W' - W. */
export interface SpectrumEvidence {
  readonly reference: Float64Array;
  readonly variant: Float64Array;
  readonly update: Float64Array;
}

/** Principal angles between the k leading singular subspaces of W and W', in radians, ascending. */
export interface AngleEvidence {
  readonly left: Float64Array;
  readonly right: Float64Array;
}

/** Energy of dW = W' - W in the frame of the k leading singular vectors of W. */
export type EnergyEvidence = FrameEnergy;

export interface Evidence {
  /** The tensor as a matrix. */
  readonly rows: number;
  readonly cols: number;
  /** Dimension of the principal subspaces for this shape; 0 when the matrix is too small to have any. */
  readonly k: number;
  readonly elements: ElementEvidence | null;
  readonly spectra: SpectrumEvidence | null;
  readonly angles: AngleEvidence | null;
  readonly energy: EnergyEvidence | null;
}

export const INGREDIENTS = ['elements', 'spectra', 'angles', 'energy'] as const;
export type Ingredient = (typeof INGREDIENTS)[number];

/**
 * Dimension of the principal subspaces: the one asked for, but at most half the smaller side, so that no angle is forced to 0 by
 * counting dimensions (two k-subspaces of R^d meet in at least 2k - d dimensions).
 */
export function principalDimension(requested: number, rows: number, cols: number): number {
  return Math.min(requested, Math.floor(Math.min(rows, cols) / 2));
}
