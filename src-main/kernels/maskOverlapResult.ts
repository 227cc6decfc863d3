import type { RawMaskCounts, RawMaskOverlap } from './raw.ts';

/** One mask over the entries of the reference. */
export interface MaskCounts {
  /** Entries in the mask; over `n` it is the chance level of overlap over update. */
  readonly size: number;
  /** Of them in the update mask. */
  readonly overlap: number;
  /** Of them in the null update mask. */
  readonly nullOverlap: number;
}

/** Update mask against principal and low-magnitude masks (arXiv 2511.08567). */
export interface MaskOverlap {
  readonly n: number;
  /** Entries that changed in bfloat16. */
  readonly update: number;
  /** The same after the updates, as float32, were moved to other places at random. */
  readonly nullUpdate: number;
  /** The largest entries of the rank-k part. */
  readonly principal: MaskCounts;
  /** The smallest weights. */
  readonly low: MaskCounts;
  readonly principalNotLow: MaskCounts;
}

export function maskOverlapResult(raw: RawMaskOverlap): MaskOverlap {
  const { n, update, null_update: nullUpdate } = raw;
  return {
    n,
    update,
    nullUpdate,
    principal: maskCounts(raw.principal),
    low: maskCounts(raw.low),
    principalNotLow: maskCounts(raw.principal_not_low),
  };
}

function maskCounts({ size, overlap, null_overlap: nullOverlap }: RawMaskCounts): MaskCounts {
  return { size, overlap, nullOverlap };
}
