import type { RawMaskCounts, RawMaskOverlap } from './raw.ts';

/** One mask over the entries of the reference. */
export interface MaskCounts {
  /** Entries in the mask; over `n` it is the chance level of overlap over update. */
  readonly size: number;
  /** Of them in the update mask. */
  readonly overlap: number;
  /** Of them in the null update mask. */
  readonly nullOverlap: number;
  /** Of them by the biased bfloat16 exponent of the weight: 256 counts. */
  readonly exponents: readonly number[];
}

/** Update mask against principal and low-magnitude masks (arXiv 2511.08567). */
export interface MaskOverlap {
  readonly n: number;
  /** Entries that changed in bfloat16. */
  readonly update: number;
  /** The same after the updates, as float32, were moved to other places at random. */
  readonly nullUpdate: number;
  /** All weights by biased bfloat16 exponent. */
  readonly exponents: readonly number[];
  /** The largest entries of the rank-k part. */
  readonly principal: MaskCounts;
  /** The smallest weights. */
  readonly low: MaskCounts;
  readonly principalNotLow: MaskCounts;
}

export function maskOverlapResult(raw: RawMaskOverlap): MaskOverlap {
  const { n, update, null_update: nullUpdate, exponents } = raw;
  return {
    n,
    update,
    nullUpdate,
    exponents,
    principal: maskCounts(raw.principal),
    low: maskCounts(raw.low),
    principalNotLow: maskCounts(raw.principal_not_low),
  };
}

function maskCounts({ size, overlap, null_overlap: nullOverlap, exponents }: RawMaskCounts): MaskCounts {
  return { size, overlap, nullOverlap, exponents };
}
