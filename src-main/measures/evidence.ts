/** What the native core has found out about one tensor of a reference and a variant; measures read it and nothing else. */
import type { TensorRole } from '../contract/checkpoint.ts';
import type { PairElements } from '../kernels/elementPassResult.ts';
import type { FrameEnergy } from '../kernels/Kernels.ts';

/** Counts and sums over the elements, and what they are counted against. */
export interface ElementEvidence extends PairElements {
  /** Weights of the reference by biased bfloat16 exponent: 256 counts, 0 is zero and subnormal, 255 NaN and infinity. */
  readonly exponents: readonly number[];
}

/** Singular values, descending, of W, W' and W' - W. */
export interface SpectrumEvidence {
  readonly reference: Float64Array;
  readonly variant: Float64Array;
  readonly update: Float64Array;
}

/** Principal angles between two k-dimensional singular subspaces of W and W', in radians, ascending. */
export interface AngleEvidence {
  readonly left: Float64Array;
  readonly right: Float64Array;
}

/** Energy of dW = W' - W in the frame of the k leading singular vectors of W. */
export type EnergyEvidence = FrameEnergy;

/** How a mask of the reference meets the update, and the precision-matched null update. */
export interface MaskOverlap {
  /** Entries of the mask. */
  readonly size: number;
  /** Of these, the ones that changed in bfloat16. */
  readonly overlap: number;
  /** Of these, the ones that the null update changed. */
  readonly nullOverlap: number;
  /** Of these by biased bfloat16 exponent: 256 counts. */
  readonly exponents: readonly number[];
}

/** Masks of the reference with exactly round(share n) entries, ties broken by position. */
export interface MaskEvidence {
  readonly n: number;
  /** Entries that changed in bfloat16. */
  readonly update: number;
  /** Entries that change when the same update, in float32, is permuted, added to the reference and rounded to bfloat16. */
  readonly nullUpdate: number;
  /** All entries by biased bfloat16 exponent. */
  readonly exponents: readonly number[];
  readonly share: number;
  /** Rank of the reconstruction that the principal mask is taken from. */
  readonly k: number;
  /** Seed of the permutation. */
  readonly seed: number;
  readonly principal: MaskOverlap;
  readonly low: MaskOverlap;
  readonly principalNotLow: MaskOverlap;
}

/** The update in the full frame of the reference. */
export interface SvfEvidence {
  /** u_i^T dW v_i for all min(m, n) singular directions of W. */
  readonly diagonal: Float64Array;
  /** Singular values of W, descending. */
  readonly sigma: Float64Array;
  /** |dW|_F^2 */
  readonly total: number;
  /** Singular values at or below it are noise of the decomposition. */
  readonly floor: number;
}

export interface Evidence {
  /** The tensor as a matrix. */
  readonly rows: number;
  readonly cols: number;
  /** Dimension of the principal subspaces for this shape; 0 when the matrix is too small to have any. */
  readonly k: number;
  /** Which axis runs over attention heads; null outside attention matrices. */
  readonly heads: TensorRole['heads'];
  /** Whether it belongs to a routed expert. */
  readonly routed: boolean;
  /** Element types as stored. */
  readonly dtypes: { readonly reference: string; readonly variant: string };
  /** Its row and column profiles are empty unless 'profiles' was asked for. */
  readonly elements: ElementEvidence | null;
  readonly spectra: SpectrumEvidence | null;
  /** Between the k leading subspaces. */
  readonly angles: AngleEvidence | null;
  /** Between the k-dimensional subspaces that begin at `middleStart`. */
  readonly middle: AngleEvidence | null;
  /** Between the k trailing subspaces; null when the values there are at or below the floor of the decomposition. */
  readonly tail: AngleEvidence | null;
  /** Between leading subspaces, by the dimensions of `sweepDimensions`. */
  readonly sweep: ReadonlyMap<number, AngleEvidence> | null;
  readonly energy: EnergyEvidence | null;
  readonly masks: MaskEvidence | null;
  readonly svf: SvfEvidence | null;
}

/** What decides whether a measure applies to a tensor at all. */
export type Placement = Pick<Evidence, 'rows' | 'cols' | 'heads' | 'routed' | 'dtypes'>;

export type Ingredient =
  'elements' | 'profiles' | 'spectra' | 'angles' | 'middle' | 'tail' | 'sweep' | 'energy' | 'masks' | 'svf';

/** Two runs from the same reference, one tensor. Changed means changed in bfloat16. */
export interface PairOfRuns {
  readonly n: number;
  /** Sum of dW_a dW_b. */
  readonly dot: number;
  readonly squareA: number;
  readonly squareB: number;
  readonly changedA: number;
  readonly changedB: number;
  /** Weights that both changed. */
  readonly both: number;
}

/** All runs of one role from the same reference, one tensor. */
export interface SetOfRuns {
  readonly runs: number;
  readonly n: number;
  /** Weights that each run changed. */
  readonly changed: readonly number[];
  /** Weights by the number of runs that changed them: runs + 1 counts. */
  readonly consensus: readonly number[];
}

/**
 * Dimension of the principal subspaces: the one asked for, but at most half the smaller side, so that no angle is forced to 0 by
 * counting dimensions (two k-subspaces of R^d meet in at least 2k - d dimensions).
 */
export function principalDimension(requested: number, rows: number, cols: number): number {
  return Math.min(requested, Math.floor(Math.min(rows, cols) / 2));
}

/** The dimensions of a sweep at which all angles of a matrix are informative, ascending, each once. Never capped: they name measures. */
export function sweepDimensions(requested: readonly number[], rows: number, cols: number): number[] {
  const fitting = requested.filter((k) => principalDimension(k, rows, cols) === k);
  return [...new Set(fitting)].sort((a, b) => a - b);
}

/** Index, from 0, of the first of the k singular directions in the middle of the spectrum. */
export function middleStart(k: number, rows: number, cols: number): number {
  return Math.floor((Math.min(rows, cols) - k) / 2);
}
