import type { RawElementPassResult, RawIsa, RawPairElements } from './raw.ts';

/** One variant against the reference. Elements that are NaN or infinite on either side are in `invalid` and in nothing else. */
export interface PairElements {
  /** Valid elements. */
  readonly n: number;
  readonly invalid: number;
  /** Equal after rounding to bfloat16 (arXiv 2511.08567, Def. 2.1). */
  readonly unchangedBf16: number;
  /** Equal as stored. */
  readonly unchangedNative: number;
  /** Per threshold t: |b(w') - b(w)| <= t. */
  readonly within: readonly number[];
  readonly sumSqReference: number;
  readonly sumSqVariant: number;
  readonly sumSqUpdate: number;
  readonly dotReferenceUpdate: number;
  readonly maxAbsUpdate: number;
  /** Sum of squared bfloat16 ULPs of the reference. */
  readonly sumSqUlp: number;
  /** bfloat16 steps between w and w': 0, 1, 2, 3-4, 5-8, 9-16, 17-32, 33-64, 65-128, 129-256, more. */
  readonly steps: readonly number[];
  /** Elements that changed in bfloat16 per row and per column; empty unless profiles were asked for. */
  readonly rowChanged: Uint32Array;
  readonly colChanged: Uint32Array;
}

export interface ElementPassResult {
  /** One per variant, in the order of the request. */
  readonly pairs: readonly PairElements[];
  /** (N, N) row-major: dot products of the updates. */
  readonly updateDots: Float64Array;
  /**
   * (N, N) row-major: elements that changed in both pairs, among those valid in both; on the diagonal, in the pair.
   * Empty unless overlaps were asked for, as is `consensus`.
   */
  readonly overlaps: Float64Array;
  /** (N + 1): elements valid in every pair that changed in exactly c of them. */
  readonly consensus: readonly number[];
  /** Elements valid in every pair; 0 unless overlaps were asked for. */
  readonly validAll: number;
  readonly bytes: number;
  readonly seconds: number;
  /** The implementation that ran. */
  readonly isa: RawIsa;
}

export function elementPassResult(raw: RawElementPassResult): ElementPassResult {
  const { update_dots: updateDots, overlaps, consensus, valid_all: validAll, bytes, seconds, isa } = raw;
  const pairs = raw.pairs.map(pairElements);
  return { pairs, updateDots, overlaps, consensus, validAll, bytes, seconds, isa };
}

function pairElements(raw: RawPairElements): PairElements {
  return {
    n: raw.n,
    invalid: raw.invalid,
    unchangedBf16: raw.unchanged_bf16,
    unchangedNative: raw.unchanged_native,
    within: raw.within,
    sumSqReference: raw.sum_sq_reference,
    sumSqVariant: raw.sum_sq_variant,
    sumSqUpdate: raw.sum_sq_update,
    dotReferenceUpdate: raw.dot_reference_update,
    maxAbsUpdate: raw.max_abs_update,
    sumSqUlp: raw.sum_sq_ulp,
    steps: raw.steps,
    rowChanged: raw.row_changed,
    colChanged: raw.col_changed,
  };
}
