import type { MeasureInfo } from '../contract/measure.ts';
import type { Evidence, Ingredient, PairOfRuns, Placement, SetOfRuns } from './evidence.ts';

/**
 * A value in additive parts: the value of a layer, a module or a model is `value` of the parts summed over its tensors (or their
 * maximum, for measures aggregated so). A baseline has parts of the same kind.
 */
export interface Parts {
  readonly parts: readonly number[];
  readonly baseline: readonly number[] | null;
}

/** Why a measure has no value for a tensor. */
export interface Undefined {
  readonly reason: string;
}

export interface Measure {
  readonly info: MeasureInfo;
  /** What must be computed first. */
  readonly needs: readonly Ingredient[];
  /** Whether it makes sense for a tensor; left out when it does wherever its scope reaches. */
  applies?(item: Placement): boolean;
  /** Parameters of this very tensor, e.g. the subspace dimension after capping. */
  parametersFor?(
    evidence: Pick<Evidence, 'rows' | 'cols' | 'k' | 'heads' | 'routed'>,
  ): MeasureInfo['parameters'];
  measure(evidence: Evidence): Parts | Undefined;
  value(parts: readonly number[]): number;
}

/** A measure of two runs from the same reference. */
export interface PairMeasure {
  readonly info: MeasureInfo;
  /** Whether (a, b) and (b, a) are different questions. */
  readonly ordered: boolean;
  measure(evidence: PairOfRuns): Parts | Undefined;
  value(parts: readonly number[]): number;
}

/** A measure of all runs of one role from the same reference. */
export interface SetMeasure {
  readonly info: MeasureInfo;
  measure(evidence: SetOfRuns): Parts | Undefined;
  value(parts: readonly number[]): number;
}

/** A measure whose aggregate is the unweighted mean of its per-matrix values: parts are [value, 1]. */
export function perMatrix(value: number, baseline: number | null): Parts {
  return { parts: [value, 1], baseline: baseline === null ? null : [baseline, 1] };
}

/** parts [a, b] -> a / b */
export function quotient(parts: readonly number[]): number {
  return (parts[0] ?? NaN) / (parts[1] ?? NaN);
}

/** parts [a, b] of squares -> sqrt(a / b) */
export function rootQuotient(parts: readonly number[]): number {
  return Math.sqrt(quotient(parts));
}

/** parts [a] of squares -> sqrt(a) */
export function root(parts: readonly number[]): number {
  return Math.sqrt(parts[0] ?? NaN);
}

/** parts [a] -> a */
export function first(parts: readonly number[]): number {
  return parts[0] ?? NaN;
}

export const SMALL_MATRIX: Undefined = {
  reason: 'a side of the matrix is shorter than 2: it has no principal subspace',
};
export const NOT_COMPUTED: Undefined = { reason: 'not computed' };
export const NOTHING_CHANGED: Undefined = { reason: 'no weight changed in bfloat16' };
export const EVERYTHING_CHANGED: Undefined = { reason: 'every weight changed in bfloat16' };
export const ZERO_UPDATE: Undefined = { reason: 'the update is exactly zero' };
export const ZERO_REFERENCE: Undefined = { reason: 'the reference is exactly zero' };
